package connector

import (
	"context"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// Priorities of the queue. What somebody broke is mended first, a Connector that somebody changed comes next (0), and a change
// of the whole fleet, such as a hub's new endpoint, or the first look after a restart, waits behind both.
const (
	priorityRepair = 100
	priorityFleet  = -100
)

// settling is how long news of a child waits for more of the same: a certificate that is issued and a Deployment that rolls
// out are told in many small steps.
const settling = 300 * time.Millisecond

// calm is how long a step waits whose end will be news of its own: mostly it has come by then, and both are seen in one look.
const calm = 3 * time.Second

// weigh tells what a change of the status of an object is worth.
type weigh func(before, after client.Object) delivery.News

// anything is the news of objects each of whose changes counts.
func anything(client.Object, client.Object) delivery.News { return delivery.Outcome }

// addNews asks for a pass as soon as the news is worth it.
func (c *crowd) addNews(q queue, object client.Object, n delivery.News, options priorityqueue.AddOpts) {
	key := types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetLabels()[desired.LabelConnector]}
	if key.Name == "" {
		return
	}
	switch n {
	case delivery.Outcome:
		wait, released := c.ends(key)
		options.After = settling + wait
		for _, other := range released {
			addKey(q, other, priorityqueue.AddOpts{After: settling})
		}
	case delivery.Progress:
		options.After = calm
	case delivery.Replacing:
		c.begins(key)
		options.After = c.pause()
	case delivery.Aside:
		options.After = c.pause()
	case delivery.NoNews:
		return
	}
	addKey(q, key, options)
}

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

func add(q queue, object client.Object, options priorityqueue.AddOpts) {
	name := object.GetLabels()[desired.LabelConnector]
	if name == "" {
		return
	}
	addKey(q, types.NamespacedName{Namespace: object.GetNamespace(), Name: name}, options)
}

func addKey(q queue, key types.NamespacedName, options priorityqueue.AddOpts) {
	request := reconcile.Request{NamespacedName: key}
	if p, ok := q.(priorityqueue.PriorityQueue[reconcile.Request]); ok {
		p.AddWithOpts(options, request)
		return
	}
	q.AddAfter(request, options.After)
}

// drift handles what happens to children: a deletion or a change by anybody is mended at once, news in the status can wait.
// The creation of a child is no news, because it is the operator's own doing or, at a restart, part of the first look; nor is a
// change that the operator itself made: each would be followed by a pass ahead of what is really broken.
type drift struct {
	children *apply.Children
	crowd    *crowd
	weigh    weigh
}

var _ handler.EventHandler = drift{}

// Create does nothing.
func (drift) Create(context.Context, event.CreateEvent, queue) {}

// Update mends a change of anything but the status at once.
func (d drift) Update(_ context.Context, e event.UpdateEvent, q queue) {
	if e.ObjectOld.GetResourceVersion() == e.ObjectNew.GetResourceVersion() || d.children.Wrote(e.ObjectNew) {
		return
	}
	if onlyStatus(e.ObjectOld, e.ObjectNew) {
		d.crowd.addNews(q, e.ObjectNew, d.weigh(e.ObjectOld, e.ObjectNew), priorityqueue.AddOpts{})
		return
	}
	// The labels may be what was changed, so both sides are asked for the Connector.
	add(q, e.ObjectOld, priorityqueue.AddOpts{Priority: new(priorityRepair)})
	add(q, e.ObjectNew, priorityqueue.AddOpts{Priority: new(priorityRepair)})
}

// Delete mends at once.
func (d drift) Delete(_ context.Context, e event.DeleteEvent, q queue) {
	d.children.Forget(e.Object.GetUID())
	add(q, e.Object, priorityqueue.AddOpts{Priority: new(priorityRepair)})
}

// Generic does nothing.
func (drift) Generic(context.Context, event.GenericEvent, queue) {}

// onlyStatus tells whether nothing but the status differs. Kinds that count no generations have no status to speak of.
func onlyStatus(before, after client.Object) bool {
	return after.GetGeneration() != 0 && before.GetGeneration() == after.GetGeneration() &&
		equalMeta(before, after)
}

// told handles news of objects that the operator does not write: pods and CertificateRequests.
type told struct {
	crowd *crowd
	weigh weigh
}

var _ handler.EventHandler = told{}

// Create passes the news on.
func (t told) Create(_ context.Context, e event.CreateEvent, q queue) {
	options := priorityqueue.AddOpts{}
	if e.IsInInitialList {
		options.Priority = new(priorityFleet)
	}
	t.crowd.addNews(q, e.Object, t.weigh(nil, e.Object), options)
}

// Update passes the news on.
func (t told) Update(_ context.Context, e event.UpdateEvent, q queue) {
	if e.ObjectOld.GetResourceVersion() != e.ObjectNew.GetResourceVersion() {
		t.crowd.addNews(q, e.ObjectNew, t.weigh(e.ObjectOld, e.ObjectNew), priorityqueue.AddOpts{})
	}
}

// Delete passes the news on.
func (t told) Delete(_ context.Context, e event.DeleteEvent, q queue) {
	t.crowd.addNews(q, e.Object, t.weigh(e.Object, nil), priorityqueue.AddOpts{})
}

// Generic does nothing.
func (told) Generic(context.Context, event.GenericEvent, queue) {}

// fleet handles a change that concerns many Connectors at once.
func (r *Reconciler) fleet(concerned func(context.Context, client.Object) []reconcile.Request) handler.EventHandler {
	enqueue := func(ctx context.Context, object client.Object, q queue) {
		for _, request := range concerned(ctx, object) {
			addKey(q, request.NamespacedName, priorityqueue.AddOpts{Priority: new(priorityFleet)})
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q queue) {
			// At a restart every Connector is looked at anyway.
			if !e.IsInInitialList {
				enqueue(ctx, e.Object, q)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) { enqueue(ctx, e.ObjectNew, q) },
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) { enqueue(ctx, e.Object, q) },
	}
}

func equalMeta(before, after client.Object) bool {
	return maps.Equal(before.GetLabels(), after.GetLabels()) &&
		maps.Equal(before.GetAnnotations(), after.GetAnnotations()) &&
		equality.Semantic.DeepEqual(before.GetOwnerReferences(), after.GetOwnerReferences()) &&
		before.GetDeletionTimestamp().Equal(after.GetDeletionTimestamp())
}
