package fleet

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Replicas of each Connector.
const Replicas = 2

func profile(name string) *v1alpha1.SecurityProfile {
	return &v1alpha1.SecurityProfile{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.SecurityProfileSpec{
			Regime: name, Level: 2,
			TLS: v1alpha1.TLSRequirements{MinVersion: v1alpha1.VersionTLS12},
			Certificate: v1alpha1.CertificateRequirements{
				KeyAlgorithm: v1alpha1.KeyAlgorithmECDSA, KeySize: 256,
				Duration: metav1.Duration{Duration: 24 * time.Hour}, RenewBefore: metav1.Duration{Duration: 8 * time.Hour},
			},
			Workload: v1alpha1.WorkloadRequirements{MinReplicas: Replicas},
			Network:  v1alpha1.NetworkRequirements{Egress: v1alpha1.EgressPorts},
		},
	}
}

func class(name string) *v1alpha1.ConnectorClass {
	return &v1alpha1.ConnectorClass{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ConnectorClassSpec{
			Image: "gateway.invalid/gateway@sha256:" + strings.Repeat("0", 64),
			Resources: v1alpha1.GatewayResources{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("16Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("64Mi")},
			},
		},
	}
}

func hub(name, owner, issuer, anchor string) *v1alpha1.ExchangeHub {
	return &v1alpha1.ExchangeHub{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ExchangeHubSpec{
			OwnerAgencyRef: v1alpha1.ObjectReference{Name: owner}, TrustDomain: "lienthong.test",
			Endpoints:    []v1alpha1.HubEndpoint{{Name: "primary", URL: "https://hub.example.vn:443", Priority: new(int32)}},
			Identities:   []v1alpha1.SPIFFEID{"spiffe://lienthong.test/hub"},
			IssuerRef:    v1alpha1.IssuerReference{Name: issuer},
			TrustAnchors: []v1alpha1.TrustAnchor{{Name: "root", PEM: anchor}},
			Services:     []v1alpha1.Service{v1alpha1.ServiceElectronicDocuments}, Regime: name,
		},
	}
}

func agency(name string, number int) *v1alpha1.Agency {
	return &v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.AgencySpec{
			Code:  fmt.Sprintf("T%02d.%s", number+1, strings.ToUpper(strings.SplitN(name, "-", 2)[0])),
			Names: v1alpha1.LocalizedNames{Vi: fmt.Sprintf("Cơ quan %d", number+1)}, Type: v1alpha1.AgencyTypeOther,
			Namespaces: []string{name},
		},
	}
}

// plan has every agency in one cohort and wants all their Connectors ready, so that every change of readiness reaches it.
func plan(name string) *v1alpha1.RolloutPlan {
	return &v1alpha1.RolloutPlan{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.RolloutPlanSpec{
			HubRef:  v1alpha1.ObjectReference{Name: name},
			Cohorts: []v1alpha1.Cohort{{Name: "all", AllOthers: &v1alpha1.AllOthers{}}},
			Milestones: []v1alpha1.Milestone{
				milestone("issued", v1alpha1.ConditionCertificateReady), milestone("ready", v1alpha1.ConditionReady),
			},
		},
	}
}

func milestone(name, condition string) v1alpha1.Milestone {
	return v1alpha1.Milestone{
		Name: name, Cohort: "all", Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2099-12-31"},
		Requires: []v1alpha1.MilestoneRequirement{{Condition: condition}},
	}
}

func connector(platform, namespace, name string) *v1alpha1.Connector {
	return &v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: namespace}, HubRef: v1alpha1.ObjectReference{Name: platform}, ClassName: platform,
			SecurityLevel: 2, Services: []v1alpha1.Service{v1alpha1.ServiceElectronicDocuments},
			Backend: v1alpha1.ConnectorBackend{
				URL: "http://qlvb." + namespace + ".svc:8080", PodSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "qlvb"}},
			},
		},
	}
}
