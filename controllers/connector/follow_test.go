package connector

import (
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/observe"
)

// lagging is a scope in which the pod b serves the certificate before, and was urged since.
func lagging(since time.Duration) *scope {
	s := observedOnce()
	s.class.Spec.Rotation = v1alpha1.RotationPolicy{Method: v1alpha1.RotationReload}
	s.class.Spec.Rotation.FollowWithin.Duration = time.Minute
	s.pods[1].answer.Report.SerialNumber = "abb"
	if since >= 0 {
		s.pods[1].sync = urging{digest: s.expected.mark(), attempt: 1, first: noon().Add(-since)}.String()
	}
	return s
}

func TestPodsAreUrged(t *testing.T) {
	s := lagging(-1)
	if _, due := urge(s, s.pods[0], noon()); due {
		t.Error("a pod that serves the newest is urged")
	}
	silent := s.pods[1]
	silent.answer = &observe.Observation{Problem: "not trusted"}
	value, due := urge(s, silent, noon())
	if silent.sync = value; !due {
		t.Error("a pod that was asked and is silent is not urged")
	}
	if _, again := urge(s, silent, noon().Add(time.Hour)); again {
		t.Error("a pod that is silent is urged twice")
	}
	value, due = urge(s, s.pods[1], noon())
	if !due {
		t.Fatal("a pod that lags is not urged")
	}
	s.pods[1].sync = value
	var at []time.Duration
	for now := noon(); now.Before(noon().Add(time.Hour)); now = now.Add(time.Second) {
		if value, due := urge(s, s.pods[1], now); due {
			at = append(at, now.Sub(noon()))
			s.pods[1].sync = value
		}
	}
	want := []int{2, 6, 14, 30, 62, 126, 254, 510, 1022}
	if len(at) != len(want) {
		t.Fatalf("a pod that lags was urged again after %v, want %v seconds", at, want)
	}
	for i := range want {
		if at[i] != time.Duration(want[i])*time.Second {
			t.Fatalf("a pod that lags was urged again after %v, want %v seconds", at, want)
		}
	}
	s.expected.since, s.pods[1].sync = noon().Add(-time.Second), ""
	if _, at, lags := nextUrging(s, s.pods[1], noon()); !lags || !at.Equal(noon().Add(time.Second)) {
		t.Errorf("a pod is urged to take up a leaf at %s, want two seconds after it was seen", at)
	}
	s.patience = 10 * time.Second
	if _, at, lags := nextUrging(s, s.pods[1], noon()); !lags || !at.Equal(noon().Add(11*time.Second)) {
		t.Errorf("where leaves of many are replaced, a pod is urged at %s, want twelve seconds after it was seen", at)
	}
	s.expected.trust = "sha256:newer"
	if _, due := urge(s, s.pods[1], noon().Add(time.Hour)); !due {
		t.Error("a pod is not urged to take up something newer")
	}
}

func TestWhoIsEvicted(t *testing.T) {
	tests := map[string]struct {
		scope func() *scope
		now   time.Duration
		want  string
		held  bool
	}{
		"not yet":      {func() *scope { return lagging(30 * time.Second) }, 0, "", false},
		"at the bound": {func() *scope { return lagging(time.Minute) }, 0, "b", false},
		"never urged":  {func() *scope { return lagging(-1) }, 0, "", false},
		"one that says why": {func() *scope {
			s := lagging(time.Hour)
			s.pods[1].answer.Report.Problems = []string{"The certificate is valid only from tomorrow."}
			return s
		}, 0, "", false},
		"while another pod is not ready": {func() *scope {
			s := lagging(time.Hour)
			s.pods[0].ready = false
			return s
		}, 0, "", false},
		"while a pod is being replaced": {func() *scope {
			s := lagging(time.Hour)
			s.deployment.Status.AvailableReplicas = 1
			return s
		}, 0, "", false},
		"the only pod": {func() *scope {
			s := lagging(time.Hour)
			s.pods, s.deployment.Spec.Replicas = s.pods[1:], new(int32(1))
			s.deployment.Status.UpdatedReplicas, s.deployment.Status.AvailableReplicas = 1, 1
			return s
		}, 0, "", false},
		"of a class that restarts": {func() *scope {
			s := lagging(time.Hour)
			s.class.Spec.Rotation.Method = v1alpha1.RotationRestart
			return s
		}, 0, "", false},
		"paused": {func() *scope {
			s := lagging(time.Hour)
			s.connector.Spec.Paused = new(true)
			return s
		}, 0, "", false},
		"outside of the windows": {func() *scope {
			s := lagging(time.Hour)
			onlySundays(t, s)
			s.pods[1].answer.Report.NotAfter = s.leaf.Issued.NotAfter
			s.pods[1].sync = urging{digest: s.expected.mark(), attempt: 1, first: noon().Add(-time.Hour)}.String()
			return s
		}, 0, "", true},
		"outside of the windows, but its certificate would expire": {func() *scope {
			s := lagging(time.Hour)
			onlySundays(t, s)
			s.pods[1].sync = urging{digest: s.expected.mark(), attempt: 1, first: noon().Add(-time.Hour)}.String()
			return s
		}, 0, "b", false},
		"outside of the windows, but its certificate is revoked": {func() *scope {
			s := lagging(time.Hour)
			onlySundays(t, s)
			s.pods[1].answer.Report.NotAfter = s.leaf.Issued.NotAfter
			s.revocations.List.SerialNumbers = []string{"abb"}
			s.pods[1].sync = urging{digest: s.expected.mark(), attempt: 1, first: noon().Add(-time.Hour)}.String()
			return s
		}, 0, "b", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := tt.scope()
			s.plan = decideWhatToDo(s, noon())
			got, held := toEvict(s, noon())
			switch {
			case held != tt.held, got == nil && tt.want != "", got != nil && got.name != tt.want:
				t.Errorf("evicts %+v, held %t; want %q, held %t", got, held, tt.want, tt.held)
			}
		})
	}
}

func TestRestartThroughTheDeployment(t *testing.T) {
	restarting := func() *scope {
		s := lagging(-1)
		s.class.Spec.Rotation.Method = v1alpha1.RotationRestart
		return s
	}
	tests := map[string]struct {
		scope   func() *scope
		restart bool
	}{
		"a class that restarts": {restarting, true},
		"all serve the newest":  {func() *scope { s := restarting(); s.pods[1].answer.Report.SerialNumber = "abc"; return s }, false},
		"it rolls out already":  {func() *scope { s := restarting(); s.deployment.Status.UpdatedReplicas = 1; return s }, false},
		"a class that reloads":  {func() *scope { return lagging(time.Hour) }, false},
		"one that cannot wait, while another is not ready": {func() *scope {
			s := restarting()
			s.pods[0].ready, s.revocations.List.SerialNumbers = false, []string{"abb"}
			return s
		}, true},
		"a silent pod that is older than the leaf": {func() *scope {
			s := restarting()
			s.pods[1].answer, s.pods[1].created = &observe.Observation{Problem: "not trusted"}, s.leaf.Issued.NotBefore.Add(-time.Hour)
			return s
		}, true},
		"a silent pod that is younger than the leaf": {func() *scope {
			s := restarting()
			s.pods[1].answer, s.pods[1].created = &observe.Observation{Problem: "not trusted"}, noon()
			return s
		}, false},
		"the only pod does not follow": {func() *scope {
			s := lagging(time.Hour)
			s.pods, s.deployment.Spec.Replicas = s.pods[1:], new(int32(1))
			s.deployment.Status.UpdatedReplicas, s.deployment.Status.AvailableReplicas = 1, 1
			return s
		}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := tt.scope()
			s.deployment.Spec.Template.Annotations = map[string]string{desired.AnnotationRestartedFor: "before"}
			want := "before"
			if tt.restart {
				want = s.expected.mark()
			}
			if got := decideWhatToDo(s, noon()).restartFor; got != want {
				t.Errorf("the pods are marked %q, want %q", got, want)
			}
		})
	}
}
