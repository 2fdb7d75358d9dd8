package config

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// valid is the smallest configuration that is complete.
const valid = `
apiVersion: gateway.lienthong.gov.vn/v1alpha1
agency: G12.18
connector: g12/main
spiffeID: spiffe://example.gov.vn/agency/G12.18/connector/g12/main
inbound:
  allowedPeers: [spiffe://example.gov.vn/hub/national]
  backend: {url: "http://qlvb.g12.svc:8000/base"}
outbound:
  endpoints:
  - {name: main, url: "https://truc.example.gov.vn", priority: 1, allowedPeers: [spiffe://example.gov.vn/hub/national]}
status:
  allowedPeers: [spiffe://example.gov.vn/operator]
`

func TestParsePutsDefaults(t *testing.T) {
	cfg, err := Parse([]byte(valid))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.TLS.MinVersion != "1.3" || cfg.Inbound.Limits.MaxBodyBytes != 50<<20 || cfg.Inbound.Listen != ":8443" || cfg.Drain.Delay.Duration != 5*time.Second {
		t.Errorf("the defaults are not those of Default: %+v", cfg)
	}
	if cfg.TLS.CipherSuites != nil || cfg.TLS.KeyExchange != nil || cfg.Cryptography.FIPS140 || cfg.Log.Fields != nil || cfg.Log.Collector != nil {
		t.Errorf("what nobody asked for is chosen: %+v %+v", cfg.TLS, cfg.Log)
	}
	if cfg.Outbound.Endpoints[0].Name != "main" || cfg.Agency != "G12.18" {
		t.Errorf("what the file says was not taken: %+v", cfg)
	}
}

// TestQuietPeriod: zero stands for the default, since it is not rendered and must read back as the same value.
func TestQuietPeriod(t *testing.T) {
	for text, want := range map[string]time.Duration{"": time.Hour, "trust: {quietPeriod: 0s}": time.Hour, "trust: {quietPeriod: 10s}": 10 * time.Second} {
		cfg, err := Parse([]byte(valid + text + "\n"))
		if err != nil || cfg.Trust.QuietPeriod.Duration != want {
			t.Errorf("%q gives %s (%v) and not %s", text, cfg.Trust.QuietPeriod.Duration, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"unknown field", "agency:", "agencies: x\nagency:", `unknown field "agencies"`},
		{"another case", "connector:", "Connector: x\nconnector:", `unknown field "Connector"`},
		{"twice", "agency:", "agency: G12\nagency:", `already set`},
		{"no YAML", "agency:", "\tagency:", "not valid YAML"},
		{"type", "priority: 1", "priority: high", "priority"},
		{"version", "v1alpha1", "v2", `apiVersion is "gateway.lienthong.gov.vn/v2"; write gateway.lienthong.gov.vn/v1alpha1`},
		{"agency", "agency: G12.18", "agency: g12", `agency is "g12"; write a Decision 20/2020 code`},
		{"agency too long", "agency: G12.18", "agency: G12." + strings.Repeat("1", 40), "at most 35"},
		{"connector", "g12/main\n", "main\n", `connector is "main"; write <namespace>/<name>`},
		{"identity", "spiffeID: spiffe:", "spiffeID: https:", `spiffeID is "https://`},
		{"identity of a domain", "/agency/G12.18/connector/g12/main", "", "spiffeID is"},
		{"TLS", "inbound:", "tls: {minVersion: \"1.1\"}\ninbound:", `tls.minVersion is "1.1"; write "1.2" or "1.3"`},
		{"no peers", "allowedPeers: [spiffe://example.gov.vn/operator]", "allowedPeers: []", `status.allowedPeers is ""; write at least one`},
		{"a peer twice", "[spiffe://example.gov.vn/operator]", "[spiffe://a.vn/x, spiffe://a.vn/x]", "status.allowedPeers[1]"},
		{"backend", "http://qlvb.g12.svc:8000/base", "ftp://qlvb", `inbound.backend.url is "ftp://qlvb"; write http:// or https://`},
		{"backend query", "8000/base", "8000/base?x", "inbound.backend.url"},
		{"backend bare query", "8000/base", "8000/base?", "inbound.backend.url"},
		{"backend without a host", "qlvb.g12.svc:8000/base", ":8000", "inbound.backend.url"},
		{"backend port 0", ":8000/base", ":0/base", "inbound.backend.url"},
		{"backend port too high", ":8000/base", ":65536/base", "inbound.backend.url"},
		{"backend port in words", ":8000/base", ":http/base", "inbound.backend.url"},
		{"endpoint port 0", "truc.example.gov.vn", "truc.example.gov.vn:0", "outbound.endpoints[0].url"},
		{"endpoint without a host", "https://truc.example.gov.vn", "https://:8443", "outbound.endpoints[0].url"},
		{"a peer with dots", "[spiffe://example.gov.vn/operator]", "[spiffe://a.vn/x/../y]", "status.allowedPeers[0]"},
		{"a peer with an empty segment", "[spiffe://example.gov.vn/operator]", "[spiffe://a.vn/x//y]", "status.allowedPeers[0]"},
		{"endpoint without TLS", "https://truc", "http://truc", `outbound.endpoints[0].url is "http://truc.example.gov.vn"; write https://`},
		{"listen", "inbound:", "probes: {listen: localhost}\ninbound:", `probes.listen is "localhost"; write [host]:port`},
		{"one port twice", "inbound:", "probes: {listen: \":8443\"}\ninbound:", "a port other than that of inbound.listen"},
		{"limit", "  backend:", "  limits: {maxBodyBytes: 0}\n  backend:", `inbound.limits.maxBodyBytes is "0"; write a number above 0`},
		{"timeout", "  backend:", "  limits: {stallTimeout: 0s}\n  backend:", `inbound.limits.stallTimeout is "0s"; write a duration above 0`},
		{"check path", "  endpoints:", "  healthCheck: {path: healthz}\n  endpoints:", `outbound.healthCheck.path is "healthz"; write a path`},
		{"check path of another host", "  endpoints:", "  healthCheck: {path: \"//truc/healthz\"}\n  endpoints:", "outbound.healthCheck.path"},
		{"check path with a query", "  endpoints:", "  healthCheck: {path: \"/healthz?\"}\n  endpoints:", "outbound.healthCheck.path"},
		{"check path with a space", "  endpoints:", "  healthCheck: {path: /health z}\n  endpoints:", "outbound.healthCheck.path"},
		{"drain", "inbound:", "drain: {delay: -1s}\ninbound:", `drain.delay is "-1s"`},
		{"quiet period", "inbound:", "trust: {quietPeriod: -1h}\ninbound:", `trust.quietPeriod is "-1h0m0s"; write a duration of 0s or more`},
		{"suites of TLS 1.2 above it", "inbound:", "tls: {minVersion: \"1.3\", cipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]}\ninbound:",
			`tls.cipherSuites are those of TLS 1.2, which tls.minVersion "1.3" rules out; leave`},
		{"unknown suite", "inbound:", "tls: {minVersion: \"1.2\", cipherSuites: [TLS_RSA_WITH_AES_128_CBC_SHA]}\ninbound:",
			`tls.cipherSuites[0] is "TLS_RSA_WITH_AES_128_CBC_SHA"; write one of TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, `},
		{"suite of TLS 1.3", "inbound:", "tls: {minVersion: \"1.2\", cipherSuites: [TLS_AES_128_GCM_SHA256]}\ninbound:", `tls.cipherSuites[0] is "TLS_AES_128_GCM_SHA256"; write one of`},
		{"suite twice", "inbound:", "tls: {minVersion: \"1.2\", cipherSuites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]}\ninbound:",
			"tls.cipherSuites[1]"},
		{"unknown group", "inbound:", "tls: {minVersion: \"1.3\", keyExchange: [X448]}\ninbound:", `tls.keyExchange[0] is "X448"; write one of X25519MLKEM768, `},
		{"Go's name of a group", "inbound:", "tls: {minVersion: \"1.3\", keyExchange: [CurveP256]}\ninbound:", `tls.keyExchange[0] is "CurveP256"; write one of`},
		{"post-quantum with TLS 1.2", "inbound:", "tls: {minVersion: \"1.2\", keyExchange: [X25519MLKEM768, SecP256r1MLKEM768]}\ninbound:",
			`tls.keyExchange is X25519MLKEM768, SecP256r1MLKEM768, of which nothing is left with TLS 1.2; write at least one of X25519, secp256r1, secp384r1, secp521r1, or tls.minVersion "1.3"`},
		{"FIPS without a group", "inbound:", "tls: {minVersion: \"1.3\", keyExchange: [X25519]}\ncryptography: {fips140: true}\ninbound:",
			"tls.keyExchange is X25519, of which nothing is left in FIPS 140 mode; write at least one of X25519MLKEM768, SecP256r1MLKEM768, SecP384r1MLKEM1024, secp256r1, secp384r1, secp521r1"},
		{"FIPS without a group of TLS 1.2", "inbound:", "tls: {minVersion: \"1.2\", keyExchange: [X25519MLKEM768, X25519]}\ncryptography: {fips140: true}\ninbound:",
			`of which nothing is left with TLS 1.2 in FIPS 140 mode; write at least one of secp256r1, secp384r1, secp521r1, or tls.minVersion "1.3"`},
		{"FIPS without a suite", "inbound:",
			"tls: {minVersion: \"1.2\", cipherSuites: [TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]}\ncryptography: {fips140: true}\ninbound:",
			"tls.cipherSuites is TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, of which nothing is left in FIPS 140 mode; write at least one of TLS_ECDHE_ECDSA_WITH_AES_256"},
		{"unknown field of the log", "inbound:", "log: {fields: [RequestID, Body]}\ninbound:", `log.fields[1] is "Body"; write one of RequestID, Direction, `},
		{"field of the log twice", "inbound:", "log: {fields: [Path, Path]}\ninbound:", `log.fields[1] is "Path"; write one of`},
		{"collector without a port", "inbound:", "log: {collector: {address: log.example.gov.vn}}\ninbound:",
			`log.collector.address is "log.example.gov.vn"; write <host>:<port>`},
		{"collector without a host", "inbound:", "log: {collector: {address: \":6514\"}}\ninbound:", "log.collector.address"},
		{"collector's port 0", "inbound:", "log: {collector: {address: \"log:0\"}}\ninbound:", "log.collector.address"},
		{"collector's port in words", "inbound:", "log: {collector: {address: \"log:syslog-tls\"}}\ninbound:", "log.collector.address"},
		{"collector as a URL", "inbound:", "log: {collector: {address: \"tls://log:6514\"}}\ninbound:", "log.collector.address"},
		{"collector with a zone", "inbound:", "log: {collector: {address: \"[fe80::1%eth0]:6514\"}}\ninbound:", "log.collector.address"},
		{"collector without authorities", "inbound:", "log: {collector: {address: \"log:6514\"}}\ninbound:",
			"log.collector.caPEM cannot be used; write the certificates of the collector's authorities in PEM: the trust bundle holds no certificate"},
		{"services", "inbound:", "services: [A, A]\ninbound:", "services[1]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(valid, c.old, c.new, 1)
			if text == valid {
				t.Fatal("the case changes nothing")
			}
			_, err := Parse([]byte(text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v and does not say %q", err, c.want)
			}
		})
	}
}

// TestErrorsHideUserInformation: a password that stands in a URL by mistake must not reach a log.
func TestErrorsHideUserInformation(t *testing.T) {
	_, err := Parse([]byte(strings.Replace(valid, "http://qlvb", "http://me:hunter2@qlvb", 1)))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error is %v", err)
	}
}

// TestErrorsHideKeys: neither must a key that stands among the authorities of the collector.
func TestErrorsHideKeys(t *testing.T) {
	const key = "-----BEGIN PRIVATE KEY-----\n  c2VjcmV0\n  -----END PRIVATE KEY-----\n"
	_, err := Parse([]byte(valid + "log:\n  collector:\n    address: log:6514\n    caPEM: |\n      " + strings.ReplaceAll(key, "\n  ", "\n      ")))
	if err == nil || !strings.Contains(err.Error(), `"PRIVATE KEY"`) || strings.Contains(err.Error(), "c2VjcmV0") {
		t.Errorf("the error is %v", err)
	}
}

// TestTLSNamesAreGos holds the names to the identifiers: every one is known to Go, and none of Go's secure suites of TLS 1.2 with
// authenticated encryption is left out.
func TestTLSNamesAreGos(t *testing.T) {
	all := TLS{MinVersion: "1.2"}
	for _, s := range tls.CipherSuites() {
		isAEAD := strings.HasPrefix(s.Name, "TLS_ECDHE_") && !strings.HasSuffix(s.Name, "_SHA")
		if isAEAD != slices.Contains(all.Suites(), s.ID) {
			t.Errorf("%s is offered: %t", s.Name, !isAEAD)
		}
		if isAEAD {
			if got := (TLS{CipherSuites: []string{s.Name}}).Suites(); !slices.Equal(got, []uint16{s.ID}) {
				t.Errorf("%s stands for %x", s.Name, got)
			}
		}
	}
	if got := all.Groups(); got != nil {
		t.Errorf("without a choice, the groups are %v and not Go's", got)
	}
	chosen := TLS{KeyExchange: []string{"secp256r1", "X25519MLKEM768"}}
	if got := chosen.Groups(); !slices.Equal(got, []tls.CurveID{tls.X25519MLKEM768, tls.CurveP256}) {
		t.Errorf("the groups are %v", got)
	}
	if GroupName(tls.CurveP521) != "secp521r1" || GroupName(0) != "" {
		t.Errorf("P-521 is called %q, and no group %q", GroupName(tls.CurveP521), GroupName(0))
	}
}

func TestCheckFIPS140(t *testing.T) {
	for _, c := range []struct{ asked, enabled, fine bool }{{false, false, true}, {true, true, true}, {false, true, true}, {true, false, false}} {
		cfg := Default()
		cfg.Cryptography.FIPS140 = c.asked
		const want = "set GODEBUG=fips140=on in the gateway's environment, or run a binary that was built with GOFIPS140"
		if err := cfg.CheckFIPS140(c.enabled); (err == nil) != c.fine || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("asked for %t and enabled %t, the error is %v", c.asked, c.enabled, err)
		}
	}
	cfg := Default()
	if err := cfg.CheckLeft(); err != nil {
		t.Errorf("of the defaults, nothing is left: %v", err)
	}
	cfg.TLS.KeyExchange = []string{"X25519"}
	if err := cfg.CheckLeft(); err == nil || !strings.Contains(err.Error(), "the gateway runs in FIPS 140 mode: tls.keyExchange is X25519, of which nothing is left") {
		t.Errorf("the error is %v", err)
	}
}

// TestSeedsParse holds the fuzzer to seeds that reach beyond the first refusal.
func TestSeedsParse(t *testing.T) {
	for _, name := range []string{"full.yaml", "levels.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", "seeds", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(data); err != nil {
			t.Errorf("%s cannot be parsed: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(valid))
	for _, path := range seeds(f) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := Parse(data)
		if err != nil {
			return
		}
		rendered, err := Marshal(cfg)
		if err != nil {
			t.Fatalf("what was parsed cannot be rendered: %v", err)
		}
		again, err := Parse(rendered)
		if err != nil {
			t.Fatalf("what was rendered cannot be parsed: %v\n%s", err, rendered)
		}
		if diff := cmp.Diff(cfg, again); diff != "" {
			t.Errorf("rendered and parsed again, it differs: %s", diff)
		}
	})
}

func seeds(f *testing.F) []string {
	paths, err := filepath.Glob("testdata/seeds/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatalf("there are no seeds in testdata/seeds: %v", err)
	}
	return paths
}
