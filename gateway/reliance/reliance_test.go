package reliance_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/identity"
	"lienthong.gov.vn/connector-operator/gateway/reliance"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const (
	hub  = "spiffe://example.gov.vn/hub/national"
	own  = "spiffe://example.gov.vn/agency/G12/connector/g12/main"
	idle = 10 * time.Minute
)

// scene is a memory with a clock and the snapshot it is asked about.
type scene struct {
	t        *testing.T
	clock    *clocktesting.FakePassiveClock
	memory   *reliance.Memory
	snapshot *identity.Snapshot
	a, b     *pki.CA
}

func newScene(t *testing.T) *scene {
	s := &scene{t: t, clock: clocktesting.NewFakePassiveClock(time.Now()), a: must(pki.NewCA("a")), b: must(pki.NewCA("b"))}
	s.memory = reliance.NewMemory(s.clock)
	s.snapshot = &identity.Snapshot{Trust: must(trust.Parse(slices.Concat(s.a.PEM(), s.b.PEM())))}
	s.snapshot.Config.Trust.QuietPeriod = metav1.Duration{Duration: idle}
	s.snapshot.Config.Inbound.AllowedPeers = []string{hub}
	s.snapshot.Config.Outbound.Endpoints = []config.Endpoint{{Name: "primary", AllowedPeers: []string{hub}}}
	return s
}

func (s *scene) step(d time.Duration) { s.clock.SetTime(s.clock.Now().Add(d)) }

// want compares the report with lines of a peer and its anchors.
func (s *scene) want(lines ...status.Reliance) {
	s.t.Helper()
	if diff := cmp.Diff(lines, s.memory.Report(s.snapshot)); diff != "" {
		s.t.Error(diff)
	}
}

func line(peer string, anchors ...*x509.Certificate) status.Reliance {
	r := status.Reliance{Peer: peer}
	for _, anchor := range anchors {
		sum := sha256.Sum256(anchor.Raw)
		r.Anchors = append(r.Anchors, hex.EncodeToString(sum[:]))
	}
	slices.Sort(r.Anchors)
	return r
}

// lines of one peer, in the order of their anchors.
func lines(all ...status.Reliance) []status.Reliance {
	slices.SortFunc(all, func(x, y status.Reliance) int { return slices.Compare(x.Anchors, y.Anchors) })
	return all
}

func issue(ca *pki.CA, id string) []*x509.Certificate {
	return []*x509.Certificate{must(must(ca.Issue(pki.Request{SPIFFEID: id})).TLS()).Leaf}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// TestQuietPeriod: what is proven again and again stays; what is not goes after the quiet period and not before.
func TestQuietPeriod(t *testing.T) {
	s := newScene(t)
	primary, inbound := reliance.Endpoint("primary"), reliance.Inbound(spiffeid.RequireFromString(hub))
	onA, onB := issue(s.a, hub), issue(s.b, hub)
	s.memory.Proven(primary, onA)
	s.memory.Proven(primary, issue(s.a, hub)) // a renewed one with the same anchor is no second line
	s.memory.Proven(inbound, onA)
	s.want(line("endpoint primary", s.a.Certificate), line("inbound "+hub, s.a.Certificate))
	s.step(idle / 2)
	s.memory.Proven(primary, onB)
	both := lines(line("endpoint primary", s.a.Certificate), line("endpoint primary", s.b.Certificate))
	s.want(both[0], both[1], line("inbound "+hub, s.a.Certificate))
	s.step(idle / 2)
	s.want(both[0], both[1], line("inbound "+hub, s.a.Certificate))
	s.step(time.Second)
	s.want(line("endpoint primary", s.b.Certificate))
	s.step(idle)
	s.want()
}

// TestAnchorsAreThoseOfNow: the same chain is judged by each bundle anew, also one that ran out since it was proven.
func TestAnchorsAreThoseOfNow(t *testing.T) {
	s := newScene(t)
	short := must(s.a.Issue(pki.Request{SPIFFEID: hub, NotAfter: s.clock.Now().Add(time.Minute)}))
	s.memory.Proven(reliance.Endpoint("primary"), []*x509.Certificate{must(short.TLS()).Leaf})
	whole := s.snapshot
	s.want(line("endpoint primary", s.a.Certificate))
	without := *whole
	without.Trust = must(trust.Parse(s.b.PEM()))
	s.snapshot = &without
	s.want(line("endpoint primary"))
	s.snapshot = whole
	s.step(2 * time.Minute)
	s.want(line("endpoint primary", s.a.Certificate))
	s.snapshot = &identity.Snapshot{}
	s.want()
}

// TestOneKeyInTwoAnchors: an authority that renewed its certificate with the same key is reached by either.
func TestOneKeyInTwoAnchors(t *testing.T) {
	s := newScene(t)
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	var anchors []*x509.Certificate
	var bundle []byte
	for serial := range int64(2) {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial + 1), Subject: pkix.Name{CommonName: "renewed"}, IsCA: true, BasicConstraintsValid: true,
			NotBefore: s.clock.Now().Add(-time.Hour), NotAfter: s.clock.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
		}
		der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
		anchors = append(anchors, must(x509.ParseCertificate(der)))
		bundle = append(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	s.snapshot.Trust = must(trust.Parse(bundle))
	leaf := issue(s.a, hub)[0]
	leaf.SerialNumber, leaf.SignatureAlgorithm, leaf.AuthorityKeyId = big.NewInt(3), x509.UnknownSignatureAlgorithm, nil
	signed := must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, leaf, anchors[0], leaf.PublicKey, key))))
	s.memory.Proven(reliance.Endpoint("primary"), []*x509.Certificate{signed})
	s.want(line("endpoint primary", anchors...))
}

// TestForgotten: endpoints that left, and peers that are not allowed or are revoked, do not hold an anchor, and do not come back
// with the configuration.
func TestForgotten(t *testing.T) {
	cases := []struct {
		name string
		edit func(*identity.Snapshot)
		want []string
	}{
		{"nothing changes", func(*identity.Snapshot) {}, []string{"endpoint primary", "inbound " + hub}},
		{"the endpoint leaves", func(s *identity.Snapshot) { s.Config.Outbound.Endpoints = nil }, []string{"inbound " + hub}},
		{"the endpoint has another identity", func(s *identity.Snapshot) {
			s.Config.Outbound.Endpoints = []config.Endpoint{{Name: "primary", AllowedPeers: []string{own}}}
		}, []string{"inbound " + hub}},
		{"the peer is not allowed", func(s *identity.Snapshot) { s.Config.Inbound.AllowedPeers = []string{own} }, []string{"endpoint primary"}},
		{"the peer may ask for the status", func(s *identity.Snapshot) {
			s.Config.Inbound.AllowedPeers, s.Config.Status.AllowedPeers = nil, []string{hub}
		}, []string{"endpoint primary", "inbound " + hub}},
		{"revoked", func(s *identity.Snapshot) {
			s.Revocations = &revocation.List{Identities: []revocation.Identity{{SPIFFEID: hub, ValidBefore: time.Now()}}}
		}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			s.memory.Proven(reliance.Endpoint("primary"), issue(s.a, hub))
			s.memory.Proven(reliance.Inbound(spiffeid.RequireFromString(hub)), issue(s.a, hub))
			changed := *s.snapshot
			c.edit(&changed)
			s.memory.Forget(&changed)
			var got []string
			for _, r := range s.memory.Report(s.snapshot) { // by the former configuration: it is really forgotten
				got = append(got, r.Peer)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("remembered are %q and not %q", got, c.want)
			}
		})
	}
}

// TestSelf is the gateway's own certificate, whether or not its time is over.
func TestSelf(t *testing.T) {
	s := newScene(t)
	pair := must(must(s.b.Issue(pki.Request{SPIFFEID: own})).TLS())
	s.snapshot.Leaf = &identity.Leaf{Certificate: pair, X509: pair.Leaf, ID: spiffeid.RequireFromString(own)}
	s.want(line("self", s.b.Certificate))
	s.step(48 * time.Hour)
	s.want(line("self", s.b.Certificate))
}
