package connector

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// rotationStatus tells of the latest replacement of the leaf: it begins when another leaf is seen than the one of the status before,
// and ends when every pod serves it.
func rotationStatus(s *scope, now time.Time) *v1alpha1.RotationStatus {
	told, rotation := s.before.Status.Certificate, s.before.Status.Rotation.DeepCopy()
	serial := s.newestSerial()
	if serial == "" {
		return rotation
	}
	if told != nil && told.SerialNumber != "" && told.SerialNumber != serial {
		rotation = &v1alpha1.RotationStatus{
			FromSerialNumber: told.SerialNumber, ToSerialNumber: serial, Reason: s.rotationReason(),
			RequestedAt: s.leaf.Issued.RequestedAt, IssuedAt: s.leaf.Issued.IssuedAt,
		}
	}
	if rotation == nil || rotation.ToSerialNumber != serial || rotation.ServedAt != nil || !s.servedByAll() {
		return rotation
	}
	servedAt := metav1.NewTime(now.Truncate(time.Second))
	rotation.ServedAt = &servedAt
	if rotation.IssuedAt != nil {
		rotation.Duration = &metav1.Duration{Duration: max(now.Sub(rotation.IssuedAt.Time).Round(time.Millisecond), 0)}
	}
	return rotation
}

// servedByAll tells whether all pods that there should be serve the newest leaf, and no other pod is left.
func (s *scope) servedByAll() bool {
	if int32(len(s.pods)) != s.replicas() || s.replicas() == 0 {
		return false
	}
	for _, p := range s.pods {
		if p.report() == nil || !s.leaf.Issued.ServedBy(p.report()) {
			return false
		}
	}
	return true
}

// rotationReason tells why the newest leaf was issued.
func (s *scope) rotationReason() v1alpha1.RotationReason {
	for _, asked := range []*desired.Replacement{s.leaf.Replacement, s.askedBefore} {
		// The next replacement may be asked for in the very pass that sees this one issued, so what was asked for before counts as well.
		if asked == nil || !s.lies(asked) {
			continue
		}
		switch occasion, _, _ := strings.Cut(asked.Token, "/"); occasion {
		case "revoked":
			return v1alpha1.RotationRevoked
		case "authority":
			return v1alpha1.RotationAuthorityRollover
		case "requested":
			return v1alpha1.RotationRequested
		default:
			return v1alpha1.RotationRenewal
		}
	}
	told, issued := s.before.Status.Certificate, s.leaf.Issued
	switch {
	case told.IssuerRef != nil && issued.Issuer != nil && *told.IssuerRef != *issued.Issuer:
		return v1alpha1.RotationAuthorityRollover
	case told.RenewalTime != nil && !issued.NotBefore.Before(told.RenewalTime.Add(-renewalSlack)):
		return v1alpha1.RotationRenewal
	case told.RequestGeneration == s.leaf.Generation:
		return v1alpha1.RotationReissued
	}
	return v1alpha1.RotationSpecChanged
}

// lies tells whether an early replacement is among those from the leaf of which the status tells to the newest. Mostly that is one alone.
// cert-manager may issue once more by itself what it has just issued, where its own caches lag, and then the two are seen at once.
func (s *scope) lies(asked *desired.Replacement) bool {
	first := s.leaf.Revision - 1
	if told := s.before.Status.Certificate; told.Revision > 0 {
		first = min(first, int(told.Revision))
	}
	return first <= asked.FromRevision && asked.FromRevision < s.leaf.Revision
}

// renewalSlack is how much earlier than announced a renewal may be and still be told as one.
const renewalSlack = time.Minute
