package identity

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// anchored tells why the peers, which have the same trust anchors, would refuse a certificate. The errors of x509 are not
// passed on, since they tell the time of now: a problem that changed with every look would be logged with every look.
func anchored(leaf *Leaf, anchors *trust.Bundle, now time.Time) error {
	serial := leaf.X509.SerialNumber
	if anchors == nil {
		return fmt.Errorf("the certificate with serial %x cannot be checked before there are trust anchors", serial)
	}
	if leaf.X509.IsCA || leaf.X509.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0 {
		return fmt.Errorf("the certificate with serial %x may sign others; issue a leaf instead", serial)
	}
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		_, err := mtls.Chains(anchors.Pool, leaf.Chain(), usage, now)
		var invalid x509.CertificateInvalidError
		switch {
		case err == nil:
		case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
			return fmt.Errorf("the certificate with serial %x is not for both clients and servers; issue it with both usages", serial)
		case errors.As(err, &invalid):
			return fmt.Errorf("the certificate with serial %x has a chain to the trust anchors that is not valid now; issue it anew", serial)
		default:
			return fmt.Errorf("the certificate with serial %x is not signed by any of the trust anchors", serial)
		}
	}
	return nil
}

// refusedByPeers tells what is wrong with the certificate in use. It stays in use all the same, for there is nothing better.
func refusedByPeers(s *Snapshot, now time.Time) []string {
	if s.Leaf == nil {
		return nil
	}
	const stays = "it stays in use for want of a better one, and peers that know of it refuse it; have it issued anew"
	if err := s.Revocations.Check(s.Leaf.X509, s.Leaf.ID); err != nil {
		return []string{fmt.Sprintf("The gateway's own certificate with serial %x is revoked (%v); %s.", s.Leaf.X509.SerialNumber, err, stays)}
	}
	if s.Trust != nil && usable(s.Leaf, now) == nil {
		if err := anchored(s.Leaf, s.Trust, now); err != nil {
			return []string{sentence(err, true, stays, "")}
		}
	}
	return nil
}
