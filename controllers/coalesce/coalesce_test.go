package coalesce

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func request(name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Name: name}}
}

func byHub(_ context.Context, obj client.Object) []reconcile.Request {
	return []reconcile.Request{request(obj.(*v1alpha1.Connector).Spec.HubRef.Name)}
}

func connector(hub string) *v1alpha1.Connector {
	return &v1alpha1.Connector{Spec: v1alpha1.ConnectorSpec{HubRef: v1alpha1.ObjectReference{Name: hub}}}
}

func TestManyEventsAreFewRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := priorityqueue.New[reconcile.Request]("test")
		served := make(chan struct{})
		var passes int
		go func() {
			defer close(served)
			for {
				r, shutdown := q.Get()
				if shutdown {
					return
				}
				passes++
				q.Done(r)
			}
		}()

		h := Handler(time.Second, byHub)
		for range 300 { // 300 events over three seconds
			h.Update(t.Context(), event.UpdateEvent{ObjectOld: connector("axis"), ObjectNew: connector("axis")}, q)
			time.Sleep(10 * time.Millisecond) // on the bubble's own clock
		}
		time.Sleep(2 * time.Second)
		q.ShutDown()
		<-served
		if passes < 2 || passes > 4 {
			t.Errorf("300 events over three seconds cost %d passes, want 2 to 4", passes)
		}
	})
}

func TestEveryEventIsFollowedByARequest(t *testing.T) {
	events := map[string]struct {
		send func(ctx context.Context, h eventHandler, q queue)
		want []reconcile.Request
	}{
		"create": {
			func(ctx context.Context, h eventHandler, q queue) {
				h.Create(ctx, event.CreateEvent{Object: connector("axis")}, q)
			},
			[]reconcile.Request{request("axis")},
		},
		"update names both": {
			func(ctx context.Context, h eventHandler, q queue) {
				h.Update(ctx, event.UpdateEvent{ObjectOld: connector("axis"), ObjectNew: connector("other")}, q)
			},
			[]reconcile.Request{request("axis"), request("other")},
		},
		"delete": {
			func(ctx context.Context, h eventHandler, q queue) {
				h.Delete(ctx, event.DeleteEvent{Object: connector("axis")}, q)
			},
			[]reconcile.Request{request("axis")},
		},
		"generic": {
			func(ctx context.Context, h eventHandler, q queue) {
				h.Generic(ctx, event.GenericEvent{Object: connector("axis")}, q)
			},
			[]reconcile.Request{request("axis")},
		},
	}
	for name, tt := range events {
		t.Run(name, func(t *testing.T) {
			q := &recorder{}
			tt.send(t.Context(), Handler(time.Second, byHub), q)
			if !slices.Equal(q.requests, tt.want) || slices.ContainsFunc(q.waits, func(d time.Duration) bool { return d != time.Second }) {
				t.Errorf("asked for %v after %v, want %v after a second", q.requests, q.waits, tt.want)
			}
		})
	}
}

type eventHandler = interface {
	Create(context.Context, event.CreateEvent, queue)
	Update(context.Context, event.UpdateEvent, queue)
	Delete(context.Context, event.DeleteEvent, queue)
	Generic(context.Context, event.GenericEvent, queue)
}

// recorder keeps what was asked for.
type recorder struct {
	queue
	requests []reconcile.Request
	waits    []time.Duration
}

func (r *recorder) AddAfter(request reconcile.Request, wait time.Duration) {
	r.requests = append(r.requests, request)
	r.waits = append(r.waits, wait)
}
