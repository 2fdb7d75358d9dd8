package hub

import (
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/events"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/gateway/revocation"
)

func TestAnnounce(t *testing.T) {
	trusted, held := anchor("old", time.Hour), inState(v1alpha1.TrustAnchorHeld, anchor("old", time.Hour))
	tests := map[string]struct {
		// before changes the status as it was, now what is read and decided.
		before func(*v1alpha1.ExchangeHubStatus)
		now    func(*scope)
		want   []string
	}{
		"nothing new":    {func(*v1alpha1.ExchangeHubStatus) {}, func(*scope) {}, nil},
		"the first pass": {func(s *v1alpha1.ExchangeHubStatus) { *s = v1alpha1.ExchangeHubStatus{} }, func(*scope) {}, nil},
		"a phase": {
			func(*v1alpha1.ExchangeHubStatus) {}, func(s *scope) {
				s.decision.Status.Phase = v1alpha1.RolloverReissuing
				s.decision.Condition = conditions.False(v1alpha1.ConditionRolloverComplete, "Reissuing", "Two are left.")
			}, []string{"Normal RolloverReissuing Two are left."},
		},
		"a pause": {
			func(*v1alpha1.ExchangeHubStatus) {}, func(s *scope) {
				s.decision.Condition = conditions.False(v1alpha1.ConditionRolloverComplete, v1alpha1.ReasonRolloverPaused, "One has failed.")
			}, []string{"Warning RolloverPaused One has failed."},
		},
		"an anchor held": {
			func(s *v1alpha1.ExchangeHubStatus) { s.TrustAnchors = append(s.TrustAnchors, trusted) },
			func(s *scope) { s.kept.Anchors = append(s.kept.Anchors, held) },
			[]string{"Normal TrustAnchorHeld Gateways trust 2 certification authorities. Anchor old was removed from the list and stays in force, " +
				"until every gateway has the anchors that remain."},
		},
		"an anchor that is held already": {
			func(s *v1alpha1.ExchangeHubStatus) { s.TrustAnchors = append(s.TrustAnchors, held) },
			func(s *scope) { s.kept.Anchors = append(s.kept.Anchors, held) }, nil,
		},
		"an anchor distrusted": {
			func(s *v1alpha1.ExchangeHubStatus) { s.TrustAnchors = append(s.TrustAnchors, trusted) },
			func(s *scope) {
				usedBy(s, "old", 3)
				s.kept.Anchors = append(s.kept.Anchors, inState(v1alpha1.TrustAnchorDistrusted, trusted))
			},
			[]string{"Warning TrustAnchorDistrusted Gateways trust 1 certification authorities. " +
				"Anchor old is distrusted and out of force, although 3 Connectors rely on it."},
		},
		"an anchor dropped": {
			func(s *v1alpha1.ExchangeHubStatus) { s.TrustAnchors = append(s.TrustAnchors, held) }, func(*scope) {},
			[]string{"Normal TrustAnchorDropped Out of force, because they were removed from the list and nobody relies on them: old."},
		},
		"revocations": {
			func(*v1alpha1.ExchangeHubStatus) {}, func(s *scope) {
				s.revocations.Digest = "sha256:other"
				s.revocations.List = revocation.List{SerialNumbers: []string{"a1", "b2"}, Agencies: []string{"G12"}}
			}, []string{"Warning RevocationsChanged Revoked are now 2 serial numbers, 1 agency, and 0 identities whose right was lost."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := hubWith(anchor("new", time.Hour))
			s.before.Status = observedStatus(s, noon())
			tt.before(&s.before.Status)
			tt.now(s)
			s.hub.Status = observedStatus(s, noon())
			recorder := events.NewFakeRecorder(16)
			(&Reconciler{Recorder: recorder}).announce(s)
			close(recorder.Events)
			var got []string
			for e := range recorder.Events {
				got = append(got, e)
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("the events are %q, want %q", got, tt.want)
			}
		})
	}
}
