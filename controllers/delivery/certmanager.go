package delivery

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strconv"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// CertManager delivers through a Certificate of cert-manager and the Secret that it writes. What the operator knows of a leaf
// comes from the Certificate and from the public certificate in its CertificateRequest; the Secret is never read.
type CertManager struct {
	desired.SecretDelivery

	Client client.Client
	// Requesters are the users that cert-manager makes its requests as. What others wrote, whatever it claims to belong to, tells
	// nothing.
	Requesters []string
}

var _ Delivery = (*CertManager)(nil)

// Kinds are Certificates and CertificateRequests.
func (c *CertManager) Kinds() (asks, tells client.Object) {
	return &cmapi.Certificate{}, &cmapi.CertificateRequest{}
}

// Look reads the Certificate and its requests from the cache.
func (c *CertManager) Look(ctx context.Context, connector *v1alpha1.Connector) (State, error) {
	certificate, err := c.certificate(ctx, connector)
	if err != nil || certificate == nil {
		return State{}, err
	}
	requests, err := c.requests(ctx, connector, certificate)
	if err != nil {
		return State{}, err
	}
	state := State{
		Asked: true, Examined: condition(certificate, cmapi.CertificateConditionReady) != nil,
		Generation: certificate.Generation, Issuer: issuerOf(certificate.Spec.IssuerRef), Replacement: desired.ReplacementOf(certificate),
		Revision: revision(certificate), RenewalTime: certificate.Status.RenewalTime,
		Failures: failures(certificate), RetryAt: retryAt(certificate), IssuingSince: issuingSince(certificate),
	}
	for i := range requests {
		if !moot(&requests[i], certificate) {
			state.learn(&requests[i])
		}
	}
	switch {
	case beingIssued(connector, certificate):
		state.Issued = nil
	case state.Issued == nil:
		state.Issued = withoutRequest(certificate)
	}
	state.Fulfilled = isReady(certificate) || beingRenewed(certificate, state.Issued)
	return state, nil
}

// certificate reads the Connector's Certificate; nil if it is not there, or is not ours.
func (c *CertManager) certificate(ctx context.Context, connector *v1alpha1.Connector) (*cmapi.Certificate, error) {
	certificate := &cmapi.Certificate{}
	key := types.NamespacedName{Namespace: connector.Namespace, Name: desired.GatewayName(connector.Name)}
	if err := c.Client.Get(ctx, key, certificate); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return nil, nil //nolint:nilnil // there is none, and that is an answer
		}
		return nil, fmt.Errorf("reading Certificate %s: %w", key, err)
	}
	if !apply.Ours(connector, certificate) {
		return nil, nil //nolint:nilnil // likewise
	}
	return certificate, nil
}

// requests are those that cert-manager made for the Certificate: owner references can be forged, who made an object cannot.
func (c *CertManager) requests(ctx context.Context, connector *v1alpha1.Connector, certificate *cmapi.Certificate) ([]cmapi.CertificateRequest, error) {
	var list cmapi.CertificateRequestList
	err := c.Client.List(ctx, &list, client.InNamespace(connector.Namespace), client.MatchingLabels{desired.LabelConnector: connector.Name})
	if err != nil {
		return nil, fmt.Errorf("listing the CertificateRequests of Connector %s: %w", client.ObjectKeyFromObject(connector), err)
	}
	return slices.DeleteFunc(list.Items, func(r cmapi.CertificateRequest) bool {
		return !metav1.IsControlledBy(&r, certificate) || !slices.Contains(c.Requesters, r.Spec.Username)
	}), nil
}

// moot tells that the operator itself denied the request, and that nothing is wanted any more: somebody had edited the Certificate,
// which is put back and fulfilled by the leaf before. cert-manager keeps such a request until the next issuance.
func moot(request *cmapi.CertificateRequest, certificate *cmapi.Certificate) bool {
	denied := slices.ContainsFunc(request.Status.Conditions, func(c cmapi.CertificateRequestCondition) bool {
		return c.Type == cmapi.CertificateRequestConditionDenied && c.Status == cmmeta.ConditionTrue && c.Reason == v1alpha1.GroupName
	})
	return denied && isReady(certificate) && !isIssuing(certificate)
}

// learn takes from a request what it tells of the newest leaf, or of the one to come.
func (s *State) learn(request *cmapi.CertificateRequest) {
	number := revisionOf(request)
	if number > s.Revision {
		s.Refused, s.Pending = whyRefused(request), whyPending(request)
		return
	}
	chain := chainOf(request)
	if number != s.Revision || len(chain) == 0 {
		return
	}
	issuer := issuerOf(request.Spec.IssuerRef)
	s.Issued = &Leaf{
		Revision: number, Serial: chain[0].SerialNumber.Text(16), NotBefore: chain[0].NotBefore, NotAfter: chain[0].NotAfter,
		Chain: chain, RequestedAt: new(request.CreationTimestamp), IssuedAt: issuedAt(request), Issuer: &issuer,
	}
}

// withoutRequest is what the Certificate alone tells of its leaf; nil if there is none. cert-manager takes over a Secret that is
// still good when a Certificate was deleted or restored, and old requests may be gone.
func withoutRequest(certificate *cmapi.Certificate) *Leaf {
	told := certificate.Status
	if told.NotBefore == nil || told.NotAfter == nil {
		return nil
	}
	return &Leaf{Revision: revision(certificate), NotBefore: told.NotBefore.Time, NotAfter: told.NotAfter.Time}
}

func revision(certificate *cmapi.Certificate) int {
	if certificate.Status.Revision == nil {
		return 0
	}
	return *certificate.Status.Revision
}

func issuerOf(ref cmmeta.IssuerReference) v1alpha1.IssuerReference {
	return v1alpha1.IssuerReference{Name: ref.Name, Kind: v1alpha1.IssuerKind(ref.Kind), Group: ref.Group}
}

// beingIssued tells that cert-manager is at work on the first certificate. It tells of that in several writes, and in between
// neither is anything being replaced, nor is the little that it has written what it will say in a moment.
func beingIssued(connector *v1alpha1.Connector, certificate *cmapi.Certificate) bool {
	return connector.Status.Certificate == nil && (!isReady(certificate) || isIssuing(certificate))
}

const (
	// refusedPause is how long an issuer is left alone after it refused; it doubles with each refusal, as often as mostDoublings.
	refusedPause  = time.Minute
	mostDoublings = 6
)

// retryAt is when to ask an issuer again that refused. cert-manager waits as well before it renews, but not where it is told to issue.
func retryAt(certificate *cmapi.Certificate) time.Time {
	failed := certificate.Status.LastFailureTime
	if failed == nil {
		return time.Time{}
	}
	return failed.Add(refusedPause << min(max(failures(certificate)-1, 0), mostDoublings))
}

func failures(certificate *cmapi.Certificate) int {
	if certificate.Status.FailedIssuanceAttempts == nil {
		return 0
	}
	return *certificate.Status.FailedIssuanceAttempts
}

func revisionOf(request *cmapi.CertificateRequest) int {
	number, err := strconv.Atoi(request.Annotations[cmapi.CertificateRequestRevisionAnnotationKey])
	if err != nil {
		return 0
	}
	return number
}

func whyRefused(request *cmapi.CertificateRequest) string {
	for _, c := range request.Status.Conditions {
		switch {
		case c.Type == cmapi.CertificateRequestConditionDenied && c.Status == cmmeta.ConditionTrue,
			c.Type == cmapi.CertificateRequestConditionInvalidRequest && c.Status == cmmeta.ConditionTrue,
			c.Type == cmapi.CertificateRequestConditionReady && c.Reason == cmapi.CertificateRequestReasonFailed:
			return c.Message
		}
	}
	return ""
}

// whyPending is what keeps an issuer from answering, such as that it does not exist.
func whyPending(request *cmapi.CertificateRequest) string {
	for _, c := range request.Status.Conditions {
		if c.Type == cmapi.CertificateRequestConditionReady && c.Reason == cmapi.CertificateRequestReasonPending {
			return c.Message
		}
	}
	return ""
}

func issuedAt(request *cmapi.CertificateRequest) *metav1.Time {
	for _, c := range request.Status.Conditions {
		if c.Type == cmapi.CertificateRequestConditionReady && c.Status == cmmeta.ConditionTrue {
			return c.LastTransitionTime
		}
	}
	return nil
}

func chainOf(request *cmapi.CertificateRequest) []*x509.Certificate {
	var chain []*x509.Certificate
	for rest := request.Status.Certificate; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return chain
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil
		}
		chain = append(chain, certificate)
	}
}

// secretMismatch is cert-manager's reason for a key in the Secret that does not fit, be it the spec or the request.
const secretMismatch = "SecretMismatch"

// beingRenewed tells that cert-manager misses nothing but a request for the key that is in the Secret, while the leaf's key is as
// the spec wants it. At every renewal it writes the Secret a moment before it counts the revision, and then compares the new key
// with the old request; the leaf before is as valid as the new one.
func beingRenewed(certificate *cmapi.Certificate, leaf *Leaf) bool {
	c := condition(certificate, cmapi.CertificateConditionReady)
	return c != nil && c.Reason == secretMismatch && c.ObservedGeneration == certificate.Generation && fits(leaf, certificate.Spec.PrivateKey)
}

func fits(leaf *Leaf, wanted *cmapi.CertificatePrivateKey) bool {
	if wanted == nil || leaf == nil || len(leaf.Chain) == 0 {
		return false
	}
	switch key := leaf.Chain[0].PublicKey.(type) {
	case *ecdsa.PublicKey:
		return wanted.Algorithm == cmapi.ECDSAKeyAlgorithm && key.Curve.Params().BitSize == wanted.Size
	case *rsa.PublicKey:
		return wanted.Algorithm == cmapi.RSAKeyAlgorithm && key.N.BitLen() == wanted.Size
	}
	return false
}

// isReady tells whether cert-manager finds the Certificate, as it is written now, fulfilled.
func isReady(certificate *cmapi.Certificate) bool {
	c := condition(certificate, cmapi.CertificateConditionReady)
	return c != nil && c.Status == cmmeta.ConditionTrue && c.ObservedGeneration == certificate.Generation
}

func isIssuing(certificate *cmapi.Certificate) bool {
	c := condition(certificate, cmapi.CertificateConditionIssuing)
	return c != nil && c.Status == cmmeta.ConditionTrue
}

func issuingSince(certificate *cmapi.Certificate) time.Time {
	c := condition(certificate, cmapi.CertificateConditionIssuing)
	if c == nil || c.Status != cmmeta.ConditionTrue || c.LastTransitionTime == nil {
		return time.Time{}
	}
	return c.LastTransitionTime.Time
}

func condition(certificate *cmapi.Certificate, conditionType cmapi.CertificateConditionType) *cmapi.CertificateCondition {
	i := slices.IndexFunc(certificate.Status.Conditions, func(c cmapi.CertificateCondition) bool { return c.Type == conditionType })
	if i < 0 {
		return nil
	}
	return &certificate.Status.Conditions[i]
}
