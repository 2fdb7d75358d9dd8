package fleet

import (
	"context"
	"fmt"
	"strings"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// Provisioned says what is missing until n Connectors have all their children, every Certificate is issued and every
// Deployment is available.
func (l *Lookout) Provisioned(ctx context.Context, n int) error {
	if count, _ := l.Children(); count != n*desired.Children {
		return fmt.Errorf("there are %d children, want %d", count, n*desired.Children)
	}
	var certificates cmapi.CertificateList
	if err := l.List(ctx, &certificates, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	issued := 0
	for i := range certificates.Items {
		for _, c := range certificates.Items[i].Status.Conditions {
			if c.Type == cmapi.CertificateConditionReady && c.Status == cmmeta.ConditionTrue {
				issued++
			}
		}
	}
	if issued != n {
		return fmt.Errorf("%d of %d Certificates are issued", issued, n)
	}
	var deployments appsv1.DeploymentList
	if err := l.List(ctx, &deployments, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	available := 0
	for i := range deployments.Items {
		if d := &deployments.Items[i]; d.Status.ObservedGeneration == d.Generation && d.Status.AvailableReplicas == *d.Spec.Replicas {
			available++
		}
	}
	if available != n {
		return fmt.Errorf("%d of %d Deployments are available", available, n)
	}
	return nil
}

// Ready says what is missing until all n Connectors are ready, and each of their pods serves what it was last handed.
func (l *Lookout) Ready(ctx context.Context, n int) error {
	return l.connectors(ctx, n, "ready", func(c *v1alpha1.Connector) bool {
		pods := c.Status.ObservedPods
		return tally.IsReady(c) && pods != nil && *pods.Current == *pods.Total
	})
}

func (l *Lookout) connectors(ctx context.Context, n int, what string, is func(*v1alpha1.Connector) bool) error {
	var list v1alpha1.ConnectorList
	if err := l.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	count, first := 0, ""
	for i := range list.Items {
		if is(&list.Items[i]) {
			count++
		} else if first == "" {
			first = fmt.Sprintf("; %s/%s has %+v", list.Items[i].Namespace, list.Items[i].Name, list.Items[i].Status)
		}
	}
	if count != n {
		return fmt.Errorf("%d of %d Connectors are %s%s", count, n, what, first)
	}
	return nil
}

// Empty says what is left of a fleet that was deleted.
func (l *Lookout) Empty(ctx context.Context) error {
	lists := []client.ObjectList{&v1alpha1.ConnectorList{}, &corev1.PodList{}, &cmapi.CertificateRequestList{}}
	for _, list := range lists {
		if err := l.List(ctx, list, client.Limit(1)); err != nil {
			return err
		}
	}
	left := make([]int, len(lists))
	for i, list := range lists {
		left[i] = meta.LenList(list)
	}
	if left[0]+left[1]+left[2] > 0 {
		return fmt.Errorf("there are Connectors (%d), pods (%d) or CertificateRequests (%d) left", left[0], left[1], left[2])
	}
	if count, _ := l.Children(); count > 0 {
		return fmt.Errorf("%d children are left", count)
	}
	return nil
}

// Without counts the ConfigMaps of gateways that do not say what they should.
func (l *Lookout) Without(ctx context.Context, what func(*corev1.ConfigMap) string) (int, error) {
	var list corev1.ConfigMapList
	if err := l.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return 0, fmt.Errorf("listing ConfigMaps: %w", err)
	}
	count := 0
	for i := range list.Items {
		if !strings.Contains(list.Items[i].Data[desired.ConfigKey], what(&list.Items[i])) {
			count++
		}
	}
	return count, nil
}
