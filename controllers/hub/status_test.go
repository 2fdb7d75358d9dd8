package hub

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

func noon() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }

func hubWith(observed ...v1alpha1.ObservedTrustAnchor) *scope {
	hub := &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Generation: 1}}
	hub.Spec.OwnerAgencyRef.Name = "g22"
	return &scope{
		hub: hub, before: hub.DeepCopy(), ownerExists: true,
		bundle: &anchors.Bundle{Anchors: observed, Parsed: &trust.Bundle{Digest: "sha256:1"}},
	}
}

func anchor(name string, left time.Duration) v1alpha1.ObservedTrustAnchor {
	return v1alpha1.ObservedTrustAnchor{Name: name, NotAfter: metav1.NewTime(noon().Add(left))}
}

func TestObservedStatus(t *testing.T) {
	ownerless := hubWith(anchor("new", time.Hour))
	ownerless.ownerExists = false
	unreadable := hubWith()
	unreadable.bundle, unreadable.unreadable = nil, &anchors.UnreadableError{Hub: "national-hub", Anchor: "root", Problem: "It is empty."}

	tests := map[string]struct {
		scope             *scope
		condition, reason string
		want              metav1.ConditionStatus
		says              string
	}{
		"all is well": {hubWith(anchor("new", time.Hour)), "Ready", "Ready", "True", "Connectors can link to the hub."},
		"owner missing": {
			ownerless, "Ready", "OwnerNotFound", "False", "Agency g22, which owns the hub, does not exist; declare it, or correct ownerAgencyRef.",
		},
		"anchor unreadable": {
			unreadable, "TrustResolved", "TrustAnchorUnreadable", "False", "Trust anchor root of ExchangeHub national-hub cannot be used: It is empty.",
		},
		"one of two expired": {
			hubWith(anchor("old", 0), anchor("new", time.Hour)), "TrustResolved", "TrustResolved", "True",
			"Gateways trust 1 certification authorities. Expired, and of no use any more: old.",
		},
		"all expired": {
			hubWith(anchor("old", 0)), "Ready", "TrustAnchorExpired", "False",
			"Every trust anchor has expired (old), so no peer can be verified; add the certificate of an authority that is valid.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := meta.FindStatusCondition(observedStatus(tt.scope, noon()).Conditions, tt.condition)
			if c == nil || c.Status != tt.want || c.Reason != tt.reason || c.Message != tt.says {
				t.Errorf("%s is %+v, want %s, %s, %q", tt.condition, c, tt.want, tt.reason, tt.says)
			}
		})
	}
}

func TestUntilExpiry(t *testing.T) {
	observed := []v1alpha1.ObservedTrustAnchor{anchor("gone", -time.Hour), anchor("far", 3*time.Hour), anchor("near", time.Hour)}
	if got := untilExpiry(observed, noon()); got != time.Hour {
		t.Errorf("the next anchor expires in %s, want 1h", got)
	}
	if got := untilExpiry(observed[:1], noon()); got != 0 {
		t.Errorf("with expired anchors alone the hub is looked at again in %s, want never", got)
	}
}
