package compliance

import (
	"cmp"
	"fmt"
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// Denial is why a record or a waiver counts for nothing.
type Denial struct {
	Reason, Message string
}

// Examine tells why a record counts for nothing; nil if it is accepted. It is examined by the regime that it names or, if it names none,
// by that of the Connector's hub. A record that is accepted may still be superseded, see SupersededBy.
func Examine(record *v1alpha1.ComplianceEvidence, c *Case) *Denial {
	return examineUnder(record, c, cmp.Or(record.Spec.Regime, c.Regime))
}

// examination is one thing that a record is refused for; nil if there is nothing to refuse.
type examination func(record *v1alpha1.ComplianceEvidence, c *Case, regime string) *Denial

// examineUnder is Examine by a given regime: the first examination that fails gives the reason.
func examineUnder(record *v1alpha1.ComplianceEvidence, c *Case, regime string) *Denial {
	for _, e := range []examination{noConnector, inFuture, appraiserOperates, wrongParty, supersedesWrongly} {
		if denial := e(record, c, regime); denial != nil {
			return denial
		}
	}
	return nil
}

// noConnector never says whether another namespace has such a Connector: who may write here need not know what is there.
func noConnector(record *v1alpha1.ComplianceEvidence, c *Case, _ string) *Denial {
	return connectorMissing("A record counts", record.Namespace, record.Spec.ConnectorRef.Name, c)
}

func connectorMissing(what, namespace, name string, c *Case) *Denial {
	if c.Connector != nil && c.Connector.Name == name && c.Connector.Namespace == namespace {
		return nil
	}
	return &Denial{v1alpha1.ReasonConnectorNotFound, fmt.Sprintf(
		"connectorRef names Connector %s, which does not exist in namespace %s. %s only for a Connector of its own namespace; "+
			"create the Connector there, or create this object anew with the right name and namespace.", name, namespace, what)}
}

// inFuture names no other day than that of the record, so that the sentence stays as it is until that day comes.
func inFuture(record *v1alpha1.ComplianceEvidence, c *Case, _ string) *Denial {
	day, err := civil.Parse(string(record.Spec.PerformedAt))
	if err != nil {
		return &Denial{v1alpha1.ReasonInvalidSpec, fmt.Sprintf("performedAt cannot be read: %v.", err)}
	}
	if day.Compare(c.Today) <= 0 {
		return nil
	}
	return &Denial{v1alpha1.ReasonPerformedInFuture, fmt.Sprintf(
		"performedAt is %s, which is still to come where the agency is (%s); the record counts from that day on. "+
			"If the day is a slip, record it once more with the right one.", day, Zone(c.Agency))}
}

// supersedesWrongly looks at nothing but who is named, so that a record stays accepted when another corrects it in turn.
func supersedesWrongly(record *v1alpha1.ComplianceEvidence, c *Case, _ string) *Denial {
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
	case !precedence.Precedes(&c.Records[at], record):
		wrong = "which is not older than this record"
	default:
		return nil
	}
	return &Denial{v1alpha1.ReasonInvalidSupersedes, fmt.Sprintf(
		"supersedes names %s, %s. A record supersedes an older one of the same Connector and kind; record it once more with the right name, or without supersedes.",
		name, wrong)}
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
