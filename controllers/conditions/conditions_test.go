package conditions

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestCompleteSumsUpInOrder(t *testing.T) {
	tests := map[string]struct {
		observed []metav1.Condition
		stalled  bool
		want     []metav1.Condition
	}{
		"all true": {
			observed: []metav1.Condition{True("A", "Fine", "A."), True("B", "Fine", "B.")},
			want:     []metav1.Condition{True("A", "Fine", "A."), True("B", "Fine", "B."), True("Ready", "Ready", "All is well.")},
		},
		"a missing one is unknown, never true": {
			observed: []metav1.Condition{True("A", "Fine", "A.")},
			want: []metav1.Condition{
				True("A", "Fine", "A."),
				Unknown("Ready", v1alpha1.ReasonNotObserved, "B was not observed yet."),
				True("Reconciling", v1alpha1.ReasonNotObserved, "B was not observed yet."),
			},
		},
		"false outweighs an earlier unknown": {
			observed: []metav1.Condition{Unknown("A", "Unseen", "A?"), False("B", "Broken", "B!")},
			want: []metav1.Condition{
				Unknown("A", "Unseen", "A?"), False("B", "Broken", "B!"),
				False("Ready", "Broken", "B!"), True("Reconciling", "Broken", "B!"),
			},
		},
		"the first that fails is the reason": {
			observed: []metav1.Condition{False("A", "First", "A!"), False("B", "Second", "B!")},
			stalled:  true,
			want: []metav1.Condition{
				False("A", "First", "A!"), False("B", "Second", "B!"),
				False("Ready", "First", "A!"), True("Stalled", "First", "A!"),
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Complete(tt.observed, Summary{Order: []string{"A", "B"}, ReadyMessage: "All is well.", Stalled: tt.stalled})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Complete (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeKeepsTransitionTimes(t *testing.T) {
	then := metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	now := then.Add(time.Hour)
	previous := []metav1.Condition{
		{Type: "Same", Status: metav1.ConditionTrue, Reason: "Old", LastTransitionTime: then},
		{Type: "Changed", Status: metav1.ConditionTrue, Reason: "Old", LastTransitionTime: then},
		{Type: "Gone", Status: metav1.ConditionTrue, Reason: "Old", LastTransitionTime: then},
	}
	got := Merge(previous, []metav1.Condition{True("Same", "New", ""), False("Changed", "New", "")}, 7, now)
	want := []metav1.Condition{
		{Type: "Same", Status: metav1.ConditionTrue, Reason: "New", ObservedGeneration: 7, LastTransitionTime: then},
		{Type: "Changed", Status: metav1.ConditionFalse, Reason: "New", ObservedGeneration: 7, LastTransitionTime: metav1.NewTime(now)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Merge (-want +got):\n%s", diff)
	}
}

func TestMergeShortensOnRuneBoundary(t *testing.T) {
	got := Merge(nil, []metav1.Condition{True("A", "R", strings.Repeat("ă", 2000))}, 1, time.Unix(0, 0))[0].Message
	if len(got) > maxMessage || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
		t.Errorf("shortened message has %d bytes, valid=%v", len(got), utf8.ValidString(got))
	}
}
