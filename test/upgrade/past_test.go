//go:build upgrade

package upgrade

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/report/chain"
)

// past is what a backup is for.
type past struct {
	// Met are the MilestoneRecords, and MetAt what the Agencies tell of them.
	Met   map[string]v1alpha1.MilestoneRecordSpec
	MetAt map[string]string
	// Judged is whether each Agency, record and waiver is accepted, why, and what corrects it.
	Judged map[string]string
	// Since is when each object that keeps it was first created.
	Since map[string]string
	// Revoked are the identities that may not connect.
	Revoked []v1alpha1.RevokedIdentity
	// Chain are the digests of the reports.
	Chain []string
}

// leaf is an identity, and what the status of its Connector tells of it. The number of the revision is not in it: cert-manager counts anew.
type leaf struct {
	PEM               string
	Serial, Authority string
	Issuer            v1alpha1.IssuerReference
	IssuedAt          string
}

func (c *country) past(t *testing.T) past {
	t.Helper()
	p := past{Met: map[string]v1alpha1.MilestoneRecordSpec{}, MetAt: map[string]string{}, Judged: map[string]string{}, Since: map[string]string{}}
	var records v1alpha1.MilestoneRecordList
	var agencies v1alpha1.AgencyList
	var evidence v1alpha1.ComplianceEvidenceList
	var waivers v1alpha1.DutyWaiverList
	var reports v1alpha1.ReadinessReportList
	hub, plan := &v1alpha1.ExchangeHub{}, &v1alpha1.RolloutPlan{}
	for _, list := range []client.ObjectList{&records, &agencies, &evidence, &waivers, &reports} {
		if err := c.Client.List(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	for object, name := range map[client.Object]string{hub: c.fleet.Hub.Name, plan: c.fleet.Plan.Name} {
		if err := c.Client.Get(t.Context(), client.ObjectKey{Name: name}, object); err != nil {
			t.Fatal(err)
		}
	}
	for i := range records.Items {
		p.Met[records.Items[i].Name] = records.Items[i].Spec
	}
	judge := func(kind string, object client.Object, since *metav1.Time, more string) {
		key := kind + "/" + object.GetName()
		if accepted := meta.FindStatusCondition(conditionsOf(object), v1alpha1.ConditionAccepted); accepted != nil {
			p.Judged[key] = fmt.Sprint(accepted.Status, " ", accepted.Reason, " ", more)
		}
		p.Since[key] = text(since)
	}
	for i := range agencies.Items {
		a := &agencies.Items[i]
		judge("agency", a, a.Status.RecordedAt, "")
		for _, m := range a.Status.Milestones {
			p.MetAt[a.Name+"/"+m.Milestone] = text(m.MetAt)
		}
	}
	for i := range evidence.Items {
		judge("evidence", &evidence.Items[i], evidence.Items[i].Status.RecordedAt, evidence.Items[i].Status.SupersededBy)
	}
	for i := range waivers.Items {
		judge("waiver", &waivers.Items[i], waivers.Items[i].Status.RecordedAt, "")
	}
	p.Since["plan"], p.Revoked = text(plan.Status.RecordedAt), hub.Status.RevokedIdentities
	p.Chain = intact(t, reports.Items, plan)
	return p
}

func text(t *metav1.Time) string {
	if t == nil {
		return "never"
	}
	return t.String()
}

// intact verifies the chain of a plan up to the head that its status tells, and gives its digests.
func intact(t *testing.T, reports []v1alpha1.ReadinessReport, plan *v1alpha1.RolloutPlan) (digests []string) {
	t.Helper()
	var links []chain.Link
	for i := range reports {
		link, err := chain.Of(&reports[i])
		if err != nil {
			t.Fatal(err)
		}
		links, digests = append(links, link), append(digests, string(reports[i].Spec.SHA256))
	}
	head := chain.Head{Plan: plan.Name, SHA256: plan.Status.Reports.Last.SHA256, Sequence: plan.Status.Reports.Last.Sequence}
	for _, c := range chain.Verify(links, []chain.Head{head}) {
		if len(c.Findings) > 0 || !c.Anchored {
			t.Errorf("the chain of plan %s is not intact: %+v", c.Plan, c.Findings)
		}
	}
	return digests
}

// leaves are those of the Connectors that are accepted, by Connector.
func (c *country) leaves(t *testing.T) map[types.NamespacedName]leaf {
	t.Helper()
	var connectors v1alpha1.ConnectorList
	if err := c.Client.List(t.Context(), &connectors); err != nil {
		t.Fatal(err)
	}
	leaves := map[types.NamespacedName]leaf{}
	for i := range connectors.Items {
		connector := &connectors.Items[i]
		if !meta.IsStatusConditionTrue(connector.Status.Conditions, v1alpha1.ConditionAccepted) {
			continue
		}
		key, secret := client.ObjectKeyFromObject(connector), &corev1.Secret{}
		if err := c.Client.Get(t.Context(), types.NamespacedName{Namespace: key.Namespace, Name: desired.SecretName(key.Name)}, secret); err != nil {
			t.Fatal(err)
		}
		told := connector.Status.Certificate
		if told == nil || told.IssuerRef == nil {
			t.Fatalf("Connector %s tells of its certificate %+v", key, told)
		}
		leaves[key] = leaf{string(secret.Data[corev1.TLSCertKey]), told.SerialNumber, told.Authority, *told.IssuerRef, text(told.IssuedAt)}
	}
	return leaves
}
