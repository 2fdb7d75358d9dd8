package courier

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
	"lienthong.gov.vn/connector-operator/controllers/notice/post"
	"lienthong.gov.vn/connector-operator/test/noticesink/receiver"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const operator = "spiffe://lienthong.test/operator"

// realSinks run over TLS, and get what a real sender sends them; only the clock of the pauses is not real. Signatures are made and checked by the
// real one: on a busy machine the other runs for minutes while a request is under way.
type realSinks struct {
	*Courier
	clock       *testclock.FakeClock
	authorities *x509.CertPool
}

func newRealSinks(t *testing.T) *realSinks {
	t.Helper()
	ca, err := pki.NewCA("root")
	if err != nil {
		t.Fatal(err)
	}
	issued, err := ca.Issue(pki.Request{SPIFFEID: operator})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := issued.TLS()
	if err != nil {
		t.Fatal(err)
	}
	r := &realSinks{clock: testclock.NewFakeClock(time.Now()), authorities: x509.NewCertPool()}
	r.authorities.AddCert(ca.Certificate)
	sender := &post.Sender{
		Guard: post.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Clock: clock.RealClock{}, Timeout: time.Second,
		Identity: func(string) (tls.Certificate, error) { return pair, nil },
	}
	r.Courier = New(sender, DefaultTiming(), r.clock, func(v1alpha1.NoticeSubject) {})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *realSinks) sink(t *testing.T, name string, answer http.HandlerFunc) (*receiver.Receiver, outbox.Sink) {
	t.Helper()
	rec := &receiver.Receiver{Authorities: r.authorities, Operator: operator, Now: time.Now}
	rec.Answer(answer)
	server := httptest.NewUnstartedServer(rec)
	// What a sender cuts short, a server complains of.
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return rec, outbox.Sink{Owner: queue("a"), NoticeSink: v1alpha1.NoticeSink{Name: name, URL: server.URL + "/" + name, CAPEM: string(ca)}}
}

func (r *realSinks) offer(n int64, sinks ...outbox.Sink) {
	letters := lettersOf(queue("a"), 1, n, sinks...)
	for i := range letters {
		letters[i].Message.Notice.Type, letters[i].Message.Notice.Time = v1alpha1.NoticeMilestoneMet, metav1.NewTime(r.clock.Now())
		letters[i].Message.Notice.Subject, letters[i].Message.Notice.Hub = "milestones/p/m", "hub"
		letters[i].Message.Notice.Data = fmt.Sprintf(`{"n":%d}`, letters[i].Message.Notice.Sequence)
	}
	r.Offer(queue("a"), letters)
}

// until waits for something that other goroutines do.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("in 20 s it did not come about that %s", what)
		}
	}
}

// pass lets time go by on the clock, by steps that are small beside the pauses between attempts.
func (r *realSinks) pass(d time.Duration) {
	const step = 15 * time.Second
	for ; d > 0; d -= step {
		r.clock.Step(step)
	}
}

// whole tells whether the receiver has every notice, in order.
func whole(rec *receiver.Receiver, n int) bool {
	events := rec.Events()
	for i, e := range events {
		if e.Sequence != fmt.Sprintf("%019d", i+1) || string(e.Data) != fmt.Sprintf(`{"n":%d}`, i+1) {
			return false
		}
	}
	return len(events) == n
}

// While each of the bad sinks behaves as it does for an hour, the good one gets everything at once; and when the bad ones are mended, so do they.
func TestBadSinksLoseNothingAndBlockNothing(t *testing.T) {
	r := newRealSinks(t)
	internal, inner := r.sink(t, "internal", nil)
	hangs := func(_ http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body)
		<-request.Context().Done()
	}
	bad := map[string]http.HandlerFunc{
		"down": func(w http.ResponseWriter, _ *http.Request) { hangUp(w) },
		"slow": hangs,
		"500":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"redirecting": func(w http.ResponseWriter, request *http.Request) {
			http.Redirect(w, request, inner.URL, http.StatusTemporaryRedirect)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
			for block := make([]byte, 4096); ; {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		},
	}
	good, up := r.sink(t, "up", nil)
	receivers, sinks := map[string]*receiver.Receiver{}, []outbox.Sink{up}
	for name, answer := range bad {
		rec, s := r.sink(t, name, answer)
		receivers[name], sinks = rec, append(sinks, s)
	}
	n := int64(0)
	for range 8 {
		n += 3
		r.offer(n, sinks...)
		until(t, "the good sink has everything", func() bool { return whole(good, int(n)) })
		r.pass(450 * time.Second)
	}
	for name, rec := range receivers {
		if rec.Requests() == 0 || len(rec.Events()) != 0 {
			t.Errorf("sink %s has seen %d requests and taken %d", name, rec.Requests(), len(rec.Events()))
		}
		rec.Answer(nil)
	}
	for name, rec := range receivers {
		until(t, "sink "+name+" has everything", func() bool {
			r.clock.Step(15 * time.Second)
			return whole(rec, int(n))
		})
		if refused := rec.Refused(); len(refused) != 0 {
			t.Errorf("sink %s could not verify: %v", name, refused)
		}
	}
	if internal.Requests() != 0 {
		t.Errorf("the internal server has seen %d requests", internal.Requests())
	}
}

func hangUp(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}
