// Package probes answers the kubelet's questions and the metrics scraper's.
//
// It runs from the first moment to the last, also while there is no certificate yet and while the gateway drains. It keeps
// nothing: after a restart a pod is not ready until its gateway is.
package probes

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Facts are what the answers depend on.
type Facts struct {
	Draining  bool
	Listening bool
	// HasIdentity: a certificate with the configured identity is in use; NotBefore and NotAfter bound it.
	HasIdentity         bool
	NotBefore, NotAfter time.Time
	HasTrust            bool
	// LastLook is when the mounted files were last looked at, and LookEvery how often they are.
	LastLook  time.Time
	LookEvery time.Duration
}

// missedLooks are how many looks at the files may be late before the process counts as stuck.
const missedLooks = 6

// Alive returns why the process is stuck, or "". Only what a restart mends belongs here.
func Alive(f Facts, now time.Time) string {
	if late := now.Sub(f.LastLook); late > missedLooks*f.LookEvery {
		return fmt.Sprintf("The mounted files were last looked at %s ago; the process is stuck.", late.Round(time.Second))
	}
	return ""
}

// NotReady returns every reason why no traffic should come here; none means ready.
//
// The hub is no reason on purpose. If it is down it is down for every pod alike, and taking all of them out of their
// Service would turn the clear answer "the hub cannot be reached" into a refused connection, and would close the inbound
// way too. Its health stands in /status and /metrics.
func NotReady(f Facts, now time.Time) []string {
	var reasons []string
	add := func(yes bool, reason string) {
		if yes {
			reasons = append(reasons, reason)
		}
	}
	add(f.Draining, "The gateway is shutting down.")
	add(!f.Listening, "Not all listeners are open yet.")
	add(!f.HasTrust, "No usable trust anchors are mounted yet.")
	add(!f.HasIdentity, "No usable certificate with the configured identity is mounted yet.")
	if f.HasIdentity {
		add(now.Before(f.NotBefore), "The certificate in use is not valid before "+f.NotBefore.UTC().Format(time.RFC3339)+".")
		add(now.After(f.NotAfter), "The certificate in use expired at "+f.NotAfter.UTC().Format(time.RFC3339)+".")
	}
	return reasons
}

// Handler serves /livez, /readyz and /metrics. problems are told after the reasons, since they explain them.
func Handler(facts func() Facts, now func() time.Time, problems func() []string, registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		var reasons []string
		if reason := Alive(facts(), now()); reason != "" {
			reasons = append(reasons, reason)
		}
		answer(w, reasons)
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		reasons := NotReady(facts(), now())
		if len(reasons) > 0 {
			reasons = append(reasons, problems()...)
		}
		answer(w, reasons)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

func answer(w http.ResponseWriter, reasons []string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if len(reasons) == 0 {
		_, _ = fmt.Fprintln(w, "ok")
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = fmt.Fprintln(w, strings.Join(reasons, "\n"))
}
