package hub

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// scope is what was read in one pass.
type scope struct {
	// hub is the object to write the status of; before is as it was read.
	hub, before *v1alpha1.ExchangeHub
	// ownerExists tells whether there is an Agency of the owner's name.
	ownerExists bool
	// bundle of the anchors; nil with unreadable set if a person has to act.
	bundle     *anchors.Bundle
	unreadable *anchors.UnreadableError
	connectors []v1alpha1.Connector
}

func (r *Reconciler) read(ctx context.Context, name string) (*scope, error) {
	s := &scope{before: &v1alpha1.ExchangeHub{}}
	if err := r.Client.Get(ctx, types.NamespacedName{Name: name}, s.before); err != nil {
		return nil, fmt.Errorf("reading ExchangeHub %s: %w", name, err)
	}
	s.hub = s.before.DeepCopy()

	var owner v1alpha1.Agency
	err := r.Client.Get(ctx, types.NamespacedName{Name: s.hub.Spec.OwnerAgencyRef.Name}, &owner)
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("reading the owner of ExchangeHub %s: %w", name, err)
	}
	s.ownerExists = err == nil

	s.bundle, err = anchors.Resolve(ctx, r.Client, s.hub, r.OperatorNamespace)
	if err != nil && !errors.As(err, &s.unreadable) {
		return nil, err
	}
	var list v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.ConnectorByHub: name}); err != nil {
		return nil, fmt.Errorf("listing the Connectors of ExchangeHub %s: %w", name, err)
	}
	s.connectors = list.Items
	return s, nil
}
