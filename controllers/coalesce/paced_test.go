package coalesce

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

func TestTheWaitDependsOnWhatIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := priorityqueue.New[reconcile.Request]("test")
		defer q.ShutDown()
		h := Paced(func(_ context.Context, r reconcile.Request) time.Duration {
			if r.Name == "busy" {
				return time.Second
			}
			return time.Minute
		}, byHub)
		begin := time.Now()
		h.Create(t.Context(), event.CreateEvent{Object: connector("idle")}, q)
		h.Create(t.Context(), event.CreateEvent{Object: connector("busy")}, q)
		for _, want := range []struct {
			hub   string
			after time.Duration
		}{{"busy", time.Second}, {"idle", time.Minute}} {
			got, _ := q.Get()
			if after := time.Since(begin); got != request(want.hub) || after < want.after || after > want.after+time.Second {
				t.Errorf("after %s it is asked for %s, want %s after %s", after, got.Name, want.hub, want.after)
			}
			q.Done(got)
		}
	})
}
