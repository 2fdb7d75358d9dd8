package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/harness"
)

// world is everything that one test's Connector refers to, under names that no other test uses.
type world struct {
	*harness.Env
	namespace string
	agency    *v1alpha1.Agency
	hub       *v1alpha1.ExchangeHub
	class     *v1alpha1.ConnectorClass
	profile   *v1alpha1.SecurityProfile
	connector *v1alpha1.Connector
}

// newWorld builds a world in which the Connector would be accepted; nothing but the namespace is in the cluster yet.
func newWorld(t *testing.T) *world {
	t.Helper()
	env := suite(t)
	namespace := env.Namespace(t)
	w := &world{Env: env, namespace: namespace}
	t.Cleanup(func() { w.forget(t) })
	w.agency = &v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: namespace},
		Spec: v1alpha1.AgencySpec{
			Code:  "T01." + strings.ToUpper(strings.TrimPrefix(namespace, "test-")),
			Names: v1alpha1.LocalizedNames{Vi: "Cơ quan thử nghiệm"}, Type: v1alpha1.AgencyTypeOther,
			Namespaces: []string{namespace}, Domains: []string{"thunghiem.example.vn"},
		},
	}
	w.profile = &v1alpha1.SecurityProfile{
		ObjectMeta: metav1.ObjectMeta{Name: namespace},
		Spec: v1alpha1.SecurityProfileSpec{
			Regime: namespace, Level: 2,
			TLS: v1alpha1.TLSRequirements{MinVersion: v1alpha1.VersionTLS12},
			Certificate: v1alpha1.CertificateRequirements{
				KeyAlgorithm: v1alpha1.KeyAlgorithmECDSA, KeySize: 256,
				Duration: metav1.Duration{Duration: 24 * time.Hour}, RenewBefore: metav1.Duration{Duration: 8 * time.Hour},
			},
			Workload: v1alpha1.WorkloadRequirements{MinReplicas: 1},
			Network:  v1alpha1.NetworkRequirements{Egress: v1alpha1.EgressPorts},
		},
	}
	w.class = &v1alpha1.ConnectorClass{
		ObjectMeta: metav1.ObjectMeta{Name: namespace},
		Spec: v1alpha1.ConnectorClassSpec{
			Image: "gateway.invalid/gateway@sha256:" + strings.Repeat("0", 64),
			Resources: v1alpha1.GatewayResources{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("16Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("64Mi")},
			},
		},
	}
	w.hub = &v1alpha1.ExchangeHub{
		ObjectMeta: metav1.ObjectMeta{Name: namespace},
		Spec: v1alpha1.ExchangeHubSpec{
			OwnerAgencyRef: v1alpha1.ObjectReference{Name: namespace}, TrustDomain: "lienthong.test",
			Endpoints:  []v1alpha1.HubEndpoint{{Name: "primary", URL: "https://127.0.0.1:1", Priority: new(int32(0))}},
			Identities: []v1alpha1.SPIFFEID{"spiffe://lienthong.test/hub"},
			IssuerRef:  v1alpha1.IssuerReference{Name: authority},
			TrustAnchors: []v1alpha1.TrustAnchor{
				{Name: "root", ConfigMapRef: &v1alpha1.ConfigMapKeyReference{Namespace: "lienthong-system", Name: "anchors"}},
			},
			Services: []v1alpha1.Service{v1alpha1.ServiceElectronicDocuments}, Regime: namespace,
		},
	}
	w.connector = &v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Name: "main", Namespace: namespace},
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: namespace}, HubRef: v1alpha1.ObjectReference{Name: namespace}, ClassName: namespace,
			SecurityLevel: 2, Services: []v1alpha1.Service{v1alpha1.ServiceElectronicDocuments},
			Backend: v1alpha1.ConnectorBackend{
				URL: "http://qlvb." + namespace + ".svc:8080", PodSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "qlvb"}},
			},
		},
	}
	return w
}

// forget removes the records of the world's plans, which the operator never does. It comes when everything else of the world was removed.
func (w *world) forget(t *testing.T) {
	ofPlan := client.MatchingFields{"spec.plan": w.namespace}
	if err := w.Client.DeleteAllOf(context.Background(), &v1alpha1.MilestoneRecord{}, ofPlan); err != nil {
		t.Errorf("removing the MilestoneRecords of plan %s: %v", w.namespace, err)
	}
}

// platform creates what the platform engineer declares.
func (w *world) platform(t *testing.T) {
	t.Helper()
	w.Create(t, w.profile, w.class, w.agency, w.hub)
}

// connect creates everything.
func (w *world) connect(t *testing.T) {
	t.Helper()
	w.platform(t)
	w.Create(t, w.connector)
}

// expect waits until a condition of the object has the status and reason, and checks that the whole status is legal. It gives the message.
func (w *world) expect(t *testing.T, object client.Object, conditionType string, status metav1.ConditionStatus, reason string) string {
	t.Helper()
	var message string
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), object); err != nil {
			return err
		}
		c := meta.FindStatusCondition(conditionsOf(object), conditionType)
		if c == nil || c.ObservedGeneration != object.GetGeneration() || c.Status != status || c.Reason != reason {
			return fmt.Errorf("condition %s of %T %s is %+v, want %s with reason %s", conditionType, object, object.GetName(), c, status, reason)
		}
		message = c.Message
		return nil
	})
	return message
}

func conditionsOf(object client.Object) []metav1.Condition {
	switch o := object.(type) {
	case *v1alpha1.Connector:
		return o.Status.Conditions
	case *v1alpha1.ExchangeHub:
		return o.Status.Conditions
	case *v1alpha1.Agency:
		return o.Status.Conditions
	case *v1alpha1.ConnectorClass:
		return o.Status.Conditions
	case *v1alpha1.SecurityProfile:
		return o.Status.Conditions
	case *v1alpha1.RolloutPlan:
		return o.Status.Conditions
	case *v1alpha1.ComplianceEvidence:
		return o.Status.Conditions
	case *v1alpha1.DutyWaiver:
		return o.Status.Conditions
	case *v1alpha1.NoticeQueue:
		return o.Status.Conditions
	default:
		return nil
	}
}
