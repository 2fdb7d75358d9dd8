package observe

import (
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"

	"lienthong.gov.vn/connector-operator/test/pki"
)

func TestWithoutAnIdentityNobodyIsAsked(t *testing.T) {
	dir := t.TempDir()
	fetcher := &IdentityFetcher{Dir: dir, Clock: testclock.NewFakePassiveClock(time.Unix(0, 0))}
	_, err := fetcher.Fetch(t.Context(), Target{Hub: "national-hub"})
	if !errors.Is(err, ErrNoIdentity) || !strings.Contains(err.Error(), "mount a certificate for the operator at "+dir+"/national-hub") {
		t.Errorf("the error is %v; want it to say where to mount which certificate", err)
	}
}

func TestOwnCertificate(t *testing.T) {
	fetcher := &IdentityFetcher{Dir: t.TempDir(), Clock: testclock.NewFakePassiveClock(time.Unix(0, 0))}
	if chain, err := fetcher.Own("national-hub"); chain != nil || err != nil {
		t.Errorf("without an identity, the certificate is %v, %v, want none", chain, err)
	}
	ca, err := pki.NewCA("root")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue(pki.Request{SPIFFEID: "spiffe://lienthong.test/operator"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		file    []byte
		certs   int
		problem string
	}{
		"leaf and intermediate": {append(pair.Certificate, ca.PEM()...), 2, ""},
		"nothing":               {nil, 0, "there is no certificate in"},
		"something else":        {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), 0, "reading the operator's certificate in"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(fetcher.Dir, "national-hub")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "tls.crt"), tt.file, 0o600); err != nil {
				t.Fatal(err)
			}
			chain, err := fetcher.Own("national-hub")
			if len(chain) != tt.certs || (err != nil) != (tt.problem != "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("the certificate is %v, %v, want %d of them and the problem %q", chain, err, tt.certs, tt.problem)
			}
		})
	}
}
