package index

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestValues(t *testing.T) {
	connector := &v1alpha1.Connector{}
	connector.Spec.AgencyRef.Name, connector.Spec.HubRef.Name = "g12", "axis"
	connector.Spec.ClassName, connector.Spec.SecurityLevel = "gateway", 3
	connector.Status.Profile, connector.Status.ProfileRevision = "nd331-2026-3", "r1"
	connector.Status.ClassRevision = "c1"
	connector.Status.Certificate = &v1alpha1.CertificateStatus{
		IssuerRef: &v1alpha1.IssuerReference{Group: "cert-manager.io", Kind: "ClusterIssuer", Name: "axis-ca"},
	}
	agency := &v1alpha1.Agency{Spec: v1alpha1.AgencySpec{Code: "G12"}}
	agency.Spec.SupersededBy = &v1alpha1.ObjectReference{Name: "most"}
	profile := &v1alpha1.SecurityProfile{Spec: v1alpha1.SecurityProfileSpec{Regime: "nd331-2026", Level: 3}}

	evidence := &v1alpha1.ComplianceEvidence{}
	evidence.Spec.ConnectorRef.Name, evidence.Spec.Level = "main", new(v1alpha1.SecurityLevel(3))
	evidence.Spec.Regime, evidence.Spec.PerformedBy.AgencyRef = "nd331-2026", &v1alpha1.ObjectReference{Name: "g12"}
	evidence.Spec.Supersedes = &v1alpha1.RecordReference{Name: "first"}
	waiver := &v1alpha1.DutyWaiver{}
	waiver.Spec.ConnectorRef.Name = "main"

	met := &v1alpha1.MilestoneRecord{Spec: v1alpha1.MilestoneRecordSpec{Agency: "g12"}}
	report := &v1alpha1.ReadinessReport{}
	report.Spec.Plan.Name = "decision-28"

	objects := []client.Object{connector, agency, profile, evidence, waiver, met, report}
	tests := map[string][]string{
		ConnectorByAgency:        {"g12"},
		ConnectorByHub:           {"axis"},
		ConnectorByClass:         {"gateway"},
		ConnectorByProfile:       {"nd331-2026-3"},
		ConnectorByRevision:      {"r1"},
		ConnectorByClassRevision: {"c1"},
		ConnectorByIssuer:        {"cert-manager.io/ClusterIssuer/axis-ca"},
		AgencyByCode:             {"G12"},
		AgencyByLegacyCode:       nil,
		AgencyByParent:           nil,
		AgencyBySuccessor:        {"most"},
		ProfileByRegimeAndLevel:  {"nd331-2026/3"},
		EvidenceByConnector:      {"main"}, // WaiverByConnector is the same
		EvidenceByLevel:          {"3"},
		EvidenceByAgency:         {"g12"},
		EvidenceByRegime:         {"nd331-2026"},
		EvidenceBySupersedes:     {"first"},
		RecordByAgency:           {"g12"},
		ReportByPlan:             {"decision-28"},
	}
	for _, f := range fields() {
		t.Run(fmt.Sprintf("%T by %s", f.object, f.name), func(t *testing.T) {
			want, ok := tests[f.name]
			at := slices.IndexFunc(objects, func(o client.Object) bool { return reflect.TypeOf(o) == reflect.TypeOf(f.object) })
			if !ok || at < 0 {
				t.Fatal("no expectation for this index")
			}
			if got := f.value(objects[at]); !slices.Equal(got, want) {
				t.Errorf("value = %q, want %q", got, want)
			}
		})
	}
}
