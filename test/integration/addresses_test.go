package integration

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/gateway/config"
)

// What the API takes, the gateway takes too: no address gets past the API that then leaves a gateway without a configuration.
func TestAddressesAreJudgedAsTheGatewayJudgesThem(t *testing.T) {
	const none = "" // taken by the API, and so by the gateway
	backend := func(url string) func(content) { return set("spec.backend.url", url) }
	identity := func(id string) func(content) { return set("spec.identities", items(id)) }
	fields := map[string]struct {
		kind  string
		edit  func(string) func(content)
		place func(*config.Config, string)
	}{
		"backend":  {"Connector", backend, func(c *config.Config, s string) { c.Inbound.Backend.URL = s }},
		"endpoint": {"ExchangeHub", endpoint, func(c *config.Config, s string) { c.Outbound.Endpoints[0].URL = s }},
		"path": {"ExchangeHub", func(s string) func(content) { return set("spec.healthPath", s) },
			func(c *config.Config, s string) { c.Outbound.HealthCheck.Path = s }},
		"identity": {"ExchangeHub", identity, func(c *config.Config, s string) { c.Inbound.AllowedPeers = []string{s} }},
	}
	tests := []struct{ field, value, want string }{
		{"backend", "http://qlvb.g12.svc:8080/base", none}, {"backend", "HTTP://qlvb.g12.svc", none}, {"backend", "https://[2001:db8::1]:65535", none},
		{"backend", "http://10.12.0.7:1", none}, {"backend", "http://localhosts.gov.vn", none}, {"backend", "http://10.127.0.1", none},
		{"backend", "http://h.vn//127.0.0.1", none}, {"backend", "http://127.example.vn", none}, {"backend", "http://qlvb.g12.svc.", none},
		{"backend", "http://qlvb.63-hcm:8080", none}, {"backend", "http://qlvb.63hcm", none}, {"backend", "http://qlvb.18", backendName},
		{"backend", "http://:8080", backendShape}, {"backend", "http://", backendShape}, {"backend", "http:qlvb", backendShape},
		{"backend", "http://qlvb:http", backendShape}, {"backend", "http://ql vb", backendShape}, {"backend", "/base", backendShape},
		{"backend", "http://qlvb:0", backendPort}, {"backend", "http://qlvb:65536", backendPort}, {"backend", "http://qlvb:99999999999999999999", backendPort},
		{"backend", "http://qlvb?", backendParts}, {"backend", "http://qlvb/?a=b", backendParts}, {"backend", "http://qlvb/#", backendParts},
		{"backend", "http://localhost:8080", backendHost}, {"backend", "http://LOCALHOST", backendHost}, {"backend", "http://a.localhost.:80", backendHost},
		{"backend", "http://127.0.0.1:8080", backendHost}, {"backend", "http://127.9.9.9", backendHost}, {"backend", "http://127.1", backendHost},
		{"backend", "http://224.0.0.1", backendHost}, {"backend", "http://255.255.255.255:80", backendHost}, {"backend", "http://0.0.0.0:80", backendHost}, {"backend", "http://169.254.169.254", backendHost},
		{"backend", "http://[::1]:8080", backendHost}, {"backend", "http://[0:0:0:0:0:0:0:1]", backendHost}, {"backend", "http://[::]", backendHost},
		{"backend", "http://[FE80::1]", backendHost}, {"backend", "http://[fe80::1%25eth0]:80", backendHost},
		{"backend", "http://[::ffff:127.0.0.1]", backendHost}, {"backend", "http://[::ffff:7f00:1]", backendHost},

		{"backend", "http://0x7f.1", backendName}, {"backend", "http://0X7F000001:80", backendName}, {"backend", "http://2130706433/", backendName},
		{"backend", "http://10.1", backendName}, {"backend", "http://300.1.1.1", backendName}, {"backend", "http://010.1.1.1", backendName},
		{"backend", "http://qlvb..g12", backendName}, {"backend", "http://-qlvb.g12", backendName}, {"backend", "http://qlvb_g12.svc", backendName},
		{"backend", "http://bộ.gov.vn", backendName}, {"backend", "http://[2001:db8::7%25eth0]", backendName}, {"backend", "http://qlvb.", none},

		{"endpoint", "https://0x7f.1:8443", endpointName}, {"endpoint", "https://2130706433", endpointName}, {"endpoint", "https://truc..vn", endpointName},
		{"endpoint", "HTTPS://truc.lienthong.gov.vn:8443", none}, {"endpoint", "https://127.0.0.1:8443", none}, {"endpoint", "https://[::1]/truc", none},
		{"endpoint", "https://:8443", endpointShape}, {"endpoint", "https://truc:https", endpointShape}, {"endpoint", "http://truc", endpointShape},
		{"endpoint", "https://truc:0", endpointPort}, {"endpoint", "https://truc:65536", endpointPort}, {"endpoint", "https://truc:1000000", endpointPort},
		{"endpoint", "https://truc?", endpointParts}, {"endpoint", "https://truc/#a", endpointParts},

		{"path", "/", none}, {"path", "/healthz", none}, {"path", "/a//b/%20", none},
		{"path", "healthz", pathShape}, {"path", "//truc/healthz", pathShape}, {"path", "/healthz?", pathShape}, {"path", "/healthz?a", pathShape},
		{"path", "/health#z", pathShape}, {"path", "/health z", pathShape}, {"path", "/%zz", pathShape}, {"path", "https://truc/", pathShape},

		{"identity", "spiffe://lienthong.test/hub/a.b", none}, {"identity", "spiffe://lienthong.test/...", none},
		{"identity", "spiffe://lienthong.test/a/../b", identityDots}, {"identity", "spiffe://lienthong.test/a/.", identityDots},
		{"identity", "spiffe://lienthong.test", identityShape}, {"identity", "spiffe://lienthong.test/", identityShape},
		{"identity", "spiffe://lienthong.test/a//b", identityShape}, {"identity", "SPIFFE://lienthong.test/hub", identityShape},
	}
	env, good := suite(t), goodObjects(t)
	for _, tt := range tests {
		t.Run(tt.field+" "+tt.value, func(t *testing.T) {
			field := fields[tt.field]
			object := loose(t, env.Scheme, good[field.kind])
			field.edit(tt.value)(object.Object)
			err := env.Client.Create(t.Context(), object, client.DryRunAll)
			if tt.want != none {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("the API answered\n%v\nwant\n%s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Errorf("the API refuses it: %v", err)
			}
			c := gatewayConfig()
			field.place(&c, tt.value)
			if err := c.Validate(); err != nil {
				t.Errorf("the API takes it, and the gateway does not: %v", err)
			}
		})
	}
}

// gatewayConfig is a configuration that a gateway takes.
func gatewayConfig() config.Config {
	const hub = "spiffe://lienthong.test/hub"
	c := config.Default()
	c.Agency, c.Connector, c.SPIFFEID = "T01", "t01/main", "spiffe://lienthong.test/agency/T01/connector/t01/main"
	c.Inbound.AllowedPeers, c.Inbound.Backend.URL = []string{hub}, "http://qlvb.t01.svc:8080"
	c.Outbound.Endpoints = []config.Endpoint{{Name: "primary", URL: "https://truc.lienthong.test", AllowedPeers: []string{hub}}}
	c.Status.AllowedPeers = []string{"spiffe://lienthong.test/operator"}
	return c
}
