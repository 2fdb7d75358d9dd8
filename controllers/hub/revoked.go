package hub

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/entitlement"
)

// maxRevoked is how many identities the status of a hub can hold.
const maxRevoked = 4096

// revokedIdentities are those whose certificates nobody may accept any more, because their Connector lost the right to connect. An
// entry outlives the loss, and the Connector: it stays until the last of the certificates has expired. A Connector that has the right
// again is let in by a certificate that became valid later.
func revokedIdentities(s *scope, now time.Time) []v1alpha1.RevokedIdentity {
	byID := map[string]v1alpha1.RevokedIdentity{}
	for _, entry := range s.before.Status.RevokedIdentities {
		byID[entry.SPIFFEID] = entry
	}
	for i := range s.connectors {
		c := &s.connectors[i]
		certificate := c.Status.Certificate
		if c.Status.SPIFFEID == "" || certificate == nil || certificate.NotAfter == nil {
			continue
		}
		if reason := lostRight(s, c); reason != "" {
			known, there := byID[c.Status.SPIFFEID]
			byID[c.Status.SPIFFEID] = revoke(known, there, c, reason, now)
		}
	}
	var result []v1alpha1.RevokedIdentity
	for _, entry := range byID {
		if entry.Until.After(now) {
			result = append(result, entry)
		}
	}
	// There is room for more than a country has; if it were not enough, those that last the longest matter the most.
	if len(result) > maxRevoked {
		slices.SortFunc(result, func(a, b v1alpha1.RevokedIdentity) int { return b.Until.Compare(a.Until.Time) })
		result = result[:maxRevoked]
	}
	slices.SortFunc(result, func(a, b v1alpha1.RevokedIdentity) int { return cmp.Compare(a.SPIFFEID, b.SPIFFEID) })
	return result
}

// revoke gives the entry of a Connector without the right. What is known already stays as it is, unless the Connector has got another
// certificate since: it had the right in between, or the certificate was already under way.
func revoke(
	known v1alpha1.RevokedIdentity, there bool, c *v1alpha1.Connector, reason v1alpha1.RevocationReason, now time.Time,
) v1alpha1.RevokedIdentity {
	certificate := c.Status.Certificate
	until := certificate.NotAfter.Time
	if !there || certificate.NotBefore != nil && certificate.NotBefore.After(known.ValidBefore.Time) {
		until = later(until, known.Until.Time)
		// An issuer writes whole seconds: a certificate of this very second counts as issued before.
		known = v1alpha1.RevokedIdentity{SPIFFEID: c.Status.SPIFFEID, Reason: reason, ValidBefore: metav1.NewTime(now.Truncate(time.Second))}
		if certificate.NotBefore != nil && certificate.NotBefore.After(known.ValidBefore.Time) {
			known.ValidBefore = *certificate.NotBefore
		}
	}
	known.Until = metav1.NewTime(later(until, known.Until.Time))
	return known
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// lostRight says why a Connector must not connect any more; empty if it may, or if that is not known. What else may be wrong with its
// Agency takes nothing back, so only what the platform declared is judged here.
func lostRight(s *scope, c *v1alpha1.Connector) v1alpha1.RevocationReason {
	agency := s.agencies[c.Spec.AgencyRef.Name]
	if agency == nil {
		return ""
	}
	declared := &v1alpha1.Agency{ObjectMeta: agency.ObjectMeta, Spec: agency.Spec}
	denial := entitlement.Decide(entitlement.Claim{Connector: c, Agency: declared, Hub: s.hub})
	switch {
	case denial == nil || !denial.Lost:
		return ""
	case denial.Reason == v1alpha1.ReasonNamespaceNotListed:
		return v1alpha1.RevocationAffiliationChanged
	case denial.Reason == v1alpha1.ReasonAgencyNotActive:
		return v1alpha1.RevocationCessationOfOperation
	default:
		return v1alpha1.RevocationPrivilegeWithdrawn
	}
}
