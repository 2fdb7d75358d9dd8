package post

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/noticesink/receiver"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const operator = "spiffe://lienthong.test/operator"

// bench is a sender with an identity, and a receiver that knows it.
type bench struct {
	*Sender
	receiver *receiver.Receiver
	ca       *pki.CA
	pair     tls.Certificate
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ca, err := pki.NewCA("root")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{ca: ca}
	b.renew(t)
	authorities := x509.NewCertPool()
	authorities.AddCert(ca.Certificate)
	b.receiver = &receiver.Receiver{Authorities: authorities, Operator: operator, Now: time.Now}
	b.Sender = &Sender{
		Guard: Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Clock: clock.RealClock{}, Timeout: 2 * time.Second,
		Identity: func(hub string) (tls.Certificate, error) {
			if hub != "national-hub" {
				return tls.Certificate{}, errors.New("the operator has no identity on this hub")
			}
			return b.pair, nil
		},
	}
	return b
}

func (b *bench) renew(t *testing.T) {
	t.Helper()
	pair, err := b.ca.Issue(pki.Request{SPIFFEID: operator})
	if err != nil {
		t.Fatal(err)
	}
	if b.pair, err = pair.TLS(); err != nil {
		t.Fatal(err)
	}
}

// serve runs a sink with a certificate of its own authority.
func serve(t *testing.T, handler http.Handler) (*httptest.Server, Target) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	// What a sender cuts short, a server complains of.
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, Target{URL: server.URL + "/notices", CAPEM: certificate(server)}
}

// drain lets the server hear that the sender hangs up.
func drain(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

func certificate(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func message() Message {
	return Message{
		Queue: "0e7d", Subject: v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectAgency, Name: "mof"},
		Notice: v1alpha1.PendingNotice{
			Sequence: 7, Type: v1alpha1.NoticeMilestoneMet, Time: metav1.NewTime(time.Date(2018, 12, 12, 1, 2, 3, 0, time.UTC)),
			Subject: "milestones/decision-28/pilot", Hub: "national-hub", Data: `{"hub":"national-hub","message":{"vi":"Đã đạt","en":"Met"}}`,
		},
	}
}

func TestNoticeIsASignedCloudEvent(t *testing.T) {
	b := newBench(t)
	var content []byte
	_, target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, _ = io.ReadAll(r.Body)
		if got := r.Header.Get("Content-Type"); got != "application/cloudevents+json; charset=utf-8" {
			t.Errorf("Content-Type is %q", got)
		}
		r.Body = io.NopCloser(strings.NewReader(string(content)))
		b.receiver.ServeHTTP(w, r)
	}))
	for range 2 {
		if got := b.Send(t.Context(), target, message()); got != (Outcome{Verdict: Delivered}) {
			t.Fatalf("the outcome is %+v; the receiver says %v", got, b.receiver.Refused())
		}
		// A renewed identity is used at once.
		b.renew(t)
	}
	var e event.Event
	if err := e.UnmarshalJSON(content); err != nil {
		t.Fatal(err)
	}
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	if e.ID() != "0e7d-7" || e.Source() != "/apis/lienthong.gov.vn/v1alpha1/agencies/mof" || e.Type() != "vn.gov.lienthong.milestone.met.v1" ||
		e.Subject() != "milestones/decision-28/pilot" || e.Time().Format(time.RFC3339) != "2018-12-12T01:02:03Z" ||
		e.Extensions()["sequence"] != "0000000000000000007" || string(e.Data()) != message().Notice.Data {
		t.Errorf("the event is %s", content)
	}
	proofs := b.receiver.Proofs()
	if len(b.receiver.Events()) != 1 || len(proofs) != 2 || proofs[0].Leaf.Equal(proofs[1].Leaf) {
		t.Errorf("%d events with %d proofs; want one event, proved twice by different certificates", len(b.receiver.Events()), len(proofs))
	}
}

func TestAnswersAreJudged(t *testing.T) {
	b := newBench(t)
	in90s := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
	for name, tt := range map[string]struct {
		code    int
		after   string
		want    Verdict
		least   time.Duration
		problem string
	}{
		"taken":           {200, "", Delivered, 0, ""},
		"taken for later": {202, "9", Delivered, 0, ""},
		"moved":           {308, "", Refused, 0, "The sink answered 308, a redirect, and those are never followed"},
		"not modified":    {304, "", Refused, 0, "a redirect"},
		"bad":             {400, "", Refused, 0, "The sink answered 400: it does not take the notice"},
		"not allowed":     {401, "", Refused, 0, "401"},
		"gone":            {410, "", Gone, 0, "The sink answered 410: it wants no notices any more"},
		"time-out":        {408, "", Unavailable, 0, "408"},
		"too early":       {425, "", Unavailable, 0, "425"},
		"too many":        {429, "120", Unavailable, 120 * time.Second, "429"},
		"broken":          {500, "", Unavailable, 0, "The sink answered 500."},
		"down until":      {503, in90s, Unavailable, 80 * time.Second, "503"},
		"down for ever":   {503, "99999999999999999999", Unavailable, 0, "503"},
		"down nonsense":   {503, "-5", Unavailable, 0, "503"},
	} {
		t.Run(name, func(t *testing.T) {
			_, target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", tt.after)
				w.WriteHeader(tt.code)
			}))
			got := b.Send(t.Context(), target, message())
			if got.Verdict != tt.want || got.RetryAfter < tt.least || got.RetryAfter > tt.least+time.Minute || !strings.Contains(got.Problem, tt.problem) {
				t.Errorf("the outcome is %+v, want %+v", got, tt)
			}
		})
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	b := newBench(t)
	var internal atomic.Int32
	inner, _ := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { internal.Add(1) }))
	for _, code := range []int{301, 302, 303, 307, 308} {
		_, target := serve(t, http.RedirectHandler(inner.URL, code))
		// The inner one would be trusted, so nothing but the rule keeps the request from it.
		target.CAPEM += certificate(inner)
		if got := b.Send(t.Context(), target, message()); got.Verdict != Refused || strings.Contains(got.Problem, inner.URL) {
			t.Errorf("a redirect with %d is %+v; want it refused, without its target", code, got)
		}
	}
	if internal.Load() != 0 {
		t.Errorf("the internal server has seen %d requests", internal.Load())
	}
}

func TestEndlessAnswersEnd(t *testing.T) {
	b := newBench(t)
	var sent atomic.Int64
	endless := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			for block := make([]byte, 4096); ; {
				n, err := w.Write(block)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		}
	}
	slowly := func(w http.ResponseWriter, r *http.Request) {
		drain(r)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(".")); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
		}
	}
	for name, tt := range map[string]struct {
		sink http.HandlerFunc
		want Verdict
	}{
		"body of a success":  {endless(200), Delivered},
		"body of a failure":  {endless(500), Unavailable},
		"body that trickles": {slowly, Delivered},
		"header":             {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 2*mostHeader)) }, Unavailable},
		"nothing":            {func(_ http.ResponseWriter, r *http.Request) { drain(r); <-r.Context().Done() }, Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			sent.Store(0)
			_, target := serve(t, tt.sink)
			began := time.Now()
			got := b.Send(t.Context(), target, message())
			if took := time.Since(began); got.Verdict != tt.want || took > b.Timeout+time.Second {
				t.Errorf("after %s the outcome is %+v, want %v", took, got, tt.want)
			}
			// What the kernel's buffers take is sent, though nobody reads it.
			if sent.Load() > 16*1024*1024 {
				t.Errorf("the sink could send %d bytes", sent.Load())
			}
		})
	}
}

func TestWhereNoRequestMayGo(t *testing.T) {
	b := newBench(t)
	var seen atomic.Int32
	server, target := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	t.Cleanup(proxy.Close)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "https://"), ":")
	other, _ := serve(t, http.NotFoundHandler())
	ca, err := pki.NewCA("stranger")
	if err != nil {
		t.Fatal(err)
	}
	strict := *b.Sender
	strict.Guard.Allow = nil
	for name, tt := range map[string]struct {
		sender  *Sender
		target  Target
		problem string
	}{
		"loopback": {&strict, target,
			"the address 127.0.0.1 is none that notices may be sent to; if it should be, open it with --notice-allow-networks"},
		"a name of loopback":    {&strict, Target{"https://localhost:" + port, target.CAPEM}, "is none that notices may be sent to"},
		"loopback in IPv6":      {&strict, Target{"https://[::ffff:127.0.0.1]:" + port, target.CAPEM}, "is none that notices may be sent to"},
		"an unknown authority":  {b.Sender, Target{target.URL, string(ca.PEM())}, "certificate signed by unknown authority"},
		"another's certificate": {b.Sender, Target{strings.Replace(target.URL, "127.0.0.1", "127.0.0.2", 1), target.CAPEM}, "could not be reached"},
		"plain HTTP":            {b.Sender, Target{strings.Replace(other.URL, "https", "http", 1), target.CAPEM}, "no https URL"},
		"a password":            {b.Sender, Target{strings.Replace(target.URL, "https://", "https://a:Hunter2@", 1), target.CAPEM}, "without a user"},
		"no authority":          {b.Sender, Target{target.URL, "-----BEGIN CERTIFICATE-----"}, "caPEM has no certificate"},
		"no URL":                {b.Sender, Target{"https://a b/Hunter2", target.CAPEM}, "its target is no URL"},
	} {
		t.Run(name, func(t *testing.T) {
			got := tt.sender.Send(t.Context(), tt.target, message())
			if got.Verdict != Unavailable || !strings.Contains(got.Problem, tt.problem) || strings.Contains(got.Problem, "Hunter2") {
				t.Errorf("the outcome is %+v, want it to say %q", got, tt.problem)
			}
		})
	}
	if seen.Load() != 0 {
		t.Errorf("%d requests have arrived", seen.Load())
	}
	client, err := b.client(target)
	if err != nil {
		t.Fatal(err)
	}
	// The environment is read once in a process, so that nothing arrives at the proxy shows little.
	if transport, ok := client.Transport.(*http.Transport); !ok || transport.Proxy != nil {
		t.Error("a proxy may be used")
	}
	elsewhere := message()
	elsewhere.Notice.Hub = "second-hub"
	if got := b.Send(t.Context(), target, elsewhere); got.Verdict != Unavailable || !strings.Contains(got.Problem, "could not be signed") || seen.Load() != 0 {
		t.Errorf("without an identity the outcome is %+v", got)
	}
	if got := b.Send(t.Context(), target, message()); got.Verdict != Delivered || seen.Load() != 1 {
		t.Errorf("the sink that all this was about is %+v", got)
	}
}

func TestGuard(t *testing.T) {
	networks := func(text string) []netip.Prefix {
		list, err := ParseNetworks(text)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	guard := Guard{Allow: networks("127.0.0.9/32, 10.96.7.0/24"), Deny: networks("10.96.0.0/12,,fd00:1::/32")}
	for address, want := range map[string]bool{
		"10.1.2.3": true, "172.16.0.1": true, "192.168.1.1": true, "203.0.113.9": true, "2001:db8::1": true, "fd12::1": true,
		"127.0.0.1": false, "127.255.0.3": false, "::1": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"169.254.169.254": false, "fe80::1": false,
		"fe80::1%eth0": false, "224.0.0.1": false, "239.1.1.1": false, "255.255.255.255": false, "ff02::1": false, "fd00:ec2::254": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false,
		"100.100.100.200": false, "100.100.100.201": true, "168.63.129.16": false, "192.0.0.192": false, "fd20:ce::254": false, "fec0::1": false,
		"::ffff:0:7f00:1": false, "64:ff9b:1::a9fe:a9fe": false, "64:ff9b:1::a01:203": true, "64:ff9b::6464:64c8": false,
		"2002:7f00:1::1": false, "64:ff9b::a01:203": true, "::ffff:10.1.2.3": true,
		"10.96.0.1": false, "10.111.255.255": false, "10.112.0.0": true, "::ffff:10.96.0.1": false, "64:ff9b::a60:1": false, "fd00:1::7": false,
		"10.96.7.1": true, "127.0.0.9": true,
	} {
		err := guard.Control("tcp", netip.AddrPortFrom(netip.MustParseAddr(address), 443).String(), nil)
		if (err == nil) != want {
			t.Errorf("%s: %v, want it allowed: %t", address, err, want)
		}
	}
	if err := guard.Control("tcp", "somewhere:443", nil); err == nil {
		t.Error("what is no address is allowed")
	}
	const want = `"10.0.0.0" is no network in CIDR form; write it such as 10.96.0.0/12`
	if _, err := ParseNetworks("10.0.0.0"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a network that is none: %v", err)
	}
}

func TestEveryTypeIsAnEvent(t *testing.T) {
	documented, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "notices.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]v1alpha1.NoticeType{}
	for _, kind := range []v1alpha1.NoticeType{
		v1alpha1.NoticeMilestoneMet, v1alpha1.NoticeMilestoneAtRisk, v1alpha1.NoticeMilestoneOverdue, v1alpha1.NoticeCertificateRotated,
		v1alpha1.NoticeCertificateExpiring, v1alpha1.NoticeLevelChanged, v1alpha1.NoticeHubEndpointsChanged, v1alpha1.NoticeHubIdentitiesChanged,
		v1alpha1.NoticeHubTrustChanged,
	} {
		m := message()
		m.Notice.Type = kind
		content, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		source := "/agencies/mof"
		if strings.HasPrefix(string(kind), "Hub") {
			source = "/exchangehubs/national-hub"
		}
		if !strings.Contains(string(content), fmt.Sprintf(`"source":"/apis/lienthong.gov.vn/v1alpha1%s"`, source)) {
			t.Errorf("%s is %s", kind, content)
		}
		if !strings.Contains(string(documented), "| `"+string(kind)+"` | `"+EventType(kind)+"` |") {
			t.Errorf("docs/notices.md does not tell of %s as %s", kind, EventType(kind))
		}
		if before, twice := seen[EventType(kind)]; twice {
			t.Errorf("%s and %s are both %s", before, kind, EventType(kind))
		}
		seen[EventType(kind)] = kind
	}
}

func TestLeavingCutsAnAttemptShort(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, target := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		drain(r)
		cancel()
		<-r.Context().Done()
	}))
	if got := b.Send(ctx, target, message()); got.Verdict != Unavailable {
		t.Errorf("the outcome is %+v", got)
	}
}
