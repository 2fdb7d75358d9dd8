package connector

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/observe"
)

func TestHoldsBack(t *testing.T) {
	available := func(s *scope, replicas int32, since time.Time) {
		s.deployment.Status.AvailableReplicas = replicas
		s.deployment.Status.Conditions = []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(since)},
		}
	}
	rollsOut := func(s *scope) { s.deployment.Status.UpdatedReplicas = 1 }
	comesUp := func(s *scope) {
		s.leaf.Issued, s.expected.leaf, s.pods = nil, nil, nil
		s.deployment.Status.AvailableReplicas = 0
		s.deployment.Status.UpdatedReplicas = 0
	}
	issued := func(s *scope) {
		s.pods, s.deployment.Status.AvailableReplicas, s.deployment.Status.UpdatedReplicas = nil, 0, 0
	}
	recent, old := noon().Add(-10*time.Second), noon().Add(-time.Minute)
	tests := map[string]struct {
		// before is what the written status tells of, after is what is seen now.
		before, after func(*scope)
		hold          bool
		again         time.Duration
	}{
		"nothing is under way":                      {nil, nil, false, 0},
		"a pod was not asked yet":                   {nil, func(s *scope) { s.pods[0].asked = false }, true, 0},
		"a pod that is not ready is not waited for": {nil, func(s *scope) { s.pods[0].ready, s.pods[0].asked = false, false; available(s, 1, old) }, false, 0},
		"the pods are ready and the Deployment does not know": {
			nil, func(s *scope) { available(s, 1, old); s.pods[1].readySince = recent }, true, 20 * time.Second,
		},
		"the Deployment is available and a pod is not seen ready": {
			nil, func(s *scope) { available(s, 2, recent); s.pods[1].ready = false }, true, 20 * time.Second,
		},
		"they have disagreed for long": {nil, func(s *scope) { available(s, 1, old); s.pods[1].readySince = old }, false, 0},
		"one more pod of a roll-out answers": {
			func(s *scope) { rollsOut(s); s.pods[1].answer.Report.ConfigDigest = "sha256:old" }, rollsOut, true, 0,
		},
		"a roll-out has other news": {
			rollsOut, func(s *scope) { rollsOut(s); s.pods[1].answer = &observe.Observation{Problem: "refused"} }, false, 0,
		},
		"one that comes up has its certificate": {comesUp, issued, true, progressPause},
		"one that comes up is ready":            {comesUp, nil, false, 0},
		"one that comes up has pods that cannot be asked": {
			comesUp, func(s *scope) { s.pods[0].answer, s.pods[1].answer = nil, nil }, false, 0,
		},
		"one that comes up is refused a certificate": {
			comesUp, func(s *scope) { comesUp(s); s.leaf.Refused = "No." }, false, 0,
		},
		"one that comes up cannot have pods": {
			comesUp, func(s *scope) {
				comesUp(s)
				s.deployment.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue}}
			}, false, 0,
		},
		"a leaf is being issued": {
			nil, func(s *scope) { request(s, requestedAt); s.leaf.IssuingSince = noon().Add(-time.Second) }, true, 4 * time.Second,
		},
		"a leaf is being issued, among forty": {
			nil, func(s *scope) { s.replacedAtOnce, s.leaf.IssuingSince = 40, noon().Add(-time.Second) }, true, 4 * time.Second,
		},
		"a leaf is being issued, among hundreds": {
			nil, func(s *scope) { s.replacedAtOnce, s.leaf.IssuingSince = 300, noon().Add(-time.Second) }, true, 29 * time.Second,
		},
		"a leaf is being issued, among very many, and takes long": {
			nil, func(s *scope) { s.replacedAtOnce, s.leaf.IssuingSince = 10000, noon().Add(-mostReplacementPause) }, false, 0,
		},
		"a leaf is being issued among very many, and the one before has expired": {
			nil, func(s *scope) {
				s.replacedAtOnce, s.leaf.IssuingSince, s.leaf.Issued.NotAfter = 10000, noon().Add(-time.Second), noon()
			}, false, 0,
		},
		"a leaf has been issued, and pods have yet to serve it": {nil, func(s *scope) { another(s, 2*time.Second) }, true, 3 * time.Second},
		"a leaf takes long to reach the pods":                   {nil, func(s *scope) { another(s, 5*time.Second) }, false, 0},
		"a leaf is served": {nil, func(s *scope) {
			another(s, time.Second)
			s.pods[0].answer.Report.SerialNumber, s.pods[1].answer.Report.SerialNumber = "abd", "abd"
		}, false, 0},
		"a leaf has been issued, and the hub is lost": {nil, func(s *scope) {
			another(s, time.Second)
			s.pods[0].answer.Report.ActiveEndpoint = ""
		}, false, 0},
		"a roll-out ends": {rollsOut, nil, false, 0},
		"a new leaf during a roll-out": {
			func(s *scope) { rollsOut(s); s.leaf.Issued.Revision-- }, rollsOut, false, 0,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before, after := running(), running()
			for _, edit := range []struct {
				s    *scope
				edit func(*scope)
			}{{before, tt.before}, {after, tt.after}} {
				if edit.edit != nil {
					edit.edit(edit.s)
				}
			}
			after.before = &v1alpha1.Connector{Status: observedStatus(before, noon())}
			hold, again := after.holdsBack(observedStatus(after, noon()), noon())
			if hold != tt.hold || again != tt.again {
				t.Errorf("holdsBack = %t, %s, want %t, %s", hold, again, tt.hold, tt.again)
			}
			after.connector.Generation++
			if hold, _ := after.holdsBack(observedStatus(after, noon()), noon()); hold != after.awaitsAnswer() {
				t.Errorf("the status of a new generation is held back: %t", hold)
			}
		})
	}
}

// another leaf was issued so long ago.
func another(s *scope, ago time.Duration) {
	issuedAt := metav1.NewTime(noon().Add(-ago))
	s.leaf.Issued.Serial, s.leaf.Issued.IssuedAt = "abd", &issuedAt
}

// TestReplacing tells how far the replacement of a leaf is, and what of it waits for nothing.
func TestReplacing(t *testing.T) {
	begun := func(s *scope) { s.leaf.IssuingSince = noon() }
	followed := func(s *scope) {
		s.leaf.Revision, s.leaf.Issued.Revision, s.leaf.Issued.Serial = 3, 3, "abd"
		s.leaf.Issued.IssuedAt = new(metav1.NewTime(noon()))
	}
	for name, tt := range map[string]struct {
		change func(*scope)
		want   *underWay
	}{
		"nothing is replaced":      {func(*scope) {}, nil},
		"the next leaf is awaited": {begun, &underWay{awaited: true}},
		"a leaf that is revoked is replaced by this pass": {func(s *scope) {
			s.revocations.List.SerialNumbers = []string{"abc"}
			s.plan.demand = leafIsRevoked(s, noon())
		}, &underWay{awaited: true, urgent: true}},
		"a leaf has expired and nobody asked for another": {func(s *scope) { s.leaf.Issued.NotAfter = noon() }, &underWay{urgent: true}},
		"one that is refused is revoked": {func(s *scope) {
			s.refusal, s.revocations.List.SerialNumbers = &refusal{reason: "NamespaceNotListed"}, []string{"abc"}
		}, nil},
		"the next leaf is issued":             {followed, &underWay{}},
		"the leaf is revoked":                 {func(s *scope) { begun(s); s.revocations.List.SerialNumbers = []string{"abc"} }, &underWay{awaited: true, urgent: true}},
		"the leaf has expired":                {func(s *scope) { begun(s); s.leaf.Issued.NotAfter = noon() }, &underWay{awaited: true, urgent: true}},
		"a pod serves a leaf that is revoked": {func(s *scope) { followed(s); s.revocations.List.SerialNumbers = []string{"abc"} }, &underWay{urgent: true}},
		"a pod serves a leaf that has expired": {
			func(s *scope) { followed(s); s.pods[1].answer.Report.NotAfter = noon() }, &underWay{urgent: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := running()
			s.before.Status = observedStatus(s, noon())
			tt.change(s)
			got := s.replacing(observedStatus(s, noon()), noon())
			if (got == nil) != (tt.want == nil) || got != nil && *got != *tt.want {
				t.Errorf("it is %+v, want %+v", got, tt.want)
			}
		})
	}
}
