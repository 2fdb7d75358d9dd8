package identity

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/revocation"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// TestDecideAboutPeers: what the peers would refuse is not adopted while there is a good certificate, and a list of revocations
// is never lost.
func TestDecideAboutPeers(t *testing.T) {
	ca, next := newCA(t, "one"), newCA(t, "next")
	now := time.Now()
	from, to := now.Add(-time.Hour), now.Add(time.Hour)
	good, renewed := world{t, ca}.leaf(idA, from, to), world{t, ca}.leaf(idA, from, to)
	moved, again := world{t, next}.leaf(idA, from, to), world{t, next}.leaf(idA, from, to)
	serverOnly := leafOf(t, ca, pki.Request{SPIFFEID: idA, Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	oldTrust, both, newTrust := bundle(t, ca), bundle(t, ca, next), bundle(t, next)
	cfg, digest := cfgFor(idA, "A")
	broken := errors.New("it is broken")
	agency := &revocation.List{Agencies: []string{"G12"}}
	serials := func(l *Leaf) *revocation.List {
		return &revocation.List{SerialNumbers: []string{l.X509.SerialNumber.Text(16)}}
	}

	type files struct {
		leaf          *Leaf
		trust         *trust.Bundle
		revocations   *revocation.List
		revocationErr error
	}
	type use struct {
		leaf        *Leaf
		trust       *trust.Bundle
		revocations *revocation.List
	}
	const notSigned, stays = "is not signed by any of the trust anchors; ", "the last good certificate stays in use."
	cases := []struct {
		name     string
		held     use
		found    files
		want     use
		problems []string
	}{
		{"another CA", use{good, oldTrust, nil}, files{moved, oldTrust, nil, nil}, use{good, oldTrust, nil}, []string{notSigned + stays}},
		{"another CA and its anchor", use{good, oldTrust, nil}, files{moved, both, nil, nil}, use{moved, both, nil}, nil},
		{"the anchor came later", use{good, both, nil}, files{moved, both, nil, nil}, use{moved, both, nil}, nil},
		{"another CA with none held", use{nil, oldTrust, nil}, files{moved, oldTrust, nil, nil}, use{nil, oldTrust, nil},
			[]string{notSigned + "the gateway waits for one and is not ready."}},
		{"no anchors yet", use{}, files{good, nil, nil, nil}, use{}, []string{"no peer can be verified yet", "cannot be checked before there are trust anchors"}},
		{"servers only", use{good, oldTrust, nil}, files{serverOnly, oldTrust, nil, nil},
			use{good, oldTrust, nil}, []string{"is not for both clients and servers"}},
		{"the anchor goes", use{good, both, nil}, files{good, newTrust, nil, nil},
			use{good, newTrust, nil}, []string{notSigned + "it stays in use for want of a better one"}},
		{"the anchor goes, and the certificate follows", use{good, newTrust, nil}, files{moved, newTrust, nil, nil}, use{moved, newTrust, nil}, nil},
		{"the anchor and the certificate go", use{moved, both, nil}, files{again, oldTrust, nil, nil}, use{moved, oldTrust, nil},
			[]string{notSigned + stays, notSigned + "it stays in use for want of a better one"}},

		{"a first list", use{good, oldTrust, nil}, files{renewed, oldTrust, serials(good), nil}, use{renewed, oldTrust, serials(good)}, nil},
		{"the own certificate is revoked", use{good, oldTrust, nil}, files{good, oldTrust, serials(good), nil},
			use{good, oldTrust, serials(good)}, []string{"own certificate"}},
		{"the whole agency is revoked", use{good, oldTrust, nil}, files{renewed, oldTrust, agency, nil},
			use{renewed, oldTrust, agency}, []string{"agency G12 is revoked"}},
		{"a revoked one is put in", use{good, oldTrust, nil}, files{renewed, oldTrust, serials(renewed), nil},
			use{good, oldTrust, serials(renewed)}, []string{"is revoked; " + stays}},
		{"a revoked one is all there is", use{nil, oldTrust, nil}, files{good, oldTrust, agency, nil}, use{good, oldTrust, agency}, []string{"own certificate"}},
		{"a broken list", use{good, oldTrust, agency}, files{good, oldTrust, nil, broken}, use{good, oldTrust, agency},
			[]string{"It is broken; the last good list of revocations stays in use.", "own certificate"}},
		{"a list is gone", use{good, oldTrust, serials(renewed)}, files{good, oldTrust, nil, nil}, use{good, oldTrust, serials(renewed)},
			[]string{"There is no file revocations.json in the configuration directory any more; the last good list of revocations stays in use."}},
		{"a list is empty now", use{good, oldTrust, serials(good)}, files{good, oldTrust, &revocation.List{}, nil}, use{good, oldTrust, &revocation.List{}}, nil},
		{"a broken first list", use{good, oldTrust, nil}, files{good, oldTrust, nil, broken}, use{good, oldTrust, nil}, []string{"nothing was revoked before"}},
		{"a broken list at the start", use{}, files{good, oldTrust, nil, broken},
			use{}, []string{"no peer is verified until it can be read", "before there are trust anchors"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			held := &Snapshot{Config: *cfg, ConfigDigest: digest, Leaf: c.held.leaf, Trust: c.held.trust,
				Revocations: c.held.revocations, RevocationDigest: listDigest(t, c.held.revocations)}
			found := candidate{config: cfg, configDigest: digest, leaf: c.found.leaf, trust: c.found.trust,
				revocations: c.found.revocations, revocationDigest: listDigest(t, c.found.revocations), revocationErr: c.found.revocationErr}
			if found.trust == nil {
				found.trustErr = broken
			}
			next, problems := decide(held, found, now)
			if next.Leaf != c.want.leaf || next.Trust != c.want.trust || next.RevocationDigest != listDigest(t, c.want.revocations) {
				t.Errorf("in use are the right leaf: %t, the right trust: %t, the revocations %v", next.Leaf == c.want.leaf, next.Trust == c.want.trust, next.Revocations)
			}
			if same := next.RevocationDigest == held.RevocationDigest && next.Leaf == held.Leaf && next.Trust == held.Trust; next.Same(held) != same {
				t.Errorf("that it is the same is told as %t", !same)
			}
			if len(problems) != len(c.problems) {
				t.Fatalf("the problems are %q", problems)
			}
			for i, want := range c.problems {
				if !strings.Contains(problems[i], want) || !strings.HasSuffix(problems[i], ".") {
					t.Errorf("the problem %q is no sentence that says %q", problems[i], want)
				}
			}
		})
	}
}

func newCA(t *testing.T, name string) *pki.CA {
	t.Helper()
	ca, err := pki.NewCA(name)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func leafOf(t *testing.T, ca *pki.CA, r pki.Request) *Leaf {
	t.Helper()
	pair, err := ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := parseLeaf(pair.Certificate, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func listDigest(t *testing.T, l *revocation.List) string {
	t.Helper()
	if l == nil {
		return ""
	}
	data, err := revocation.Marshal(*l)
	if err != nil {
		t.Fatal(err)
	}
	return revocation.Digest(data)
}
