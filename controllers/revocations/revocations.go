// Package revocations gathers what a hub revokes into the list that its gateways are given: single certificates and whole agencies
// from the hub's spec, and from its status the identities that lost the right to connect.
//
// It runs in every reconcile of a hub and of its Connectors. It reads Agencies from the cache and keeps nothing, so after a
// restart the same list comes out of the same objects.
package revocations

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/big"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
)

// Published is what a hub revokes now.
type Published struct {
	// List is what Rendered says.
	List revocation.List
	// Rendered is the file that gateways are given. It is never empty: a gateway that lost the file must not take it for an
	// empty list.
	Rendered []byte
	// Digest of Rendered, as gateways report it.
	Digest string
	// Unresolved are the Agencies that the hub revokes and that do not exist. Without its code, nothing can be revoked of one.
	Unresolved []string
}

// Resolve gathers what the hub revokes.
func Resolve(ctx context.Context, reader client.Reader, hub *v1alpha1.ExchangeHub, now time.Time) (*Published, error) {
	var p Published
	for i := range hub.Spec.Revocations {
		r := &hub.Spec.Revocations[i]
		if r.AgencyRef == nil {
			p.List.SerialNumbers = append(p.List.SerialNumbers, r.SerialNumber)
			continue
		}
		var agency v1alpha1.Agency
		switch err := reader.Get(ctx, types.NamespacedName{Name: r.AgencyRef.Name}, &agency); {
		case apierrors.IsNotFound(err):
			p.Unresolved = append(p.Unresolved, r.AgencyRef.Name)
		case err != nil:
			return nil, fmt.Errorf("reading Agency %s, which ExchangeHub %s revokes: %w", r.AgencyRef.Name, hub.Name, err)
		default:
			p.List.Agencies = append(p.List.Agencies, agency.Spec.Code)
		}
	}
	for _, i := range hub.Status.RevokedIdentities {
		if i.Until.After(now) {
			p.List.Identities = append(p.List.Identities, revocation.Identity{SPIFFEID: i.SPIFFEID, ValidBefore: i.ValidBefore.Time})
		}
	}
	rendered, err := revocation.Marshal(p.List)
	if err != nil {
		return nil, fmt.Errorf("rendering the revocations of ExchangeHub %s: %w", hub.Name, err)
	}
	p.Rendered, p.Digest = rendered, revocation.Digest(rendered)
	return &p, nil
}

// Check tells why a certificate is revoked; nil if it is not. The serial number is in lower-case hexadecimal, and empty if it is
// not known. It judges by the rules of the gateways.
func (p *Published) Check(serial, spiffeID string, notBefore time.Time) error {
	number, ok := new(big.Int).SetString(serial, 16)
	if !ok {
		number = new(big.Int)
	}
	// What is no SPIFFE ID can be revoked by its serial number alone.
	id, err := spiffeid.FromString(spiffeID)
	if err != nil {
		id = spiffeid.ID{}
	}
	return p.List.Check(&x509.Certificate{SerialNumber: number, NotBefore: notBefore}, id) //nolint:wrapcheck // it is the answer, not a failure
}

// Entries counts what is revoked.
func (p *Published) Entries() int {
	return len(p.List.SerialNumbers) + len(p.List.Agencies) + len(p.List.Identities)
}
