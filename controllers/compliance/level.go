package compliance

import (
	"fmt"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// ApprovedLevel is the level of the newest approval that counts under the regime of the Connector's hub; nil if there is none.
func ApprovedLevel(c *Case) *v1alpha1.SecurityLevel {
	if newest := approved(c, c.Regime, c.open(c.Regime)); newest != nil {
		level := *newest.Spec.Level
		return &level
	}
	return nil
}

// approved is the newest approval that counts; nil if there is none. Where the profile of its level says who appraises, it counts only if
// the same level was appraised before, or on the same day: the law has a level determined, then appraised, then approved. Where the profile
// does not say who appraises and approves, anybody's word is taken, and so only as long as no approval counts that was made under rules.
func approved(c *Case, regime string, records docket) *entry {
	ruled := func(e entry) bool { return e.Spec.Level != nil && c.approval(regime, *e.Spec.Level) != nil }
	byRules := records.newest(v1alpha1.EvidenceLevelApproval, func(e entry) bool { return ruled(e) && appraisedBefore(records, e) })
	if byRules != nil {
		return byRules
	}
	return records.newest(v1alpha1.EvidenceLevelApproval, func(e entry) bool { return e.Spec.Level != nil && !ruled(e) })
}

func appraisedBefore(records docket, approval entry) bool {
	return records.newest(v1alpha1.EvidenceLevelAppraisal, ofLevel(*approval.Spec.Level), onOrBefore(approval.day)) != nil
}

// step is one that a level goes through before it is approved.
type step struct {
	status v1alpha1.DutyStatus
	// message says what is missing, and citation what asks for it; empty if nothing is.
	message, citation string
}

// judgeLevel tells where the determination, appraisal and approval of the declared level stand; empty if the law does not ask for them.
func judgeLevel(c *Case, records docket, profile *v1alpha1.SecurityProfile) []step {
	level, asks := c.Connector.Spec.SecurityLevel, profile
	if declared := c.profile(profile.Spec.Regime, level); declared != nil {
		asks = declared
	}
	if asks.Spec.Approval == nil {
		return nil
	}
	return []step{
		// What is appraised is the determination, so the article on the former asks for the latter, if none is cited for it.
		simpleStep(records, v1alpha1.EvidenceLevelDetermination, "determined", level, citation(asks, "approval", "approval.appraiser")),
		simpleStep(records, v1alpha1.EvidenceLevelAppraisal, "appraised", level, citation(asks, "approval.appraiser")),
		approvalStep(c, records, level, asks),
	}
}

func simpleStep(records docket, kind, done string, level v1alpha1.SecurityLevel, cited string) step {
	if newest := records.newest(kind, ofLevel(level)); newest != nil {
		return step{status: satisfiedBy(kind, newest)}
	}
	return step{missing(kind), fmt.Sprintf("Level %d is declared, and no accepted record of the kind %s shows that it was %s.", level, kind, done), cited}
}

func approvalStep(c *Case, records docket, level v1alpha1.SecurityLevel, asks *v1alpha1.SecurityProfile) step {
	const kind = v1alpha1.EvidenceLevelApproval
	newest := approved(c, asks.Spec.Regime, records)
	if newest != nil && *newest.Spec.Level == level {
		return step{status: satisfiedBy(kind, newest)}
	}
	message := fmt.Sprintf("Level %d is declared, and no accepted record of the kind %s shows that it was approved.", level, kind)
	if waiting := records.newest(kind, ofLevel(level)); waiting != nil && !appraisedBefore(records, *waiting) {
		message = fmt.Sprintf("Level %d was approved on %s by record %s, and no accepted record of the kind %s shows that it was appraised by then; "+
			"the approval counts as soon as there is one.", level, waiting.day, waiting.Name, v1alpha1.EvidenceLevelAppraisal)
	} else if newest != nil {
		message = fmt.Sprintf("Level %d is declared, and the newest approval, record %s, is of level %d.", level, newest.Name, *newest.Spec.Level)
	}
	return step{missing(kind), message, citation(asks, "approval.approver")}
}

func satisfiedBy(kind string, e *entry) v1alpha1.DutyStatus {
	return v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutySatisfied, Evidence: e.Name}
}

func missing(kind string) v1alpha1.DutyStatus {
	return v1alpha1.DutyStatus{Kind: kind, State: v1alpha1.DutyMissing}
}
