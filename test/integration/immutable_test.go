package integration

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestWhatNeverChangesCannotBeEdited(t *testing.T) {
	const another = "create another Agency and let this one be superseded by it."
	w := newWorld(t)
	w.agency.Spec.LegacyCode = "000.00.00.T01"
	w.connector.Spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
	w.connect(t)
	const firstFamily = "ipFamilies keeps its first family once it is set, because Kubernetes never changes that of a Service; put it back, or delete " +
		"this Connector and create another one."
	tests := map[string]struct {
		object client.Object
		edit   func(content)
		want   string
	}{
		"code":                {w.agency, set("spec.code", "T02"), "code is never altered once published (Decision 20/2020/QĐ-TTg); " + another},
		"legacy code":         {w.agency, set("spec.legacyCode", "000.00.00.T02"), "legacyCode is never altered once published; " + another},
		"legacy code removed": {w.agency, set("spec.legacyCode", nil), "legacyCode is never removed once it is published; keep it as it was."},
		"agency of a connector": {w.connector, set("spec.agencyRef.name", "another"),
			"agencyRef cannot be changed, because the connector's identity is the agency's; delete this Connector and create another one."},
		"hub of a connector": {w.connector, set("spec.hubRef.name", "another"),
			"hubRef cannot be changed, because the connector's identity is issued for its hub; delete this Connector and create another one."},
		"trust domain": {w.hub, func(c content) {
			set("spec.trustDomain", "another.test")(c)
			set("spec.identities", items("spiffe://another.test/hub"))(c)
		}, "trustDomain is part of every certificate and cannot be changed; create another ExchangeHub and move the Connectors to it."},
		"first family":         {w.connector, set("spec.ipFamilies", items("IPv6", "IPv4")), firstFamily},
		"first family removed": {w.connector, set("spec.ipFamilies", nil), firstFamily},
		"level lowered": {w.connector, set("spec.securityLevel", int64(1)),
			"securityLevel is lowered only to a level that is approved or rules already: a system is not split or merged to lower its level, for which " +
				"spec.approval.loweringArticle of the SecurityProfile names the article. " +
				"Have the lower level appraised and approved, and recorded as ComplianceEvidence of the kind LevelApproval; then write it here."},
		"regime": {w.profile, set("spec.regime", "another"), "regime cannot be changed; create a SecurityProfile for the other regime."},
		"level":  {w.profile, set("spec.level", int64(3)), "level cannot be changed; create a SecurityProfile for the other level."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := w.get(t.Context(), tt.object); err != nil {
				t.Fatal(err)
			}
			before := loose(t, w.Scheme, tt.object)
			after := before.DeepCopy()
			tt.edit(after.Object)
			err := w.Client.Patch(t.Context(), after, client.MergeFrom(before), client.DryRunAll)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it was answered with\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

func TestWhatMayBeAddedCanBeEdited(t *testing.T) {
	w := newWorld(t)
	w.connector.Spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
	w.connect(t)
	for name, edit := range map[string]func(content){
		"level raised":  set("spec.securityLevel", int64(3)),
		"second family": set("spec.ipFamilies", items("IPv4", "IPv6")),
	} {
		t.Run(name, func(t *testing.T) {
			if err := w.get(t.Context(), w.connector); err != nil {
				t.Fatal(err)
			}
			before := loose(t, w.Scheme, w.connector)
			after := before.DeepCopy()
			edit(after.Object)
			if err := w.Client.Patch(t.Context(), after, client.MergeFrom(before), client.DryRunAll); err != nil {
				t.Error(err)
			}
		})
	}
}
