package entitlement

import (
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// MayClaim tells whether a Connector of the agency may bear the host name: it is one of the agency's domains or lies below one.
func MayClaim(agency *v1alpha1.Agency, hostname string) bool {
	return slices.ContainsFunc(agency.Spec.Domains, func(domain string) bool {
		return hostname == domain || strings.HasSuffix(hostname, "."+domain)
	})
}
