package connector

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/controllers/expiry"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// peerSelf is what a gateway calls itself where it tells on which anchors it relies.
const peerSelf = "self"

func certificateStatus(s *scope, now time.Time) *v1alpha1.CertificateStatus {
	leaf := s.leaf.Issued
	switch {
	case leaf == nil && !s.leaf.Examined:
		// Whoever deletes the Certificate of a Connector, or restores a Connector without it, has the issued one all the same, and must not make
		// it forgotten.
		return s.before.Status.Certificate
	case leaf == nil:
		return nil
	}
	notBefore, notAfter := metav1.NewTime(leaf.NotBefore), metav1.NewTime(leaf.NotAfter)
	result := &v1alpha1.CertificateStatus{
		Revision: int32(leaf.Revision), SerialNumber: s.newestSerial(), NotBefore: &notBefore, NotAfter: &notAfter,
		RenewalTime: s.renewalTime(), IssuedAt: s.issuedAt(), IssuerRef: leaf.Issuer, Authority: s.authority(),
		RequestGeneration: s.fulfilledGeneration(),
	}
	switch {
	case s.bundle != nil && result.Authority == "":
		// An issuer counts as the hub's only by a chain that ends in one of the hub's anchors: a tenant may have had it issued elsewhere.
		result.IssuerRef = nil
	case leaf.Issuer == nil:
		// Nothing tells who issued it. What the Certificate asks for is true once cert-manager finds it fulfilled.
		result.IssuerRef = s.issuerOfBefore()
	}
	if rung, reached := expiry.Reached(s.ladder(), s.end().Sub(now)); reached {
		result.ExpiryWarning = &metav1.Duration{Duration: rung}
	}
	return result
}

// fulfilledGeneration is the latest generation of the object that asks for the leaf which was seen to be fulfilled.
func (s *scope) fulfilledGeneration() int64 {
	told := s.before.Status.Certificate
	switch {
	case s.leaf.Fulfilled:
		return s.leaf.Generation
	case told != nil:
		return told.RequestGeneration
	}
	return 0
}

func (s *scope) issuerOfBefore() *v1alpha1.IssuerReference {
	if told := s.before.Status.Certificate; told != nil && told.SerialNumber == s.newestSerial() && told.IssuerRef != nil {
		return told.IssuerRef
	}
	if s.leaf.Fulfilled {
		return new(s.leaf.Issuer)
	}
	return nil
}

// authority is the trust anchor of the newest leaf: from its chain or, where that is not known, from a pod that serves it or, before one does,
// from the last status.
func (s *scope) authority() string {
	leaf := s.leaf.Issued
	if s.bundle == nil {
		return ""
	}
	if len(leaf.Chain) > 0 {
		if s.traced.leaf != leaf || s.traced.in != s.bundle {
			s.traced = traced{leaf: leaf, in: s.bundle, to: s.bundle.Authority(leaf.Chain)}
		}
		return s.traced.to
	}
	for _, report := range s.reports() {
		if !leaf.ServedBy(report) {
			continue
		}
		for _, reliance := range report.Reliances {
			if reliance.Peer == peerSelf {
				return s.preferred(reliance.Anchors)
			}
		}
	}
	return s.rememberedAuthority()
}

// traced is the anchor to which a leaf was traced. That takes the checking of signatures, and is asked for several times in a pass.
type traced struct {
	leaf *delivery.Leaf
	in   *anchors.Bundle
	to   string
}

// preferred is the anchor that stands for a chain that ends in several: one that stays, if there is one.
func (s *scope) preferred(anchors []string) string {
	for _, a := range anchors {
		if s.bundle.State(a) == v1alpha1.TrustAnchorTrusted {
			return a
		}
	}
	if len(anchors) == 0 {
		return ""
	}
	return anchors[0]
}

// authoritiesInUse are the anchors on which the Connector relies. A pod that cannot be asked may rely on what it relied on when it
// was last seen, and one that does not say on what it relies may rely on anything.
func (s *scope) authoritiesInUse() []string {
	if s.bundle == nil {
		return s.before.Status.AuthoritiesInUse
	}
	var all []string
	if s.leaf.Issued != nil {
		all = append(all, s.authority())
	}
	if len(s.reports()) < len(s.pods) {
		all = append(all, s.before.Status.AuthoritiesInUse...)
	}
	for _, report := range s.reports() {
		if len(report.Reliances) == 0 {
			all = append(all, s.inForce()...)
		}
		for _, reliance := range report.Reliances {
			all = append(all, s.preferred(reliance.Anchors))
		}
	}
	slices.Sort(all)
	known := func(a string) bool { return a == "" || s.bundle.State(a) == "" }
	return slices.DeleteFunc(slices.Compact(all), known)
}

func (s *scope) inForce() []string {
	var all []string
	for i := range s.bundle.Anchors {
		if a := &s.bundle.Anchors[i]; a.State != v1alpha1.TrustAnchorDistrusted {
			all = append(all, a.SHA256)
		}
	}
	return all
}

// newestSerial is the serial number of the newest leaf, from what issued it or, failing that, from a pod that serves it or, before one does, from
// the last status; empty if none tells.
func (s *scope) newestSerial() string {
	if s.leaf.Issued == nil {
		return ""
	}
	if s.leaf.Issued.Serial != "" {
		return s.leaf.Issued.Serial
	}
	for _, report := range s.reports() {
		if s.leaf.Issued.ServedBy(report) {
			return report.SerialNumber
		}
	}
	if told := s.remembered(); told != nil {
		return told.SerialNumber
	}
	return ""
}

func certificateReady(s *scope, now time.Time) metav1.Condition {
	const t = v1alpha1.ConditionCertificateReady
	leaf := s.leaf.Issued
	switch {
	case s.leaf.Refused != "" && (leaf == nil || !s.leaf.Fulfilled && !s.changesIssuer()):
		return conditions.False(t, "RequestRefused", "The issuer refused the certificate: "+s.leaf.Refused)
	case leaf == nil && s.leaf.Pending != "":
		return conditions.False(t, "Issuing", "cert-manager has not issued the certificate yet: "+s.leaf.Pending)
	case leaf == nil:
		return conditions.False(t, "Issuing", "cert-manager has not issued the certificate yet.")
	case !leaf.NotAfter.After(now):
		return conditions.False(t, "Expired", fmt.Sprintf("The certificate expired on %s.", leaf.NotAfter.UTC().Format(time.RFC3339)))
	case s.isRevoked(s.newestSerial(), leaf.NotBefore):
		return conditions.False(t, "Revoked", "The certificate is revoked, and the next one is not issued yet.")
	case !s.leaf.Fulfilled && !s.changesIssuer():
		return conditions.False(t, "Reissuing", "cert-manager is replacing the certificate, because it is not as it should be any more.")
	}
	c := served(s, now)
	if s.leaf.Refused != "" && c.Status == metav1.ConditionTrue {
		// What is in use is as good as before; that the next one will not come is told while there is time.
		c.Reason, c.Message = "RenewalRefused", c.Message+" The issuer refused the next one: "+s.leaf.Refused
	}
	return c
}

// changesIssuer tells that the leaf is asked of another issuer than the one that signed it, and is as good as it was until the next one
// comes.
func (s *scope) changesIssuer() bool {
	issuer := s.leaf.Issued.Issuer
	return issuer != nil && *issuer != s.leaf.Issuer
}

func (s *scope) isRevoked(serial string, notBefore time.Time) bool {
	return s.revocations != nil && s.revocations.Check(serial, s.spiffeID(), notBefore) != nil
}

// served tells of a valid leaf how far it has come.
func served(s *scope, now time.Time) metav1.Condition {
	const t = v1alpha1.ConditionCertificateReady
	serving, problem := 0, ""
	for _, report := range s.reports() {
		switch {
		case !report.NotAfter.After(now):
			return conditions.False(t, "ExpiredOnPod", "A gateway pod serves a certificate that has expired.")
		case s.isRevoked(report.SerialNumber, report.NotBefore):
			return conditions.False(t, "RevokedOnPod", "A gateway pod serves a certificate that is revoked.")
		case s.leaf.Issued.ServedBy(report):
			serving++
		case problem == "" && len(report.Problems) > 0:
			problem = " One says: " + report.Problems[0]
		}
	}
	if silent := s.silent(); silent != "" {
		return conditions.Unknown(t, v1alpha1.ReasonNotObserved, "The certificate is issued, but not every gateway pod could be asked whether it serves it: "+silent)
	}
	if serving < len(s.pods) {
		return conditions.True(t, "Spreading", fmt.Sprintf(
			"Every gateway pod serves a valid certificate; the newest, %s, is yet to reach some of them.%s", s.newest(), problem))
	}
	return conditions.True(t, "Served", fmt.Sprintf("Every gateway pod serves the certificate %s.", s.newest()))
}

// newest names the newest leaf in a sentence.
func (s *scope) newest() string {
	if serial := s.newestSerial(); serial != "" {
		return "with serial " + serial
	}
	return "valid until " + s.leaf.Issued.NotAfter.UTC().Format(time.RFC3339)
}

// ladder is at which distances to its end the certificate is warned of.
func (s *scope) ladder() []time.Duration {
	if s.profile == nil || s.leaf.Issued == nil {
		return nil
	}
	return expiry.Ladder(s.profile.Spec.Certificate.ExpiryWarnings, s.leaf.Issued.NotAfter.Sub(s.leaf.Issued.NotBefore))
}

// end is when the first of the certificates expires that are issued or served.
func (s *scope) end() time.Time {
	end := s.leaf.Issued.NotAfter
	for _, report := range s.reports() {
		end = earliest(end, report)
	}
	return end
}

func earliest(end time.Time, report *status.Report) time.Time {
	if !report.NotAfter.IsZero() && report.NotAfter.Before(end) {
		return report.NotAfter
	}
	return end
}

// certificateExpiring is present only while a warning is to be given.
func certificateExpiring(s *scope, told *v1alpha1.CertificateStatus) []metav1.Condition {
	if told == nil || told.ExpiryWarning == nil {
		return nil
	}
	message := fmt.Sprintf("A certificate in use expires on %s, which is within %s.", s.end().UTC().Format(time.RFC3339), told.ExpiryWarning.Duration)
	switch {
	case s.leaf.Refused != "":
		message += " The issuer refused the next one: " + s.leaf.Refused
	case s.leaf.Pending != "":
		message += " The next one is not issued yet: " + s.leaf.Pending
	case s.end().Before(s.leaf.Issued.NotAfter):
		message += " The next one is issued, and a gateway pod does not serve it yet."
	default:
		message += " See the events of the Certificate for why it is not renewed."
	}
	return []metav1.Condition{conditions.True(v1alpha1.ConditionCertificateExpiring, "ExpiresSoon", message)}
}
