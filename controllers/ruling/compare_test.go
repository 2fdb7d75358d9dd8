package ruling

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestShortOf(t *testing.T) {
	type profile = v1alpha1.SecurityProfile
	const suite, other = v1alpha1.TLSCipherSuite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"), v1alpha1.TLSCipherSuite("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")
	tests := map[string]struct {
		is, asked func(*profile)
		replicas  int32
		want      map[string]string
	}{
		"the same": {},
		"more than asked for": {is: func(p *profile) {
			p.Spec.TLS = v1alpha1.TLSRequirements{MinVersion: v1alpha1.VersionTLS13}
			p.Spec.Cryptography.FIPS140, p.Spec.Network.Egress = v1alpha1.FIPS140Enabled, v1alpha1.EgressControlled
			p.Spec.Certificate.KeySize, p.Spec.Certificate.Duration = 384, hours(30)
			p.Spec.Workload.SpreadHosts, p.Spec.Workload.SpreadZones = v1alpha1.SpreadRequired, v1alpha1.SpreadRequired
			p.Spec.Logging.Destination = v1alpha1.LogToCollector
		}, replicas: 5},
		"a lower version": {
			asked: func(p *profile) { p.Spec.TLS = v1alpha1.TLSRequirements{MinVersion: v1alpha1.VersionTLS13} },
			want:  map[string]string{"tls.minVersion": "SecurityProfile asked asks for VersionTLS13 at least, but VersionTLS12 is accepted."},
		},
		"other suites": {
			is: func(p *profile) { p.Spec.TLS.CipherSuites = []v1alpha1.TLSCipherSuite{suite, other} },
			want: map[string]string{
				"tls.cipherSuites": "SecurityProfile asked asks for no other cipher suites than " + string(suite) + ", but accepted as well: " + string(other) + ".",
			},
		},
		"all suites": {
			is: func(p *profile) { p.Spec.TLS.CipherSuites = nil },
			want: map[string]string{
				"tls.cipherSuites": "SecurityProfile asked asks for no other cipher suites than " + string(suite) + ", but everything is accepted that Go finds secure.",
			},
		},
		"fewer suites": {asked: func(p *profile) { p.Spec.TLS.CipherSuites = []v1alpha1.TLSCipherSuite{suite, other} }},
		"any suite":    {asked: func(p *profile) { p.Spec.TLS.CipherSuites = nil }},
		"other groups": {
			is:    func(p *profile) { p.Spec.TLS.KeyExchange = []v1alpha1.TLSKeyExchange{"X25519MLKEM768", "X25519"} },
			asked: func(p *profile) { p.Spec.TLS.KeyExchange = []v1alpha1.TLSKeyExchange{"X25519MLKEM768"} },
			want:  map[string]string{"tls.keyExchange": "SecurityProfile asked asks for no other groups for the exchange of keys than X25519MLKEM768, but accepted as well: X25519."},
		},
		"no FIPS 140": {
			asked: func(p *profile) { p.Spec.Cryptography.FIPS140 = v1alpha1.FIPS140Enabled },
			want:  map[string]string{"cryptography.fips140": "SecurityProfile asked asks for FIPS 140 mode, but it is not enabled."},
		},
		"another algorithm, whose sizes say nothing": {
			asked: func(p *profile) {
				p.Spec.Certificate.KeyAlgorithm, p.Spec.Certificate.KeySize = v1alpha1.KeyAlgorithmRSA, 3072
			},
			want: map[string]string{"certificate.keyAlgorithm": "SecurityProfile asked asks for RSA keys, but the keys are ECDSA."},
		},
		"smaller keys": {
			asked: func(p *profile) { p.Spec.Certificate.KeySize = 384 },
			want:  map[string]string{"certificate.keySize": "SecurityProfile asked asks for keys of 384 bits, but they have 256."},
		},
		"longer lives": {
			asked: func(p *profile) { p.Spec.Certificate.Duration = hours(89) },
			want:  map[string]string{"certificate.duration": "SecurityProfile asked asks for a life of certificates of at most 89h0m0s, but it is 90h0m0s."},
		},
		"fewer pods": {
			replicas: 1,
			want:     map[string]string{"workload.minReplicas": "SecurityProfile asked asks for 2 gateway pods, but there are to be 1."},
		},
		"less spread": {
			is: func(p *profile) {
				p.Spec.Workload.SpreadHosts, p.Spec.Workload.SpreadZones = v1alpha1.SpreadPreferred, v1alpha1.SpreadNone
			},
			asked: func(p *profile) {
				p.Spec.Workload.SpreadHosts, p.Spec.Workload.SpreadZones = v1alpha1.SpreadRequired, v1alpha1.SpreadPreferred
			},
			want: map[string]string{
				"workload.spreadHosts": "SecurityProfile asked asks for the spread of pods over hosts to be Required, but it is Preferred.",
				"workload.spreadZones": "SecurityProfile asked asks for the spread of pods over zones to be Preferred, but it is None.",
			},
		},
		"looser egress": {
			asked: func(p *profile) { p.Spec.Network.Egress = v1alpha1.EgressControlled },
			want:  map[string]string{"network.egress": "SecurityProfile asked asks for outgoing connections to be Controlled, but only their ports are restricted."},
		},
		"no collector": {
			asked: func(p *profile) { p.Spec.Logging.Destination = v1alpha1.LogToCollector },
			want:  map[string]string{"logging.destination": "SecurityProfile asked asks for the request log to go to the hub's collector, but it goes to the standard output only."},
		},
		"fewer fields": {
			is:    func(p *profile) { p.Spec.Logging.Fields = []v1alpha1.LogField{"Peer", "Status"} },
			asked: func(p *profile) { p.Spec.Logging.Fields = []v1alpha1.LogField{"Peer", "Path"} },
			want:  map[string]string{"logging.fields": "SecurityProfile asked asks for the fields Peer, Path in the request log, but these are missing: Path."},
		},
		"not every field": {
			is:   func(p *profile) { p.Spec.Logging.Fields = []v1alpha1.LogField{"Peer"} },
			want: map[string]string{"logging.fields": "SecurityProfile asked asks for every field of the request log, but only these are written: Peer."},
		},
		"every field": {asked: func(p *profile) { p.Spec.Logging.Fields = []v1alpha1.LogField{"Peer"} }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			is, asked := lenient(), lenient()
			asked.Name = "asked"
			if tt.is != nil {
				tt.is(is)
			}
			if tt.asked != nil {
				tt.asked(asked)
			}
			if tt.replicas == 0 {
				tt.replicas = 2
			}
			var got map[string]string
			for _, f := range ShortOf(Enforced{Profile: is, Replicas: tt.replicas}, asked) {
				if got == nil {
					got = map[string]string{}
				}
				if f.Type != v1alpha1.ShortfallTechnical {
					t.Errorf("%s is of the type %s", f.Name, f.Type)
				}
				got[f.Name] = f.Message
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("short (-want +got):\n%s", diff)
			}
		})
	}
}
