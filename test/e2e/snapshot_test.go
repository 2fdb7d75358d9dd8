//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// version tells whether an object is the same one, and whether it was written to.
type version struct {
	uid             types.UID
	resourceVersion string
}

// snapshot maps each object, as kind and name, to its version.
type snapshot map[string]version

// own are the kinds of this operator.
func own() []schema.GroupVersionKind {
	var kinds []schema.GroupVersionKind
	for _, kind := range []string{"Connector", "Agency", "ExchangeHub", "RolloutPlan", "SecurityProfile", "ConnectorClass"} {
		kinds = append(kinds, v1alpha1.GroupVersion.WithKind(kind))
	}
	return kinds
}

// provisioned are the kinds of what the operator makes, and of what comes of it: pods, requests and Secrets.
func provisioned() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		corev1.SchemeGroupVersion.WithKind("ServiceAccount"),
		corev1.SchemeGroupVersion.WithKind("ConfigMap"),
		corev1.SchemeGroupVersion.WithKind("Service"),
		corev1.SchemeGroupVersion.WithKind("Secret"),
		corev1.SchemeGroupVersion.WithKind("Pod"),
		appsv1.SchemeGroupVersion.WithKind("Deployment"),
		networkingv1.SchemeGroupVersion.WithKind("NetworkPolicy"),
		policyv1.SchemeGroupVersion.WithKind("PodDisruptionBudget"),
		cmapi.SchemeGroupVersion.WithKind(cmapi.CertificateKind),
		cmapi.SchemeGroupVersion.WithKind(cmapi.CertificateRequestKind),
	}
}

// takeSnapshot notes the versions of everything of these kinds that the operator writes, or that comes of it.
func takeSnapshot(ctx context.Context, kinds ...schema.GroupVersionKind) (snapshot, error) {
	result := snapshot{}
	for _, kind := range kinds {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind)
		var options []client.ListOption
		if kind.Group != v1alpha1.GroupName {
			options = append(options, client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy})
		}
		if err := shared.stage.Client.List(ctx, list, options...); err != nil {
			return nil, fmt.Errorf("listing every %s: %w", kind.Kind, err)
		}
		for i := range list.Items {
			o := &list.Items[i]
			if o.DeletionTimestamp != nil {
				continue // a pod that still drains from a scenario before is no part of what there is
			}
			result[fmt.Sprintf("%s %s/%s", kind.Kind, o.Namespace, o.Name)] = version{o.UID, o.ResourceVersion}
		}
	}
	return result, nil
}

// differences names what was made, removed or replaced, and, unless onlyIdentity, what was written to.
func (before snapshot) differences(after snapshot, onlyIdentity bool) []string {
	var found []string
	for name, a := range after {
		switch b, was := before[name]; {
		case !was:
			found = append(found, name+" is new")
		case a.uid != b.uid:
			found = append(found, name+" was made anew")
		case a != b && !onlyIdentity:
			found = append(found, name+" was written to")
		}
	}
	for name := range before {
		if _, still := after[name]; !still {
			found = append(found, name+" is gone")
		}
	}
	slices.Sort(found)
	return found
}

// restarts counts how often the container of each gateway pod was started again.
func restarts(ctx context.Context) (map[string]int32, error) {
	var list corev1.PodList
	err := shared.stage.Client.List(ctx, &list, client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy})
	if err != nil {
		return nil, fmt.Errorf("listing the gateway pods: %w", err)
	}
	counts := map[string]int32{}
	for i := range list.Items {
		for _, c := range list.Items[i].Status.ContainerStatuses {
			counts[list.Items[i].Namespace+"/"+list.Items[i].Name] += c.RestartCount
		}
	}
	return counts, nil
}

// untouched remembers the children and the milestones of all agencies, and checks later that none was made anew and no date moved.
type untouched struct {
	objects  snapshot
	restarts map[string]int32
	met      map[string]string
}

func remember(t *testing.T) untouched {
	t.Helper()
	return untouched{
		objects:  must(takeSnapshot(t.Context(), append(own(), provisioned()...)...))(t),
		restarts: must(restarts(t.Context()))(t),
		met:      must(metAt(t.Context()))(t),
	}
}

// check leaves out the objects that the test replaced itself.
func (u untouched) check(t *testing.T, replaced ...string) {
	t.Helper()
	now := remember(t)
	for _, name := range replaced {
		delete(u.objects, name)
		delete(now.objects, name)
	}
	for _, difference := range u.objects.differences(now.objects, true) {
		t.Error(difference)
	}
	if !maps.Equal(u.restarts, now.restarts) {
		t.Errorf("gateways were started again: %v, were %v", now.restarts, u.restarts)
	}
	if !maps.Equal(u.met, now.met) {
		t.Errorf("milestones were met at other times than before:\n%v\n%v", now.met, u.met)
	}
}

// metAt are the times at which each milestone of each agency was met.
func metAt(ctx context.Context) (map[string]string, error) {
	var agencies v1alpha1.AgencyList
	if err := shared.stage.Client.List(ctx, &agencies); err != nil {
		return nil, fmt.Errorf("listing the Agencies: %w", err)
	}
	times := map[string]string{}
	for i := range agencies.Items {
		for _, m := range agencies.Items[i].Status.Milestones {
			if m.MetAt != nil {
				times[agencies.Items[i].Name+"/"+m.Plan+"/"+m.Milestone] = m.MetAt.UTC().String()
			}
		}
	}
	if len(times) == 0 {
		return nil, fmt.Errorf("no milestone of any of the %d agencies is met", len(agencies.Items))
	}
	return times, nil
}
