package waiver

import (
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
)

func TestJudge(t *testing.T) {
	const unknown = "duties names Juggling, which no SecurityProfile asks for at the level of Connector main; there are LogReview, RestoreTest. " +
		"Create the waiver anew with duties of these."
	const superfluous = " No SecurityProfile asks for Juggling at the level of Connector main, so there it excuses from nothing."
	const ended = "The waiver ended on 2026-07-01 and counts for nothing; have LogReview, RestoreTest done, or create another DutyWaiver."
	begins, ends := time.Date(2026, 5, 31, 17, 0, 0, 0, time.UTC), time.Date(2026, 6, 30, 17, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		now    time.Time
		duties []string
		// accepted and ready are the reasons and messages; kstatus is the third condition.
		accepted, ready [2]string
		kstatus         string
		again           time.Time
	}{
		"before it begins": {now: begins.Add(-time.Nanosecond), ready: [2]string{"NotYetInForce", "The waiver holds from 2026-06-01 on."}, kstatus: "Reconciling", again: begins},
		"when it begins":   {now: begins, ready: [2]string{"Ready", "The waiver holds: until 2026-07-01, it excuses from LogReview, RestoreTest."}, again: ends},
		"before it ends":   {now: ends.Add(-time.Nanosecond), ready: [2]string{"Ready", "The waiver holds: until 2026-07-01, it excuses from LogReview, RestoreTest."}, again: ends},
		"when it ends":     {now: ends, ready: [2]string{"Expired", ended}, kstatus: "Stalled"},
		"while it is refused": {now: begins, duties: []string{"Juggling"}, accepted: [2]string{"UnknownDuty", unknown}, ready: [2]string{"UnknownDuty", unknown},
			kstatus: "Stalled", again: ends},
		"of which one duty is not asked for": {now: begins, duties: []string{"RestoreTest", "Juggling"},
			accepted: [2]string{"Accepted", "The waiver is accepted." + superfluous},
			ready:    [2]string{"Ready", "The waiver holds: until 2026-07-01, it excuses from RestoreTest." + superfluous}, again: ends},
		"of which one duty is not asked for, when it ends": {now: ends, duties: []string{"RestoreTest", "Juggling"},
			accepted: [2]string{"Accepted", "The waiver is accepted." + superfluous}, ready: [2]string{"Expired",
				"The waiver ended on 2026-07-01 and counts for nothing; have RestoreTest done, or create another DutyWaiver."}, kstatus: "Stalled"},
		"when it is refused and ends": {now: ends, duties: []string{"Juggling"}, accepted: [2]string{"UnknownDuty", unknown},
			ready: [2]string{"UnknownDuty", unknown}, kstatus: "Stalled"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			waiver := &v1alpha1.DutyWaiver{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "w", Generation: 1}}
			waiver.Spec = v1alpha1.DutyWaiverSpec{
				ConnectorRef: v1alpha1.ConnectorReference{Name: "main"}, Duties: []string{"RestoreTest", "LogReview"}, From: "2026-06-01", Until: "2026-07-01",
			}
			if tt.duties != nil {
				waiver.Spec.Duties = tt.duties
			}
			profile := v1alpha1.SecurityProfile{}
			profile.Spec.Level, profile.Spec.Duties = 3, []v1alpha1.Duty{{Kind: "RestoreTest"}, {Kind: "LogReview"}}
			connector := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"}}
			connector.Spec.SecurityLevel = 3
			status, again := judge(&scope{now: tt.now, waiver: waiver, of: &compliance.Case{
				Connector: connector, Profiles: []v1alpha1.SecurityProfile{profile}, Today: civil.In(tt.now, compliance.Zone(nil)),
			}})
			if tt.accepted[0] == "" {
				tt.accepted = [2]string{"Accepted", "The waiver is accepted."}
			}
			want := [][3]string{{"Accepted", tt.accepted[0], tt.accepted[1]}, {"Ready", tt.ready[0], tt.ready[1]}}
			if tt.kstatus != "" {
				want = append(want, [3]string{tt.kstatus, tt.ready[0], tt.ready[1]})
			}
			var got [][3]string
			for _, c := range status.Conditions {
				got = append(got, [3]string{c.Type, c.Reason, c.Message})
				positive := c.Reason == "Accepted" || c.Reason == "Ready" || c.Type == "Stalled" || c.Type == "Reconciling"
				if (c.Status == metav1.ConditionTrue) != positive || c.ObservedGeneration != 1 {
					t.Errorf("condition %+v", c)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
			if !again.Equal(tt.again) {
				t.Errorf("it is judged again at %s, want %s", again, tt.again)
			}
		})
	}
}
