package integration

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
)

// oneConnected is a world with one simulated Connector, in which all is well.
func oneConnected(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.takeOver(t, fingerprint(t, shared.anchor))
	w.fleet(t, "main")
	w.until(t, func() error { return w.get(t.Context(), w.connector) })
	return w
}

// bind lets the Agency list other namespaces.
func (w *world) bind(t *testing.T, namespaces ...string) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.get(t.Context(), w.agency); err != nil {
			return err
		}
		w.agency.Spec.Namespaces = namespaces
		return w.Client.Update(t.Context(), w.agency)
	})
}

// revoked waits until the hub tells of exactly one revoked identity, and gives it.
func (w *world) revoked(t *testing.T) v1alpha1.RevokedIdentity {
	t.Helper()
	w.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if len(s.RevokedIdentities) != 1 {
			return fmt.Errorf("the revoked identities are %+v, want one", s.RevokedIdentities)
		}
		return nil
	})
	return w.hub.Status.RevokedIdentities[0]
}

func TestLostRightIsRevoked(t *testing.T) {
	w := oneConnected(t)
	w.editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.PublishTo = &v1alpha1.ConfigMapReference{Namespace: w.namespace, Name: "hub-trust"}
	})
	id, until := w.connector.Status.SPIFFEID, w.connector.Status.Certificate.NotAfter
	kept := w.identityKept(t)
	w.replays(t, kept, nil)
	w.bind(t, "elsewhere")
	got := w.revoked(t)
	if got.SPIFFEID != id || got.Reason != v1alpha1.RevocationAffiliationChanged || got.Until.Before(until) {
		t.Errorf("revoked is %+v, want %s until %s, because its namespace was taken off", got, id, until)
	}
	if got.ValidBefore.Before(w.connector.Status.Certificate.NotBefore) {
		t.Errorf("revoked is what became valid up to %s, and the certificate became valid at %s", got.ValidBefore, w.connector.Status.Certificate.NotBefore)
	}
	w.revokedAt(t, "hub-trust", id)
	w.replays(t, kept, errors.New("revoked"))

	// With the right again, the Connector gets another certificate, and the one before stays revoked.
	w.bind(t, w.namespace)
	serial := w.connector.Status.Certificate.SerialNumber
	w.until(t, func() error {
		if err := w.get(t.Context(), w.connector); err != nil {
			return err
		}
		now := w.connector.Status.Certificate
		if now == nil || now.SerialNumber == serial || !now.NotBefore.After(got.ValidBefore.Time) {
			return fmt.Errorf("the certificate is %+v, want one after serial %s that is not revoked", now, serial)
		}
		return nil
	})
	if again := w.revoked(t); again != got {
		t.Errorf("with the right again, revoked is %+v, want %+v as before", again, got)
	}

	// Without it once more, the new certificate is revoked too, and remains so when the Connector is gone.
	w.bind(t, "elsewhere")
	w.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if len(s.RevokedIdentities) != 1 || !s.RevokedIdentities[0].ValidBefore.After(got.ValidBefore.Time) {
			return fmt.Errorf("the revoked identities are %+v, want one up to later than %s", s.RevokedIdentities, got.ValidBefore)
		}
		return nil
	})
	last := w.hub.Status.RevokedIdentities[0]
	w.remove(t, w.connector)
	w.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if s.Connectors.Total == nil || *s.Connectors.Total != 0 {
			return fmt.Errorf("the hub has %v Connectors, want none", s.Connectors)
		}
		return nil
	})
	if still := w.revoked(t); still != last {
		t.Errorf("without the Connector, revoked is %+v, want %+v as before", still, last)
	}
}

// revokedAt waits until a ConfigMap holds the list that the hub tells of, with the entry in it.
func (w *world) revokedAt(t *testing.T, name, entry string) {
	t.Helper()
	w.until(t, func() error {
		var volume corev1.ConfigMap
		if err := w.Client.Get(t.Context(), types.NamespacedName{Namespace: w.namespace, Name: name}, &volume); err != nil {
			return err
		}
		list := volume.Data[desired.RevocationsKey]
		if !strings.Contains(list, entry) || revocation.Digest([]byte(list)) != w.hub.Status.RevocationDigest {
			return fmt.Errorf("ConfigMap %s holds the list %s, want one with %s and the digest %s", name, list, entry, w.hub.Status.RevocationDigest)
		}
		return nil
	})
}

func TestRevocationsReachGateways(t *testing.T) {
	w := oneConnected(t)
	clean := w.hub.Status.RevocationDigest
	w.editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.Revocations = []v1alpha1.Revocation{{SerialNumber: "abc123"}, {AgencyRef: &v1alpha1.ObjectReference{Name: "nobody"}}}
	})
	w.revokedAtChanged(t, clean)
	w.revokedAt(t, desired.GatewayName("main"), `"abc123"`)
	message := w.expect(t, w.hub, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	if !strings.Contains(message, "Nothing is revoked of nobody, which revocations names and which does not exist; correct the name.") {
		t.Errorf("of an Agency that does not exist, the hub says %q", message)
	}
	w.editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.Revocations = nil })
	w.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if s.RevocationDigest != clean {
			return fmt.Errorf("the list has the digest %s, want %s as before", s.RevocationDigest, clean)
		}
		return nil
	})
}

func (w *world) revokedAtChanged(t *testing.T, before string) {
	t.Helper()
	w.hubSays(t, func(s *v1alpha1.ExchangeHubStatus) error {
		if s.RevocationDigest == "" || s.RevocationDigest == before {
			return fmt.Errorf("the list has the digest %q, as before", s.RevocationDigest)
		}
		return nil
	})
}

// publication is the ConfigMap that the hub is published to.
func (w *world) publication() *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "hub-trust"}}
}

func (w *world) publishes(t *testing.T) {
	t.Helper()
	w.Eventually(t, func() error {
		configMap := w.publication()
		if err := w.get(t.Context(), configMap); err != nil {
			return err
		}
		list := configMap.Data[desired.RevocationsKey]
		if configMap.Data[desired.TrustKey] != strings.TrimSpace(shared.anchor)+"\n" || !strings.Contains(list, `"abc123"`) || len(configMap.Data) != 2 {
			return fmt.Errorf("published is %v, want the anchor and the revocations", configMap.Data)
		}
		if _, err := revocation.Parse([]byte(list)); err != nil {
			return err
		}
		if owner := metav1.GetControllerOf(configMap); owner == nil || owner.UID != w.hub.UID {
			return fmt.Errorf("the ConfigMap is owned by %v, want the hub", configMap.OwnerReferences)
		}
		return nil
	})
}

func TestHubIsPublished(t *testing.T) {
	w := newWorld(t)
	w.hub.Spec.PublishTo = &v1alpha1.ConfigMapReference{Namespace: w.namespace, Name: "hub-trust"}
	w.hub.Spec.Revocations = []v1alpha1.Revocation{{SerialNumber: "abc123"}}
	w.platform(t)
	w.expect(t, w.hub, "Published", metav1.ConditionTrue, "Published")
	w.publishes(t)

	// What somebody breaks is mended.
	patch := client.RawPatch(types.MergePatchType, []byte(`{"data":{"trust.pem":"","extra":"x"}}`))
	if err := w.Client.Patch(t.Context(), w.publication(), patch); err != nil {
		t.Fatal(err)
	}
	w.publishes(t)
	if err := w.Client.Delete(t.Context(), w.publication()); err != nil {
		t.Fatal(err)
	}
	w.publishes(t)
}

func TestForeignObjectIsNotPublishedOver(t *testing.T) {
	w := newWorld(t)
	foreign := w.publication()
	foreign.Data = map[string]string{"mine": "untouched"}
	w.Create(t, foreign)
	w.hub.Spec.PublishTo = &v1alpha1.ConfigMapReference{Namespace: w.namespace, Name: "hub-trust"}
	w.hub.Spec.Revocations = []v1alpha1.Revocation{{SerialNumber: "abc123"}}
	w.platform(t)
	message := w.expect(t, w.hub, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonForeignObject)
	want := "ConfigMap " + w.namespace + "/hub-trust already exists and belongs to somebody else. " +
		"It is left as it is; rename or delete it, or name another one in publishTo."
	if message != want {
		t.Errorf("the hub says %q, want %q", message, want)
	}
	if c := meta.FindStatusCondition(w.hub.Status.Conditions, v1alpha1.ConditionAccepted); c.Status != metav1.ConditionTrue {
		t.Errorf("the hub is not accepted, so no Connector could link to it: %s", c.Message)
	}
	if err := w.get(t.Context(), foreign); err != nil || len(foreign.Data) != 1 || foreign.Data["mine"] != "untouched" {
		t.Errorf("somebody else's ConfigMap is now %v (%v)", foreign.Data, err)
	}
	if err := w.Client.Delete(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	w.publishes(t)
	w.expect(t, w.hub, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// TestPublishedWhereNothingCanBe names a namespace that does not exist yet.
func TestPublishedWhereNothingCanBe(t *testing.T) {
	w := newWorld(t)
	w.hub.Spec.PublishTo = &v1alpha1.ConfigMapReference{Namespace: w.namespace + "-later", Name: "hub-trust"}
	w.platform(t)
	message := w.expect(t, w.hub, v1alpha1.ConditionReady, metav1.ConditionFalse, "NotWritten")
	if !strings.Contains(message, "could not be written, which is tried again:") || !strings.Contains(message, "not found") {
		t.Errorf("the hub says %q, and not why", message)
	}
	w.Create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-later"}})
	w.expect(t, w.hub, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// identityKept is the Connector's certificate with its key, as somebody has it who copied the Secret.
func (w *world) identityKept(t *testing.T) tls.Certificate {
	t.Helper()
	var secret corev1.Secret
	if err := w.Client.Get(t.Context(), w.secretKey(), &secret); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// replays presents an identity to a hub that keeps to what the operator published, and wants it let in, or refused and counted.
func (w *world) replays(t *testing.T, kept tls.Certificate, refusal error) {
	t.Helper()
	configMap := w.publication()
	w.Eventually(t, func() error { return w.get(t.Context(), configMap) })
	file := filepath.Join(t.TempDir(), desired.RevocationsKey)
	if err := os.WriteFile(file, []byte(configMap.Data[desired.RevocationsKey]), 0o600); err != nil {
		t.Fatal(err)
	}
	hub := w.startHubThatRevokes(t, file)
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{kept}, InsecureSkipVerify: true, // whoever has stolen the key does not mind
	}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+hub.Addr()+"/healthz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err == nil {
		_ = response.Body.Close()
	}
	if (err != nil) != (refusal != nil) || (hub.Refused() == 1) != (refusal != nil) {
		t.Errorf("the hub answered the kept identity with %v and counted %d refusals, want %v", err, hub.Refused(), refusal)
	}
}
