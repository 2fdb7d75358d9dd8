package ruling

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// leastRenewBefore is the least that cert-manager takes.
const leastRenewBefore = 5 * time.Minute

// Laxity is a wish of a Connector for less than its profile asks for.
type Laxity struct {
	// Field of the Connector's hardening, such as minTLSVersion.
	Field string
	// Message says what is asked for, what the profile asks for, and what to write instead.
	Message string
}

// Harden gives a copy of a profile with what the Connector asks for beyond it, and each wish for less. Such a wish changes nothing in the
// copy, so that what runs under a Connector that is refused for it goes on as it was.
func Harden(profile *v1alpha1.SecurityProfile, wish *v1alpha1.Hardening) (*v1alpha1.SecurityProfile, []Laxity) {
	result := profile.DeepCopy()
	if wish == nil {
		return result, nil
	}
	var lax []Laxity
	for _, harden := range []func(*v1alpha1.SecurityProfile, *v1alpha1.Hardening) *Laxity{hardenTLS, hardenLife, hardenEgress, hardenFIPS140} {
		if l := harden(result, wish); l != nil {
			lax = append(lax, *l)
		}
	}
	return result, lax
}

func hardenTLS(profile *v1alpha1.SecurityProfile, wish *v1alpha1.Hardening) *Laxity {
	least := profile.Spec.TLS.MinVersion
	switch asked := wish.MinTLSVersion; asked {
	case "", least:
		return nil
	case v1alpha1.VersionTLS13:
		profile.Spec.TLS.MinVersion = asked
		// The suites are those of TLS 1.2, which is ruled out now.
		profile.Spec.TLS.CipherSuites = nil
		return nil
	default:
		return laxity(profile, "minTLSVersion", string(asked), "at least "+string(least), string(least))
	}
}

// hardenLife shortens the time for renewals in proportion, so that it stays within the life.
func hardenLife(profile *v1alpha1.SecurityProfile, wish *v1alpha1.Hardening) *Laxity {
	if wish.CertificateDuration == nil {
		return nil
	}
	asked, certificate := wish.CertificateDuration.Duration, &profile.Spec.Certificate
	most := certificate.Duration.Duration
	switch {
	case asked > most:
		return laxity(profile, "certificateDuration", asked.String(), "at most "+most.String(), most.String()+" or less")
	case asked == most || most <= 0:
		return nil
	}
	// A duration times a duration may be more than one holds.
	share := time.Duration(float64(certificate.RenewBefore.Duration) * (float64(asked) / float64(most)))
	certificate.Duration = metav1.Duration{Duration: asked}
	certificate.RenewBefore = metav1.Duration{Duration: max(share.Truncate(time.Second), leastRenewBefore)}
	return nil
}

func hardenEgress(profile *v1alpha1.SecurityProfile, wish *v1alpha1.Hardening) *Laxity {
	switch {
	case wish.Egress == v1alpha1.EgressControlled:
		profile.Spec.Network.Egress = wish.Egress
	case wish.Egress == v1alpha1.EgressPorts && profile.Spec.Network.Egress == v1alpha1.EgressControlled:
		return laxity(profile, "egress", string(wish.Egress), string(v1alpha1.EgressControlled), string(v1alpha1.EgressControlled))
	}
	return nil
}

func hardenFIPS140(profile *v1alpha1.SecurityProfile, wish *v1alpha1.Hardening) *Laxity {
	switch {
	case wish.FIPS140 == v1alpha1.FIPS140Enabled:
		profile.Spec.Cryptography.FIPS140 = wish.FIPS140
	case wish.FIPS140 == v1alpha1.FIPS140Disabled && profile.Spec.Cryptography.FIPS140 == v1alpha1.FIPS140Enabled:
		return laxity(profile, "fips140", string(wish.FIPS140), string(v1alpha1.FIPS140Enabled), string(v1alpha1.FIPS140Enabled))
	}
	return nil
}

func laxity(profile *v1alpha1.SecurityProfile, field, asked, bound, instead string) *Laxity {
	return &Laxity{Field: field, Message: fmt.Sprintf(
		"hardening.%s is %s, but SecurityProfile %s asks for %s; write %s, or leave hardening.%s out.", field, asked, profile.Name, bound, instead, field)}
}
