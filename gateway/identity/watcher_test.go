package identity

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	clocktesting "k8s.io/utils/clock/testing"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestEarlyCertificateIsTakenWhenItsTimeComes: nothing in the volume changes; only the clock moves on.
func TestEarlyCertificateIsTakenWhenItsTimeComes(t *testing.T) {
	start := time.Now()
	clock := clocktesting.NewFakeClock(start)
	dir := t.TempDir()
	opts := Options{ConfigDir: filepath.Join(dir, "config"), IdentityDir: filepath.Join(dir, "identity"), PollInterval: time.Minute, Clock: clock, Log: logr.Discard()}
	changes := make(chan Change, 10)
	opts.Observe = func(c Change) { changes <- c }
	writeVolumes(t, opts, pki.Request{SPIFFEID: idA, NotBefore: start.Add(90 * time.Second)})

	w, err := NewWatcher(opts)
	if err != nil {
		t.Fatal(err)
	}
	if w.Current().Leaf != nil || !strings.Contains(strings.Join(w.Problems(), " "), "valid only from") {
		t.Fatalf("a certificate of the future is in use, or not told of: %q", w.Problems())
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	for clock.Since(start) < 3*time.Minute {
		step(t, clock, w)
	}
	select {
	case change := <-changes: // the only one: waiting longer for the same thing is no change
		if change.New.Leaf == nil || len(change.Problems) != 0 {
			t.Errorf("when its time came, the certificate was not taken: %q", change.Problems)
		}
	case <-time.After(10 * time.Second):
		t.Error("no change was told")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// step moves the clock by one poll and waits for the watcher's look.
func step(t *testing.T, clock *clocktesting.FakeClock, w *Watcher) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for !clock.HasWaiters() {
		select {
		case <-deadline:
			t.Fatal("the watcher does not wait for its poll")
		default:
		}
	}
	clock.Step(time.Minute)
	for w.LastLook().Before(clock.Now()) {
		select {
		case <-deadline:
			t.Fatal("the watcher does not look at the volumes on its poll")
		default:
		}
	}
}

func writeVolumes(t *testing.T, opts Options, request pki.Request) {
	t.Helper()
	ca, err := pki.NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue(request)
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Agency, cfg.Connector, cfg.SPIFFEID = "G12", "g12/main", idA
	cfg.Inbound.AllowedPeers, cfg.Status.AllowedPeers = []string{idB}, []string{idB}
	cfg.Inbound.Backend.URL = "http://127.0.0.1:1"
	cfg.Outbound.Endpoints = []config.Endpoint{{Name: "main", URL: "https://127.0.0.1:1", AllowedPeers: []string{idB}}}
	data, err := config.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := pki.WriteVolume(opts.ConfigDir, map[string][]byte{ConfigFile: data, TrustFile: ca.PEM()}); err != nil {
		t.Fatal(err)
	}
	if err := pki.WriteVolume(opts.IdentityDir, map[string][]byte{CertificateFile: pair.Certificate, KeyFile: pair.Key}); err != nil {
		t.Fatal(err)
	}
}
