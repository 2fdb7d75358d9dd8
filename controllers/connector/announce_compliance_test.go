package connector

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func standing(state v1alpha1.DutyState) []v1alpha1.ComplianceStatus {
	s := v1alpha1.ComplianceStatus{Regime: "nd331-2026", Ruling: new(true)}
	if state != "" {
		s.Duties = []v1alpha1.DutyStatus{{Kind: "PenetrationTest", State: state, DueDate: "2026-07-01", Evidence: "test-2025", Waiver: "excused"}}
	}
	if state == v1alpha1.DutyOverdue || state == v1alpha1.DutyMissing {
		s.Shortfalls = []v1alpha1.Shortfall{{Type: v1alpha1.ShortfallDuty, Name: "PenetrationTest", Message: "PenetrationTest is short."}}
	}
	return []v1alpha1.ComplianceStatus{s}
}

func TestDutiesAreAnnounced(t *testing.T) {
	const (
		good, soon, late, none, waived = v1alpha1.DutySatisfied, v1alpha1.DutyDueSoon, v1alpha1.DutyOverdue, v1alpha1.DutyMissing, v1alpha1.DutyWaived
	)
	tests := map[string]struct {
		before, after v1alpha1.DutyState
		want          string
	}{
		"seen for the first time": {"", late, ""},
		"unchanged":               {late, late, ""},
		"due soon":                {good, soon, "Normal DutyDueSoon PenetrationTest under regime nd331-2026 is due by 2026-07-01."},
		"overdue":                 {soon, late, "Warning DutyOverdue PenetrationTest is short."},
		"missing":                 {good, none, "Warning DutyMissing PenetrationTest is short."},
		"short in another way":    {none, late, "Warning DutyOverdue PenetrationTest is short."},
		"done again":              {late, good, "Normal DutySatisfied PenetrationTest under regime nd331-2026 is satisfied by record test-2025."},
		"waived":                  {late, waived, "Normal DutyWaived PenetrationTest under regime nd331-2026 is waived by DutyWaiver excused."},
		"not waived any more":     {waived, late, "Warning DutyOverdue PenetrationTest is short."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			recorder := events.NewFakeRecorder(4)
			s := running()
			s.before.Status.Compliance, s.connector.Status.Compliance = standing(tt.before), standing(tt.after)
			(&Reconciler{Recorder: recorder}).announceDuties(s)
			close(recorder.Events)
			var got []string
			for e := range recorder.Events {
				got = append(got, e)
			}
			if strings.Join(got, "\n") != tt.want {
				t.Errorf("the Events are %q, want %q", got, tt.want)
			}
		})
	}
}

// Another regime than that of the hub tells of its duties too, and says that it does not rule.
func TestDutiesUnderOtherRegimesAreAnnounced(t *testing.T) {
	recorder := events.NewFakeRecorder(4)
	s := running()
	s.before.Status.Compliance = append(standing(v1alpha1.DutySatisfied), standing(v1alpha1.DutySatisfied)...)
	s.connector.Status.Compliance = append(standing(v1alpha1.DutySatisfied), standing(v1alpha1.DutyMissing)...)
	for _, status := range []*v1alpha1.ConnectorStatus{&s.before.Status, &s.connector.Status} {
		status.Compliance[1].Regime, status.Compliance[1].Ruling = "to-come", new(false)
	}
	(&Reconciler{Recorder: recorder}).announceDuties(s)
	close(recorder.Events)
	var got []string
	for e := range recorder.Events {
		got = append(got, e)
	}
	if want := "Warning DutyMissing Under regime to-come: PenetrationTest is short."; strings.Join(got, "\n") != want {
		t.Errorf("the Events are %q, want %q", got, want)
	}
}

func TestLevelIsAnnounced(t *testing.T) {
	three := v1alpha1.SecurityLevel(3)
	tests := map[string]struct {
		before, after v1alpha1.SecurityLevel
		approved      *v1alpha1.SecurityLevel
		want          string
	}{
		"seen for the first time": {0, 3, nil, ""},
		"unchanged":               {3, 3, &three, ""},
		"approved":                {2, 3, &three, corev1.EventTypeNormal + " LevelChanged Security level 3 rules the Connector instead of level 2, because it is approved."},
		"declared": {2, 3, nil,
			corev1.EventTypeNormal + " LevelChanged Security level 3 rules the Connector instead of level 2, because it is declared, and no level is approved."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			recorder := events.NewFakeRecorder(4)
			s := running()
			s.before.Status.SecurityLevel, s.connector.Status.SecurityLevel, s.connector.Status.ApprovedLevel = tt.before, tt.after, tt.approved
			(&Reconciler{Recorder: recorder}).announceLevel(s)
			close(recorder.Events)
			if got := <-recorder.Events; got != tt.want {
				t.Errorf("the Event is %q, want %q", got, tt.want)
			}
		})
	}
}
