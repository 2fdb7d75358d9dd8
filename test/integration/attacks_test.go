package integration

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

const certManagerUser = "system:serviceaccount:cert-manager:cert-manager"

// insider acts as an operator of the ministry whom neither roles nor admission stop: Kubernetes' role "edit" in the namespace, which cert-manager
// extends to Certificates, CertificateRequests and Issuers, and which includes Secrets; and the right to pass this project's policies. What
// holds against it holds where the policies are not installed, and against whoever passes them by mistake.
func (w *world) insider(t *testing.T) client.Client {
	t.Helper()
	insider := w.attacker(t, "insider", "edit", "connector-operator-tenant")
	w.everywhere(t, "insider", "connector-operator-break-glass")
	forged := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: w.namespace, Name: "forged", Labels: map[string]string{desired.LabelManagedBy: desired.ManagedBy},
	}}
	// The API server's authorizer learns of bindings through a watch.
	w.Eventually(t, func() error { return insider.Client.Create(t.Context(), forged.DeepCopy(), client.DryRunAll) })
	return insider.Client
}

// forgedRequest asks for names with a key of the attacker's own, and claims to be cert-manager's.
func forgedRequest(t *testing.T, namespace, name string, uris, dns []string) *cmapi.CertificateRequest {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.CertificateRequest{DNSNames: dns}
	for _, raw := range uris {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = append(template.URIs, u)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		t.Fatal(err)
	}
	return &cmapi.CertificateRequest{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: cmapi.CertificateRequestSpec{
			Username: certManagerUser, Groups: []string{"system:serviceaccounts:cert-manager"},
			Request:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}),
			Duration:  &metav1.Duration{Duration: 24 * time.Hour},
			Usages:    []cmapi.KeyUsage{cmapi.UsageDigitalSignature, cmapi.UsageClientAuth, cmapi.UsageServerAuth},
			IssuerRef: cmmeta.IssuerReference{Name: authority, Kind: cmapi.ClusterIssuerKind, Group: "cert-manager.io"},
		},
	}
}

// TestForgedRequestsAreDenied tries to get an identity without the operator having asked for it. Each is refused, with the reason
// on the request and in an Event, and nothing is issued.
func TestForgedRequestsAreDenied(t *testing.T) {
	const victim = "spiffe://lienthong.test/agency/G22/connector/g22/main"
	tests := map[string]struct {
		attack func(*testing.T, *world, client.Client) error
		says   string
	}{
		"own Certificate with another agency's identity": {
			func(t *testing.T, w *world, c client.Client) error {
				return c.Create(t.Context(), foreignCertificate(w.namespace, victim))
			},
			"It does not come from a Certificate that the operator manages",
		},
		"own Certificate that bears the operator's labels and owner": {
			func(t *testing.T, w *world, c client.Client) error {
				foreign, own := foreignCertificate(w.namespace, victim), w.certificate(t)
				foreign.Labels, foreign.Annotations, foreign.OwnerReferences = own.Labels, own.Annotations, own.OwnerReferences
				return c.Create(t.Context(), foreign)
			},
			"Certificate foreign belongs to no Connector",
		},
		"own request with another agency's identity": {
			func(t *testing.T, w *world, c client.Client) error {
				return c.Create(t.Context(), forgedRequest(t, w.namespace, "forged", []string{victim}, nil))
			},
			`It was made by user "insider@`,
		},
		"own request that is the operator's in everything but the key": {
			func(t *testing.T, w *world, c client.Client) error {
				own := w.certificate(t)
				forged := forgedRequest(t, w.namespace, "forged", own.Spec.URIs, own.Spec.DNSNames)
				forged.Labels = own.Labels
				forged.Annotations = map[string]string{
					cmapi.CertificateNameKey: own.Name, cmapi.CertificateRequestRevisionAnnotationKey: strconv.Itoa(*own.Status.Revision + 1),
				}
				forged.OwnerReferences = []metav1.OwnerReference{
					*metav1.NewControllerRef(own, cmapi.SchemeGroupVersion.WithKind(cmapi.CertificateKind)),
				}
				return c.Create(t.Context(), forged)
			},
			`It was made by user "insider@`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(t)
			w.settled(t)
			serial := w.leaf(t).SerialNumber
			insider := w.insider(t)
			if err := tt.attack(t, w, insider); err != nil {
				t.Fatal(err)
			}
			request := w.denied(t, tt.says)
			w.cannotApprove(t, insider, request)
			w.nothingIssuedBut(t, serial)
		})
	}
}

// cannotApprove tries to overrule the operator as the insider.
func (w *world) cannotApprove(t *testing.T, insider client.Client, request *cmapi.CertificateRequest) {
	t.Helper()
	before := request.DeepCopy()
	request.Status.Conditions = []cmapi.CertificateRequestCondition{{
		Type: cmapi.CertificateRequestConditionApproved, Status: cmmeta.ConditionTrue, Reason: approver, Message: "Trust me.",
	}}
	if err := insider.Status().Patch(t.Context(), request, client.MergeFrom(before)); !apierrors.IsForbidden(err) {
		t.Errorf("an insider who approves gets %v, want a refusal", err)
	}
}

// nothingIssuedBut fails the test if the hub's issuer signed anything in the namespace but the certificate with that serial number.
func (w *world) nothingIssuedBut(t *testing.T, serial *big.Int) {
	t.Helper()
	requests, err := w.requests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range requests {
		block, _ := pem.Decode(requests[i].Status.Certificate)
		if block == nil {
			continue
		}
		leaf, err := x509.ParseCertificate(block.Bytes)
		if err != nil || serial == nil || leaf.SerialNumber.Cmp(serial) != 0 {
			t.Errorf("request %s was fulfilled with serial %v for %v (%v)", requests[i].Name, leaf.SerialNumber, leaf.URIs, err)
		}
	}
}

// TestCertificateThatIsTamperedWith edits the operator's Certificate while the Connector is paused, which its tenant may do too, so
// that it is not put back at once. What it asks for is denied; when it is put back, the certificate is as before, and the next one is
// issued without the wait that cert-manager makes after failures.
func TestCertificateThatIsTamperedWith(t *testing.T) {
	tests := map[string]struct {
		tamper func(*cmapi.CertificateSpec)
		says   string
	}{
		"names":  {func(s *cmapi.CertificateSpec) { s.DNSNames = append(s.DNSNames, "hub.example.vn") }, "hub.example.vn"},
		"life":   {func(s *cmapi.CertificateSpec) { s.Duration = &metav1.Duration{Duration: 87600 * time.Hour} }, "It asks for a life of 87600h0m0s"},
		"usages": {func(s *cmapi.CertificateSpec) { s.Usages = append(s.Usages, cmapi.UsageCodeSigning) }, "It asks for other usages than"},
		"authority": {func(s *cmapi.CertificateSpec) {
			s.IsCA, s.Usages = true, append(s.Usages, cmapi.UsageCertSign)
		}, "It is for a certification authority"},
		"key": {func(s *cmapi.CertificateSpec) { s.PrivateKey.Size = 384 }, "Its key is ECDSA with 384 bits"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(t)
			w.settled(t)
			serial := w.leaf(t).SerialNumber
			wanted := w.certificate(t).Spec
			insider := w.insider(t)
			w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Paused = new(true) })
			w.expect(t, w.connector, "Paused", metav1.ConditionTrue, v1alpha1.ReasonPaused)
			w.tamper(t, insider, func(c *cmapi.Certificate) { tt.tamper(&c.Spec) })
			w.denied(t, tt.says)
			w.event(t, "Connector", w.connector.Name, "CertificateRequestDenied")
			w.nothingIssuedBut(t, serial)

			w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Paused = nil })
			w.putBack(t, wanted)
			w.settled(t)
			if now := w.leaf(t).SerialNumber; now.Cmp(serial) != 0 {
				t.Errorf("the certificate %x was replaced by %x", serial, now)
			}
			w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Hostnames = []string{"lienthong.thunghiem.example.vn"} })
			w.Eventually(t, func() error {
				if leaf := w.leaf(t); !slices.Contains(leaf.DNSNames, "lienthong.thunghiem.example.vn") {
					return fmt.Errorf("the certificate is for %v", leaf.DNSNames)
				}
				return nil
			})
		})
	}
}

// tamper changes the operator's Certificate as the insider.
func (w *world) tamper(t *testing.T, insider client.Client, change func(*cmapi.Certificate)) {
	t.Helper()
	certificate := w.certificate(t)
	before := certificate.DeepCopy()
	change(certificate)
	if err := insider.Patch(t.Context(), certificate, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

// reverted waits until an Event tells that somebody changed a child, and that it was put back.
func (w *world) reverted(t *testing.T, child client.Object) {
	t.Helper()
	kind, err := apiutil.GVKForObject(child, w.Scheme)
	if err != nil {
		t.Fatal(err)
	}
	w.Eventually(t, func() error {
		var list eventsv1.EventList
		if err := w.Client.List(t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
			return err
		}
		if !slices.ContainsFunc(list.Items, func(e eventsv1.Event) bool {
			return e.Reason == "ForeignChangeReverted" && e.Regarding.Name == w.connector.Name && e.Related != nil &&
				e.Related.Kind == kind.Kind && e.Related.Name == child.GetName()
		}) {
			return fmt.Errorf("no Event tells that %s %s was changed and put back", kind.Kind, child.GetName())
		}
		return nil
	})
}

func (w *world) putBack(t *testing.T, wanted cmapi.CertificateSpec) {
	t.Helper()
	w.Eventually(t, func() error {
		c := w.certificate(t)
		if !equality.Semantic.DeepEqual(c.Spec, wanted) {
			return fmt.Errorf("the Certificate's spec is %+v, want %+v", c.Spec, wanted)
		}
		if c.Labels[desired.LabelManagedBy] != desired.ManagedBy {
			return fmt.Errorf("the Certificate's labels are %v", c.Labels)
		}
		return nil
	})
}

// TestTamperingIsPutBackAtOnce edits the operator's Certificate while the operator looks.
func TestTamperingIsPutBackAtOnce(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	wanted := w.certificate(t).Spec
	insider := w.insider(t)
	for name, change := range map[string]func(*cmapi.Certificate){
		"names": func(c *cmapi.Certificate) { c.Spec.URIs = append(c.Spec.URIs, "spiffe://lienthong.test/hub") },
		"life":  func(c *cmapi.Certificate) { c.Spec.Duration = &metav1.Duration{Duration: 87600 * time.Hour} },
		"label": func(c *cmapi.Certificate) { delete(c.Labels, desired.LabelManagedBy) },
	} {
		t.Run(name, func(t *testing.T) {
			w.tamper(t, insider, change)
			w.putBack(t, wanted)
			w.settled(t)
			w.reverted(t, w.certificate(t))
			leaf := w.leaf(t)
			if len(leaf.URIs) != 1 || leaf.NotAfter.Sub(leaf.NotBefore) > 25*time.Hour {
				t.Errorf("there is a certificate for %v until %s", leaf.URIs, leaf.NotAfter)
			}
		})
	}
}

// TestSecretThatIsTamperedWith puts a self-signed certificate for the Connector's own names into its Secret, under all of
// cert-manager's annotations. It is replaced by one of the hub's authority.
func TestSecretThatIsTamperedWith(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	insider := w.insider(t)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: desired.SecretName(w.connector.Name)}}
	if err := w.get(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	certificate, key := selfSigned(t, w.leaf(t))
	secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey] = certificate, key
	if err := insider.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	w.Eventually(t, func() error { return w.signedByAuthority(t.Context(), secret) })
	w.settled(t)
}

func (w *world) signedByAuthority(ctx context.Context, secret *corev1.Secret) error {
	if err := w.get(ctx, secret); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(shared.anchor))
	block, _ := pem.Decode(secret.Data[corev1.TLSCertKey])
	if block == nil {
		return fmt.Errorf("there is no certificate in Secret %s", secret.Name)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
}

func selfSigned(t *testing.T, like *x509.Certificate) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: like.SerialNumber, URIs: like.URIs, DNSNames: like.DNSNames, NotBefore: like.NotBefore, NotAfter: like.NotAfter,
		KeyUsage: like.KeyUsage, ExtKeyUsage: like.ExtKeyUsage,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})
}

// TestRefusedConnectorGetsNoIdentity writes, by hand, the Certificate that the operator does not write for a Connector that it
// refuses: the same object in everything.
func TestRefusedConnectorGetsNoIdentity(t *testing.T) {
	tests := map[string]struct {
		spoil  func(*world)
		reason string
		says   string
	}{
		"namespace that the agency does not list": {
			func(w *world) { w.agency.Spec.Namespaces = []string{"another"} }, v1alpha1.ReasonNamespaceNotListed, "may not act for Agency",
		},
		"hub that does not list the agency": {
			func(w *world) { w.hub.Spec.AgencyRefs = []v1alpha1.ObjectReference{{Name: "another"}} },
			v1alpha1.ReasonAgencyNotListed, "does not list Agency",
		},
		"host name of another agency": {
			func(w *world) { w.connector.Spec.Hostnames = []string{"lienthong.g22.example.vn"} },
			v1alpha1.ReasonHostnameOutsideDomains, "Host name lienthong.g22.example.vn lies outside of the domains",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.spoil(w)
			w.connect(t)
			w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, tt.reason)
			w.nothingProvisioned(t)
			insider := w.insider(t)
			forged := desired.Certificate(desired.Inputs{Connector: w.connector, Agency: w.agency, Hub: w.hub, Profile: w.profile})
			if err := insider.Create(t.Context(), forged); err != nil {
				t.Fatal(err)
			}
			w.denied(t, tt.says)
			w.event(t, "Connector", w.connector.Name, "CertificateRequestDenied")
			w.nothingIssuedBut(t, nil)
		})
	}
}
