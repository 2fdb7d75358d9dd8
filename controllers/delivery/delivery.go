// Package delivery is how the leaf of a Connector is asked for, how it reaches the gateway's pods, and what can be known of it
// without its key: one interface, so that another way than cert-manager's Secrets (the PodCertificates of Kubernetes, say) is
// another implementation and no change elsewhere.
//
// It runs in every pass of a Connector. It keeps nothing: what was asked for, and whether an early replacement has been begun or is
// done, stands in the objects, so a restart of the operator neither forgets a replacement nor begins one twice.
package delivery

import (
	"context"
	"crypto/x509"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// Delivery brings leaves to pods.
type Delivery interface {
	desired.Delivery
	// Look tells what is known of the Connector's leaf.
	Look(ctx context.Context, connector *v1alpha1.Connector) (State, error)
	// Replace begins the early replacement that the applied object asks for, and tells whether it had to. It does nothing if the
	// replacement is under way or done.
	Replace(ctx context.Context, connector *v1alpha1.Connector) (begun bool, err error)
	// Kinds are those of the object that asks for a leaf, and of the one that tells what came of it.
	Kinds() (asks, tells client.Object)
	// News weighs a change of the status of an object of one of the Kinds.
	News(before, after client.Object) News
}

// State is what is known of a leaf.
type State struct {
	// Asked tells that the object that asks for the leaf exists, and Issuer whom it asks.
	Asked  bool
	Issuer v1alpha1.IssuerReference
	// Examined tells that it was looked whether the object that asks has a leaf already, such as one that was restored.
	Examined bool
	// Generation of that object, which changes whenever it asks for something else.
	Generation int64
	// Replacement is the early replacement that was last asked for; nil if none ever was.
	Replacement *desired.Replacement
	// Revision counts the leaves that were issued.
	Revision int
	// Issued is the newest leaf; nil if there is none yet.
	Issued *Leaf
	// Fulfilled tells that the leaf is as the object asks for it now.
	Fulfilled bool
	// Refused and Pending are what the issuer says of the leaf that is asked for; empty if nothing.
	Refused, Pending string
	// IssuingSince is when the issuance of the next leaf began; zero if none is under way.
	IssuingSince time.Time
	// Failures counts how often in a row the issuer refused since the newest leaf, and RetryAt is when a replacement that it refused may
	// be begun again; zero if it refused none.
	Failures int
	RetryAt  time.Time
	// RenewalTime is when the leaf will be renewed; nil if that is not known.
	RenewalTime *metav1.Time
}

// Replaced tells whether the early replacement with that token has been issued.
func (s State) Replaced(token string) bool {
	return s.Replacement != nil && s.Replacement.Token == token && s.Revision > s.Replacement.FromRevision
}

// Leaf is one issued certificate. The key is never read.
type Leaf struct {
	Revision            int
	NotBefore, NotAfter time.Time
	// Serial is lower-case hexadecimal; empty if nothing tells of it: what issued it may be gone after a restore.
	Serial string
	// Chain is the leaf with its intermediates; nil where Serial is empty.
	Chain []*x509.Certificate
	// RequestedAt is when the issuer was asked for it. It, IssuedAt and Issuer are nil where Serial is empty.
	RequestedAt *metav1.Time
	IssuedAt    *metav1.Time
	Issuer      *v1alpha1.IssuerReference
}

// ServedBy tells whether a gateway serves this leaf.
func (l *Leaf) ServedBy(report *status.Report) bool {
	if l.Serial != "" {
		return report.SerialNumber == l.Serial
	}
	return report.NotBefore.Equal(l.NotBefore) && report.NotAfter.Equal(l.NotAfter)
}
