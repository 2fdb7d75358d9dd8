package connector

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// announce writes an Event for each change that a person should hear of, once, because the status before is compared with the new
// one.
func (r *Reconciler) announce(s *scope) {
	r.announceAcceptance(s)
	r.announceRotation(s)
	r.announceExpiry(s)
	r.announceLevel(s)
	r.announceDuties(s)
}

// announceAcceptance tells when a Connector is refused, and when it is accepted after that. One that is accepted from the start
// causes no Event.
func (r *Reconciler) announceAcceptance(s *scope) {
	before := meta.FindStatusCondition(s.before.Status.Conditions, v1alpha1.ConditionAccepted)
	after := meta.FindStatusCondition(s.connector.Status.Conditions, v1alpha1.ConditionAccepted)
	switch {
	case after.Status == metav1.ConditionFalse && (before == nil || before.Reason != after.Reason):
		r.Recorder.Eventf(s.connector, nil, corev1.EventTypeWarning, after.Reason, "Refuse", "%s", after.Message)
	case after.Status == metav1.ConditionTrue && before != nil && before.Status == metav1.ConditionFalse:
		r.Recorder.Eventf(s.connector, nil, corev1.EventTypeNormal, after.Reason, "Accept", "%s", after.Message)
	}
}

// announceRotation tells when every pod serves another certificate.
func (r *Reconciler) announceRotation(s *scope) {
	before, after := s.before.Status.Rotation, s.connector.Status.Rotation
	if after == nil || after.ServedAt == nil || before != nil && before.ServedAt != nil && before.ToSerialNumber == after.ToSerialNumber {
		return
	}
	took := ""
	if after.Duration != nil {
		took = fmt.Sprintf(", %s after its issuance", after.Duration.Duration)
	}
	r.Recorder.Eventf(s.connector, nil, corev1.EventTypeNormal, "CertificateRotated", "Rotate",
		"Every gateway pod serves the certificate with serial %s instead of %s%s; the reason was: %s.",
		after.ToSerialNumber, after.FromSerialNumber, took, after.Reason)
}

// announceExpiry warns once at each distance to the end of a certificate.
func (r *Reconciler) announceExpiry(s *scope) {
	after := warningOf(s.connector.Status)
	if before := warningOf(s.before.Status); after == 0 || before != 0 && before <= after {
		return
	}
	c := meta.FindStatusCondition(s.connector.Status.Conditions, v1alpha1.ConditionCertificateExpiring)
	if c == nil {
		return
	}
	r.Recorder.Eventf(s.connector, nil, corev1.EventTypeWarning, "CertificateExpiring", "Warn", "%s", c.Message)
}

func warningOf(status v1alpha1.ConnectorStatus) time.Duration {
	if status.Certificate == nil || status.Certificate.ExpiryWarning == nil {
		return 0
	}
	return status.Certificate.ExpiryWarning.Duration
}

// announceUrgency tells why something went ahead outside of the maintenance windows. It tells of the act, so it does not wait for the status,
// which may keep the step to itself for a while.
func (r *Reconciler) announceUrgency(s *scope, now time.Time) {
	if s.windows.Open(now) || s.stopped() || s.paused() {
		return
	}
	if d := s.plan.demand; d != nil && d.urgent && (s.askedBefore == nil || s.askedBefore.Token != d.token) {
		r.Recorder.Eventf(s.connector, nil, corev1.EventTypeWarning, "AheadOfMaintenance", "Replace",
			"The certificate is replaced outside of the maintenance windows, because %s.", d.because)
	}
	if s.issuerBefore != (v1alpha1.IssuerReference{}) && s.issuerBefore != s.leaf.Issuer && s.hasTurn() {
		r.Recorder.Eventf(s.connector, nil, corev1.EventTypeWarning, "AheadOfMaintenance", "Replace",
			"The certificate is replaced outside of the maintenance windows, because the hub's certification authority changes and it is this Connector's turn.")
	}
	if s.plan.restartUrgent && s.deployment != nil && s.restartedBefore != desired.RestartedFor(s.deployment.Spec.Template) {
		r.Recorder.Eventf(s.connector, nil, corev1.EventTypeWarning, "AheadOfMaintenance", "Restart",
			"The gateway pods are restarted outside of the maintenance windows, because what they have in use is revoked or would expire first.")
	}
}
