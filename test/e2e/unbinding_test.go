//go:build e2e

package e2e

import (
	"slices"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// unboundNamespaceLosesItsIdentity takes a namespace off its Agency, and puts it back.
func unboundNamespaceLosesItsIdentity(t *testing.T) {
	const agency = "g01"
	before := must(connector(t.Context(), agency))(t)
	kept := pairOf(secret(t, agency, desired.SecretName(agency)))
	old := parsed(t, kept)
	var bound []string
	editAgency(t, before.Spec.AgencyRef.Name, func(s *v1alpha1.AgencySpec) { bound = slices.Clone(s.Namespaces) })
	bind := func(namespaces ...string) {
		editAgency(t, before.Spec.AgencyRef.Name, func(s *v1alpha1.AgencySpec) { s.Namespaces = namespaces })
	}
	t.Cleanup(func() { bind(bound...) })
	known := must(exchangeHub(t.Context()))(t).Status.RevocationDigest
	ask, begin := newAsker(t), time.Now()
	bind("another-" + agency)
	everyGatewayKnows(t, ask, begin, agency, known)
	lostItsRight(t, agency, v1alpha1.ReasonNamespaceNotListed, begin)
	replayIsRefused(t, agency, kept, begin)
	begin = time.Now()
	bind(bound...)
	comesBack(t, before, old, begin)
	replayIsRefused(t, agency, kept, begin)
}
