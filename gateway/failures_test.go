package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

func forwarding(direction metrics.Direction, why metrics.Failure) string {
	return fmt.Sprintf(`lienthong_gateway_forwarding_failures_total{direction=%q,reason=%q}`, direction, why)
}

// faulty is an agency's system that fails in the manner that the path names.
func faulty(entered chan<- struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/never":
			entered <- struct{}{}
			<-r.Context().Done()
		case "/closes":
			panic(http.ErrAbortHandler)
		case "/cuts":
			w.Header().Set("Content-Length", "100")
			_, _ = fmt.Fprint(w, "a part")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		default:
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}
}

// TestFailuresAreCountedByTheirCause: each once, under its own reason and no other.
func TestFailuresAreCountedByTheirCause(t *testing.T) {
	entered := make(chan struct{}, 8)
	f := newFixture(t, backend(t, faulty(entered)), func(c *config.Config) {
		c.Inbound.Limits.MaxBodyBytes = 1000
		c.Inbound.Limits.MaxConcurrentRequests = 1
		c.Inbound.Limits.HeaderTimeout = duration(2 * time.Second)
	}).start()
	client := f.client(f.issue(hubID), false)
	ask := func(ctx context.Context, path string, edit func(*http.Request)) {
		request := must(http.NewRequestWithContext(ctx, http.MethodGet, f.inboundURL(path), nil))
		if edit != nil {
			edit(request)
		}
		if response, err := client.Do(request); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
	leave := func(path string) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-entered; cancel() }()
		ask(ctx, path, nil)
	}
	want := map[metrics.Failure]string{}
	for _, c := range []struct {
		why metrics.Failure
		do  func()
	}{
		{metrics.Refused, func() { ask(t.Context(), "/", func(r *http.Request) { r.Header.Set("Upgrade", "websocket") }) }},
		{metrics.TooLarge, func() {
			ask(t.Context(), "/", func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(io.LimitReader(zeros{}, 1001)), 1001 })
		}},
		{metrics.TooLarge, func() {
			ask(t.Context(), "/", func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(io.LimitReader(zeros{}, 1001)), -1 })
		}},
		{metrics.ClientGone, func() { leave("/never") }},
		{metrics.UpstreamStalled, func() { ask(t.Context(), "/never", nil); <-entered }},
		{metrics.UpstreamFailed, func() { ask(t.Context(), "/closes", nil) }},
		{metrics.AnswerCut, func() { ask(t.Context(), "/cuts", nil) }},
	} {
		before := f.metric(forwarding(metrics.Inbound, c.why))
		c.do()
		f.waitCounted(forwarding(metrics.Inbound, c.why), before)
		want[c.why] = f.metric(forwarding(metrics.Inbound, c.why))
	}
	// The only place is taken until its holder leaves.
	ctx, cancel := context.WithCancel(t.Context())
	held := make(chan struct{})
	go func() { ask(ctx, "/never", nil); close(held) }()
	<-entered
	ask(t.Context(), "/", nil)
	cancel()
	<-held
	f.waitCounted(forwarding(metrics.Inbound, metrics.ClientGone), want[metrics.ClientGone])

	counts := map[metrics.Failure]string{metrics.TooLarge: "2", metrics.ClientGone: "2", metrics.NoEndpoint: "0", metrics.ClientStalled: "0"}
	for _, why := range metrics.Failures() {
		expected := counts[why]
		if expected == "" {
			expected = "1"
		}
		if got := f.metric(forwarding(metrics.Inbound, why)); got != expected {
			t.Errorf("%s was counted %s times, and not %s", why, got, expected)
		}
		if got := f.metric(forwarding(metrics.Outbound, why)); got != "0" {
			t.Errorf("%s was counted %s times outbound, where nothing happened", why, got)
		}
	}
}

// TestNoEndpointIsCounted as what it is: nothing was sent.
func TestNoEndpointIsCounted(t *testing.T) {
	f := newFixture(t, "http://127.0.0.1:1", nil).start()
	f.waitReport(func(r status.Report) bool {
		return len(r.Endpoints) == 1 && strings.Contains(r.Endpoints[0].Error, "refused")
	})
	response := must(http.Post(f.outboundURL("/"), "text/plain", strings.NewReader("document")))
	check(t, response.Body.Close())
	f.waitCounted(forwarding(metrics.Outbound, metrics.NoEndpoint), "0")
	f.waitCounted(`lienthong_gateway_requests_total{code="5xx",direction="outbound"}`, "0")
}
