package hub

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

const (
	// conditionPublished is present only while publishTo is set.
	conditionPublished = "Published"
	// reasonNotWritten is the reason of that condition if the cluster did not take the ConfigMap.
	reasonNotWritten = "NotWritten"
)

// publish keeps the ConfigMap for the hub's own systems. It holds what was in force when the hub was read, so that an anchor leaves it
// only after the hub's status has let go of the anchor.
func (r *Reconciler) publish(ctx context.Context, s *scope) {
	if s.hub.Spec.PublishTo == nil || s.bundle == nil {
		return
	}
	before := meta.FindStatusCondition(s.before.Status.Conditions, conditionPublished)
	blocked := before != nil && before.Reason == v1alpha1.ReasonForeignObject
	_, s.unpublished = r.Children.Apply(ctx, s.hub, publication(s), blocked)
}

func publication(s *scope) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.hub.Spec.PublishTo.Namespace, Name: s.hub.Spec.PublishTo.Name,
			Labels:          map[string]string{desired.LabelManagedBy: desired.ManagedBy},
			Annotations:     map[string]string{desired.AnnotationConnectorUID: string(s.hub.UID)},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(s.hub, v1alpha1.GroupVersion.WithKind(kind))},
		},
		Data: map[string]string{desired.TrustKey: s.bundle.PEM, desired.RevocationsKey: string(s.revocations.Rendered)},
	}
}

// published tells what became of the ConfigMap; nil if none is asked for.
func published(s *scope) *metav1.Condition {
	to := s.hub.Spec.PublishTo
	if to == nil {
		return nil
	}
	result := conditions.True(conditionPublished, conditionPublished, fmt.Sprintf(
		"ConfigMap %s/%s holds the anchors in force and the revocations.", to.Namespace, to.Name))
	var foreign *apply.ForeignObjectError
	switch {
	case s.bundle == nil:
		result = conditions.Unknown(conditionPublished, v1alpha1.ReasonTrustAnchorUnreadable, fmt.Sprintf(
			"ConfigMap %s/%s is left as it is, because a trust anchor cannot be read.", to.Namespace, to.Name))
	case errors.As(s.unpublished, &foreign):
		result = conditions.False(conditionPublished, v1alpha1.ReasonForeignObject, fmt.Sprintf(
			"ConfigMap %s/%s already exists and belongs to %s. It is left as it is; rename or delete it, or name another one in publishTo.",
			to.Namespace, to.Name, foreign.Owner))
	case s.unpublished != nil:
		result = conditions.False(conditionPublished, reasonNotWritten, fmt.Sprintf(
			"ConfigMap %s/%s could not be written, which is tried again: %s.", to.Namespace, to.Name, s.unpublished))
	}
	return &result
}

// isForeign tells that somebody else's object is in the way: nothing tells when it goes, and trying to write again is of no use.
func isForeign(err error) bool {
	var foreign *apply.ForeignObjectError
	return errors.As(err, &foreign)
}

// ofPublication finds the hub that a ConfigMap was published for.
func ofPublication(configMap client.Object) []reconcile.Request {
	owner := metav1.GetControllerOf(configMap)
	if owner == nil || owner.Kind != kind || owner.APIVersion != v1alpha1.GroupVersion.String() {
		return nil
	}
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Name: owner.Name}}}
}
