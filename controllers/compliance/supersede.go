package compliance

import (
	"fmt"
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// supersedesWrongly looks at nothing but who is named, so that a record stays accepted when another corrects it in turn.
func supersedesWrongly(record *v1alpha1.ComplianceEvidence, c *Case, regime string) *Denial {
	if record.Spec.Supersedes == nil {
		return nil
	}
	name := record.Spec.Supersedes.Name
	at := slices.IndexFunc(c.Records, func(r v1alpha1.ComplianceEvidence) bool { return r.Name == name && r.Namespace == record.Namespace })
	var wrong string
	switch {
	case at < 0 || c.Records[at].Spec.ConnectorRef != record.Spec.ConnectorRef:
		wrong = fmt.Sprintf("which is no record of Connector %s in this namespace", record.Spec.ConnectorRef.Name)
	case c.Records[at].Spec.Kind != record.Spec.Kind:
		wrong = fmt.Sprintf("which is of the kind %s and not %s", c.Records[at].Spec.Kind, record.Spec.Kind)
	case c.Records[at].Spec.Regime != record.Spec.Regime:
		wrong = fmt.Sprintf("which names %s, while this record names %s", named(c.Records[at].Spec.Regime), named(record.Spec.Regime))
	case !corrects(record, &c.Records[at], c):
		wrong = "which is not older than this record"
	default:
		return takesAway(record, &c.Records[at], c, regime)
	}
	return &Denial{Reason: v1alpha1.ReasonInvalidSupersedes, Message: fmt.Sprintf(
		"supersedes names %s, %s. A record supersedes an older one of the same Connector, kind and regime; "+
			"record it once more with the right name, or without supersedes.", name, wrong)}
}

func named(regime string) string {
	if regime == "" {
		return "no regime"
	}
	return "regime " + regime
}

// corrects tells whether a record came after the one that it names. The API server keeps seconds: of two that were made within one, the
// record that names the other came after it. Only if they name each other in a circle, precedence decides.
func corrects(record, target *v1alpha1.ComplianceEvidence, c *Case) bool {
	made, before := record.Since(), target.Since()
	return made.Equal(&before) && !leadsTo(record, target, c) || precedence.Precedes(target, record)
}

// leadsTo tells whether what a record of the case names, and what that names, and so on, comes to a given one, all made within one second; it does if
// they are the same.
func leadsTo(record, from *v1alpha1.ComplianceEvidence, c *Case) bool {
	made := record.Since()
	for range c.Records {
		if since := from.Since(); !since.Equal(&made) {
			return false
		}
		if from.Name == record.Name {
			return true
		}
		ref := from.Spec.Supersedes
		if ref == nil {
			return false
		}
		at := slices.IndexFunc(c.Records, func(r v1alpha1.ComplianceEvidence) bool { return r.Name == ref.Name && r.Namespace == record.Namespace })
		if at < 0 {
			return false
		}
		from = &c.Records[at]
	}
	return false
}

// takesAway refuses that an appraisal or an approval is taken back by somebody else than who may give it: the party that is asked for is that
// of the record which is taken back, under the regime that both are examined by.
func takesAway(record, target *v1alpha1.ComplianceEvidence, c *Case, regime string) *Denial {
	party := responsible(target, c, regime)
	if party == nil || matches(record.Spec.PerformedBy, party, c.Owners) {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonInvalidSupersedes, Message: fmt.Sprintf(
		"supersedes names %s, and performedBy is %s, but under regime %s level %d is %s by %s, and nobody else takes that back; have it done there, and record that.",
		target.Name, performer(record.Spec.PerformedBy), regime, *target.Spec.Level, done(target), described(party, c))}
}

// SupersededBy names the accepted record that corrects this one; empty if none does. If several do, it is the one that came first.
func SupersededBy(record *v1alpha1.ComplianceEvidence, c *Case) string {
	var first *v1alpha1.ComplianceEvidence
	for i := range c.Records {
		r := &c.Records[i]
		if r.Spec.Supersedes == nil || r.Spec.Supersedes.Name != record.Name || r.Namespace != record.Namespace || Examine(r, c) != nil {
			continue
		}
		if first == nil || precedence.Precedes(r, first) {
			first = r
		}
	}
	if first == nil {
		return ""
	}
	return first.Name
}
