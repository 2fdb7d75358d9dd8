package milestone

import (
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// levelSteps are what a level goes through, in the order in which the law has it.
func levelSteps() []string {
	return []string{v1alpha1.EvidenceLevelDetermination, v1alpha1.EvidenceLevelAppraisal, v1alpha1.EvidenceLevelApproval}
}

func isLevelStep(kind string) bool {
	return slices.Contains(levelSteps(), kind)
}

// rules are what a regime asks for the approval of a level.
type rules struct {
	// known is false if no profile was found.
	known bool
	// approval is nil if the law does not say, or if no profile was found.
	approval *v1alpha1.ApprovalRequirements
}

// rulesOf are those of the regime that a Connector was judged under, for the level that it declares or, if there is no such profile, of the
// profile that it was judged by.
func (s *survey) rulesOf(c *v1alpha1.Connector, judged *v1alpha1.ComplianceStatus) rules {
	if c == nil || judged == nil {
		return rules{}
	}
	var found, named *v1alpha1.SecurityProfile
	for i := range s.profiles {
		p := &s.profiles[i]
		if p.Name == judged.Profile {
			named = p
		}
		if p.Spec.Regime == judged.Regime && p.Spec.Level == c.Spec.SecurityLevel && (found == nil || precedence.Precedes(p, found)) {
			found = p
		}
	}
	if found == nil {
		found = named
	}
	if found == nil {
		return rules{}
	}
	return rules{known: true, approval: found.Spec.Approval}
}

// levelChain is what a level still has to go through until it has come to a step, which is one of those that are short: each step before it
// that is short as well, unless the law is known to ask for none. Where the level is not even determined, there is no dossier yet either.
func (s *survey) levelChain(m milestone, asked rules, until string, short func(kind string) bool) chain {
	var c chain
	for _, kind := range levelSteps() {
		if short(kind) && (kind == until || !asked.known || asked.approval != nil) {
			if kind == v1alpha1.EvidenceLevelAppraisal && len(c) > 0 && asked.approval != nil && asked.approval.DossierWorkingDays != nil {
				c = append(c, s.evidenceTask(m, dossier, party(asked.approval.Appraiser), asked.approval.DossierWorkingDays))
			}
			who, days := asked.of(kind)
			c = append(c, s.evidenceTask(m, kind, who, days))
		}
		if kind == until {
			break
		}
	}
	return c
}

// of tells who takes a step, and in how many working days.
func (r rules) of(kind string) (string, *int32) {
	switch {
	case r.approval == nil:
		return "", nil
	case kind == v1alpha1.EvidenceLevelAppraisal:
		return party(r.approval.Appraiser), r.approval.AppraisalWorkingDays
	case kind == v1alpha1.EvidenceLevelApproval:
		return party(r.approval.Approver), r.approval.ApprovalWorkingDays
	default:
		return "", nil
	}
}

// party names a responsible party, if need be by its role.
func party(p v1alpha1.ResponsibleParty) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Role == v1alpha1.RoleSecurityUnit:
		return "the agency's specialised security unit"
	case p.Role == v1alpha1.RoleSystemOwner:
		return "the system's owner"
	default:
		return ""
	}
}

// judgedByHub is the judgement of a Connector under the regime of its hub; nil if there is none yet.
func judgedByHub(c *v1alpha1.Connector) *v1alpha1.ComplianceStatus {
	return judgedBy(c, func(s *v1alpha1.ComplianceStatus) bool { return s.Ruling != nil && *s.Ruling })
}

// judgedUnder is the judgement of a Connector under a regime; nil if there is none yet.
func judgedUnder(c *v1alpha1.Connector, regime string) *v1alpha1.ComplianceStatus {
	return judgedBy(c, func(s *v1alpha1.ComplianceStatus) bool { return s.Regime == regime })
}

func judgedBy(c *v1alpha1.Connector, wanted func(*v1alpha1.ComplianceStatus) bool) *v1alpha1.ComplianceStatus {
	if c == nil {
		return nil
	}
	for i := range c.Status.Compliance {
		if s := &c.Status.Compliance[i]; wanted(s) {
			return s
		}
	}
	return nil
}
