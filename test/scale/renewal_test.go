package scale

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

const (
	// renewalWrites is how many writes a renewal may cost a Connector beside those to its pods: to ask for it in the Certificate and to begin it
	// there, to approve the request, and to tell of it in an Event; and four for the status: asked for, on its way, issued, served.
	renewalWrites = 8
	// urgings is how often a pod may be urged to take up one certificate; it is urged again only while it is not seen to serve it.
	urgings = 10
	// afterRenewal is how long nothing may be written once the fleet is renewed.
	afterRenewal = 20 * time.Second
)

// renew has the certificates of the whole fleet replaced at once, on demand.
func renew(t *testing.T, w *world) {
	serials, err := w.lookout.Serials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	revisions := w.revisions(t)
	before, begin := len(w.calls(t)), time.Now()
	if err := w.fleet.RequestRenewal(t.Context(), w.Client, begin); err != nil {
		t.Fatal(err)
	}
	w.await(t, func(ctx context.Context) error { return w.lookout.Renewed(ctx, serials) })
	took := time.Since(begin)
	w.await(t, func(ctx context.Context) error { return w.lookout.Ready(ctx, w.fleet.Connectors()) })
	w.settle(t)
	made := w.calls(t)[before:]
	t.Logf("%d Connectors renewed and served after %s; calls:\n%s", len(serials), took, calls.Format(calls.ByClass(made)))
	checkReads(t, made)
	checkCounters(t, w, made)
	checkRenewalWrites(t, w, calls.Writes(made))
	checkConflicts(t, made)
	checkRevisions(t, w, revisions, calls.Writes(made))
	made, err = trial.Observe(t.Context(), w.operator, afterRenewal)
	if err != nil {
		t.Fatal(err)
	}
	if writes := unprovoked(calls.Writes(made)); len(writes) > 0 {
		t.Errorf("an operator whose fleet is renewed wrote: %s", list(writes))
	}
}

// checkRevisions checks that each replacement was begun once, and that there are as many certificates more as were approved: one, but for what
// cert-manager asks for twice.
func checkRevisions(t *testing.T, w *world, before map[types.NamespacedName]int, writes []calls.Call) {
	t.Helper()
	owned := calls.ByOwner(writes)
	for connector, revision := range w.revisions(t) {
		begun, approved := 0, 0
		for _, c := range owned[connector] {
			switch {
			case c.Code >= http.StatusBadRequest:
			case c.Class() == "patch certificates.cert-manager.io/status":
				begun++
			case c.Class() == decision && strings.Contains(c.Patch, `"Approved"`):
				approved++
			}
		}
		if begun != 1 || approved < 1 || revision != before[connector]+approved {
			t.Errorf("the Certificate of Connector %s went from revision %d to %d, after %d replacements begun and %d requests approved; want one",
				connector, before[connector], revision, begun, approved)
		}
	}
}

func (w *world) revisions(t *testing.T) map[types.NamespacedName]int {
	t.Helper()
	revisions, err := w.lookout.Revisions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(revisions) != w.fleet.Connectors() {
		t.Fatalf("%d Certificates have a revision, want %d", len(revisions), w.fleet.Connectors())
	}
	return revisions
}

// checkRenewalWrites bounds what each single Connector costs, and each of its pods. What cert-manager asks for twice is decided twice.
func checkRenewalWrites(t *testing.T, w *world, writes []calls.Call) {
	t.Helper()
	distribution, over := map[int]int{}, []string(nil)
	for connector, own := range calls.ByOwner(writes) {
		pods := map[string]int{}
		for i := range own {
			if own[i].Resource == "pods" {
				pods[own[i].Name]++
			}
		}
		rest := len(own)
		for pod, n := range pods {
			rest -= n
			if n > urgings {
				t.Errorf("pod %s/%s was urged %d times, want at most %d", connector.Namespace, pod, n, urgings)
			}
		}
		distribution[rest]++
		if rest-repeatedRequests(t, w, own) > renewalWrites || len(pods) > fleet.Replicas {
			over = append(over, fmt.Sprintf("Connector %s cost %d writes and %d pods, want at most %d and %d:%s",
				connector, rest, len(pods), renewalWrites, fleet.Replicas, list(own)))
		}
	}
	t.Logf("writes per Connector beside those to pods (budget %d): %v", renewalWrites, distribution)
	if len(over) > 0 {
		t.Errorf("the renewal of %d Connectors cost too many writes, the first of them:\n%s", len(over), strings.Join(over[:min(len(over), 3)], "\n"))
	}
}

// checkConflicts checks that the operator does not write again and again what somebody else has just changed.
func checkConflicts(t *testing.T, made []calls.Call) {
	t.Helper()
	conflicts := calls.Conflicts(made)
	for object, n := range conflicts {
		if n > 1 {
			t.Errorf("%d writes of %s met a conflict, want at most 1", n, object)
		}
	}
	t.Logf("objects with one conflict: %d", len(conflicts))
}
