package notice

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/notice/courier"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
)

// ledger stands for the courier: it keeps what was offered, and tells what a test has it tell.
type ledger struct {
	offered   []courier.Letter
	forgotten int
	taken     outbox.Acknowledged
	healths   map[string]outbox.Health
}

func (l *ledger) Offer(_ v1alpha1.NoticeSubject, letters []courier.Letter) { l.offered = letters }

func (l *ledger) Report(v1alpha1.NoticeSubject) (outbox.Acknowledged, map[string]outbox.Health) {
	return l.taken, l.healths
}

func (l *ledger) Forget(v1alpha1.NoticeSubject) { l.forgotten++ }

// office is an Agency with a Connector to a hub and a milestone of a plan for it; both sides have a sink.
type office struct {
	*testing.T
	client.Client
	*ledger
	reconciler *Reconciler
	agency     *v1alpha1.Agency
	hub        *v1alpha1.ExchangeHub
	connector  *v1alpha1.Connector
	// stranger names the Agency from a namespace that is not its own.
	stranger *v1alpha1.Connector
	writes   int
}

const ownSink, hubSink = "Agency/mof/focal", "ExchangeHub/hub/owner"

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, ledger: &ledger{}}
	sink := func(name string) []v1alpha1.NoticeSink {
		return []v1alpha1.NoticeSink{{Name: name, URL: "https://" + name}}
	}
	o.agency = &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "mof", UID: "a", Generation: 1}}
	o.agency.Spec = v1alpha1.AgencySpec{Code: "G12", Namespaces: []string{"g12"}, NoticeSinks: sink("focal")}
	o.agency.Status.Milestones = []v1alpha1.AgencyMilestone{{Plan: "plan", Milestone: "pilot", State: v1alpha1.MilestonePending}}
	o.hub = &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "hub", UID: "h", Generation: 1}}
	o.hub.Spec.NoticeSinks, o.hub.Spec.Identities = sink("owner"), []v1alpha1.SPIFFEID{"spiffe://lienthong.test/hub"}
	o.connector = &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"}}
	o.connector.Spec.AgencyRef.Name, o.connector.Spec.HubRef.Name, o.connector.Status.SecurityLevel = "mof", "hub", 2
	o.stranger = o.connector.DeepCopy()
	o.stranger.Namespace = "elsewhere"
	plan := &v1alpha1.RolloutPlan{ObjectMeta: metav1.ObjectMeta{Name: "plan"}}
	plan.Spec.HubRef.Name = "hub"
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	o.Client = fake.NewClientBuilder().WithScheme(scheme).
		WithStatusSubresource(o.agency, o.hub, o.connector, &v1alpha1.NoticeQueue{}).
		WithIndex(o.connector, index.ConnectorByAgency, func(object client.Object) []string {
			return []string{object.(*v1alpha1.Connector).Spec.AgencyRef.Name}
		}).
		WithObjects(o.agency, o.hub, o.connector, o.stranger, plan).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
				o.writes++
				object.SetUID(types.UID(fmt.Sprint("queue-", o.writes)))
				object.SetGeneration(1)
				return c.Create(ctx, object, options...)
			},
			SubResourcePatch: func(
				ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption,
			) error {
				if _, ok := object.(*v1alpha1.NoticeQueue); ok {
					o.writes++
				}
				return c.SubResource(sub).Patch(ctx, object, patch, options...)
			},
		}).Build()
	o.reconciler = &Reconciler{Client: o.Client, Clock: testclock.NewFakePassiveClock(time.Unix(1e9, 0)), Courier: o.ledger}
	return o
}

func ofMof() v1alpha1.NoticeSubject {
	return v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectAgency, Name: "mof"}
}

// look reconciles, and tells how often that wrote.
func (o *office) look(subject v1alpha1.NoticeSubject) int {
	o.Helper()
	before := o.writes
	if _, err := o.reconciler.Reconcile(o.Context(), subject); err != nil {
		o.Fatal(err)
	}
	return o.writes - before
}

func (o *office) queue() *v1alpha1.NoticeQueue {
	o.Helper()
	q := &v1alpha1.NoticeQueue{}
	if err := o.Get(o.Context(), client.ObjectKey{Name: "agency-mof"}, q); err != nil {
		o.Fatal(err)
	}
	return q
}

func (o *office) update(object client.Object, change func()) {
	o.Helper()
	before, ok := object.DeepCopyObject().(client.Object)
	if !ok {
		o.Fatal("no object")
	}
	change()
	if err := o.Patch(o.Context(), object.DeepCopyObject().(client.Object), client.MergeFrom(before)); err != nil {
		o.Fatal(err)
	}
	if err := o.Status().Patch(o.Context(), object.DeepCopyObject().(client.Object), client.MergeFrom(before)); err != nil {
		o.Fatal(err)
	}
}

func (o *office) pending() []string {
	o.Helper()
	var list []string
	for _, n := range o.queue().Status.Pending {
		list = append(list, fmt.Sprintf("%d %s %s", n.Sequence, n.Type, strings.Join(n.Sinks, " ")))
	}
	return list
}

func (o *office) want(what string, got, want any) {
	o.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		o.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestOneWriteForAChangeAndOneForItsDelivery(t *testing.T) {
	o := newOffice(t)
	o.want("writes for the baseline", o.look(ofMof()), 2)
	o.want("writes when nothing has changed", o.look(ofMof()), 0)
	if owner := metav1.GetControllerOf(o.queue()); owner == nil || owner.UID != "a" || owner.Kind != "Agency" {
		t.Errorf("the queue belongs to %+v", owner)
	}
	o.update(o.agency, func() { o.agency.Status.Milestones[0].State = v1alpha1.MilestoneOverdue })
	o.update(o.connector, func() { o.connector.Status.SecurityLevel = 3 })
	o.update(o.stranger, func() { o.stranger.Status.SecurityLevel = 5 })
	o.update(o.hub, func() { o.hub.Spec.Identities = append(o.hub.Spec.Identities, "spiffe://lienthong.test/hub2") })
	o.want("writes for the changes", o.look(ofMof()), 1)
	both := ownSink + " " + hubSink
	o.want("pending", o.pending(), []string{
		"1 MilestoneOverdue " + both, "2 LevelChanged " + both, "3 HubIdentitiesChanged " + ownSink,
	})
	o.want("offered", len(o.offered), 3)
	o.want("the first goes to", []string{o.offered[0].To[0].URL, o.offered[0].To[1].URL}, []string{"https://focal", "https://owner"})
	o.want("writes when nothing has changed since", o.look(ofMof()), 0)

	o.taken = outbox.Acknowledged{ownSink: {1, 2, 3}, hubSink: {1}}
	o.healths = map[string]outbox.Health{hubSink: {Failures: 2, LastError: "The sink answered 503.", NextAttempt: time.Unix(2e9, 0)}}
	o.want("writes for the deliveries", o.look(ofMof()), 1)
	o.want("pending then", o.pending(), []string{"2 LevelChanged " + hubSink})
	told := o.queue().Status
	if told.Sinks[0].Delivered != 3 || told.Sinks[1].Delivered != 1 || *told.Sinks[1].Pending != 1 || told.Sinks[1].Failures != 2 || *told.Waiting != 1 {
		t.Errorf("the sinks are told as %+v", told.Sinks)
	}
	o.want("the sink that fails is offered as such", o.offered[0].To[0].Failing, true)
	o.want("writes when that is known", o.look(ofMof()), 0)
}

// What a hub is still to be told, it is told after the agency has left it.
func TestLeavingAHubLosesNothing(t *testing.T) {
	o := newOffice(t)
	o.look(ofMof())
	o.update(o.connector, func() { o.connector.Status.SecurityLevel = 3 })
	o.look(ofMof())
	o.taken = outbox.Acknowledged{ownSink: {1}}
	o.update(o.agency, func() { o.agency.Spec.NoticeSinks, o.agency.Status.Milestones = nil, nil })
	if err := o.Delete(o.Context(), o.connector.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	o.look(ofMof())
	o.want("pending", o.pending(), []string{"1 LevelChanged " + hubSink})
	o.taken = outbox.Acknowledged{hubSink: {1}}
	o.look(ofMof())
	if err := o.Get(o.Context(), client.ObjectKey{Name: "agency-mof"}, &v1alpha1.NoticeQueue{}); !apierrors.IsNotFound(err) || o.forgotten == 0 {
		t.Errorf("the queue that nobody needs: %v", err)
	}
}

func TestQueueOfAnAgencyThatIsGone(t *testing.T) {
	o := newOffice(t)
	o.look(ofMof())
	// It was deleted, and another of its name was made.
	o.update(o.agency, func() {})
	if err := o.Delete(o.Context(), o.agency.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	again := o.agency.DeepCopy()
	again.UID, again.ResourceVersion = "b", ""
	again.Status.Milestones[0].State = v1alpha1.MilestoneOverdue
	if err := o.Create(o.Context(), again); err != nil {
		t.Fatal(err)
	}
	o.look(ofMof())
	o.look(ofMof())
	o.want("pending of the new one", len(o.pending()), 0)
	if err := o.Delete(o.Context(), again); err != nil {
		t.Fatal(err)
	}
	o.look(ofMof())
	if err := o.Get(o.Context(), client.ObjectKey{Name: "agency-mof"}, &v1alpha1.NoticeQueue{}); !apierrors.IsNotFound(err) {
		t.Errorf("the queue of nobody: %v", err)
	}
}

// A hub is told of itself by its own queue; nobody else is told there.
// A restore takes the owner off a queue, because that has another identity now. What is pending is not lost, and not told twice.
func TestQueueThatWasRestored(t *testing.T) {
	o := newOffice(t)
	o.look(ofMof())
	o.update(o.agency, func() { o.agency.Status.Milestones[0].State = v1alpha1.MilestoneOverdue })
	o.look(ofMof())
	before := o.pending()
	queue := o.queue()
	o.update(queue, func() { queue.OwnerReferences = nil })
	o.look(ofMof())
	o.want("pending after the restore", o.pending(), before)
	if owner := metav1.GetControllerOf(o.queue()); owner == nil || owner.UID != "a" {
		t.Errorf("the queue belongs to %+v", owner)
	}
	o.want("writes when it is adopted", o.look(ofMof()), 0)
}

func TestHubsOwnQueue(t *testing.T) {
	o := newOffice(t)
	of := v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectHub, Name: "hub"}
	o.look(of)
	o.update(o.hub, func() { o.hub.Status.TrustDigest = "sha256:1" })
	o.look(of)
	o.want("offered for a digest that was not known", len(o.offered), 0)
	o.update(o.hub, func() { o.hub.Status.TrustDigest = "sha256:2" })
	o.look(of)
	if len(o.offered) != 1 || o.offered[0].Message.Notice.Type != v1alpha1.NoticeHubTrustChanged || len(o.offered[0].To) != 1 {
		t.Errorf("offered is %+v", o.offered)
	}
}

func TestFullQueueDropsTheOldestAndSaysSo(t *testing.T) {
	o := newOffice(t)
	o.look(ofMof())
	queue := o.queue()
	before := queue.DeepCopy()
	for n := range int64(outbox.MostPending) {
		queue.Status.Pending = append(queue.Status.Pending, v1alpha1.PendingNotice{
			Sequence: n + 1, Type: v1alpha1.NoticeLevelChanged, Subject: "connectors/g12/main", Hub: "hub", Data: "{}", Sinks: []string{ownSink},
		})
	}
	queue.Status.Sequence = outbox.MostPending
	if err := o.Status().Patch(t.Context(), queue, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		o.update(o.connector, func() { o.connector.Status.SecurityLevel = v1alpha1.SecurityLevel(3 + i%2) })
		o.look(ofMof())
	}
	status := o.queue().Status
	if len(status.Pending) != outbox.MostPending || status.Pending[0].Sequence != 6 || status.Dropped != 5 {
		t.Errorf("%d are pending, from %d on, %d dropped", len(status.Pending), status.Pending[0].Sequence, status.Dropped)
	}
	i := slices.IndexFunc(status.Conditions, func(c metav1.Condition) bool { return c.Type == v1alpha1.ConditionNoticesDropped })
	if i < 0 || !strings.HasPrefix(status.Conditions[i].Message, "5 notices were given up because more were pending than a queue holds, the last at 2001-09-09") {
		t.Errorf("the conditions are %+v", status.Conditions)
	}
}

func TestLongNotesAreBoundedTogether(t *testing.T) {
	status := v1alpha1.NoticeQueueStatus{}
	for n := range int64(40) {
		status.Pending = append(status.Pending, v1alpha1.PendingNotice{Sequence: n, Data: strings.Repeat("x", 32*1024), Sinks: []string{ownSink}})
	}
	outbox.Bound(&status, time.Unix(0, 0))
	if len(status.Pending) != 15 || status.Pending[14].Sequence != 39 || status.Dropped != 25 {
		t.Errorf("%d are left, %d dropped", len(status.Pending), status.Dropped)
	}
}

func TestNamesOfQueues(t *testing.T) {
	long := QueueName(v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectHub, Name: strings.Repeat("a", 253)})
	other := QueueName(v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectHub, Name: strings.Repeat("a", 252) + "b"})
	if got := QueueName(ofMof()); got != "agency-mof" || len(long) > 253 || long == other {
		t.Errorf("the names are %s, %s and %s", got, long, other)
	}
}
