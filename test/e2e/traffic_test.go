//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
)

const (
	// documentEvery is the pause of one client of a stream between two documents.
	documentEvery = 100 * time.Millisecond
	// requestTimeout is the patience of an agency's own system.
	requestTimeout = 15 * time.Second
	// clientsOfAKind is how many clients of each kind a stream has, so that their connections spread over all pods.
	clientsOfAKind = 3
)

// stream is a steady flow of documents from one agency to another, through the Service of the sender's gateway. No client of
// it ever sends a document twice: what fails is counted.
type stream struct {
	from, to string
	stopped  context.CancelFunc
	clients  sync.WaitGroup

	mu        sync.Mutex
	delivered map[string]int
	failures  []failure
	slowest   time.Duration
	// longestGap is the longest time without a delivery, over all clients.
	longestGap time.Duration
	last       time.Time
}

// failure is one document that did not arrive, as the sender sees it.
type failure struct {
	at     time.Time
	client string
	text   string
}

const (
	keepsAlive   = "with keep-alive"
	connectsAnew = "without keep-alive"
)

// startStream sends until the test ends or stop is called.
func startStream(t *testing.T, from, to string) *stream {
	t.Helper()
	gateway := serviceURL(t, from)
	ctx, stop := context.WithCancel(context.Background())
	s := &stream{from: from, to: to, stopped: stop, delivered: map[string]int{}, last: time.Now()}
	for _, kind := range []string{keepsAlive, connectsAnew} {
		for range clientsOfAKind {
			// A transport of its own for each client: shared ones would share the connection, and so the pod.
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: kind == connectsAnew}, Timeout: requestTimeout}
			s.clients.Go(func() {
				defer client.CloseIdleConnections()
				s.send(ctx, client, kind, gateway)
			})
		}
	}
	t.Cleanup(func() { s.stop() })
	eventually(t, func() error { return s.more(1) })
	return s
}

// serviceURL is where an agency's own system reaches its gateway.
func serviceURL(t *testing.T, agency string) string {
	t.Helper()
	var service corev1.Service
	name := types.NamespacedName{Namespace: agency, Name: desired.GatewayName(agency)}
	if err := shared.stage.Client.Get(t.Context(), name, &service); err != nil {
		t.Fatalf("finding the Service of %s: %v", agency, err)
	}
	return "http://" + address(service.Spec.ClusterIP, outboundPort)
}

func (s *stream) send(ctx context.Context, client *http.Client, kind, gateway string) {
	tick := time.NewTicker(documentEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		begin := time.Now()
		err := deliver(context.WithoutCancel(ctx), client, gateway, codeOf(s.from), codeOf(s.to))
		s.record(kind, begin, err)
	}
}

// deliver sends one small document, and fails unless the addressee's own system confirmed its digest.
func deliver(ctx context.Context, client *http.Client, gateway, from, to string) error {
	document := agencyserver.Document{From: from, To: []string{to}, Bytes: 1 << 10}
	status, body, err := agencyserver.Send(ctx, client, gateway, document)
	if err != nil {
		return err
	}
	if status != http.StatusAccepted {
		return fmt.Errorf("status %d: %.200s", status, body)
	}
	var answer hubserver.Answer
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("reading the hub's answer: %w", err)
	}
	if len(answer.Pushes) != 1 || answer.Pushes[0].Digest != answer.Digest {
		return fmt.Errorf("the hub took the document and could not deliver it: %+v", answer.Pushes)
	}
	return nil
}

func (s *stream) record(kind string, begin time.Time, err error) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowest = max(s.slowest, now.Sub(begin))
	if err != nil {
		s.failures = append(s.failures, failure{at: now, client: kind, text: err.Error()})
		return
	}
	s.longestGap, s.last = max(s.longestGap, now.Sub(s.last)), now
	s.delivered[kind]++
}

func (s *stream) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for _, n := range s.delivered {
		total += n
	}
	return total
}

// more says how many deliveries are missing to n; it is for eventually.
func (s *stream) more(n int) error {
	if total := s.total(); total < n {
		return fmt.Errorf("%d documents from %s to %s were delivered, waiting for %d; failed: %v", total, s.from, s.to, n, s.someFailures())
	}
	return nil
}

// flows waits until another n documents were delivered.
func (s *stream) flows(t *testing.T, n int) {
	t.Helper()
	goal := s.total() + n
	eventually(t, func() error { return s.more(goal) })
}

// stop ends the stream after the requests that are under way, and gives what failed.
func (s *stream) stop() []failure {
	s.stopped()
	s.clients.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures
}

// report stops the stream and logs what became of it; it gives how many documents failed.
func (s *stream) report(t *testing.T, during string) int {
	t.Helper()
	failures := s.stop()
	byClient := map[string]int{}
	texts := map[string]int{}
	for _, f := range failures {
		byClient[f.client]++
		texts[f.text]++
	}
	measuredf(t, "%s to %s, %s: delivered %d with keep-alive and %d without; failed %d with and %d without; longest time without a delivery %s, slowest request %s",
		s.from, s.to, during, s.delivered[keepsAlive], s.delivered[connectsAnew], byClient[keepsAlive], byClient[connectsAnew],
		round(s.longestGap), round(s.slowest))
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		t.Logf("  failed %d times: %s", texts[text], text)
	}
	return len(failures)
}

func (s *stream) someFailures() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, f := range s.failures[:min(len(s.failures), 3)] {
		texts = append(texts, f.text)
	}
	return texts
}
