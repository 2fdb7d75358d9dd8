package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/test/noticesink/receiver"
)

const operator = "spiffe://lienthong.test/operator"

// selfSigned is an identity that is its own authority.
func selfSigned(t *testing.T, key crypto.Signer) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, URIs: []*url.URL{{Scheme: "spiffe", Host: "lienthong.test", Path: "/operator"}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func keys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ofRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"ecdsa-p256-sha256": p256, "ecdsa-p384-sha384": p384, "rsa-pss-sha512": ofRSA, "ed25519": edwards}
}

// trusting is a receiver that trusts one certificate.
func trusting(t *testing.T, identity tls.Certificate) *receiver.Receiver {
	t.Helper()
	leaf, err := x509.ParseCertificate(identity.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &receiver.Receiver{Authorities: pool, Operator: operator, Now: time.Now}
}

const content = `{"specversion":"1.0"}`

func signed(t *testing.T, identity tls.Certificate) *http.Request {
	t.Helper()
	const target = "https://thongbao.example.gov.vn:8443/lien-thong"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/cloudevents+json")
	if err := Sign(request, []byte(content), &identity, time.Now()); err != nil {
		t.Fatal(err)
	}
	return request
}

// Each algorithm is verified by a receiver that shares no code with the signer, and by openssl.
func TestSignatureIsVerifiedIndependently(t *testing.T) {
	for algorithm, key := range keys(t) {
		t.Run(algorithm, func(t *testing.T) {
			identity := selfSigned(t, key)
			proof, err := trusting(t, identity).Verify(signed(t, identity), []byte(content))
			if err != nil {
				t.Fatal(err)
			}
			if proof.Algorithm != algorithm {
				t.Errorf("the algorithm is %s", proof.Algorithm)
			}
			openssl(t, proof)
		})
	}
}

// openssl verifies the proof as the documentation tells it.
func openssl(t *testing.T, p receiver.Proof) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	public, err := x509.MarshalPKIXPublicKey(p.Leaf.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	key := file("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	signature, err := p.ForOpenSSL()
	if err != nil {
		t.Fatal(err)
	}
	base := file("base", p.Base)
	digest := func(hash string, more ...string) []string {
		return append([]string{"dgst", hash, "-verify", key, "-signature", file("signature", signature)}, append(more, base)...)
	}
	commands := map[string][]string{
		"ecdsa-p256-sha256": digest("-sha256"), "ecdsa-p384-sha384": digest("-sha384"),
		"rsa-pss-sha512": digest("-sha512", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"),
		"ed25519":        {"pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", base, "-sigfile", file("signature", signature)},
	}
	out, err := exec.CommandContext(t.Context(), "openssl", commands[p.Algorithm]...).CombinedOutput()
	if err != nil {
		t.Errorf("openssl %s: %v\n%s", strings.Join(commands[p.Algorithm], " "), err, out)
	}
	file("base", append(p.Base, '\n'))
	if err := exec.CommandContext(t.Context(), "openssl", commands[p.Algorithm]...).Run(); err == nil {
		t.Error("openssl verifies another text as well, so this test shows nothing")
	}
}

func TestBaseIsThatOfTheRFC(t *testing.T) {
	identity := selfSigned(t, keys(t)["ecdsa-p256-sha256"])
	request := signed(t, identity)
	proof, err := trusting(t, identity).Verify(request, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(proof.Base), "\n")
	want := []string{
		`"@method": POST`,
		`"@target-uri": https://thongbao.example.gov.vn:8443/lien-thong`,
		`"content-type": application/cloudevents+json`,
		`"content-digest": sha-256=:nesDd4zmykYGCtbtYFSRyhhdidiXnsozThHFWsYOEdg=:`,
		`"lienthong-certificates": ` + request.Header.Get(HeaderCertificates),
		`"@signature-params": ` + strings.TrimPrefix(request.Header.Get("Signature-Input"), "lienthong="),
	}
	if len(lines) != len(want) {
		t.Fatalf("the base is\n%s", proof.Base)
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Errorf("line %d is %q, want %q", i, lines[i], want[i])
		}
	}
}

func TestWhatIsAlteredIsNotVerified(t *testing.T) {
	all := keys(t)
	identity, other := selfSigned(t, all["ecdsa-p256-sha256"]), selfSigned(t, all["ecdsa-p384-sha384"])
	for name, alter := range map[string]func(*http.Request) string{
		"another content": func(*http.Request) string { return content + " " },
		"another method":  func(r *http.Request) string { r.Method = http.MethodPut; return content },
		"another path":    func(r *http.Request) string { r.URL.Path = "/other"; return content },
		"another host":    func(r *http.Request) string { r.Host = "other.example.gov.vn"; return content },
		"another type":    func(r *http.Request) string { r.Header.Set("Content-Type", "text/plain"); return content },
		"another certificate": func(r *http.Request) string {
			r.Header.Set(HeaderCertificates, signed(t, other).Header.Get(HeaderCertificates))
			return content
		},
		"half a signature": func(r *http.Request) string {
			r.Header.Set("Signature", r.Header.Get("Signature")[:51]+":")
			return content
		},
		"a longer life": func(r *http.Request) string {
			input := r.Header.Get("Signature-Input")
			from, rest, _ := strings.Cut(input, ";expires=")
			_, after, _ := strings.Cut(rest, ";")
			r.Header.Set("Signature-Input", from+";expires=9999999999;"+after)
			return content
		},
	} {
		t.Run(name, func(t *testing.T) {
			request := signed(t, identity)
			text := alter(request)
			if _, err := trusting(t, identity).Verify(request, []byte(text)); err == nil {
				t.Error("it is verified all the same")
			}
		})
	}
	late := trusting(t, identity)
	late.Now = func() time.Time { return time.Now().Add(7 * time.Minute) }
	if _, err := late.Verify(signed(t, identity), []byte(content)); err == nil {
		t.Error("a request of seven minutes ago is fresh")
	}
}

func TestKeysThatNobodyCanVerifyAreRefused(t *testing.T) {
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, identity := range []tls.Certificate{selfSigned(t, p521), {}, {Certificate: [][]byte{{1}}}} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://a.example", io.NopCloser(bytes.NewReader(nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := Sign(request, nil, &identity, time.Now()); err == nil || !strings.Contains(err.Error(), "the operator's identity has") {
			t.Errorf("the error is %v", err)
		}
	}
}
