package approval

import (
	"context"
	"errors"
	"fmt"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/ruling"
)

// scope is a request and everything that it claims to come from. What is nil was not found.
type scope struct {
	// request is always set.
	request *cmapi.CertificateRequest
	// young is true for as long as the cache may have to catch up, or the operator to rewrite a Certificate.
	young bool
	// otherApprover is set if somebody else has approved the request already.
	otherApprover string
	// requesters are the users that cert-manager makes its requests as.
	requesters []string

	// certificate controls the request, and connector controls the certificate.
	certificate *cmapi.Certificate
	connector   *v1alpha1.Connector

	// What the connector refers to; twins are all Agencies with the agency's code, itself included.
	agency *v1alpha1.Agency
	twins  []v1alpha1.Agency
	hub    *v1alpha1.ExchangeHub
	// ruling is by what the connector is made, and profile what of it is enforced; nil if there is none.
	ruling  *ruling.Ruling
	profile *v1alpha1.SecurityProfile
	// wanted is the Certificate as the operator writes it; set if all of these are.
	wanted *cmapi.CertificateSpec

	// others are the requests in the same namespace.
	others []cmapi.CertificateRequest
}

// read gives nil if there is nothing to judge.
func (r *Reconciler) read(ctx context.Context, key types.NamespacedName) (*scope, error) {
	request, err := find(ctx, r.Client, key, &cmapi.CertificateRequest{})
	if err != nil {
		return nil, err
	}
	if request == nil || !Concerns(request) {
		r.told.Delete(key)
		return nil, nil
	}
	s := &scope{
		request: request, young: r.Clock.Since(request.CreationTimestamp.Time) < patience,
		otherApprover: approvedBy(request), requesters: r.Requesters,
	}
	if s.otherApprover != "" && r.Clock.Since(request.CreationTimestamp.Time) > alarming {
		return nil, nil
	}
	if guarded, err := r.guards(ctx, issuerOf(request.Spec.IssuerRef)); err != nil || !guarded {
		return nil, err
	}
	if err := r.readOrigin(ctx, s); err != nil || s.connector == nil {
		return s, err
	}
	if err := errors.Join(r.readAgency(ctx, s), r.readHub(ctx, s), r.readRuling(ctx, s), r.readOthers(ctx, s)); err != nil {
		return nil, err
	}
	s.want()
	return s, nil
}

// guards tells whether a hub names the issuer, or named it when a Connector's present certificate was signed.
func (r *Reconciler) guards(ctx context.Context, issuer v1alpha1.IssuerReference) (bool, error) {
	var hubs v1alpha1.ExchangeHubList
	if err := r.Client.List(ctx, &hubs); err != nil {
		return false, fmt.Errorf("listing the ExchangeHubs: %w", err)
	}
	for i := range hubs.Items {
		if defaulted(hubs.Items[i].Spec.IssuerRef) == issuer {
			return true, nil
		}
	}
	var connectors v1alpha1.ConnectorList
	err := r.Client.List(ctx, &connectors, client.MatchingFields{index.ConnectorByIssuer: index.Issuer(issuer)}, client.Limit(1))
	if err != nil {
		return false, fmt.Errorf("listing the Connectors with a certificate of %s %s: %w", issuer.Kind, issuer.Name, err)
	}
	return len(connectors.Items) > 0, nil
}

// readOrigin follows the owner references from the request to the Connector. A name alone proves nothing: the UIDs must agree.
func (r *Reconciler) readOrigin(ctx context.Context, s *scope) error {
	certificate, err := owner(ctx, r.Client, s.request, cmapi.SchemeGroupVersion.WithKind(cmapi.CertificateKind), &cmapi.Certificate{})
	if err != nil || certificate == nil {
		return err
	}
	s.certificate = certificate
	s.connector, err = owner(ctx, r.Client, certificate, v1alpha1.GroupVersion.WithKind("Connector"), &v1alpha1.Connector{})
	return err
}

func (r *Reconciler) readAgency(ctx context.Context, s *scope) (err error) {
	name := s.connector.Spec.AgencyRef.Name
	if s.agency, err = find(ctx, r.Client, types.NamespacedName{Name: name}, &v1alpha1.Agency{}); err != nil || s.agency == nil {
		return err
	}
	var list v1alpha1.AgencyList
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.AgencyByCode: s.agency.Spec.Code}); err != nil {
		return fmt.Errorf("listing Agencies with code %s: %w", s.agency.Spec.Code, err)
	}
	s.twins = list.Items
	return nil
}

func (r *Reconciler) readHub(ctx context.Context, s *scope) (err error) {
	s.hub, err = find(ctx, r.Client, types.NamespacedName{Name: s.connector.Spec.HubRef.Name}, &v1alpha1.ExchangeHub{})
	return err
}

// readRuling asks as the controller of Connectors does, so that what it makes is what is approved.
func (r *Reconciler) readRuling(ctx context.Context, s *scope) (err error) {
	if s.ruling, err = ruling.Resolve(ctx, r.Client, r.OperatorNamespace, s.connector, r.Clock.Now()); err == nil {
		s.profile = s.ruling.Profile
	}
	return err
}

func (r *Reconciler) readOthers(ctx context.Context, s *scope) error {
	var list cmapi.CertificateRequestList
	if err := r.Client.List(ctx, &list, client.InNamespace(s.request.Namespace)); err != nil {
		return fmt.Errorf("listing the CertificateRequests of namespace %s: %w", s.request.Namespace, err)
	}
	s.others = list.Items
	return nil
}

// want builds the Certificate that the operator asks for.
func (s *scope) want() {
	if s.agency == nil || s.hub == nil || s.profile == nil {
		return
	}
	s.wanted = &desired.Certificate(desired.Inputs{Connector: s.connector, Agency: s.agency, Hub: s.hub, Profile: s.profile}).Spec
}

// find reads an object from the cache; nil if there is none.
func find[T client.Object](ctx context.Context, reader client.Reader, key types.NamespacedName, into T) (T, error) {
	var none T
	err := reader.Get(ctx, key, into)
	if apierrors.IsNotFound(err) {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("reading %T %s: %w", into, key, err)
	}
	return into, nil
}

// owner reads the object that controls another one; nil if it is of another kind, or another object of that name.
func owner[T client.Object](ctx context.Context, reader client.Reader, owned metav1.Object, kind schema.GroupVersionKind, into T) (T, error) {
	var none T
	ref := metav1.GetControllerOf(owned)
	if ref == nil || ref.Kind != kind.Kind || schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind).Group != kind.Group {
		return none, nil
	}
	found, err := find(ctx, reader, types.NamespacedName{Namespace: owned.GetNamespace(), Name: ref.Name}, into)
	if err != nil || client.Object(found) == client.Object(none) || found.GetUID() != ref.UID {
		return none, err
	}
	return found, nil
}
