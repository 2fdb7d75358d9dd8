package integration

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// TestIdentityIsKeptWithoutItsRequest removes the Certificate of a Connector and what it was issued for, as when Connector and Secret are
// restored without them. cert-manager takes over the Secret, and neither it nor the hub has the identity replaced: who signed it is still told.
func TestIdentityIsKeptWithoutItsRequest(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, atOnce)
	w.connect(t)
	w.revision(t, 1)
	identity, told, history := w.leaf(t), w.connector.Status.Certificate.DeepCopy(), w.record(t)

	before := w.certificate(t)
	if err := w.Client.Delete(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	// cert-manager counts the revisions of the next Certificate anew: it has issued none.
	told.Revision = 0
	w.Eventually(t, func() error {
		w.ready(t)
		if diff := cmp.Diff(told, w.connector.Status.Certificate); diff != "" {
			return fmt.Errorf("of the certificate that was taken over, the status tells (-want +got):\n%s", diff)
		}
		return nil
	})
	if after := w.certificate(t); after.UID == before.UID {
		t.Fatal("the Certificate is the one from before, so nothing was taken over")
	}
	w.change(t, w.hub, func() { w.hub.Spec.HealthPath = "/healthz" })
	w.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if r := s.Rollover; r.Phase != v1alpha1.RolloverComplete || *r.Reissued != 1 {
			return fmt.Errorf("the rollover is %+v, want nobody to be moved", r)
		}
		return nil
	})
	w.staysAt(t, 0)
	if !w.leaf(t).Equal(identity) {
		t.Error("another identity was issued")
	}
	if history.saw(func(c *v1alpha1.Connector) bool {
		is := c.Status.Certificate
		return is == nil || is.SerialNumber != told.SerialNumber || is.Authority != told.Authority || !cmp.Equal(is.IssuerRef, told.IssuerRef)
	}) {
		t.Error("for a moment, the status did not tell of the certificate")
	}
}
