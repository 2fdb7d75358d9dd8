package index

import (
	"slices"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestValues(t *testing.T) {
	connector := &v1alpha1.Connector{}
	connector.Spec.AgencyRef.Name, connector.Spec.HubRef.Name = "g12", "axis"
	connector.Spec.ClassName, connector.Spec.SecurityLevel = "gateway", 3
	connector.Status.Profile = "nd331-2026-3"
	connector.Status.Certificate = &v1alpha1.CertificateStatus{
		IssuerRef: &v1alpha1.IssuerReference{Group: "cert-manager.io", Kind: "ClusterIssuer", Name: "axis-ca"},
	}
	agency := &v1alpha1.Agency{Spec: v1alpha1.AgencySpec{Code: "G12"}}
	agency.Spec.SupersededBy = &v1alpha1.ObjectReference{Name: "most"}
	profile := &v1alpha1.SecurityProfile{Spec: v1alpha1.SecurityProfileSpec{Regime: "nd331-2026", Level: 3}}

	tests := map[string]struct {
		object client.Object
		want   []string
	}{
		ConnectorByAgency:       {connector, []string{"g12"}},
		ConnectorByHub:          {connector, []string{"axis"}},
		ConnectorByClass:        {connector, []string{"gateway"}},
		ConnectorByLevel:        {connector, []string{"3"}},
		ConnectorByProfile:      {connector, []string{"nd331-2026-3"}},
		ConnectorByIssuer:       {connector, []string{"cert-manager.io/ClusterIssuer/axis-ca"}},
		AgencyByCode:            {agency, []string{"G12"}},
		AgencyByLegacyCode:      {agency, nil},
		AgencyByParent:          {agency, nil},
		AgencyBySuccessor:       {agency, []string{"most"}},
		ProfileByRegimeAndLevel: {profile, []string{"nd331-2026/3"}},
	}
	for _, f := range fields() {
		t.Run(f.name, func(t *testing.T) {
			tt, ok := tests[f.name]
			if !ok {
				t.Fatal("no expectation for this index")
			}
			if got := f.value(tt.object); !slices.Equal(got, tt.want) {
				t.Errorf("value = %q, want %q", got, tt.want)
			}
		})
	}
}
