//go:build e2e

package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/hack/stage"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const hubPort = 8443

// watchedRollover looks at the hub's status all the time: at no look may more connectors be moved at once than is allowed. It kills the
// operator the first time that it sees a phase under way.
type watchedRollover struct {
	spec   atomic.Int64
	ended  context.CancelFunc
	looker sync.WaitGroup

	mu      sync.Mutex
	phases  []v1alpha1.RolloverPhase
	failed  []string
	largest int
	looks   int
}

func watchRollover(t *testing.T) *watchedRollover {
	t.Helper()
	w := &watchedRollover{}
	var ctx context.Context
	ctx, w.ended = context.WithCancel(t.Context())
	w.looker.Go(func() {
		tick := time.NewTicker(pollEach / 2)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				w.look(ctx, t)
			}
		}
	})
	t.Cleanup(func() { w.ended(); w.looker.Wait() })
	return w
}

func (w *watchedRollover) look(ctx context.Context, t *testing.T) {
	hub, err := exchangeHub(ctx)
	if err != nil || hub.Status.Rollover == nil {
		return // It is looked at again.
	}
	s := hub.Status.Rollover
	if len(s.Batch) > batchSize {
		t.Errorf("%d Connectors are being moved at once, want %d at most: %+v", len(s.Batch), batchSize, s.Batch)
	}
	w.mu.Lock()
	for _, f := range s.Failed {
		if !slices.Contains(w.failed, f.Name) {
			w.failed = append(w.failed, f.Name)
			t.Errorf("Connector %s failed to move: %s", f.Name, f.Message)
		}
	}
	known := slices.Contains(w.phases, s.Phase)
	if len(w.phases) == 0 || w.phases[len(w.phases)-1] != s.Phase {
		w.phases = append(w.phases, s.Phase)
	}
	w.largest = max(w.largest, len(s.Batch))
	w.looks++
	w.mu.Unlock()
	if !known && s.Phase != v1alpha1.RolloverComplete {
		if err := killOperator(ctx); err != nil {
			t.Errorf("in the phase %s: %v", s.Phase, err)
		}
		measuredf(t, "the operator was killed in the phase %s", s.Phase)
	}
}

// promise notes the generation of the spec that the status is to tell of.
func (w *watchedRollover) promise(generation int64) { w.spec.Store(generation) }

func (w *watchedRollover) generation() int64 { return w.spec.Load() }

func (w *watchedRollover) seen() []v1alpha1.RolloverPhase {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.phases)
}

func (w *watchedRollover) largestBatch() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.largest
}

func (w *watchedRollover) end(t *testing.T) {
	t.Helper()
	w.ended()
	w.looker.Wait()
	measuredf(t, "the rollover went through %v, and at none of %d looks were more than %d Connectors being moved", w.phases, w.looks, w.largest)
}

// hubAdmits tells whether the hub takes the certificate; who it is does not matter for /healthz.
func hubAdmits(t *testing.T, hub string, who pki.Pair) error {
	t.Helper()
	var pods corev1.PodList
	err := shared.stage.Client.List(t.Context(), &pods, client.InNamespace(stage.HubNamespace), client.MatchingLabels{desired.LabelName: hub})
	if err != nil || len(pods.Items) != 1 {
		return fmt.Errorf("there are %d pods of %s: %w", len(pods.Items), hub, err)
	}
	status, err := healthOf(t.Context(), address(pods.Items[0].Status.PodIP, hubPort), must(who.TLS())(t))
	if err != nil {
		return fmt.Errorf("%s does not admit who is signed by the next authority: %w", hub, err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s answered with status %d", hub, status)
	}
	return nil
}

func healthOf(ctx context.Context, address string, own tls.Certificate) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address+"/healthz", nil)
	if err != nil {
		return 0, fmt.Errorf("making a request: %w", err)
	}
	transport := &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{Certificates: []tls.Certificate{own}, InsecureSkipVerify: true}, // whom it meets is not at issue
	}
	response, err := (&http.Client{Transport: transport, Timeout: requestTimeout}).Do(request)
	if err != nil {
		return 0, fmt.Errorf("asking for its health: %w", err)
	}
	return response.StatusCode, response.Body.Close()
}
