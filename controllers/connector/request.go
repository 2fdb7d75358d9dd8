package connector

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// maxRequest is the length of the longest time in the form of RFC 3339 that the status can tell.
const maxRequest = 64

// renewRequest is what a person asked for with the annotation; empty if nothing.
func (s *scope) renewRequest() string {
	return s.connector.Annotations[v1alpha1.AnnotationRenewRequestedAt]
}

func (s *scope) invalidRenewRequest() error {
	value := s.renewRequest()
	if value == "" {
		return nil
	}
	if _, err := time.Parse(time.RFC3339, value); err != nil || len(value) > maxRequest {
		return fmt.Errorf("the annotation %s is %q; write a time in the form of RFC 3339, such as 2026-11-21T08:00:00Z",
			v1alpha1.AnnotationRenewRequestedAt, conditions.Shorten(value, maxRequest))
	}
	return nil
}

func requestToken(value string) string { return "requested/" + value }

// renewFulfilled tells whether the renewal that is requested has been issued. A request that came with the Connector itself is
// fulfilled by the first certificate.
func (s *scope) renewFulfilled() bool {
	value := s.renewRequest()
	return s.before.Status.RenewRequestedAt == value || s.leaf.Replaced(requestToken(value)) || s.before.Status.Certificate == nil
}

// fulfilledRequest is the value that the status tells of.
func (s *scope) fulfilledRequest() string {
	if value := s.renewRequest(); value != "" && s.invalidRenewRequest() == nil && s.leaf.Issued != nil && s.renewFulfilled() {
		return value
	}
	return s.before.Status.RenewRequestedAt
}

// renewalAccepted tells what became of the request; nothing if there is none.
func renewalAccepted(s *scope) []metav1.Condition {
	const t = v1alpha1.ConditionRenewalAccepted
	value := s.renewRequest()
	if value == "" {
		return nil
	}
	switch err := s.invalidRenewRequest(); {
	case err != nil:
		return []metav1.Condition{conditions.False(t, v1alpha1.ReasonInvalidRenewRequest, "No renewal was begun: "+err.Error()+".")}
	case s.leaf.Issued != nil && s.renewFulfilled():
		return []metav1.Condition{conditions.True(t, "Renewed", "The renewal requested at "+value+" was issued.")}
	case s.stopped() || s.paused():
		return []metav1.Condition{conditions.False(t, "Waiting", "The renewal requested at "+value+" waits until the Connector is accepted and not paused.")}
	case s.awaitsTurn():
		return []metav1.Condition{conditions.False(t, "Waiting", "The renewal requested at "+value+" waits until it is the Connector's turn to take up its changed SecurityProfile.")}
	case s.plan.demandHeld:
		return []metav1.Condition{conditions.False(t, "Waiting", "The renewal requested at "+value+" waits for a maintenance window.")}
	}
	since := ""
	if begun := s.leaf.IssuingSince; !begun.IsZero() {
		since = ", and cert-manager has been asking for the certificate since " + begun.UTC().Format(time.RFC3339)
	}
	return []metav1.Condition{conditions.False(t, "Renewing", "The renewal requested at "+value+" is under way"+since+".")}
}
