package hub

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/revocations"
	"lienthong.gov.vn/connector-operator/controllers/rollover"
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
	// agencies of the connectors by name, as far as they exist.
	agencies map[string]*v1alpha1.Agency
	// identity of the operator on the hub, leaf first; nil if it has none, and with identityProblem set if it cannot be read.
	identity        []*x509.Certificate
	identityProblem error

	// revocations are set by decide.
	revocations *revocations.Published
	// operatorsOwn are the anchors that the operator's own certificate ends in.
	operatorsOwn []string
	// decision of the planner, and the bundle without the anchors that go; set by decide, as operatorsOwn is, if there is a bundle.
	decision rollover.Decision
	kept     *anchors.Bundle
	// unpublished is set by publish if the ConfigMap could not be written.
	unpublished error
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
	if err := r.readAgencies(ctx, s); err != nil {
		return nil, err
	}
	if r.OwnIdentity != nil {
		s.identity, s.identityProblem = r.OwnIdentity(name)
	}
	return s, nil
}

func (r *Reconciler) readAgencies(ctx context.Context, s *scope) error {
	s.agencies = map[string]*v1alpha1.Agency{}
	for i := range s.connectors {
		name := s.connectors[i].Spec.AgencyRef.Name
		if _, read := s.agencies[name]; read {
			continue
		}
		s.agencies[name] = nil
		var agency v1alpha1.Agency
		switch err := r.Client.Get(ctx, types.NamespacedName{Name: name}, &agency); {
		case err == nil:
			s.agencies[name] = &agency
		case !apierrors.IsNotFound(err):
			return fmt.Errorf("reading Agency %s of a Connector of ExchangeHub %s: %w", name, s.hub.Name, err)
		}
	}
	return nil
}
