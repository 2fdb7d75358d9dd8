package connector

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// issued is what the operator knows of a leaf: from the Certificate and from the public certificate in its CertificateRequest.
// The Secret with the key is never read.
type issued struct {
	revision            int
	notBefore, notAfter time.Time
	// serial is empty if no CertificateRequest tells of it: cert-manager takes over a Secret that is still good when a
	// Certificate was deleted or restored, and old requests may be gone.
	serial string
	// key is nil if no CertificateRequest tells of the leaf.
	key any
}

// servedBy tells whether a gateway serves this leaf.
func (i *issued) servedBy(report *status.Report) bool {
	if i.serial != "" {
		return report.SerialNumber == i.serial
	}
	return report.NotBefore.Equal(i.notBefore) && report.NotAfter.Equal(i.notAfter)
}

func (r *Reconciler) readCertificate(ctx context.Context, s *scope) (err error) {
	if s.certificate, err = child(ctx, r.Client, s.connector, &cmapi.Certificate{}); err != nil || s.certificate == nil {
		return err
	}
	var list cmapi.CertificateRequestList
	key := client.ObjectKeyFromObject(s.connector)
	err = r.Client.List(ctx, &list, client.InNamespace(key.Namespace), client.MatchingLabels{desired.LabelConnector: key.Name})
	if err != nil {
		return fmt.Errorf("listing the CertificateRequests of Connector %s: %w", key, err)
	}
	for i := range list.Items {
		request := &list.Items[i]
		if !metav1.IsControlledBy(request, s.certificate) {
			continue
		}
		if s.awaits(request) {
			s.refused, s.pending = whyRefused(request), whyPending(request)
		}
		if leaf := leafOf(request); leaf != nil && s.currentRevision(request) {
			s.issued = &issued{
				revision: *s.certificate.Status.Revision, serial: serial(leaf.SerialNumber), notBefore: leaf.NotBefore, notAfter: leaf.NotAfter,
				key: leaf.PublicKey,
			}
		}
	}
	switch {
	case s.beingIssued():
		s.issued = nil
	case s.issued == nil:
		s.issued = withoutRequest(s.certificate)
	}
	return nil
}

// withoutRequest is what the Certificate alone tells of its leaf; nil if there is none.
func withoutRequest(certificate *cmapi.Certificate) *issued {
	told := certificate.Status
	if told.NotBefore == nil || told.NotAfter == nil {
		return nil
	}
	result := &issued{notBefore: told.NotBefore.Time, notAfter: told.NotAfter.Time}
	if told.Revision != nil {
		result.revision = *told.Revision
	}
	return result
}

// serial writes a serial number as gateways report it.
func serial(number *big.Int) string { return number.Text(16) }

// beingIssued tells that cert-manager is at work on the first certificate. It tells of that in several writes, and in between
// neither is anything being replaced, nor is the little that it has written what it will say in a moment.
func (s *scope) beingIssued() bool {
	return s.before.Status.Certificate == nil && (!certificateIsReady(s.certificate) || certificateIs(s.certificate, cmapi.CertificateConditionIssuing))
}

func (s *scope) currentRevision(request *cmapi.CertificateRequest) bool {
	revision := s.certificate.Status.Revision
	return revision != nil && revisionOf(request) == *revision
}

// awaits tells whether the request is for a certificate that has not been issued yet.
func (s *scope) awaits(request *cmapi.CertificateRequest) bool {
	revision := s.certificate.Status.Revision
	return revision == nil || revisionOf(request) > *revision
}

func revisionOf(request *cmapi.CertificateRequest) int {
	revision, err := strconv.Atoi(request.Annotations[cmapi.CertificateRequestRevisionAnnotationKey])
	if err != nil {
		return 0
	}
	return revision
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

func leafOf(request *cmapi.CertificateRequest) *x509.Certificate {
	block, _ := pem.Decode(request.Status.Certificate)
	if block == nil {
		return nil
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return leaf
}

func certificateIs(certificate *cmapi.Certificate, condition cmapi.CertificateConditionType) bool {
	return slices.ContainsFunc(certificate.Status.Conditions, func(c cmapi.CertificateCondition) bool {
		return c.Type == condition && c.Status == cmmeta.ConditionTrue
	})
}

// secretMismatch is cert-manager's reason for a key in the Secret that does not fit, be it the spec or the request.
const secretMismatch = "SecretMismatch"

// beingRenewed tells that cert-manager misses nothing but a request for the key that is in the Secret, while the leaf's key is as
// the spec wants it. At every renewal it writes the Secret a moment before it counts the revision, and then compares the new key
// with the old request; the leaf before is as valid as the new one.
func (s *scope) beingRenewed() bool {
	for _, c := range s.certificate.Status.Conditions {
		if c.Type == cmapi.CertificateConditionReady {
			return c.Reason == secretMismatch && c.ObservedGeneration == s.certificate.Generation && s.issued.fits(s.certificate.Spec.PrivateKey)
		}
	}
	return false
}

func (i *issued) fits(wanted *cmapi.CertificatePrivateKey) bool {
	if wanted == nil {
		return false
	}
	switch key := i.key.(type) {
	case *ecdsa.PublicKey:
		return wanted.Algorithm == cmapi.ECDSAKeyAlgorithm && key.Curve.Params().BitSize == wanted.Size
	case *rsa.PublicKey:
		return wanted.Algorithm == cmapi.RSAKeyAlgorithm && key.N.BitLen() == wanted.Size
	}
	return false
}

// certificateIsReady tells whether cert-manager finds the Certificate, as it is written now, fulfilled.
func certificateIsReady(certificate *cmapi.Certificate) bool {
	for _, c := range certificate.Status.Conditions {
		if c.Type == cmapi.CertificateConditionReady {
			return c.Status == cmmeta.ConditionTrue && c.ObservedGeneration == certificate.Generation
		}
	}
	return false
}
