package integration

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// children are empty objects of every kind that a Connector consists of, under the names they have.
func (w *world) children() []client.Object {
	objectMeta := metav1.ObjectMeta{Namespace: w.namespace, Name: desired.GatewayName(w.connector.Name)}
	return []client.Object{
		&corev1.ServiceAccount{ObjectMeta: objectMeta}, &cmapi.Certificate{ObjectMeta: objectMeta},
		&corev1.ConfigMap{ObjectMeta: objectMeta}, &networkingv1.NetworkPolicy{ObjectMeta: objectMeta},
		&policyv1.PodDisruptionBudget{ObjectMeta: objectMeta}, &corev1.Service{ObjectMeta: objectMeta},
		&appsv1.Deployment{ObjectMeta: objectMeta},
	}
}

func (w *world) get(ctx context.Context, object client.Object) error {
	return w.Client.Get(ctx, client.ObjectKeyFromObject(object), object)
}

// settled waits until the Connector's workload runs and its certificate is issued; nobody has asked the simulated pods.
func (w *world) settled(t *testing.T) {
	t.Helper()
	w.comesUp(t, w.connector)
}

func (w *world) comesUp(t *testing.T, connector *v1alpha1.Connector) {
	t.Helper()
	w.expect(t, connector, v1alpha1.ConditionWorkloadAvailable, metav1.ConditionTrue, "Available")
	w.expect(t, connector, v1alpha1.ConditionCertificateReady, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved)
}

func TestConnectorIsProvisioned(t *testing.T) {
	w := newWorld(t)
	// The API server itself holds the pods to the restricted Pod Security Standard.
	patch := []byte(`{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted","pod-security.kubernetes.io/enforce-version":"latest"}}}`)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
	if err := w.Client.Patch(t.Context(), namespace, client.RawPatch(types.MergePatchType, patch)); err != nil {
		t.Fatal(err)
	}
	w.connector.Spec.Hostnames = []string{"lienthong.thunghiem.example.vn"}
	w.connect(t)
	w.settled(t)
	w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	// What was not seen is unknown: simulated pods have no address, so nobody can tell what they serve.
	w.expect(t, w.connector, v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved)

	for _, child := range w.children() {
		if err := w.get(t.Context(), child); err != nil {
			t.Errorf("%T: %v", child, err)
			continue
		}
		if owner := metav1.GetControllerOf(child); owner == nil || owner.UID != w.connector.UID {
			t.Errorf("%T is not owned by the Connector: %v", child, child.GetOwnerReferences())
		}
		if labels := child.GetLabels(); labels[desired.LabelManagedBy] != desired.ManagedBy || labels[desired.LabelConnector] != "main" {
			t.Errorf("%T lacks the operator's labels: %v", child, labels)
		}
	}
	leaf := w.leaf(t)
	want := []string{fmt.Sprintf("spiffe://lienthong.test/agency/%s/connector/%s/main", w.agency.Spec.Code, w.namespace)}
	if len(leaf.URIs) != 1 || leaf.URIs[0].String() != want[0] || w.connector.Status.SPIFFEID != want[0] {
		t.Errorf("the certificate is for %v, the status says %q, want %v", leaf.URIs, w.connector.Status.SPIFFEID, want)
	}
	names := "main-gateway." + w.namespace + ".svc main-gateway." + w.namespace + ".svc.cluster.local lienthong.thunghiem.example.vn"
	if got := strings.Join(leaf.DNSNames, " "); got != names {
		t.Errorf("the certificate is for the names %q, want %q", got, names)
	}
	serial, ok := new(big.Int).SetString(w.connector.Status.Certificate.SerialNumber, 16)
	if !ok || serial.Cmp(leaf.SerialNumber) != 0 || !w.connector.Status.Certificate.NotAfter.Time.Equal(leaf.NotAfter) {
		t.Errorf("the status tells of %+v, the Secret holds serial %x until %s", w.connector.Status.Certificate, leaf.SerialNumber, leaf.NotAfter)
	}
}

// leaf is the certificate in the Connector's Secret, which the test may read and the operator may not.
func (w *world) leaf(t *testing.T) *x509.Certificate {
	t.Helper()
	var secret corev1.Secret
	key := types.NamespacedName{Namespace: w.namespace, Name: desired.SecretName(w.connector.Name)}
	if err := w.Client.Get(t.Context(), key, &secret); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(secret.Data[corev1.TLSCertKey])
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestDeletedChildrenComeBack(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	for _, child := range w.children() {
		t.Run(fmt.Sprintf("%T", child), func(t *testing.T) {
			if err := w.get(t.Context(), child); err != nil {
				t.Fatal(err)
			}
			before := child.GetUID()
			if err := w.Client.Delete(t.Context(), child); err != nil {
				t.Fatal(err)
			}
			w.Eventually(t, func() error {
				if err := w.get(t.Context(), child); err != nil {
					return err
				}
				if child.GetUID() == before {
					return fmt.Errorf("%T is still the old one", child)
				}
				return nil
			})
		})
	}
	w.settled(t)
}

func TestDriftIsRepaired(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	name := metav1.ObjectMeta{Namespace: w.namespace, Name: "main-gateway"}
	tests := map[string]struct {
		object client.Object
		tamper func(client.Object)
		mended func(client.Object) bool
	}{
		"a replaced image": {
			&appsv1.Deployment{ObjectMeta: name},
			func(o client.Object) {
				o.(*appsv1.Deployment).Spec.Template.Spec.Containers[0].Image = "evil.invalid/x@sha256:1"
			},
			func(o client.Object) bool {
				return o.(*appsv1.Deployment).Spec.Template.Spec.Containers[0].Image == w.class.Spec.Image
			},
		},
		"a field that the operator does not set": {
			&appsv1.Deployment{ObjectMeta: name},
			func(o client.Object) { o.(*appsv1.Deployment).Spec.Template.Spec.ShareProcessNamespace = new(true) },
			func(o client.Object) bool {
				return o.(*appsv1.Deployment).Spec.Template.Spec.ShareProcessNamespace == nil
			},
		},
		"a container beside the gateway": {
			&appsv1.Deployment{ObjectMeta: name},
			func(o client.Object) {
				spec := &o.(*appsv1.Deployment).Spec.Template.Spec
				spec.Containers = append(spec.Containers, corev1.Container{Name: "spy", Image: "evil.invalid/x"})
			},
			func(o client.Object) bool { return len(o.(*appsv1.Deployment).Spec.Template.Spec.Containers) == 1 },
		},
		"an anchor slipped into the trust bundle": {
			&corev1.ConfigMap{ObjectMeta: name},
			func(o client.Object) { o.(*corev1.ConfigMap).Data[desired.TrustKey] += "-----BEGIN CERTIFICATE-----" },
			func(o client.Object) bool {
				return o.(*corev1.ConfigMap).Data[desired.TrustKey] == strings.TrimSpace(shared.anchor)+"\n"
			},
		},
		"a key added to the ConfigMap": {
			&corev1.ConfigMap{ObjectMeta: name},
			func(o client.Object) { o.(*corev1.ConfigMap).Data["extra"] = "x" },
			func(o client.Object) bool { _, there := o.(*corev1.ConfigMap).Data["extra"]; return !there },
		},
		"a flow let through": {
			&networkingv1.NetworkPolicy{ObjectMeta: name},
			func(o client.Object) {
				spec := &o.(*networkingv1.NetworkPolicy).Spec
				spec.Ingress = append(spec.Ingress, networkingv1.NetworkPolicyIngressRule{})
			},
			func(o client.Object) bool { return len(o.(*networkingv1.NetworkPolicy).Spec.Ingress) == 4 },
		},
		"another Service port": {
			&corev1.Service{ObjectMeta: name},
			func(o client.Object) { o.(*corev1.Service).Spec.Ports[0].TargetPort = intstr.FromInt32(9) },
			func(o client.Object) bool {
				return o.(*corev1.Service).Spec.Ports[0].TargetPort == intstr.FromString(desired.PortInbound)
			},
		},
		"all pods at once": {
			&policyv1.PodDisruptionBudget{ObjectMeta: name},
			func(o client.Object) {
				o.(*policyv1.PodDisruptionBudget).Spec.MaxUnavailable = new(intstr.FromString("100%"))
			},
			func(o client.Object) bool {
				return o.(*policyv1.PodDisruptionBudget).Spec.MaxUnavailable.IntValue() == 1
			},
		},
		"another agency's identity": {
			&cmapi.Certificate{ObjectMeta: name},
			func(o client.Object) {
				o.(*cmapi.Certificate).Spec.URIs = []string{"spiffe://lienthong.test/agency/G01/connector/g01/main"}
			},
			func(o client.Object) bool {
				return strings.Contains(o.(*cmapi.Certificate).Spec.URIs[0], w.agency.Spec.Code)
			},
		},
		"a mounted token": {
			&corev1.ServiceAccount{ObjectMeta: name},
			func(o client.Object) { o.(*corev1.ServiceAccount).AutomountServiceAccountToken = new(true) },
			func(o client.Object) bool { return !*o.(*corev1.ServiceAccount).AutomountServiceAccountToken },
		},
		"the labels and the owner taken off": {
			&corev1.ConfigMap{ObjectMeta: name},
			func(o client.Object) { o.SetLabels(nil); o.SetOwnerReferences(nil) },
			func(o client.Object) bool {
				return o.GetLabels()[desired.LabelManagedBy] == desired.ManagedBy && metav1.IsControlledBy(o, w.connector)
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w.Eventually(t, func() error {
				if err := w.get(t.Context(), tt.object); err != nil {
					return err
				}
				tt.tamper(tt.object)
				return w.Client.Update(t.Context(), tt.object)
			})
			if tt.mended(tt.object) {
				t.Fatal("the API server has not taken the change, so there is nothing to mend")
			}
			w.Eventually(t, func() error {
				if err := w.get(t.Context(), tt.object); err != nil {
					return err
				}
				if !tt.mended(tt.object) {
					return fmt.Errorf("%T is not mended", tt.object)
				}
				return nil
			})
			w.reverted(t, tt.object)
		})
	}
}

// foreigners are objects of every kind that a Connector consists of, under the names of its children, made by somebody else.
func (w *world) foreigners() map[string]client.Object {
	name := metav1.ObjectMeta{Namespace: w.namespace, Name: "main-gateway"}
	theirs := map[string]string{"app": "theirs"}
	container := corev1.Container{Name: "theirs", Image: "theirs.invalid/x"}
	return map[string]client.Object{
		"ServiceAccount": &corev1.ServiceAccount{ObjectMeta: name},
		"Certificate": &cmapi.Certificate{ObjectMeta: name, Spec: cmapi.CertificateSpec{
			SecretName: "theirs", CommonName: "theirs", IssuerRef: cmmeta.IssuerReference{Name: "theirs"},
		}},
		"ConfigMap":     &corev1.ConfigMap{ObjectMeta: name, Data: theirs},
		"NetworkPolicy": &networkingv1.NetworkPolicy{ObjectMeta: name},
		"PodDisruptionBudget": &policyv1.PodDisruptionBudget{ObjectMeta: name, Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable: new(intstr.FromInt32(1)), Selector: &metav1.LabelSelector{MatchLabels: theirs},
		}},
		"Service": &corev1.Service{ObjectMeta: name, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}, Selector: theirs}},
		"Deployment": &appsv1.Deployment{ObjectMeta: name, Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(0)), Selector: &metav1.LabelSelector{MatchLabels: theirs},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: theirs}, Spec: corev1.PodSpec{Containers: []corev1.Container{container}}},
		}},
	}
}

func TestForeignObjectIsNeverTakenOver(t *testing.T) {
	w := newWorld(t)
	w.platform(t)
	for kind, foreign := range w.foreigners() {
		t.Run(kind, func(t *testing.T) {
			w.Create(t, foreign)
			before := foreign.GetUID()
			connector := w.connector.DeepCopy()
			w.Create(t, connector)
			message := w.expect(t, connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonForeignObject)
			want := fmt.Sprintf("%s %s/main-gateway already exists and belongs to somebody else. It is left as it is; "+
				"rename or delete it, or choose another name for the Connector.", kind, w.namespace)
			if message != want {
				t.Errorf("the user reads %q, want %q", message, want)
			}
			if err := w.get(t.Context(), foreign); err != nil || foreign.GetUID() != before || foreign.GetLabels()[desired.LabelManagedBy] != "" {
				t.Errorf("the foreign %s was touched: %v, %v", kind, foreign.GetLabels(), err)
			}
			if kind != "Deployment" {
				deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "main-gateway"}}
				if err := w.get(t.Context(), deployment); !apierrors.IsNotFound(err) {
					t.Errorf("pods run although the Connector is not accepted: %v", err)
				}
			}
			w.remove(t, foreign)
			w.comesUp(t, connector)
			w.removed(t, connector)
		})
	}
}

// edit changes the Connector as its owner would.
func (w *world) edit(t *testing.T, change func(*v1alpha1.Connector)) {
	t.Helper()
	if err := w.get(t.Context(), w.connector); err != nil {
		t.Fatal(err)
	}
	before := w.connector.DeepCopy()
	change(w.connector)
	if err := w.Client.Patch(t.Context(), w.connector, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

func TestPausedHoldsAllWrites(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Paused = new(true) })
	message := w.expect(t, w.connector, "Paused", metav1.ConditionTrue, v1alpha1.ReasonPaused)
	if !strings.Contains(message, "spec.paused holds every write") {
		t.Errorf("the user reads %q", message)
	}
	policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "main-gateway"}}
	if err := w.Client.Delete(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	// A change that the operator has seen, and did not act upon, is proof that it held back.
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Site = "seat" })
	w.expect(t, w.connector, "Paused", metav1.ConditionTrue, v1alpha1.ReasonPaused)
	if err := w.get(t.Context(), policy); !apierrors.IsNotFound(err) {
		t.Errorf("the NetworkPolicy was written although the Connector is paused: %v", err)
	}
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Paused = nil })
	w.Eventually(t, func() error { return w.get(t.Context(), policy) })
	w.settled(t)
}

func TestChildrenGoWithTheConnector(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	w.removed(t, w.connector)
}

// removed deletes a Connector, and waits until everything that belongs to it is gone.
func (w *world) removed(t *testing.T, connector *v1alpha1.Connector) {
	t.Helper()
	w.remove(t, connector)
	w.gone(t, connector)
}

// gone waits until everything that belonged to a Connector is.
func (w *world) gone(t *testing.T, connector *v1alpha1.Connector) {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: desired.SecretName(connector.Name)}}
	for _, child := range append(w.children(), secret) {
		w.Eventually(t, func() error {
			if err := w.get(t.Context(), child); !apierrors.IsNotFound(err) {
				return fmt.Errorf("%T is still there: %w", child, err)
			}
			return nil
		})
	}
}
