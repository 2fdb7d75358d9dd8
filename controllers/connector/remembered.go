package connector

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// remembered is what the last status tells of the newest leaf; nil if it tells of another one. It counts where nothing else tells of the leaf:
// after a restore the request that it was issued for is gone, and no pod serves it yet. Who signed it has to be known all the same, or the hub
// has it replaced by a leaf of its own authority. Leaves are told apart by their dates, as those that pods serve.
func (s *scope) remembered() *v1alpha1.CertificateStatus {
	told, leaf := s.before.Status.Certificate, s.leaf.Issued
	if told == nil || leaf == nil || told.NotBefore == nil || told.NotAfter == nil ||
		!told.NotBefore.Time.Equal(leaf.NotBefore) || !told.NotAfter.Time.Equal(leaf.NotAfter) {
		return nil
	}
	return told
}

// rememberedFor is remembered, if no pod says that the leaf of those dates is another one.
func (s *scope) rememberedFor(serial string) *v1alpha1.CertificateStatus {
	if told := s.remembered(); told != nil && told.SerialNumber == serial {
		return told
	}
	return nil
}

// rememberedAuthority is the trust anchor that the last status tells of the newest leaf; empty if the hub does not know that one any more.
func (s *scope) rememberedAuthority() string {
	if told := s.rememberedFor(s.newestSerial()); told != nil && s.bundle.State(told.Authority) != "" {
		return told.Authority
	}
	return ""
}

// issuedAt is when the newest leaf was signed: from what issued it or, failing that, from the last status; nil if neither tells.
func (s *scope) issuedAt() *metav1.Time {
	if told := s.rememberedFor(s.newestSerial()); s.leaf.Issued.IssuedAt == nil && told != nil {
		return told.IssuedAt
	}
	return s.leaf.Issued.IssuedAt
}
