package integration

import (
	"context"
	"fmt"
	"maps"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// harmless is what nobody is to be kept from.
func harmless(t *testing.T, w *world) []attempt {
	t.Helper()
	pods := w.pods(t)
	own := metav1.ObjectMeta{Namespace: w.namespace, Name: "own"}
	named := thief(w, func(s *corev1.PodSpec) { mount(s, "other-gateway-tls") })
	named.Name, named.Labels = "own", map[string]string{desired.LabelName: "connector-gateway"}
	all := []attempt{
		{does: "keeps a ConfigMap", attempt: create(&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "own", Labels: map[string]string{"app": "own"}},
		})},
		{does: "keeps a Secret", attempt: create(&corev1.Secret{ObjectMeta: own})},
		{does: "clears all ConfigMaps of one kind of its own", attempt: func(ctx context.Context, a attacker) error {
			return a.Client.DeleteAllOf(ctx, &corev1.ConfigMap{}, client.InNamespace(w.namespace), client.MatchingLabels{"app": "own"})
		}},
		{does: "runs a pod with a Secret of its own", attempt: create(named)},
		{does: "has a certificate of an Issuer of its own", attempt: create(ownCertificate(own))},
		{does: "enters a pod of its own", attempt: connectTo(w, "pods", "own", "exec"), mayFail: true},
		{does: "asks for a renewal", attempt: merge(
			&v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: w.connector.Name}},
			`{"metadata":{"annotations":{"lienthong.gov.vn/renew-requested-at":"2026-01-01T00:00:00Z"}}}`)},
		{does: "labels its namespace", attempt: merge(
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}, `{"metadata":{"labels":{"example.vn/a":"b"}}}`)},
		{does: "annotates a gateway's pod, as networks do", attempt: merge(&pods[0], `{"metadata":{"annotations":{"k8s.ovn.org/pod-networks":"{}"}}}`)},
		{does: "evicts a gateway's pod, as who drains a node", attempt: func(ctx context.Context, a attacker) error {
			return a.CoreV1().Pods(w.namespace).EvictV1(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: pods[0].Name}})
		}, mayFail: true},
	}
	all = append(all, openingsOfOthers(w)...)
	for _, workload := range workloads(w, corev1.PodTemplateSpec{}, func(s *corev1.PodSpec) { mount(s, "other-gateway-tls") }) {
		workload.SetName("own")
		all = append(all, attempt{does: fmt.Sprintf("runs a %T of its own", workload), attempt: create(workload, client.DryRunAll)})
	}
	return append(all, attempt{does: "restarts a gateway's pod", attempt: func(ctx context.Context, a attacker) error {
		return client.IgnoreNotFound(a.Client.Delete(ctx, &pods[0]))
	}})
}

// openingsOfOthers leave gateways out, or allow nothing.
func openingsOfOthers(w *world) []attempt {
	closed := opens(w, metav1.LabelSelector{})
	closed.Spec.Ingress = nil
	tries := map[string]client.Object{"closes all pods": closed}
	for does, selector := range map[string]metav1.LabelSelector{
		"opens pods of its own":          {MatchLabels: map[string]string{"app": "qlvb"}},
		"opens pods with a known label":  {MatchLabels: map[string]string{desired.LabelName: "qlvb"}},
		"opens pods that have a label":   selecting("app", metav1.LabelSelectorOpExists),
		"opens pods but gateways":        selecting(desired.LabelName, metav1.LabelSelectorOpNotIn, "connector-gateway"),
		"opens pods of nobody in charge": selecting(desired.LabelManagedBy, metav1.LabelSelectorOpDoesNotExist),
	} {
		tries[does] = opens(w, selector)
	}
	var all []attempt
	for does, object := range tries {
		all = append(all, attempt{does: does, attempt: create(object, client.DryRunAll)})
	}
	return all
}

// workloads are one of every built-in kind that makes pods of a template.
func workloads(w *world, template corev1.PodTemplateSpec, spec func(*corev1.PodSpec)) []client.Object {
	meta := metav1.ObjectMeta{Namespace: w.namespace, Name: "thieves"}
	labels := map[string]string{"app": "thief"}
	template = *template.DeepCopy()
	if template.Labels == nil {
		template.Labels = map[string]string{}
	}
	maps.Copy(template.Labels, labels)
	template.Spec.Containers = []corev1.Container{{Name: "main", Image: "example.invalid/thief"}}
	spec(&template.Spec)
	selector := &metav1.LabelSelector{MatchLabels: labels}
	once := *template.DeepCopy()
	once.Spec.RestartPolicy = corev1.RestartPolicyNever
	job := batchv1.JobSpec{Template: once}
	return []client.Object{
		&appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Selector: selector, Template: template}},
		&appsv1.ReplicaSet{ObjectMeta: meta, Spec: appsv1.ReplicaSetSpec{Selector: selector, Template: template}},
		&appsv1.DaemonSet{ObjectMeta: meta, Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template}},
		&appsv1.StatefulSet{ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{Selector: selector, Template: template, ServiceName: "thieves"}},
		&corev1.ReplicationController{ObjectMeta: meta, Spec: corev1.ReplicationControllerSpec{Selector: labels, Template: &template}},
		&batchv1.Job{ObjectMeta: meta, Spec: job},
		&batchv1.CronJob{ObjectMeta: meta, Spec: batchv1.CronJobSpec{Schedule: "@daily", JobTemplate: batchv1.JobTemplateSpec{Spec: job}}},
	}
}
