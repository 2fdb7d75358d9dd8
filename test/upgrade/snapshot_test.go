//go:build upgrade

package upgrade

import (
	"encoding/json"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// snapshot is what an upgrade must not touch.
type snapshot struct {
	// Objects of the group, by kind and name: which each is, and spec and status as JSON.
	Objects map[string]string
	// Workloads are the Deployments, ReplicaSets and pods of the gateways, by kind and name: which each is and, of a Deployment, the generation of
	// its spec.
	Workloads map[string]string
	// Data are the versions of the Secrets of the gateways.
	Data map[string]string
}

func kinds() []string {
	return []string{
		"Agency", "ComplianceEvidence", "Connector", "ConnectorClass", "DutyWaiver", "ExchangeHub", "MilestoneRecord", "NoticeQueue",
		"ReadinessReport", "RolloutPlan", "SecurityProfile",
	}
}

func (w *world) snapshot(t *testing.T) snapshot {
	t.Helper()
	s := snapshot{Objects: map[string]string{}, Workloads: map[string]string{}, Data: map[string]string{}}
	for _, kind := range kinds() {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
		if err := w.Client.List(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		for i := range list.Items {
			o := &list.Items[i]
			text, err := json.Marshal(map[string]any{"uid": o.GetUID(), "spec": o.Object["spec"], "status": o.Object["status"]})
			if err != nil {
				t.Fatal(err)
			}
			s.Objects[kind+" "+o.GetNamespace()+"/"+o.GetName()] = string(text)
		}
	}
	own := client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy}
	var deployments appsv1.DeploymentList
	var sets appsv1.ReplicaSetList
	var pods corev1.PodList
	var secrets corev1.SecretList
	for _, list := range []client.ObjectList{&deployments, &sets, &pods, &secrets} {
		if err := w.Client.List(t.Context(), list, own); err != nil {
			t.Fatal(err)
		}
	}
	for i := range deployments.Items {
		d := &deployments.Items[i]
		s.Workloads["Deployment "+d.Namespace+"/"+d.Name] = fmt.Sprint(d.UID, " generation ", d.Generation)
	}
	for i := range sets.Items {
		s.Workloads["ReplicaSet "+sets.Items[i].Namespace+"/"+sets.Items[i].Name] = string(sets.Items[i].UID)
	}
	for i := range pods.Items {
		if p := &pods.Items[i]; p.DeletionTimestamp == nil {
			s.Workloads["Pod "+p.Namespace+"/"+p.Name] = string(p.UID)
		}
	}
	for i := range secrets.Items {
		s.Data["Secret "+secrets.Items[i].Namespace+"/"+secrets.Items[i].Name] = secrets.Items[i].ResourceVersion
	}
	return s
}

// sameMaps says how two maps differ: how many entries, and the first of them.
func sameMaps(what string, before, after map[string]string) error {
	changed, first := 0, ""
	note := func(key string) {
		changed++
		if first == "" || key < first {
			first = key
		}
	}
	for key := range before {
		if after[key] != before[key] {
			note(key)
		}
	}
	for key := range after {
		if _, known := before[key]; !known {
			note(key)
		}
	}
	if changed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d %s changed, first %s:\n  before %s\n  after  %s", changed, len(before), what, first, before[first], after[first])
}

// untouched checks that nothing was lost, changed or restarted.
func (w *world) untouched(t *testing.T, step string, before snapshot) {
	t.Helper()
	after := w.snapshot(t)
	for _, err := range []error{
		sameMaps("objects", before.Objects, after.Objects), sameMaps("workloads", before.Workloads, after.Workloads),
		sameMaps("Secrets", before.Data, after.Data),
	} {
		if err != nil {
			t.Errorf("%s: %v", step, err)
		}
	}
	t.Logf("%s: %d objects, %d workloads and %d Secrets are as they were", step, len(after.Objects), len(after.Workloads), len(after.Data))
}
