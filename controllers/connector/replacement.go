package connector

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/rollover"
)

// demand says that the leaf is to be replaced ahead of its time, and why.
type demand struct {
	// token names the occasion; each is fulfilled once.
	token  string
	reason v1alpha1.RotationReason
	// urgent ones do not wait for a maintenance window.
	urgent bool
	// because completes the sentence "The certificate is to be replaced, because …".
	because string
}

// demanded finds the first reason to replace the leaf ahead of its time; nil if there is none. It is pure.
func demanded(s *scope, now time.Time) *demand {
	if s.stopped() || s.leaf.Issued == nil {
		return nil
	}
	finds := []func(*scope, time.Time) *demand{
		leafIsRevoked, turnHasCome, renewalIsRequested, windowComesTooLate, renewalIsDue, renewalWasRefused,
	}
	if s.awaitsTurn() {
		// The Certificate stays as it is, but a leaf that is revoked serves nobody.
		finds = finds[:1]
	}
	for _, find := range finds {
		if d := find(s, now); d != nil {
			return d
		}
	}
	return nil
}

// leafIsRevoked asks for nothing while another leaf would be revoked as well, such as in the second up to which an identity is.
func leafIsRevoked(s *scope, now time.Time) *demand {
	if !s.isRevoked(s.newestSerial(), s.leaf.Issued.NotBefore) || s.isRevoked("", now.Truncate(time.Second)) {
		return nil
	}
	return &demand{token: "revoked/" + nameOf(s), reason: v1alpha1.RotationRevoked, urgent: true, because: "it is revoked"}
}

// turnHasCome is for a certification authority that changed behind an issuer of the same name; another issuer is written into the
// Certificate, which has it replaced by itself. The hub gives no turn to a Connector that has to wait for its window.
func turnHasCome(s *scope, _ time.Time) *demand {
	turn := rollover.Turn(s.hub, s.connector.Namespace, s.connector.Name)
	if turn == nil || turn.FromSerialNumber != s.newestSerial() || s.changesIssuer() || s.leaf.Issuer != s.hub.Spec.IssuerRef ||
		s.bundle.State(s.authority()) == v1alpha1.TrustAnchorTrusted {
		return nil
	}
	return &demand{
		token: "authority/" + nameOf(s), reason: v1alpha1.RotationAuthorityRollover, urgent: true,
		because: "the hub's certification authority changes, and it is this Connector's turn",
	}
}

func renewalIsRequested(s *scope, _ time.Time) *demand {
	value := s.renewRequest()
	if value == "" || s.invalidRenewRequest() != nil || s.renewFulfilled() {
		return nil
	}
	return &demand{token: requestToken(value), reason: v1alpha1.RotationRequested, because: "that was requested at " + value}
}

// windowComesTooLate is for a renewal that is due while no window opens before the end of the leaf. Windows of cert-manager are a
// preference, and may come after the leaf has expired.
func windowComesTooLate(s *scope, now time.Time) *demand {
	due, late := s.renewalTimes()
	if s.windows.Unrestricted() || now.Before(due) || !s.windows.Next(now).After(late) {
		return nil
	}
	return &demand{
		token: "expiring/" + nameOf(s), reason: v1alpha1.RotationRenewal, urgent: true,
		because: "it would expire before the next maintenance window opens",
	}
}

// renewalIsDue is for the windows that cert-manager cannot keep to.
func renewalIsDue(s *scope, now time.Time) *demand {
	due, _ := s.renewalTimes()
	if !s.renewsItself() || now.Before(due) {
		return nil
	}
	return &demand{token: "due/" + nameOf(s), reason: v1alpha1.RotationRenewal, because: "its renewal is due"}
}

// renewalWasRefused asks again for a renewal that is due and was refused: cert-manager by itself waits for hours, and longer each time. What was
// refused may have been one request too many, long before, of which nothing is told any more; cert-manager fails at the sight of it all the same.
func renewalWasRefused(s *scope, now time.Time) *demand {
	due, _ := s.renewalTimes()
	if s.leaf.Failures == 0 || !s.leaf.IssuingSince.IsZero() || now.Before(due) || now.Before(s.leaf.RetryAt) {
		return nil
	}
	return &demand{
		token: fmt.Sprintf("retry/%s/%d", nameOf(s), s.leaf.Failures), reason: v1alpha1.RotationRenewal,
		because: "its renewal is due and was refused before",
	}
}

// renewsItself tells that the operator asks for each renewal, because cert-manager could not keep to the windows.
func (s *scope) renewsItself() bool {
	if s.profile == nil || s.windows.Unrestricted() {
		return false
	}
	renewal, _ := desired.RenewalOf(s.windows, s.profile.Spec.Certificate)
	return renewal == nil
}

// renewalTimes are when the renewal of the newest leaf is due, and when it waits no longer.
func (s *scope) renewalTimes() (due, late time.Time) {
	before := s.profile.Spec.Certificate.RenewBefore.Duration
	return s.leaf.Issued.NotAfter.Add(-before), s.leaf.Issued.NotAfter.Add(-desired.LateRenewal(before))
}

// renewalTime is when the newest leaf will be renewed.
func (s *scope) renewalTime() *metav1.Time {
	if !s.renewsItself() {
		return s.leaf.RenewalTime
	}
	due, late := s.renewalTimes()
	if opens := s.windows.Next(due); !opens.After(late) {
		due = opens
	}
	return new(metav1.NewTime(due))
}

// nameOf tells one leaf of the Connector from the others.
func nameOf(s *scope) string {
	if serial := s.newestSerial(); serial != "" {
		return serial
	}
	return fmt.Sprintf("revision-%d", s.leaf.Revision)
}

// replacement is what the Certificate is to ask for; nil leaves it as it is.
func (s *scope) replacement() *desired.Replacement {
	d := s.plan.demand
	if d == nil || s.plan.demandHeld {
		return nil
	}
	if asked := s.leaf.Replacement; asked != nil && asked.Token == d.token && asked.FromRevision == s.leaf.Revision {
		return asked
	}
	return &desired.Replacement{Token: d.token, FromRevision: s.leaf.Revision, Failures: s.leaf.Failures}
}

// issuer is whom the leaf is asked of. While the certification authority changes, a Connector stays with the issuer of its newest leaf
// until the hub gives it its turn. What stands in the Certificate counts only where it is what the hub wants: a tenant may have
// written it.
func (s *scope) issuer() v1alpha1.IssuerReference {
	wanted, told := s.hub.Spec.IssuerRef, s.before.Status.Certificate
	if told == nil || told.IssuerRef == nil || *told.IssuerRef == wanted || s.leaf.Issuer == wanted || s.hasTurn() {
		return wanted
	}
	return *told.IssuerRef
}

// awaitsLeaf tells that another leaf than the one that there is has been asked for, or is about to be.
func (s *scope) awaitsLeaf() bool {
	if s.stopped() || s.paused() || s.before.Status.Certificate == nil {
		return false
	}
	return !s.leaf.IssuingSince.IsZero() || s.leaf.Asked && !s.leaf.Fulfilled || s.replacement() != nil && s.plan.retryAt.IsZero()
}

// hasTurn tells whether the hub lets the Connector take the hub's issuer now.
func (s *scope) hasTurn() bool {
	return s.hub != nil && rollover.Turn(s.hub, s.connector.Namespace, s.connector.Name) != nil
}

// isRevokedForNow tells that the newest leaf is to be replaced as soon as the next one would not be revoked at its issuance.
func (s *scope) isRevokedForNow(now time.Time) bool {
	const soon = 2 * time.Second
	return s.leaf.Issued != nil && s.isRevoked(s.newestSerial(), s.leaf.Issued.NotBefore) && !s.isRevoked("", now.Add(soon))
}
