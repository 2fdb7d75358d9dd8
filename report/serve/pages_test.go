package serve

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	clocktesting "k8s.io/utils/clock/testing"

	"lienthong.gov.vn/connector-operator/report/view"
)

// newHandler serves pages of an empty country, and counts how often it was asked where the agencies stand.
func newHandler(t *testing.T, collect func(context.Context) (*view.View, error)) (http.Handler, *clocktesting.FakeClock, *atomic.Int32) {
	t.Helper()
	clock := clocktesting.NewFakeClock(time.Date(2018, time.December, 20, 2, 0, 0, 0, time.UTC))
	var asked atomic.Int32
	handler, err := readOnly(&pages{clock: clock, log: logr.Discard(), collect: func(ctx context.Context) (*view.View, error) {
		asked.Add(1)
		return collect(ctx)
	}})
	if err != nil {
		t.Fatal(err)
	}
	return handler, clock, &asked
}

func empty(context.Context) (*view.View, error) {
	return &view.View{TakenAt: time.Date(2018, time.December, 20, 2, 0, 0, 0, time.UTC)}, nil
}

func ask(handler http.Handler, method, url string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestOnlyReadingIsAnswered(t *testing.T) {
	handler, _, asked := newHandler(t, empty)
	for _, test := range []struct {
		method, url string
		want        int
	}{
		{http.MethodGet, "/report", http.StatusOK},
		{http.MethodHead, "/report", http.StatusOK},
		{http.MethodGet, "/report?lang=en", http.StatusOK},
		{http.MethodGet, "/report?lang=fr", http.StatusBadRequest},
		{http.MethodPost, "/report", http.StatusMethodNotAllowed},
		{http.MethodPut, "/report", http.StatusMethodNotAllowed},
		{http.MethodPatch, "/report", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/report", http.StatusMethodNotAllowed},
		{http.MethodOptions, "/report", http.StatusMethodNotAllowed},
		{http.MethodGet, "/", http.StatusNotFound},
		{http.MethodGet, "/report/", http.StatusNotFound},
		{http.MethodGet, "/metrics", http.StatusNotFound},
	} {
		w := ask(handler, test.method, test.url)
		if w.Code != test.want {
			t.Errorf("%s %s is answered with %d, want %d", test.method, test.url, w.Code, test.want)
		}
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s %s is answered with %s: %q, want %q", test.method, test.url, name, got, want)
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.HasSuffix(policy, "frame-ancestors 'none'") {
			t.Errorf("%s %s has the policy %q", test.method, test.url, policy)
		}
	}
	if got := asked.Load(); got != 2 {
		t.Errorf("the standings were asked for %d times, want once for each language", got)
	}
}

func TestLanguageOfThePage(t *testing.T) {
	handler, _, asked := newHandler(t, empty)
	for range 3 {
		for url, want := range map[string]string{"/report": "vi", "/report?lang=vi": "vi", "/report?lang=en": "en"} {
			w := ask(handler, http.MethodGet, url)
			if !strings.Contains(w.Body.String(), `<html lang="`+want+`">`) || w.Header().Get("Content-Language") != want {
				t.Errorf("%s is not in %s", url, want)
			}
		}
	}
	if got := asked.Load(); got != 2 {
		t.Errorf("the standings were asked for %d times, want once for each language", got)
	}
}

func TestPageIsMadeOncePerWhile(t *testing.T) {
	handler, clock, asked := newHandler(t, empty)
	for _, step := range []struct {
		later time.Duration
		want  int32
	}{{0, 1}, {refresh - time.Second, 1}, {time.Second, 2}, {0, 2}, {time.Hour, 3}} {
		clock.Step(step.later)
		for range 20 {
			if w := ask(handler, http.MethodGet, "/report"); w.Code != http.StatusOK {
				t.Fatalf("the page is answered with %d", w.Code)
			}
		}
		if got := asked.Load(); got != step.want {
			t.Errorf("%s later the standings were asked for %d times, want %d", step.later, got, step.want)
		}
	}
}

// TestManyWaitForOnePage has many ask while the page is being made, the first of whom goes away.
func TestManyWaitForOnePage(t *testing.T) {
	release := make(chan struct{})
	handler, _, asked := newHandler(t, func(ctx context.Context) (*view.View, error) {
		<-release
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return empty(ctx)
	})
	gone, leave := context.WithCancel(t.Context())
	leave()
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, http.MethodGet, "/report", nil))
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if w := ask(handler, http.MethodGet, "/report"); w.Code != http.StatusOK {
				t.Errorf("the page is answered with %d", w.Code)
			}
		})
	}
	close(release)
	all.Wait()
	if got := asked.Load(); got != 1 {
		t.Errorf("the standings were asked for %d times, want 1", got)
	}
}

func TestFailureIsToldWithoutItsCause(t *testing.T) {
	fails := atomic.Bool{}
	fails.Store(true)
	handler, clock, asked := newHandler(t, func(ctx context.Context) (*view.View, error) {
		if fails.Load() {
			return nil, errors.New("dial tcp 10.1.2.3: secret detail")
		}
		return empty(ctx)
	})
	for range 10 {
		w := ask(handler, http.MethodGet, "/report")
		if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "secret") || w.Header().Get("Retry-After") != "5" {
			t.Fatalf("a failure is answered with %d, %q", w.Code, w.Body)
		}
	}
	if got := asked.Load(); got != 1 {
		t.Errorf("a cluster in trouble was asked %d times, want 1", got)
	}
	fails.Store(false)
	clock.Step(refresh)
	if w := ask(handler, http.MethodGet, "/report"); w.Code != http.StatusOK {
		t.Errorf("after the trouble the page is answered with %d", w.Code)
	}
}

func TestSamePageIsNotSentAgain(t *testing.T) {
	handler, clock, _ := newHandler(t, empty)
	tag := ask(handler, http.MethodGet, "/report").Header().Get("Etag")
	if tag == "" {
		t.Fatal("the page has no tag")
	}
	if w := ask(handler, http.MethodGet, "/report", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("a known page is answered with %d and %d bytes", w.Code, w.Body.Len())
	}
	clock.Step(time.Minute)
	if w := ask(handler, http.MethodGet, "/report?lang=en", "If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("another page is answered with %d", w.Code)
	}
}
