package ruling

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func hours(n int) metav1.Duration { return metav1.Duration{Duration: time.Duration(n) * time.Hour} }

// lenient asks for as little as a profile can, strict for as much as a hardening can.
func lenient() *v1alpha1.SecurityProfile {
	return &v1alpha1.SecurityProfile{
		ObjectMeta: metav1.ObjectMeta{Name: "level-2"},
		Spec: v1alpha1.SecurityProfileSpec{
			Regime: "nd331-2026", Level: 2,
			TLS: v1alpha1.TLSRequirements{
				MinVersion: v1alpha1.VersionTLS12, CipherSuites: []v1alpha1.TLSCipherSuite{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
			},
			Cryptography: v1alpha1.CryptographyRequirements{FIPS140: v1alpha1.FIPS140Disabled},
			Certificate: v1alpha1.CertificateRequirements{
				KeyAlgorithm: v1alpha1.KeyAlgorithmECDSA, KeySize: 256, Duration: hours(90), RenewBefore: hours(30),
			},
			Workload: v1alpha1.WorkloadRequirements{MinReplicas: 2},
			Network:  v1alpha1.NetworkRequirements{Egress: v1alpha1.EgressPorts},
		},
	}
}

func strict() *v1alpha1.SecurityProfile {
	p := lenient()
	p.Spec.TLS = v1alpha1.TLSRequirements{MinVersion: v1alpha1.VersionTLS13}
	p.Spec.Cryptography.FIPS140, p.Spec.Network.Egress = v1alpha1.FIPS140Enabled, v1alpha1.EgressControlled
	return p
}

func TestHarden(t *testing.T) {
	tests := map[string]struct {
		profile *v1alpha1.SecurityProfile
		wish    *v1alpha1.Hardening
		// hardened changes the profile to what is expected.
		hardened func(*v1alpha1.SecurityProfileSpec)
		lax      []string
	}{
		"nothing": {profile: lenient()},
		"a higher version, which has no suites of TLS 1.2": {
			profile: lenient(), wish: &v1alpha1.Hardening{MinTLSVersion: v1alpha1.VersionTLS13},
			hardened: func(s *v1alpha1.SecurityProfileSpec) {
				s.TLS = v1alpha1.TLSRequirements{MinVersion: v1alpha1.VersionTLS13}
			},
		},
		"the same version": {profile: lenient(), wish: &v1alpha1.Hardening{MinTLSVersion: v1alpha1.VersionTLS12}},
		"a lower version": {
			profile: strict(), wish: &v1alpha1.Hardening{MinTLSVersion: v1alpha1.VersionTLS12},
			lax: []string{"hardening.minTLSVersion is VersionTLS12, but SecurityProfile level-2 asks for at least VersionTLS13; write VersionTLS13, or leave hardening.minTLSVersion out."},
		},
		"a shorter life, with the time for renewals in proportion": {
			profile: lenient(), wish: &v1alpha1.Hardening{CertificateDuration: new(hours(30))},
			hardened: func(s *v1alpha1.SecurityProfileSpec) {
				s.Certificate.Duration, s.Certificate.RenewBefore = hours(30), hours(10)
			},
		},
		"the shortest life, with the least time for renewals": {
			profile: lenient(), wish: &v1alpha1.Hardening{CertificateDuration: new(hours(1))},
			hardened: func(s *v1alpha1.SecurityProfileSpec) {
				s.Certificate.Duration, s.Certificate.RenewBefore = hours(1), metav1.Duration{Duration: 20 * time.Minute}
			},
		},
		"the same life": {profile: lenient(), wish: &v1alpha1.Hardening{CertificateDuration: new(hours(90))}},
		"a longer life": {
			profile: lenient(), wish: &v1alpha1.Hardening{CertificateDuration: new(hours(91))},
			lax: []string{"hardening.certificateDuration is 91h0m0s, but SecurityProfile level-2 asks for at most 90h0m0s; write 90h0m0s or less, or leave hardening.certificateDuration out."},
		},
		"stricter egress": {
			profile: lenient(), wish: &v1alpha1.Hardening{Egress: v1alpha1.EgressControlled},
			hardened: func(s *v1alpha1.SecurityProfileSpec) { s.Network.Egress = v1alpha1.EgressControlled },
		},
		"looser egress": {
			profile: strict(), wish: &v1alpha1.Hardening{Egress: v1alpha1.EgressPorts},
			lax: []string{"hardening.egress is Ports, but SecurityProfile level-2 asks for Controlled; write Controlled, or leave hardening.egress out."},
		},
		"FIPS 140 enabled": {
			profile: lenient(), wish: &v1alpha1.Hardening{FIPS140: v1alpha1.FIPS140Enabled},
			hardened: func(s *v1alpha1.SecurityProfileSpec) { s.Cryptography.FIPS140 = v1alpha1.FIPS140Enabled },
		},
		"FIPS 140 disabled": {
			profile: strict(), wish: &v1alpha1.Hardening{FIPS140: v1alpha1.FIPS140Disabled},
			lax: []string{"hardening.fips140 is Disabled, but SecurityProfile level-2 asks for Enabled; write Enabled, or leave hardening.fips140 out."},
		},
		"more of one and less of another": {
			profile: strict(), wish: &v1alpha1.Hardening{CertificateDuration: new(hours(45)), FIPS140: v1alpha1.FIPS140Disabled},
			hardened: func(s *v1alpha1.SecurityProfileSpec) {
				s.Certificate.Duration, s.Certificate.RenewBefore = hours(45), hours(15)
			},
			lax: []string{"hardening.fips140 is Disabled, but SecurityProfile level-2 asks for Enabled; write Enabled, or leave hardening.fips140 out."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before, want := tt.profile.DeepCopy(), tt.profile.DeepCopy()
			if tt.hardened != nil {
				tt.hardened(&want.Spec)
			}
			got, lax := Harden(tt.profile, tt.wish)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the profile (-want +got):\n%s", diff)
			}
			var messages []string
			for _, l := range lax {
				messages = append(messages, l.Message)
			}
			if diff := cmp.Diff(tt.lax, messages); diff != "" {
				t.Errorf("the refusals (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, tt.profile); diff != "" {
				t.Errorf("the profile itself was changed:\n%s", diff)
			}
		})
	}
}

// Whatever is wished for, what is enforced is never less than the profile asks for, and a certificate can be issued with it.
func TestHardeningNeverLoosens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		profile := rapid.SampledFrom([]func() *v1alpha1.SecurityProfile{lenient, strict}).Draw(t, "profile")()
		life := rapid.Int64Range(1, 10000).Draw(t, "life")
		profile.Spec.Certificate.Duration.Duration = time.Duration(life) * time.Hour
		profile.Spec.Certificate.RenewBefore.Duration = time.Duration(rapid.Int64Range(5, life*60-1).Draw(t, "renewBefore")) * time.Minute
		wish := &v1alpha1.Hardening{
			MinTLSVersion: rapid.SampledFrom([]v1alpha1.TLSVersion{"", v1alpha1.VersionTLS12, v1alpha1.VersionTLS13}).Draw(t, "version"),
			Egress:        rapid.SampledFrom([]v1alpha1.EgressPolicy{"", v1alpha1.EgressPorts, v1alpha1.EgressControlled}).Draw(t, "egress"),
			FIPS140:       rapid.SampledFrom([]v1alpha1.FIPS140Mode{"", v1alpha1.FIPS140Disabled, v1alpha1.FIPS140Enabled}).Draw(t, "fips140"),
		}
		if asked := rapid.Int64Range(59, 20000*60).Draw(t, "asked"); asked >= 60 {
			wish.CertificateDuration = &metav1.Duration{Duration: time.Duration(asked) * time.Minute}
		}
		got, lax := Harden(profile, wish)
		if short := ShortOf(Enforced{Profile: got, Replicas: 2}, profile); len(short) > 0 {
			t.Fatalf("with %+v less is enforced than asked for: %+v", wish, short)
		}
		certificate := got.Spec.Certificate
		if certificate.RenewBefore.Duration < 5*time.Minute || certificate.RenewBefore.Duration >= certificate.Duration.Duration {
			t.Fatalf("a life of %s cannot be renewed %s before its end", certificate.Duration.Duration, certificate.RenewBefore.Duration)
		}
		// Each wish is either granted or refused.
		refused := func(field string) bool {
			return slices.ContainsFunc(lax, func(l Laxity) bool { return l.Field == field })
		}
		if d := wish.CertificateDuration; d != nil && (*d == certificate.Duration) == refused("certificateDuration") {
			t.Fatalf("a life of %s was asked for: %s, refused: %+v", d.Duration, certificate.Duration.Duration, lax)
		}
		if wish.Egress != "" && (wish.Egress == got.Spec.Network.Egress) == refused("egress") {
			t.Fatalf("egress %s was asked for: %s, refused: %+v", wish.Egress, got.Spec.Network.Egress, lax)
		}
	})
}
