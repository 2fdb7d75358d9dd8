package fleet

import (
	"context"
	"fmt"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// RequestRenewal asks for a new certificate for every Connector, as a person would: by an annotation with that time.
func (f *Fleet) RequestRenewal(ctx context.Context, c client.Client, at time.Time) error {
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.AnnotationRenewRequestedAt, at.UTC().Format(time.RFC3339Nano))
	return f.Each(ctx, func(ctx context.Context, connector *v1alpha1.Connector) error {
		if err := c.Patch(ctx, connector, client.RawPatch(types.MergePatchType, patch)); err != nil {
			return fmt.Errorf("asking for a renewal of Connector %s: %w", client.ObjectKeyFromObject(connector), err)
		}
		return nil
	})
}

// Serials gives the serial number of the newest certificate of each Connector, as its status tells.
func (l *Lookout) Serials(ctx context.Context) (map[types.NamespacedName]string, error) {
	var list v1alpha1.ConnectorList
	if err := l.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Connectors: %w", err)
	}
	serials := map[types.NamespacedName]string{}
	for i := range list.Items {
		if certificate := list.Items[i].Status.Certificate; certificate != nil {
			serials[client.ObjectKeyFromObject(&list.Items[i])] = certificate.SerialNumber
		}
	}
	return serials, nil
}

// Renewed says what is missing until each Connector has another certificate than it had, and all its pods serve it.
func (l *Lookout) Renewed(ctx context.Context, before map[types.NamespacedName]string) error {
	return l.connectors(ctx, len(before), "renewed", func(c *v1alpha1.Connector) bool {
		rotation, old := c.Status.Rotation, before[client.ObjectKeyFromObject(c)]
		return rotation != nil && rotation.FromSerialNumber == old && rotation.ToSerialNumber != old && rotation.ServedAt != nil
	})
}

// Revisions gives the revision of each Connector's Certificate.
func (l *Lookout) Revisions(ctx context.Context) (map[types.NamespacedName]int, error) {
	var list cmapi.CertificateList
	if err := l.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Certificates: %w", err)
	}
	revisions := map[types.NamespacedName]int{}
	for i := range list.Items {
		if c := &list.Items[i]; c.Status.Revision != nil {
			revisions[types.NamespacedName{Namespace: c.Namespace, Name: c.Labels[desired.LabelConnector]}] = *c.Status.Revision
		}
	}
	return revisions, nil
}
