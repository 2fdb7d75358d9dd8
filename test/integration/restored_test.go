package integration

import (
	"fmt"
	"testing"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// TestRestoredIdentityIsKept brings back the Secret of a Connector, as from a backup, while there are neither its Certificate nor what it was issued
// for. cert-manager takes the Secret over, and neither it nor the hub has the identity replaced: who signed it is still told.
func TestRestoredIdentityIsKept(t *testing.T) {
	w, _ := renewableWorld(t, atOnce)
	w.connect(t)
	w.revision(t, 1)
	identity, told, history := w.leaf(t), w.connector.Status.Certificate.DeepCopy(), w.record(t)
	shared.operator.stop(t)
	w.restoreIdentity(t)
	shared.operator.again(t, clock.RealClock{})

	// cert-manager counts the revisions of the next Certificate anew: it has issued none.
	told.Revision = 0
	w.Eventually(t, func() error {
		w.ready(t)
		if diff := cmp.Diff(told, w.connector.Status.Certificate); diff != "" {
			return fmt.Errorf("of the certificate that was taken over, the status tells (-want +got):\n%s", diff)
		}
		return nil
	})
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

// restoreIdentity removes the Certificate of the world's Connector with all that Kubernetes removes with it, and then creates the Secret anew.
func (w *world) restoreIdentity(t *testing.T) {
	t.Helper()
	key := client.ObjectKey{Namespace: w.namespace, Name: desired.SecretName(w.connector.Name)}
	secret := &corev1.Secret{}
	if err := w.Client.Get(t.Context(), key, secret); err != nil {
		t.Fatal(err)
	}
	if err := w.Client.Delete(t.Context(), w.certificate(t)); err != nil {
		t.Fatal(err)
	}
	w.Eventually(t, func() error {
		var requests cmapi.CertificateRequestList
		if err := w.Client.List(t.Context(), &requests, client.InNamespace(w.namespace)); err != nil {
			return err
		}
		if err := w.Client.Get(t.Context(), key, &corev1.Secret{}); !apierrors.IsNotFound(err) || len(requests.Items) > 0 {
			return fmt.Errorf("%d requests of the Certificate, or its Secret, are still there: %w", len(requests.Items), err)
		}
		return nil
	})
	w.Create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name, Labels: secret.Labels, Annotations: secret.Annotations},
		Type:       secret.Type, Data: secret.Data,
	})
}
