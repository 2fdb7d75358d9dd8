package desired

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/fixture"
)

// With -update, the golden files are written anew.
var update = flag.Bool("update", false, "write the golden files anew")

const anchor = "-----BEGIN CERTIFICATE-----\nAnchors are put into the ConfigMap as they are.\n-----END CERTIFICATE-----\n"

// inputs are those of the Ministry of Finance at the given level, with the defaults that the API server would fill in.
func inputs(t *testing.T, level int) Inputs {
	t.Helper()
	in := Inputs{
		Connector:         fixture.Read(t, "connectors/ministries.yaml", "g12", &v1alpha1.Connector{}),
		Agency:            fixture.Read(t, "agencies/ministries.yaml", "g12", &v1alpha1.Agency{}),
		Hub:               fixture.Read(t, "hub.yaml", "national-hub", &v1alpha1.ExchangeHub{}),
		Class:             fixture.Read(t, "class.yaml", "gateway", &v1alpha1.ConnectorClass{}),
		Profile:           profile(t, level),
		Delivery:          SecretDelivery{},
		TrustBundle:       anchor,
		Revocations:       []byte("{}\n"),
		OperatorNamespace: "lienthong-system",
	}
	in.Connector.UID = types.UID("00000000-0000-0000-0000-000000000012")
	in.Connector.Spec.SecurityLevel = v1alpha1.SecurityLevel(level)
	in.Connector.Spec.IPFamilyPolicy = "PreferDualStack"
	in.Class.Spec.Ports = v1alpha1.GatewayPorts{Inbound: 8443, Outbound: 8080, Status: 8444, Probes: 8081}
	in.Class.Spec.Mounts = v1alpha1.GatewayMounts{Identity: "/var/run/lienthong/identity", Config: "/etc/lienthong/gateway"}
	in.Class.Spec.Drain.Delay.Duration, in.Class.Spec.Drain.Timeout.Duration = 5e9, 30e9
	in.Class.Spec.Limits.MaxConcurrentRequests = 256
	in.Class.Spec.Limits.MaxBodySize.Set(64 << 20)
	return in
}

func profile(t *testing.T, level int) *v1alpha1.SecurityProfile {
	t.Helper()
	file, name := fmt.Sprintf("../../profiles/nd331-2026/level-%d.yaml", level), fmt.Sprintf("nd331-2026-level-%d", level)
	return fixture.Read(t, file, name, &v1alpha1.SecurityProfile{})
}

func TestObjectsOfEachLevel(t *testing.T) {
	for level := 1; level <= 5; level++ {
		t.Run(fmt.Sprintf("level %d", level), func(t *testing.T) {
			objects, err := All(inputs(t, level))
			if err != nil {
				t.Fatal(err)
			}
			if len(objects) != Children {
				t.Errorf("a Connector consists of %d objects, want %d", len(objects), Children)
			}
			var got bytes.Buffer
			for _, object := range objects {
				document, err := yaml.Marshal(object)
				if err != nil {
					t.Fatal(err)
				}
				got.WriteString("---\n")
				got.Write(document)
			}
			compare(t, filepath.Join("testdata", fmt.Sprintf("level-%d.golden.yaml", level)), got.Bytes())
		})
	}
}

func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs; if the change is meant, run go test ./controllers/desired -update (-want +got):\n%s", file, diff)
	}
}

func TestGatewayConfigIsValid(t *testing.T) {
	for level := 1; level <= 5; level++ {
		if err := GatewayConfig(inputs(t, level)).Validate(); err != nil {
			t.Errorf("level %d: the gateway would refuse its configuration: %v", level, err)
		}
	}
}

func TestPortOf(t *testing.T) {
	tests := map[string]struct {
		url     string
		want    int32
		refused bool
	}{
		"http":             {"http://qlvb.g12.svc/inbox", 80, false},
		"https":            {"https://qlvb.g12.svc", 443, false},
		"explicit":         {"http://qlvb.g12.svc:8080", 8080, false},
		"IPv6":             {"http://[2001:db8::1]:8080", 8080, false},
		"zero":             {"http://qlvb.g12.svc:0", 0, true},
		"beyond 65535":     {"http://qlvb.g12.svc:65536", 0, true},
		"not a number":     {"http://qlvb.g12.svc:web", 0, true},
		"not a URL at all": {"http://[::1", 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := portOf(tt.url)
			if got != tt.want || (err != nil) != tt.refused {
				t.Errorf("portOf(%q) = %d, %v; want %d, refused %t", tt.url, got, err, tt.want, tt.refused)
			}
		})
	}
}
