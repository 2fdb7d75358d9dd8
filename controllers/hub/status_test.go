package hub

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/revocations"
	"lienthong.gov.vn/connector-operator/controllers/rollover"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

func noon() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }

func hubWith(observed ...v1alpha1.ObservedTrustAnchor) *scope {
	hub := &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "axis", Generation: 1}}
	hub.Spec.OwnerAgencyRef.Name = "g22"
	bundle := &anchors.Bundle{Anchors: observed, Parsed: &trust.Bundle{Digest: "sha256:1"}}
	return &scope{
		hub: hub, before: hub.DeepCopy(), ownerExists: true, bundle: bundle, kept: bundle,
		revocations: &revocations.Published{Digest: "sha256:2"},
		decision: rollover.Decision{
			Status:    v1alpha1.RolloverStatus{Phase: v1alpha1.RolloverComplete},
			Condition: conditions.True(v1alpha1.ConditionRolloverComplete, "Complete", "All is done."),
		},
	}
}

func anchor(name string, left time.Duration) v1alpha1.ObservedTrustAnchor {
	return v1alpha1.ObservedTrustAnchor{
		Name: name, SHA256: name, NotAfter: metav1.NewTime(noon().Add(left)), State: v1alpha1.TrustAnchorTrusted,
	}
}

func inState(state v1alpha1.TrustAnchorState, a v1alpha1.ObservedTrustAnchor) v1alpha1.ObservedTrustAnchor {
	a.State = state
	return a
}

// usedBy says how many rely on an anchor.
func usedBy(s *scope, anchor string, n int32) *scope {
	s.decision.Uses = map[string]int32{anchor: n}
	return s
}

func TestObservedStatus(t *testing.T) {
	ownerless := hubWith(anchor("new", time.Hour))
	ownerless.ownerExists = false
	unreadable := hubWith()
	unreadable.bundle, unreadable.unreadable = nil, &anchors.UnreadableError{Hub: "national-hub", Anchor: "root", Problem: "It is empty."}

	const held, distrusted = v1alpha1.TrustAnchorHeld, v1alpha1.TrustAnchorDistrusted
	blocked := publishing(&apply.ForeignObjectError{Kind: "ConfigMap", Namespace: "axis", Name: "trust", Owner: "somebody else"})
	unresolved := hubWith(anchor("new", time.Hour))
	unresolved.revocations.Unresolved = []string{"gone"}
	standstill := hubWith()
	standstill.bundle, standstill.unreadable = nil, unreadable.unreadable
	moving := hubWith(anchor("new", time.Hour))
	moving.decision.Condition = conditions.False(v1alpha1.ConditionRolloverComplete, "Reissuing", "Some are to move.")

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
		"an anchor held": {
			usedBy(hubWith(anchor("new", time.Hour), inState(held, anchor("root-2026", time.Hour))), "root-2026", 27), "TrustResolved", "TrustResolved", "True",
			"Gateways trust 2 certification authorities. Anchor root-2026 was removed from the list and stays in force, because 27 Connectors rely on it.",
		},
		"an anchor held for one": {
			usedBy(hubWith(anchor("new", time.Hour), inState(held, anchor("root-2026", time.Hour))), "root-2026", 1), "TrustResolved", "TrustResolved", "True",
			"Gateways trust 2 certification authorities. Anchor root-2026 was removed from the list and stays in force, because 1 Connector relies on it.",
		},
		"an anchor held for nobody": {
			hubWith(anchor("new", time.Hour), inState(held, anchor("root-2026", time.Hour))), "TrustResolved", "TrustResolved", "True",
			"Gateways trust 2 certification authorities. Anchor root-2026 was removed from the list and stays in force, " +
				"until every gateway has the anchors that remain.",
		},
		"an anchor distrusted": {
			usedBy(hubWith(anchor("new", time.Hour), inState(distrusted, anchor("bad", time.Hour))), "bad", 2), "TrustResolved", "TrustResolved", "True",
			"Gateways trust 1 certification authorities. Anchor bad is distrusted and out of force, although 2 Connectors rely on it.",
		},
		"an anchor distrusted, and used by nobody": {
			hubWith(anchor("new", time.Hour), inState(distrusted, anchor("bad", time.Hour))), "TrustResolved", "TrustResolved", "True",
			"Gateways trust 1 certification authorities.",
		},
		"an Agency revoked that does not exist": {
			unresolved, "Accepted", "Accepted", "True",
			"The hub belongs to Agency g22. Nothing is revoked of gone, which revocations names and which does not exist; correct the name.",
		},
		"published": {publishing(nil), "Published", "Published", "True", "ConfigMap axis/trust holds the anchors in force and the revocations."},
		"published where something else is": {
			blocked, "Ready", "ForeignObject", "False", "ConfigMap axis/trust already exists and belongs to somebody else. " +
				"It is left as it is; rename or delete it, or name another one in publishTo.",
		},
		"published where the cluster refuses": {
			publishing(errors.New("no such namespace")), "Published", "NotWritten", "False",
			"ConfigMap axis/trust could not be written, which is tried again: no such namespace.",
		},
		"a rollover":                 {moving, "RolloverComplete", "Reissuing", "False", "Some are to move."},
		"a rollover disturbs nobody": {moving, "Ready", "Ready", "True", "Connectors can link to the hub."},
		"a rollover stands still": {
			standstill, "RolloverComplete", "TrustAnchorUnreadable", "Unknown",
			"Nobody is moved to another certification authority while a trust anchor cannot be read.",
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

func publishing(failed error) *scope {
	s := hubWith(anchor("new", time.Hour))
	s.hub.Spec.PublishTo = &v1alpha1.ConfigMapReference{Namespace: "axis", Name: "trust"}
	s.unpublished = failed
	return s
}

func TestWhatCannotBeReadStaysAsItWas(t *testing.T) {
	s := hubWith()
	s.before.Status = v1alpha1.ExchangeHubStatus{
		TrustDigest: "sha256:0", TrustAnchors: []v1alpha1.ObservedTrustAnchor{anchor("old", time.Hour)},
		Rollover: &v1alpha1.RolloverStatus{Phase: v1alpha1.RolloverReissuing},
	}
	s.bundle, s.unreadable = nil, &anchors.UnreadableError{Hub: "axis", Anchor: "root", Problem: "It is empty."}
	got := observedStatus(s, noon())
	if got.TrustDigest != "sha256:0" || len(got.TrustAnchors) != 1 || got.Rollover == nil || got.Rollover.Phase != v1alpha1.RolloverReissuing {
		t.Errorf("while an anchor cannot be read, the status is %+v, want what was in force before", got)
	}
}

func TestUsers(t *testing.T) {
	tests := map[string]struct {
		operator []string
		uses     int32
		want     string
	}{
		"nobody":                           {nil, 0, ""},
		"Connectors":                       {nil, 2, "2 Connectors rely"},
		"the operator":                     {[]string{"old"}, 1, "the operator itself relies"},
		"both":                             {[]string{"old"}, 2, "1 Connector and the operator itself rely"},
		"an operator with another one too": {[]string{"new", "old"}, 2, "2 Connectors rely"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := usedBy(hubWith(anchor("new", time.Hour), inState(v1alpha1.TrustAnchorHeld, anchor("old", time.Hour))), "old", tt.uses)
			s.operatorsOwn = tt.operator
			if got := s.users("old"); got != tt.want {
				t.Errorf("users are %q, want %q", got, tt.want)
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

// Since when an anchor could leave is written, and known to the next pass with what the anchor was.
func TestAnchorThatLeavesIsRemembered(t *testing.T) {
	s := hubWith(anchor("new", time.Hour), inState(v1alpha1.TrustAnchorHeld, anchor("old", time.Hour)))
	s.decision.UnusedSince = map[string]time.Time{"old": noon()}
	s.before.Status = observedStatus(s, noon())
	if since := s.before.Status.TrustAnchors[0].UnusedSince; since != nil {
		t.Errorf("an anchor that stays is unused since %v", since)
	}
	s.bundle.Anchors[0].State = v1alpha1.TrustAnchorHeld
	want := []rollover.Anchor{
		{Fingerprint: "new", Name: "new", State: v1alpha1.TrustAnchorHeld, Was: v1alpha1.TrustAnchorTrusted},
		{Fingerprint: "old", Name: "old", State: v1alpha1.TrustAnchorHeld, Was: v1alpha1.TrustAnchorHeld, UnusedSince: noon()},
	}
	if diff := cmp.Diff(want, fleet(s, noon()).Anchors); diff != "" {
		t.Errorf("anchors (-want +got):\n%s", diff)
	}
}
