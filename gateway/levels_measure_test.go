package gateway_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// kind of what is measured.
type kind int

const (
	protocols kind = iota
	suites
	groups
)

// finding is one thing that was offered to a gateway, or that it offered.
type finding struct {
	kind                kind
	section, name, tool string
	taken               bool
	detail              string // what the tool said
}

// prober measures one gateway.
type prober struct {
	f        *fixture
	who      []string // arguments of openssl by which it is the hub
	findings []finding
}

// measure runs a gateway in a process of its own, since the FIPS 140 mode is settled at the start.
func measure(t *testing.T, d demand) []finding {
	t.Helper()
	isQuantum := func(group string) bool { return slices.Contains(quantumGroups(), group) }
	if len(d.tls.KeyExchange) > 0 && !slices.ContainsFunc(d.tls.KeyExchange, func(g string) bool { return !isQuantum(g) }) && !hasQuantumGroups() {
		t.Fatalf("%s has post-quantum groups only, which %s lacks; measure with OpenSSL 3.5 or newer", d.title, opensslVersion())
	}
	f := newFixture(t, backend(t, sink), func(c *config.Config) {
		c.TLS, c.Cryptography.FIPS140 = d.tls, d.fips
		c.Log.Fields = []string{"RequestID"}
	})
	rsaCA, rsaPair := rsaIdentity(t)
	f.trust = append(f.ca.PEM(), rsaCA...)
	f.asked = f.trust
	hellos := make(chan *tls.ClientHelloInfo, 1)
	f.cfg.Outbound.Endpoints[0].URL = f.peerTLS(func(c *tls.Config) {
		inner := c.Clone()
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			select {
			case hellos <- hello:
			default:
			}
			return inner, nil
		}
	})
	f.writeConfig()
	f.writeIdentity(f.issue(gatewayID))
	var env []string
	if d.fips {
		env = append(env, "GODEBUG=fips140=on")
	}
	process := f.startProcess(env...)
	defer process.kill()

	p := &prober{f: f}
	cert, key, _ := f.files("hub", f.issue(hubID))
	p.who = []string{"-cert", cert, "-key", key}
	p.protocols()
	withECDSA := p.suites12()
	p.suites13()
	p.groups("TLS 1.3", "-tls1_3")
	f.writeIdentity(rsaPair)
	want := must(rsaPair.TLS()).Leaf.SerialNumber.Text(16)
	f.waitReport(func(r status.Report) bool { return r.SerialNumber == want })
	for i, found := range p.suites12() {
		if withECDSA[i].taken {
			found = withECDSA[i]
		}
		p.findings = append(p.findings, found)
	}
	p.groups("TLS 1.2", "-tls1_2")
	p.offered(<-hellos)
	return p.findings
}

func (p *prober) add(f finding) { p.findings = append(p.findings, f) }

// ask offers one thing with OpenSSL. It is taken if the request was answered over what was offered, and refused only if the gateway itself
// said so in an alert: that OpenSSL cannot offer it proves nothing.
func (p *prober) ask(k kind, section, name, negotiated string, args ...string) finding {
	p.f.t.Helper()
	out := p.f.openssl(append(args, p.who...)...)
	taken := strings.Contains(out, "HTTP/1.1 200 OK") && strings.Contains(out, negotiated)
	refused := strings.Contains(out, "alert protocol version") || strings.Contains(out, "alert handshake failure")
	if taken == refused {
		p.f.t.Errorf("%s %s was neither taken nor refused by the gateway:\n%s", section, name, out)
	}
	return finding{k, section, name, opensslVersion(), taken, lastLines(out)}
}

func (p *prober) protocols() {
	for _, v := range [][2]string{{"TLS 1.0", "-tls1"}, {"TLS 1.1", "-tls1_1"}, {"TLS 1.2", "-tls1_2"}, {"TLS 1.3", "-tls1_3"}} {
		p.add(p.ask(protocols, "protocol", v[0], "New, TLSv"+strings.TrimPrefix(v[0], "TLS "), v[1], "-cipher", "ALL:@SECLEVEL=0"))
	}
}

// suites12 offers every suite of TLS 1.2 that OpenSSL has: those that a profile may name one by one, and all others at once, since a refusal
// of all is one of each.
func (p *prober) suites12() []finding {
	const section, tls12, weak = "suite of TLS 1.2", "-tls1_2", ":@SECLEVEL=0"
	list := string(must(exec.Command("openssl", "ciphers", "-s", tls12, "-stdname", "ALL:COMPLEMENTOFALL"+weak).Output()))
	var found []finding
	var others []string
	for text := range strings.Lines(list) {
		fields := strings.Fields(text) // <IANA name> - <OpenSSL's name> <since> …
		if slices.Contains(secureSuites(), fields[0]) {
			found = append(found, p.ask(suites, section, fields[0], "Cipher is "+fields[2], tls12, "-cipher", fields[2]+weak))
		} else if fields[3] != "TLSv1.3" {
			others = append(others, fields[2])
		}
	}
	name := fmt.Sprintf("any of %d others", len(others))
	return append(found, p.ask(suites, section, name, "", tls12, "-cipher", strings.Join(others, ":")+weak))
}

func (p *prober) suites13() {
	for _, name := range append(suites13(), "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256") {
		p.add(p.ask(suites, "suite of TLS 1.3", name, "Cipher is "+name, "-tls1_3", "-ciphersuites", name))
	}
}

func (p *prober) groups(version, flag string) {
	section := "group of " + version
	names := []string{"X25519", "secp256r1", "secp384r1", "secp521r1", "X448"}
	if version == "TLS 1.3" {
		names = append(names, "ffdhe2048", "ffdhe3072")
	} else {
		names = append(names, "secp256k1", "brainpoolP256r1")
	}
	for _, name := range quantumGroups() {
		switch {
		case version != "TLS 1.3":
		case hasQuantumGroups():
			p.add(p.ask(groups, section, name, "", flag, "-groups", name))
		default:
			state, err := p.f.shake(p.f.addrs.Inbound, &tls.Config{CurvePreferences: []tls.CurveID{curve(name)}})
			if err != nil && !strings.Contains(err.Error(), "remote error: tls: handshake failure") {
				p.f.t.Errorf("%s was neither taken nor refused by the gateway: %v", name, err)
			}
			p.add(finding{groups, section, name, runtime.Version(), err == nil && state.CurveID == curve(name), ""})
		}
	}
	for _, name := range names {
		p.add(p.ask(groups, section, name, "", flag, "-groups", name, "-cipher", "ECDHE:@SECLEVEL=0"))
	}
}

// offered is what the gateway offers to the hub in its own handshakes.
func (p *prober) offered(hello *tls.ClientHelloInfo) {
	tool := runtime.Version()
	for version := uint16(tls.VersionTLS10); version <= tls.VersionTLS13; version++ {
		p.add(finding{protocols, "offered protocol", tls.VersionName(version), tool, slices.Contains(hello.SupportedVersions, version), ""})
	}
	others := slices.DeleteFunc(slices.Clone(hello.CipherSuites), func(id uint16) bool {
		return id == renegotiation || slices.Contains(append(secureSuites(), suites13()...), tls.CipherSuiteName(id))
	})
	for _, name := range suites13() {
		p.add(finding{suites, "offered suite of TLS 1.3", name, tool, offers(hello, name), ""})
	}
	for _, name := range secureSuites() {
		p.add(finding{suites, "offered suite of TLS 1.2", name, tool, offers(hello, name), ""})
	}
	p.add(finding{suites, "offered suite of TLS 1.2", "any other", tool, len(others) > 0, fmt.Sprintf("%x", others)})
	for _, name := range allGroups() {
		p.add(finding{groups, "offered group", name, tool, slices.Contains(hello.SupportedCurves, curve(name)), ""})
	}
}

// renegotiation is no suite, but how a client of TLS 1.2 says that it renegotiates safely (RFC 5746).
const renegotiation = 0x00ff

func suites13() []string {
	return []string{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
}

func offers(hello *tls.ClientHelloInfo, suite string) bool {
	return slices.ContainsFunc(hello.CipherSuites, func(id uint16) bool { return tls.CipherSuiteName(id) == suite })
}

func opensslVersion() string {
	fields := strings.Fields(string(must(exec.Command("openssl", "version").Output())))
	return "OpenSSL " + fields[1]
}

// hasQuantumGroups: OpenSSL has ML-KEM since 3.5.
func hasQuantumGroups() bool {
	parts := regexp.MustCompile(`(\d+)\.(\d+)`).FindStringSubmatch(opensslVersion())
	major, minor := must(strconv.Atoi(parts[1])), must(strconv.Atoi(parts[2]))
	return major > 3 || major == 3 && minor >= 5
}

func lastLines(out string) string { return out[max(0, len(out)-300):] }

// rsaIdentity is an identity of the gateway with an RSA key, of an authority of its own.
func rsaIdentity(t *testing.T) (caPEM []byte, pair pki.Pair) {
	t.Helper()
	const bits = 2048
	caKey, key := must(rsa.GenerateKey(rand.Reader, bits)), must(rsa.GenerateKey(rand.Reader, bits))
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "RSA CA"}, NotBefore: from, NotAfter: to, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: to, URIs: []*url.URL{must(url.Parse(gatewayID))},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	caDER := must(x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey))
	leafDER := must(x509.CreateCertificate(rand.Reader, leaf, must(x509.ParseCertificate(caDER)), &key.PublicKey, caKey))
	block := func(kind string, der []byte) []byte {
		var b bytes.Buffer
		check(t, pem.Encode(&b, &pem.Block{Type: kind, Bytes: der}))
		return b.Bytes()
	}
	return block("CERTIFICATE", caDER), pki.Pair{
		Certificate: block("CERTIFICATE", leafDER), Key: block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key))),
	}
}
