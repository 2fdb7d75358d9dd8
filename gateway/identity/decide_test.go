package identity

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const (
	idA = "spiffe://example.gov.vn/agency/G12/connector/g12/main"
	idB = "spiffe://new.example.gov.vn/agency/G12/connector/g12/main"
)

// world makes the values of the table.
type world struct {
	t  *testing.T
	ca *pki.CA
}

func (w world) leaf(id string, from, to time.Time) *Leaf {
	w.t.Helper()
	pair, err := w.ca.Issue(pki.Request{SPIFFEID: id, NotBefore: from, NotAfter: to})
	if err != nil {
		w.t.Fatal(err)
	}
	leaf, err := parseLeaf(pair.Certificate, pair.Key)
	if err != nil {
		w.t.Fatal(err)
	}
	return leaf
}

func cfgFor(id, digest string) (*config.Config, string) {
	cfg := config.Default()
	cfg.SPIFFEID = id
	return &cfg, digest
}

func TestDecide(t *testing.T) {
	ca, err := pki.NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	w := world{t, ca}
	now := time.Now()
	past, future := now.Add(-time.Hour), now.Add(time.Hour)
	good, renewed, moved := w.leaf(idA, past, future), w.leaf(idA, past, future), w.leaf(idB, past, future)
	early, expired := w.leaf(idA, future, future.Add(time.Hour)), w.leaf(idA, past.Add(-time.Hour), past)
	other, err := pki.NewCA("other")
	if err != nil {
		t.Fatal(err)
	}
	oldTrust, newTrust := bundle(t, ca), bundle(t, ca, other)
	cfgA, digestA := cfgFor(idA, "A")
	cfgA2, digestA2 := cfgFor(idA, "A2")
	cfgB, digestB := cfgFor(idB, "B")
	broken := errors.New("it is broken")
	held := &Snapshot{Config: *cfgA, ConfigDigest: digestA, Leaf: good, Trust: oldTrust}
	none := &Snapshot{Config: *cfgA, ConfigDigest: digestA}

	cases := []struct {
		name     string
		held     *Snapshot
		found    candidate
		leaf     *Leaf
		trust    *trust.Bundle
		config   string
		problems []string
	}{
		{"all new", held, candidate{config: cfgA2, configDigest: digestA2, leaf: renewed, trust: newTrust}, renewed, newTrust, "A2", nil},
		{"broken certificate", held, candidate{config: cfgA2, configDigest: digestA2, leafErr: broken, trust: newTrust}, good, newTrust, "A2",
			[]string{"It is broken; the last good certificate stays in use."}},
		{"broken trust", held, candidate{config: cfgA, configDigest: digestA, leaf: renewed, trustErr: broken}, renewed, oldTrust, "A",
			[]string{"the last good trust anchors stay in use"}},
		{"broken configuration", held, candidate{configErr: broken, leaf: renewed, trust: newTrust}, renewed, newTrust, "A",
			[]string{"the last good configuration stays in use"}},
		{"not valid yet", held, candidate{config: cfgA, configDigest: digestA, leaf: early, trust: oldTrust}, good, oldTrust, "A",
			[]string{"compare its clock"}},
		{"expired", held, candidate{config: cfgA, configDigest: digestA, leaf: expired, trust: oldTrust}, good, oldTrust, "A",
			[]string{"expired at"}},
		{"another identity", held, candidate{config: cfgA, configDigest: digestA, leaf: moved, trust: oldTrust}, good, oldTrust, "A",
			[]string{"is of " + idB + ", but the configuration asks for " + idA}},
		{"the certificate moves first", held, candidate{config: cfgA2, configDigest: digestA2, leaf: moved, trust: oldTrust}, good, oldTrust, "A2",
			[]string{"is of " + idB}},
		{"the configuration moves first", held, candidate{config: cfgB, configDigest: digestB, leaf: good, trust: oldTrust}, good, oldTrust, "A",
			[]string{"no certificate for it is mounted"}},
		{"the configuration moves and the certificate is lost", held, candidate{config: cfgB, configDigest: digestB, leafErr: broken, trust: oldTrust}, good, oldTrust, "A",
			[]string{"It is broken", "no certificate for it is mounted"}},
		{"both move", held, candidate{config: cfgB, configDigest: digestB, leaf: moved, trust: oldTrust}, moved, oldTrust, "B", nil},
		{"nothing yet", none, candidate{config: cfgA, configDigest: digestA, leafErr: broken, trustErr: broken}, nil, nil, "A",
			[]string{"no peer can be verified yet", "the gateway waits for one and is not ready"}},
		{"not valid yet at the start", none, candidate{config: cfgA, configDigest: digestA, leaf: early, trust: newTrust}, nil, newTrust, "A",
			[]string{"the gateway waits for one"}},
		{"another identity at the start", none, candidate{config: cfgA, configDigest: digestA, leaf: moved, trust: newTrust}, nil, newTrust, "A",
			[]string{"waits for the right one"}},
		{"the first certificate", none, candidate{config: cfgA, configDigest: digestA, leaf: good, trust: newTrust}, good, newTrust, "A", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			next, problems := decide(c.held, c.found, now)
			if next.Leaf != c.leaf || next.Trust != c.trust || next.ConfigDigest != c.config {
				t.Errorf("in use are leaf %v, trust %v, configuration %s", next.Leaf, next.Trust, next.ConfigDigest)
			}
			if len(problems) != len(c.problems) {
				t.Fatalf("the problems are %q", problems)
			}
			for i, want := range c.problems {
				if !strings.Contains(problems[i], want) || !strings.HasSuffix(problems[i], ".") {
					t.Errorf("the problem %q is no sentence that says %q", problems[i], want)
				}
			}
			if slices.Contains(problems, "") {
				t.Error("an empty problem was told")
			}
		})
	}
}

func bundle(t *testing.T, cas ...*pki.CA) *trust.Bundle {
	t.Helper()
	var data []byte
	for _, ca := range cas {
		data = append(data, ca.PEM()...)
	}
	b, err := trust.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
