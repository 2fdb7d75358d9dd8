package samples

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// LabelRecord is on every record that Records makes, with the value "true".
const LabelRecord = v1alpha1.GroupName + "/sample-record"

// Units that the sample records name. No agency's own unit is known.
const (
	securityUnit   = "Information security unit (sample)"
	operationsUnit = "Information centre (sample)"
)

// Records makes the records that a Connector needs to be compliant with a profile: its level determined, appraised and approved by whom
// the profile names, and each duty done. All is dated the day before today. They say that they are samples, and stand for nothing that
// happened. The day is in their names, so that a later run makes others: a record is never changed.
func Records(
	connector *v1alpha1.Connector, agency *v1alpha1.Agency, profile *v1alpha1.SecurityProfile, today civil.Date,
) []v1alpha1.ComplianceEvidence {
	m := maker{connector: connector, agency: agency, day: today.AddDays(-1)}
	var records []v1alpha1.ComplianceEvidence
	if approval := profile.Spec.Approval; approval != nil {
		own := v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSystemOwner}
		records = append(records,
			m.ofLevel(v1alpha1.EvidenceLevelDetermination, own, profile),
			m.ofLevel(v1alpha1.EvidenceLevelAppraisal, approval.Appraiser, profile),
			m.ofLevel(v1alpha1.EvidenceLevelApproval, approval.Approver, profile))
	}
	for i := range profile.Spec.Duties {
		records = append(records, m.record(profile.Spec.Duties[i].Kind, m.unit(securityUnit)))
	}
	return records
}

// maker makes the records of one Connector.
type maker struct {
	connector *v1alpha1.Connector
	agency    *v1alpha1.Agency
	day       civil.Date
}

// ofLevel is a record of one step of the level's approval, which is made under the profile's regime.
func (m maker) ofLevel(kind string, party v1alpha1.ResponsibleParty, profile *v1alpha1.SecurityProfile) v1alpha1.ComplianceEvidence {
	record := m.record(kind, m.performer(party))
	level := profile.Spec.Level
	record.Spec.Level, record.Spec.Regime = &level, profile.Spec.Regime
	return record
}

func (m maker) record(kind string, by v1alpha1.Performer) v1alpha1.ComplianceEvidence {
	reference := fmt.Sprintf("Sample record of %s for Connector %s/%s on %s; no document stands behind it, and the digest is that of this sentence.",
		kind, m.connector.Namespace, m.connector.Name, m.day)
	digest := sha256.Sum256([]byte(reference))
	// No agency of the samples says who operates its system, so nobody named here does.
	independent := true
	return v1alpha1.ComplianceEvidence{
		TypeMeta: metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "ComplianceEvidence"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: m.connector.Namespace,
			Name:      fmt.Sprintf("%s-%s-%s", m.connector.Name, kebab(kind), m.day),
			Labels:    map[string]string{LabelRecord: "true"},
		},
		Spec: v1alpha1.ComplianceEvidenceSpec{
			ConnectorRef:            v1alpha1.ConnectorReference{Name: m.connector.Name},
			Kind:                    kind,
			PerformedAt:             v1alpha1.CivilDate(m.day.String()),
			PerformedBy:             by,
			IndependentOfOperations: &independent,
			Outcome:                 v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
			Document:                v1alpha1.DocumentReference{Reference: reference, SHA256: hex.EncodeToString(digest[:])},
		},
	}
}

// performer is somebody who may do what the profile asks of a party.
func (m maker) performer(party v1alpha1.ResponsibleParty) v1alpha1.Performer {
	switch {
	case party.Role == v1alpha1.RoleSecurityUnit:
		return m.unit(securityUnit)
	case party.Role == v1alpha1.RoleSystemOwner:
		return m.unit(operationsUnit)
	case party.AgencyRef != nil:
		return v1alpha1.Performer{AgencyRef: party.AgencyRef.DeepCopy()}
	default:
		return v1alpha1.Performer{Organisation: party.Name}
	}
}

func (m maker) unit(name string) v1alpha1.Performer {
	return v1alpha1.Performer{AgencyRef: &v1alpha1.ObjectReference{Name: m.agency.Name}, Unit: name}
}

var wordStart = regexp.MustCompile(`[A-Z]+[a-z0-9]*`)

// kebab writes a kind in CamelCase as part of an object's name.
func kebab(kind string) string {
	return strings.ToLower(strings.Join(wordStart.FindAllString(kind, -1), "-"))
}
