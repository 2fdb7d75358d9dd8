//go:build upgrade

package upgrade

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

// country is a small fleet with a past: everything that cannot be found again by looking.
type country struct {
	*world
	fleet *fleet.Fleet
	// original and correction are records, of which the one corrects the other; early was made before it was done.
	original, correction, early *v1alpha1.ComplianceEvidence
	waiver                      *v1alpha1.DutyWaiver
	// older and younger are Agencies with the same code, of which the younger comes first by its name.
	older, younger *v1alpha1.Agency
	// unlisted is the last agency, which has lost its namespace.
	unlisted *v1alpha1.Agency
}

// newCountry lets the past happen. Its last act is a change that is still rolling out.
func newCountry(t *testing.T, w *world, anchor string) *country {
	t.Helper()
	c := &country{world: w, fleet: fleet.New("land", authority, anchor, fleet.Size{Agencies: 4, Sites: 2})}
	c.fleet.Hub.Spec.TrustAnchors = []v1alpha1.TrustAnchor{
		{Name: "root", ConfigMapRef: &v1alpha1.ConfigMapKeyReference{Namespace: namespace, Name: "hub-trust-anchors"}},
	}
	c.create(t, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "hub-trust-anchors"}, Data: map[string]string{"ca.crt": anchor},
	})
	// Nothing is ever taken there.
	c.fleet.Hub.Spec.NoticeSinks = []v1alpha1.NoticeSink{{Name: "owner", URL: "https://127.0.0.1:1/notices", CAPEM: anchor}}
	if err := c.fleet.LendAddresses(t.Context(), c.Client); err != nil {
		t.Fatal(err)
	}
	if err := c.fleet.CreatePlatform(t.Context(), c.Client); err != nil {
		t.Fatal(err)
	}
	c.declareTwins(t)
	if err := c.fleet.CreateConnectors(t.Context(), c.Client); err != nil {
		t.Fatal(err)
	}
	c.await(t, func(ctx context.Context) error { return c.lookout.Ready(ctx, c.fleet.Connectors()) })
	c.record(t)
	c.report(t)
	c.withdraw(t)
	c.report(t)
	return c
}

func (c *country) create(t *testing.T, object client.Object) {
	t.Helper()
	if err := c.Client.Create(t.Context(), object); err != nil {
		t.Fatalf("creating %T %s: %v", object, object.GetName(), err)
	}
}

func (c *country) change(t *testing.T, object client.Object, change func()) {
	t.Helper()
	before, ok := object.DeepCopyObject().(client.Object)
	if !ok {
		t.Fatalf("%T is no object", object)
	}
	change()
	if err := c.Client.Patch(t.Context(), object, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

// declareTwins has two Agencies of one code, more than a second apart: the API server keeps seconds.
func (c *country) declareTwins(t *testing.T) {
	t.Helper()
	twin := func(name string) *v1alpha1.Agency {
		a := c.fleet.Members[0].DeepCopy()
		a.ObjectMeta, a.Spec.Code, a.Spec.Namespaces = metav1.ObjectMeta{Name: name}, "T99", []string{name}
		c.create(t, a)
		return a
	}
	c.older = twin("z-older")
	c.eventually(t, func(context.Context) error {
		if now := metav1.Now().Rfc3339Copy(); !c.older.CreationTimestamp.Before(&now) {
			return fmt.Errorf("it is still %s", now)
		}
		return nil
	})
	c.younger = twin("a-younger")
	c.accepts(t, c.older, metav1.ConditionTrue)
	c.accepts(t, c.younger, metav1.ConditionFalse)
}

// accepts waits until an object is accepted, or not.
func (c *country) accepts(t *testing.T, object client.Object, want metav1.ConditionStatus) {
	t.Helper()
	c.eventually(t, func(ctx context.Context) error {
		if err := c.Client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		accepted := meta.FindStatusCondition(conditionsOf(object), v1alpha1.ConditionAccepted)
		if accepted == nil || accepted.Status != want || accepted.ObservedGeneration != object.GetGeneration() {
			return fmt.Errorf("%T %s is accepted: %+v, want %s", object, object.GetName(), accepted, want)
		}
		return nil
	})
}

func conditionsOf(object client.Object) []metav1.Condition {
	switch o := object.(type) {
	case *v1alpha1.Agency:
		return o.Status.Conditions
	case *v1alpha1.ComplianceEvidence:
		return o.Status.Conditions
	case *v1alpha1.DutyWaiver:
		return o.Status.Conditions
	}
	return nil
}

// record has people do something for the first Connector.
func (c *country) record(t *testing.T) {
	t.Helper()
	connector := c.fleet.Connector(0)
	day := func(ago int) v1alpha1.CivilDate {
		return v1alpha1.CivilDate(time.Now().AddDate(0, 0, -ago).Format(time.DateOnly))
	}
	evidence := func(name string, ago int) *v1alpha1.ComplianceEvidence {
		return &v1alpha1.ComplianceEvidence{
			ObjectMeta: metav1.ObjectMeta{Namespace: connector.Namespace, Name: name},
			Spec: v1alpha1.ComplianceEvidenceSpec{
				ConnectorRef: v1alpha1.ConnectorReference{Name: connector.Name}, Kind: v1alpha1.EvidencePenetrationTest, PerformedAt: day(ago),
				PerformedBy: v1alpha1.Performer{Organisation: "Phòng thử nghiệm"}, IndependentOfOperations: new(true),
				Outcome:  v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
				Document: v1alpha1.DocumentReference{Reference: "01/BC", SHA256: strings.Repeat("a", 64)},
			},
		}
	}
	c.original = evidence("b-original", 3)
	c.create(t, c.original)
	c.accepts(t, c.original, metav1.ConditionTrue)
	c.correction = evidence("a-correction", 2)
	c.correction.Spec.Supersedes = &v1alpha1.RecordReference{Name: c.original.Name}
	c.create(t, c.correction)
	c.accepts(t, c.correction, metav1.ConditionTrue)
	c.early = evidence("early", -30)
	c.create(t, c.early)
	c.accepts(t, c.early, metav1.ConditionFalse)
	c.waiver = &v1alpha1.DutyWaiver{
		ObjectMeta: metav1.ObjectMeta{Namespace: connector.Namespace, Name: "waiver"},
		Spec: v1alpha1.DutyWaiverSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: connector.Name}, Duties: []string{v1alpha1.EvidenceRestoreTest},
			Reason: "Hệ thống mới", Approver: "Chủ quản", From: day(1), Until: day(-60),
		},
	}
	c.create(t, c.waiver)
	c.accepts(t, c.waiver, metav1.ConditionTrue)
	c.met(t, c.fleet.Members[0].Name, "ready")
}

// met waits until an agency has met a milestone, and gives when.
func (c *country) met(t *testing.T, agency, milestone string) metav1.Time {
	t.Helper()
	var at metav1.Time
	c.eventually(t, func(ctx context.Context) error {
		a := &v1alpha1.Agency{}
		if err := c.Client.Get(ctx, client.ObjectKey{Name: agency}, a); err != nil {
			return err
		}
		for _, m := range a.Status.Milestones {
			if m.Milestone == milestone && m.MetAt != nil {
				at = *m.MetAt
				return nil
			}
		}
		return fmt.Errorf("Agency %s has not met %s: %+v", agency, milestone, a.Status.Milestones)
	})
	return at
}

// report asks for a report, and waits until it is there.
func (c *country) report(t *testing.T) {
	t.Helper()
	plan := &v1alpha1.RolloutPlan{}
	if err := c.Client.Get(t.Context(), client.ObjectKey{Name: c.fleet.Plan.Name}, plan); err != nil {
		t.Fatal(err)
	}
	// The fraction makes it another request within one second.
	at := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	c.change(t, plan, func() { metav1.SetMetaDataAnnotation(&plan.ObjectMeta, v1alpha1.AnnotationReportRequestedAt, at) })
	c.eventually(t, func(ctx context.Context) error {
		if err := c.Client.Get(ctx, client.ObjectKeyFromObject(plan), plan); err != nil {
			return err
		}
		if told := plan.Status.Reports; told == nil || told.LastRequest != at {
			return fmt.Errorf("the plan tells of its reports %+v, want the request %s fulfilled", told, at)
		}
		return nil
	})
}

// withdraw takes the namespace from the last agency, whose identities are revoked then, and gives the hub something to tell.
func (c *country) withdraw(t *testing.T) {
	t.Helper()
	c.unlisted = c.fleet.Members[len(c.fleet.Members)-1]
	if err := c.Client.Get(t.Context(), client.ObjectKeyFromObject(c.unlisted), c.unlisted); err != nil {
		t.Fatal(err)
	}
	c.change(t, c.unlisted, func() { c.unlisted.Spec.Namespaces = nil })
	hub := c.fleet.Hub
	c.eventually(t, func(ctx context.Context) error {
		if err := c.Client.Get(ctx, client.ObjectKeyFromObject(hub), hub); err != nil {
			return err
		}
		if len(hub.Status.RevokedIdentities) != c.fleet.Sites {
			return fmt.Errorf("%d identities are revoked, want %d", len(hub.Status.RevokedIdentities), c.fleet.Sites)
		}
		return nil
	})
	c.change(t, hub, func() { hub.Spec.Identities = append(hub.Spec.Identities, "spiffe://lienthong.test/hub-2") })
	c.pending(t)
}

// pending waits until notices of the hub wait for a sink, and gives the numbers of those that wait, by queue.
func (c *country) pending(t *testing.T) map[string][]int64 {
	t.Helper()
	pending := map[string][]int64{}
	c.eventually(t, func(ctx context.Context) error {
		var queues v1alpha1.NoticeQueueList
		if err := c.Client.List(ctx, &queues); err != nil {
			return err
		}
		clear(pending)
		for i := range queues.Items {
			for _, n := range queues.Items[i].Status.Pending {
				pending[queues.Items[i].Name] = append(pending[queues.Items[i].Name], n.Sequence)
			}
		}
		if len(pending["exchangehub-"+c.fleet.Hub.Name]) == 0 {
			return fmt.Errorf("the hub has nothing to tell: %v", pending)
		}
		return nil
	})
	return pending
}
