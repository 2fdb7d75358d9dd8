package hub

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/rollover"
	"lienthong.gov.vn/connector-operator/controllers/window"
)

// Reasons of a Connector's condition CertificateReady if the issuer does not sign: what is asked for, or what is to come after a
// certificate that is in use.
const (
	reasonRequestRefused = "RequestRefused"
	reasonRenewalRefused = "RenewalRefused"
)

// fleet is what the planner is told. It is known from the Connectors' statuses alone: what their pods do is asked by the controller
// of Connectors.
func fleet(s *scope, now time.Time) rollover.Fleet {
	f := rollover.Fleet{
		Now: now, Issuer: s.hub.Spec.IssuerRef, Policy: s.hub.Spec.Rollover, Before: s.before.Status.Rollover, Operator: s.operatorsOwn,
	}
	for i := range s.bundle.Anchors {
		a := &s.bundle.Anchors[i]
		f.Anchors = append(f.Anchors, observed(a, s.before.Status.TrustAnchors))
	}
	for i := range s.connectors {
		f.Members = append(f.Members, member(&s.connectors[i], s.bundle.Parsed.Digest, now))
	}
	return f
}

// observed is an anchor of the bundle, with what was last written of it.
func observed(a *v1alpha1.ObservedTrustAnchor, before []v1alpha1.ObservedTrustAnchor) rollover.Anchor {
	result := rollover.Anchor{Fingerprint: a.SHA256, Name: a.Name, State: a.State}
	for i := range before {
		if was := &before[i]; was.SHA256 == a.SHA256 {
			result.Was = was.State
			if was.UnusedSince != nil {
				result.UnusedSince = was.UnusedSince.Time
			}
		}
	}
	return result
}

// operatorAnchors are those that the operator's own certificate ends in. If it cannot be read, it may end in any that is held, and none
// of these may go.
func (s *scope) operatorAnchors() []string {
	if s.identityProblem == nil {
		return s.bundle.Ends(s.identity)
	}
	var held []string
	for i := range s.bundle.Anchors {
		if a := &s.bundle.Anchors[i]; a.State == v1alpha1.TrustAnchorHeld {
			held = append(held, a.SHA256)
		}
	}
	return held
}

func member(c *v1alpha1.Connector, digest string, now time.Time) rollover.Member {
	m := rollover.Member{
		Namespace: c.Namespace, Name: c.Name, Excluded: excluded(c), Uses: c.Status.AuthoritiesInUse,
		Eligible: !opens(c, now).After(now), Problem: problem(c), Silent: silent(c),
	}
	if pods := c.Status.ObservedPods; pods != nil && pods.Total != nil {
		m.Trusting = c.Status.TrustDigest == digest && pods.Trusting != nil && *pods.Trusting == *pods.Total
		m.Served = pods.Current != nil && *pods.Current == *pods.Total
	}
	if certificate := c.Status.Certificate; certificate != nil {
		m.HasCertificate, m.Serial, m.Authority = true, certificate.SerialNumber, certificate.Authority
		m.Renewed = certificate.Revision > 1
		if certificate.IssuerRef != nil {
			m.Issuer = *certificate.IssuerRef
		}
	}
	return m
}

// excluded tells that the operator does not write for the Connector now.
func excluded(c *v1alpha1.Connector) bool {
	paused := c.Spec.Paused != nil && *c.Spec.Paused
	return paused || c.DeletionTimestamp != nil || meta.IsStatusConditionFalse(c.Status.Conditions, v1alpha1.ConditionAccepted)
}

// silent tells that not every pod of the Connector could be asked.
func silent(c *v1alpha1.Connector) bool {
	connected := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionHubConnected)
	return connected != nil && connected.Status == metav1.ConditionUnknown
}

// problem is what keeps the Connector from working now.
func problem(c *v1alpha1.Connector) string {
	certificate := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionCertificateReady)
	if certificate != nil && (certificate.Reason == reasonRequestRefused || certificate.Reason == reasonRenewalRefused) {
		return certificate.Message
	}
	connected := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionHubConnected)
	if connected != nil && connected.Status == metav1.ConditionFalse {
		return connected.Message
	}
	return ""
}

// opens is when the Connector may be disturbed next: now if a window is open, or if its certificate would expire before. Windows
// that can never open are refused by the controller of Connectors; until somebody mends them, only that expiry counts.
func opens(c *v1alpha1.Connector, now time.Time) time.Time {
	var expiry time.Time
	if certificate := c.Status.Certificate; certificate != nil && certificate.NotAfter != nil {
		expiry = certificate.NotAfter.Time
	}
	windows, err := window.Parse(c.Spec.MaintenanceWindows)
	if err != nil {
		return expiry
	}
	next := windows.Next(now)
	if !expiry.IsZero() && expiry.Before(next) {
		return now
	}
	return next
}

// nextOpening is how long until the first Connector whose windows are closed may be disturbed; 0 if there is none.
func nextOpening(connectors []v1alpha1.Connector, now time.Time) time.Duration {
	var next time.Duration
	for i := range connectors {
		next = sooner(next, opens(&connectors[i], now).Sub(now))
	}
	return next
}

// unchanged tells that nothing differs of what the controller of hubs reads of a Connector, apart from whether it is ready.
func unchanged(before, after *v1alpha1.Connector) bool {
	a, b := &before.Status, &after.Status
	return excluded(before) == excluded(after) && problem(before) == problem(after) && silent(before) == silent(after) &&
		a.SPIFFEID == b.SPIFFEID && a.TrustDigest == b.TrustDigest && slices.Equal(a.AuthoritiesInUse, b.AuthoritiesInUse) &&
		equality.Semantic.DeepEqual(a.Certificate, b.Certificate) && equality.Semantic.DeepEqual(a.ObservedPods, b.ObservedPods) &&
		equality.Semantic.DeepEqual(before.Spec.MaintenanceWindows, after.Spec.MaintenanceWindows)
}
