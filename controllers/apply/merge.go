package apply

import (
	"maps"
	"slices"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// merge gives the object to write and whether it differs from what lives. Everything that the operator says is replaced as a
// whole; labels and annotations that others added stay, and so does what only the API server or another controller may set.
func merge(want, live client.Object) (merged client.Object, changed bool) {
	result, ok := live.DeepCopyObject().(client.Object)
	if !ok {
		return want, true
	}
	mergeMeta(want, result)
	mergeBody(want, result)
	changed = !equality.Semantic.DeepEqual(result, live)
	result.GetObjectKind().SetGroupVersionKind(want.GetObjectKind().GroupVersionKind())
	return result, changed
}

func mergeMeta(want, result client.Object) {
	result.SetLabels(overlay(result.GetLabels(), want.GetLabels()))
	result.SetAnnotations(overlay(result.GetAnnotations(), want.GetAnnotations()))
	references := result.GetOwnerReferences()
	for _, w := range want.GetOwnerReferences() {
		i := slices.IndexFunc(references, func(r metav1.OwnerReference) bool { return r.UID == w.UID })
		if i < 0 {
			references = append(references, w)
			continue
		}
		references[i] = w
	}
	result.SetOwnerReferences(references)
}

func overlay(base, over map[string]string) map[string]string {
	if len(over) == 0 {
		return base
	}
	result := maps.Clone(base)
	if result == nil {
		result = make(map[string]string, len(over))
	}
	maps.Copy(result, over)
	return result
}

func mergeBody(want, result client.Object) {
	switch w := want.(type) {
	case *corev1.ServiceAccount:
		// Secrets and image pull secrets of a ServiceAccount are filled in by others.
		assign(result, func(r *corev1.ServiceAccount) { r.AutomountServiceAccountToken = w.AutomountServiceAccountToken })
	case *corev1.ConfigMap:
		assign(result, func(r *corev1.ConfigMap) { r.Data, r.BinaryData, r.Immutable = w.Data, w.BinaryData, w.Immutable })
	case *corev1.Service:
		assign(result, func(r *corev1.Service) { r.Spec = serviceSpec(w.Spec, r.Spec) })
	case *appsv1.Deployment:
		assign(result, func(r *appsv1.Deployment) { r.Spec = deploymentSpec(w.Spec, r.Spec) })
	case *policyv1.PodDisruptionBudget:
		assign(result, func(r *policyv1.PodDisruptionBudget) { r.Spec = w.Spec })
	case *networkingv1.NetworkPolicy:
		assign(result, func(r *networkingv1.NetworkPolicy) { r.Spec = w.Spec })
	case *cmapi.Certificate:
		assign(result, func(r *cmapi.Certificate) { r.Spec = w.Spec })
	}
}

func assign[T client.Object](result client.Object, set func(T)) {
	if typed, ok := result.(T); ok {
		set(typed)
	}
}

// serviceSpec is the wanted one with the addresses that the API server allocated.
func serviceSpec(want, live corev1.ServiceSpec) corev1.ServiceSpec {
	want.ClusterIP, want.ClusterIPs = live.ClusterIP, live.ClusterIPs
	if len(want.IPFamilies) == 0 || families(live.IPFamilies, want.IPFamilies) {
		want.IPFamilies = live.IPFamilies
	}
	return want
}

// families tells whether the allocated families begin with the wanted ones: the API server adds the second of a dual stack.
func families(live, want []corev1.IPFamily) bool {
	return len(live) >= len(want) && slices.Equal(live[:len(want)], want)
}

func deploymentSpec(want, live appsv1.DeploymentSpec) appsv1.DeploymentSpec {
	if at, ok := live.Template.Annotations[desired.AnnotationRestartedAt]; ok {
		want.Template.Annotations = overlay(want.Template.Annotations, map[string]string{desired.AnnotationRestartedAt: at})
	}
	return want
}
