package config

import (
	"os"
	"path/filepath"
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
