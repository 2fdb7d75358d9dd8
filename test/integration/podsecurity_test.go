package integration

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/levels"
)

// restrictedNamespace is one in which the API server holds pods to the restricted Pod Security Standard, with the account that gateways run as.
func restrictedNamespace(t *testing.T, env *harness.Env) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-", Labels: map[string]string{
		"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest",
	}}}
	env.Create(t, namespace)
	in := levelInputs(t, namespace.Name, levels.Profiles(t)[0])
	account := desired.ServiceAccount(in)
	account.OwnerReferences = nil // the Connector is not in the cluster
	env.Create(t, account)
	return namespace.Name
}

// levelInputs are those of a profile, in a namespace of the test.
func levelInputs(t *testing.T, namespace string, profile *v1alpha1.SecurityProfile) desired.Inputs {
	t.Helper()
	in := levels.Inputs(t, profile)
	in.Connector.Namespace = namespace
	return in
}

// everyProfile are the shipped ones, and one that asks for what none of them does.
func everyProfile(t *testing.T) []*v1alpha1.SecurityProfile {
	t.Helper()
	profiles := levels.Profiles(t)
	strictest := profiles[0].DeepCopy()
	strictest.Name = "strictest"
	strictest.Spec.Cryptography.FIPS140 = v1alpha1.FIPS140Enabled
	strictest.Spec.Workload.SpreadHosts, strictest.Spec.Workload.SpreadZones = v1alpha1.SpreadRequired, v1alpha1.SpreadRequired
	return append(profiles, strictest)
}

// podOf is what the Deployment of a level would run.
func podOf(in desired.Inputs) *corev1.Pod {
	template := desired.Deployment(in).Spec.Template
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "gateway-", Namespace: in.Connector.Namespace, Labels: template.Labels},
		Spec:       template.Spec,
	}
}

func TestPodsOfEachLevelMeetTheRestrictedStandard(t *testing.T) {
	env := suite(t)
	namespace := restrictedNamespace(t, env)
	for _, profile := range everyProfile(t) {
		if err := env.Client.Create(t.Context(), podOf(levelInputs(t, namespace, profile)), client.DryRunAll); err != nil {
			t.Errorf("%s: the API server does not admit the pod: %v", profile.Name, err)
		}
	}
}

// TestWorsePodsAreRefused proves that the namespace of the test above admits nothing else: one thing less, and the pod is refused.
func TestWorsePodsAreRefused(t *testing.T) {
	env := suite(t)
	namespace := restrictedNamespace(t, env)
	tests := map[string]func(*corev1.PodSpec){
		"may run as root": func(s *corev1.PodSpec) {
			s.SecurityContext.RunAsNonRoot, s.Containers[0].SecurityContext.RunAsNonRoot = nil, nil
		},
		"runs as root": func(s *corev1.PodSpec) { s.SecurityContext.RunAsUser = new(int64(0)) },
		"no seccomp": func(s *corev1.PodSpec) {
			s.SecurityContext.SeccompProfile, s.Containers[0].SecurityContext.SeccompProfile = nil, nil
		},
		"keeps capabilities": func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.Capabilities = nil },
		"may gain rights":    func(s *corev1.PodSpec) { s.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil },
		"on the host's network": func(s *corev1.PodSpec) {
			s.HostNetwork = true
			for i := range s.Containers[0].Ports {
				s.Containers[0].Ports[i].HostPort = s.Containers[0].Ports[i].ContainerPort
			}
		},
		"with a directory of the host": func(s *corev1.PodSpec) {
			s.Volumes[1].VolumeSource = corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/etc"}}
		},
	}
	for name, worsen := range tests {
		t.Run(name, func(t *testing.T) {
			pod := podOf(levelInputs(t, namespace, levels.Profiles(t)[0]))
			worsen(&pod.Spec)
			err := env.Client.Create(t.Context(), pod, client.DryRunAll)
			if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `violates PodSecurity "restricted:latest"`) {
				t.Errorf("the answer is %v, want a refusal by Pod Security", err)
			}
		})
	}
}

// TestObjectsOfEachLevelAreComplete: what the API server would fill in, the operator would take for somebody else's change, and write again
// and again.
func TestObjectsOfEachLevelAreComplete(t *testing.T) {
	env := suite(t)
	namespace := restrictedNamespace(t, env)
	for _, profile := range everyProfile(t) {
		t.Run(profile.Name, func(t *testing.T) {
			in := levelInputs(t, namespace, profile)
			policy, err := desired.NetworkPolicy(in)
			if err != nil {
				t.Fatal(err)
			}
			deployment, budget := desired.Deployment(in), desired.PodDisruptionBudget(in)
			same(t, deployment.Spec, taken(t, env.Client, deployment).Spec)
			same(t, policy.Spec, taken(t, env.Client, policy).Spec)
			same(t, budget.Spec, taken(t, env.Client, budget).Spec)
		})
	}
}

// taken is the object as the API server would store it.
func taken[T client.Object](t *testing.T, c client.Client, object T) T {
	t.Helper()
	answer, ok := object.DeepCopyObject().(T)
	if !ok {
		t.Fatalf("the copy of a %T is none", object)
	}
	if err := c.Create(t.Context(), answer, client.DryRunAll); err != nil {
		t.Fatalf("the API server does not take %T: %v", object, err)
	}
	return answer
}

func same[T any](t *testing.T, want, got T) {
	t.Helper()
	if !equality.Semantic.DeepEqual(want, got) {
		t.Errorf("the API server changed it (-want +got):\n%s", cmp.Diff(want, got))
	}
}
