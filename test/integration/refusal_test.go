package integration

import (
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// TestConnectorIsRefused checks what only the operator can decide, because it needs a second object: the sentence that the
// user reads, that nothing is provisioned, and that the Connector is accepted once the matter is mended.
func TestConnectorIsRefused(t *testing.T) {
	tests := map[string]struct {
		spoil  func(*world)
		reason string
		says   func(*world) string
		mend   func(*testing.T, *world)
	}{
		"host name outside of the agency's domains": {
			func(w *world) { w.connector.Spec.Hostnames = []string{"lienthong.moh.example.vn"} },
			v1alpha1.ReasonHostnameOutsideDomains,
			func(w *world) string {
				return fmt.Sprintf("Host name lienthong.moh.example.vn lies outside of the domains of Agency %s, which are thunghiem.example.vn; use a name below one of its domains, or ask the platform to add the domain.", w.agency.Name)
			},
			func(t *testing.T, w *world) {
				w.change(t, w.agency, func() { w.agency.Spec.Domains = append(w.agency.Spec.Domains, "moh.example.vn") })
			},
		},
		"namespace not listed by the agency": {
			func(w *world) { w.agency.Spec.Namespaces = []string{"another"} },
			v1alpha1.ReasonNamespaceNotListed,
			func(w *world) string {
				return fmt.Sprintf("Namespace %s may not act for Agency %s; ask the platform to add it to the agency's namespaces, or create the Connector in one that is listed.", w.namespace, w.agency.Name)
			},
			func(t *testing.T, w *world) {
				w.change(t, w.agency, func() { w.agency.Spec.Namespaces = append(w.agency.Spec.Namespaces, w.namespace) })
			},
		},
		"service that the hub does not carry": {
			func(w *world) { w.connector.Spec.Services = []v1alpha1.Service{v1alpha1.ServiceElectronicGazette} },
			v1alpha1.ReasonServiceNotCarried,
			func(w *world) string {
				return fmt.Sprintf("ExchangeHub %s does not carry the service ElectronicGazette; it carries ElectronicDocuments.", w.hub.Name)
			},
			func(t *testing.T, w *world) {
				w.change(t, w.hub, func() { w.hub.Spec.Services = append(w.hub.Spec.Services, v1alpha1.ServiceElectronicGazette) })
			},
		},
		"selector that means nothing": {
			func(w *world) {
				w.connector.Spec.Backend.PodSelector = &metav1.LabelSelector{
					MatchLabels: map[string]string{"no label": "qlvb"},
				}
			},
			"ObjectRejected",
			func(w *world) string { return "" },
			func(t *testing.T, w *world) {
				w.edit(t, func(c *v1alpha1.Connector) {
					c.Spec.Backend.PodSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "qlvb"}}
				})
			},
		},
		"replicas below the profile": {
			func(w *world) {
				w.profile.Spec.Workload.MinReplicas = 2
				w.connector.Spec.Replicas = new(int32(1))
			},
			v1alpha1.ReasonReplicasBelowProfile,
			func(w *world) string {
				return fmt.Sprintf("replicas is 1, but SecurityProfile %s asks for at least 2; write 2 or more, or leave replicas out.", w.profile.Name)
			},
			func(t *testing.T, w *world) {
				w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Replicas = new(int32(2)) })
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tt.spoil(w)
			w.connect(t)
			message := w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, tt.reason)
			if want := tt.says(w); want != "" && message != want {
				t.Errorf("the user reads\n %q, want\n %q", message, want)
			}
			if tt.reason == "ObjectRejected" {
				w.noPods(t, message)
			} else {
				w.nothingProvisioned(t)
			}
			tt.mend(t, w)
			w.settled(t)
		})
	}
}

// TestConnectorWaitsForWhatDoesNotExistYet applies the Connector before what it refers to, as an unordered apply may.
func TestConnectorWaitsForWhatDoesNotExistYet(t *testing.T) {
	w := newWorld(t)
	w.Create(t, w.connector)
	steps := []struct {
		reason, message string
		missing         client.Object
	}{
		{
			v1alpha1.ReasonAgencyNotFound,
			fmt.Sprintf("Agency %s does not exist; correct agencyRef, or ask the platform to declare the agency.", w.agency.Name), w.agency,
		},
		{
			v1alpha1.ReasonHubNotFound,
			fmt.Sprintf("ExchangeHub %s does not exist; correct hubRef by creating the Connector again, or ask the platform to declare the hub.", w.hub.Name), w.hub,
		},
		{
			v1alpha1.ReasonClassNotFound,
			fmt.Sprintf("ConnectorClass %s does not exist; correct className, or leave it out to get the class gateway.", w.class.Name), w.class,
		},
		{
			v1alpha1.ReasonProfileNotFound,
			fmt.Sprintf("There is no SecurityProfile for level 2 of the regime %s; ask the platform to add it, or correct securityLevel.", w.namespace), w.profile,
		},
	}
	for _, step := range steps {
		message := w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, step.reason)
		if message != step.message {
			t.Errorf("the user reads %q, want %q", message, step.message)
		}
		w.nothingProvisioned(t)
		w.Create(t, step.missing)
	}
	w.settled(t)
}

// TestRefusalTouchesNothingThatWorks takes away, one after the other, what a running Connector refers to.
func TestRefusalTouchesNothingThatWorks(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	before := w.versions(t)
	for _, step := range []struct {
		taken  client.Object
		reason string
	}{
		{w.profile, v1alpha1.ReasonProfileNotFound}, {w.class, v1alpha1.ReasonClassNotFound},
		{w.hub, v1alpha1.ReasonHubNotFound}, {w.agency, v1alpha1.ReasonAgencyNotFound},
	} {
		w.remove(t, step.taken)
		w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, step.reason)
		if after := w.versions(t); after != before {
			t.Errorf("the children were touched when %T went: versions %s, were %s", step.taken, after, before)
		}
	}
}

// TestTrustAnchorsThatCannotBeRead checks the sentence on the hub, and that the Connector repeats it.
func TestTrustAnchorsThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	w.hub.Spec.TrustAnchors[0].ConfigMapRef.Name = w.namespace
	w.connect(t)
	want := fmt.Sprintf("Trust anchor root of ExchangeHub %s cannot be used: ConfigMap lienthong-system/%s does not exist. Create it with the CA certificates in PEM form under the key ca.crt.", w.hub.Name, w.namespace)
	if message := w.expect(t, w.hub, v1alpha1.ConditionTrustResolved, metav1.ConditionFalse, v1alpha1.ReasonTrustAnchorUnreadable); message != want {
		t.Errorf("the hub says %q, want %q", message, want)
	}
	if message := w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonHubNotAccepted); message != want {
		t.Errorf("the Connector says %q, want %q", message, want)
	}
	anchors := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "lienthong-system", Name: w.namespace}, Data: map[string]string{"ca.crt": shared.anchor},
	}
	w.Create(t, anchors)
	w.expect(t, w.hub, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.settled(t)
	if w.connector.Status.TrustDigest == "" || w.connector.Status.TrustDigest != w.hub.Status.TrustDigest {
		t.Errorf("the Connector tells of trust %q, the hub of %q", w.connector.Status.TrustDigest, w.hub.Status.TrustDigest)
	}
}

// noPods fails the test if pods run although an object that isolates them could not be written, or if the message does not name it.
func (w *world) noPods(t *testing.T, message string) {
	t.Helper()
	if !strings.Contains(message, "NetworkPolicy "+w.namespace+"/main-gateway") || !strings.Contains(message, `"no label"`) {
		t.Errorf("the user reads %q, which names neither the object nor the value", message)
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "main-gateway"}}
	if err := w.get(t.Context(), deployment); !apierrors.IsNotFound(err) {
		t.Errorf("pods run without their network policy: %v", err)
	}
}

// nothingProvisioned fails the test if any child exists.
func (w *world) nothingProvisioned(t *testing.T) {
	t.Helper()
	for _, child := range w.children() {
		if err := w.get(t.Context(), child); !apierrors.IsNotFound(err) {
			t.Errorf("%T exists although the Connector is not accepted: %v", child, err)
		}
	}
}

// versions are the resource versions of all children whose status nobody writes any more.
func (w *world) versions(t *testing.T) string {
	t.Helper()
	var versions string
	for _, child := range w.children() {
		if err := w.get(t.Context(), child); err != nil {
			t.Fatal(err)
		}
		versions += fmt.Sprintf("%T=%s/%d ", child, child.GetUID(), child.GetGeneration())
	}
	return versions
}

// TestTwinThatGoesFreesTheCode gives an agency's code to two Agencies, and takes the older one away.
func TestTwinThatGoesFreesTheCode(t *testing.T) {
	w := newWorld(t)
	older := w.another("older")
	// Of two that were created within one second, the name that sorts first holds the code.
	older.Name, older.Spec.Code = "a-"+w.namespace, w.agency.Spec.Code
	w.Create(t, older)
	w.connect(t)
	message := w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonAgencyNotAccepted)
	want := fmt.Sprintf("Agency %s is not accepted, because Agency %s already has the code %s; refer to that one, or have the code corrected.",
		w.agency.Name, older.Name, older.Spec.Code)
	if message != want {
		t.Errorf("the user reads %q, want %q", message, want)
	}
	w.remove(t, older)
	w.settled(t)
}
