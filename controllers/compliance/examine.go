package compliance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// Denial is why a record or a waiver counts for nothing.
type Denial struct {
	Reason, Message string
	// Waits is true for what cannot be examined yet, because something that it is examined by is not there. It ends by itself.
	Waits bool
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
	for _, e := range []examination{
		noConnector, inFuture, unknownRegime, notExaminable, appraiserOperates, wrongParty, supersedesWrongly,
	} {
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
	return &Denial{Reason: v1alpha1.ReasonConnectorNotFound, Message: fmt.Sprintf(
		"connectorRef names Connector %s, which does not exist in namespace %s. %s only for a Connector of its own namespace; "+
			"create the Connector there, or create this object anew with the right name and namespace.", name, namespace, what)}
}

// inFuture compares two days of which neither changes, so a record that was made too early is refused for good.
func inFuture(record *v1alpha1.ComplianceEvidence, c *Case, _ string) *Denial {
	day, err := civil.Parse(string(record.Spec.PerformedAt))
	if err != nil {
		return &Denial{Reason: v1alpha1.ReasonInvalidSpec, Message: fmt.Sprintf("performedAt cannot be read: %v.", err)}
	}
	made := madeOn(record, c)
	if day.Compare(made) <= 0 {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonPerformedInFuture, Message: fmt.Sprintf(
		"performedAt is %s, and the record was made on %s where the agency is (%s), before that day; it never counts. "+
			"Record it once more when it was done.", day, made, Zone(c.Agency))}
}

// madeOn is the day on which a record was made, where the agency is; today for one that the API server does not have yet.
func madeOn(record *v1alpha1.ComplianceEvidence, c *Case) civil.Date {
	made := record.Since()
	if made.IsZero() {
		return c.Today
	}
	return civil.In(made.Time, Zone(c.Agency))
}

// unknownRegime refuses a regime of which nobody says whose word counts under it.
func unknownRegime(record *v1alpha1.ComplianceEvidence, c *Case, _ string) *Denial {
	known := c.regimes()
	if record.Spec.Regime == "" || slices.Contains(known, record.Spec.Regime) {
		return nil
	}
	there := "there are none"
	if len(known) > 0 {
		there = "there are those of " + strings.Join(known, ", ")
	}
	return &Denial{Reason: v1alpha1.ReasonRegimeNotFound, Message: fmt.Sprintf(
		"regime is %s, and there is no SecurityProfile of that regime; %s. Record it once more with the right regime, or without one.",
		record.Spec.Regime, there)}
}

// notExaminable puts off an appraisal or an approval while it is not known whose word counts: to accept it or to refuse it would be a guess.
func notExaminable(record *v1alpha1.ComplianceEvidence, c *Case, regime string) *Denial {
	switch {
	case record.Spec.Kind != v1alpha1.EvidenceLevelAppraisal && record.Spec.Kind != v1alpha1.EvidenceLevelApproval:
		return nil
	case c.Agency == nil:
		return &Denial{Reason: v1alpha1.ReasonAgencyNotFound, Waits: true, Message: fmt.Sprintf(
			"Agency %s, which Connector %s acts for, does not exist, so it is not known who may appraise or approve its level; "+
				"the record is examined as soon as the Agency exists.", c.Connector.Spec.AgencyRef.Name, c.Connector.Name)}
	case regime == "":
		return &Denial{Reason: v1alpha1.ReasonHubNotFound, Waits: true, Message: fmt.Sprintf(
			"The record names no regime, and ExchangeHub %s of Connector %s, by whose regime it is examined then, does not exist; "+
				"it is examined as soon as the hub exists.", c.Connector.Spec.HubRef.Name, c.Connector.Name)}
	default:
		return nil
	}
}
