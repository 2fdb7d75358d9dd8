package rollout

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// beginning is an agency that has to begin with a milestone by a day.
func beginning(name, cohort, milestone string, day v1alpha1.CivilDate) v1alpha1.Agency {
	a := agency(name, cohort, states{milestone: v1alpha1.MilestoneOnTrack})
	a.Status.Milestones[0].LatestStart = day
	return a
}

func withTet(s *scope) {
	s.plan.Spec.WorkingCalendar = &v1alpha1.WorkingCalendar{Years: []v1alpha1.CalendarYear{
		{Year: 2019, Source: "tested", DaysOff: []v1alpha1.CalendarDay{{Date: "2019-03-05", Name: "a holiday"}}},
	}}
}

// slackOf is the slack that an agency has on a day.
func slackOf(agency string, latestStart v1alpha1.CivilDate, days int32, asOf v1alpha1.CivilDate) *v1alpha1.MilestoneSlack {
	return &v1alpha1.MilestoneSlack{Agency: agency, LatestStart: latestStart, WorkingDays: &days, AsOf: asOf}
}

// The least slack of a milestone is that of the agency that has to begin first, counted on the day of the pass, which the next day ends.
func TestLeastSlack(t *testing.T) {
	stranger := beginning("moit", "ready", "connected", "2019-01-01")
	tests := map[string]struct {
		now      string
		agencies []v1alpha1.Agency
		want     *v1alpha1.MilestoneSlack
		next     string
	}{
		"nobody has anything left": {"2019-03-01T12:00:00+07:00", []v1alpha1.Agency{mof}, nil, "2019-06-30T00:00:00+07:00"},
		"one, on a Friday": {"2019-03-01T12:00:00+07:00", []v1alpha1.Agency{beginning("hue", "remaining", "connected", "2019-03-07")},
			slackOf("hue", "2019-03-07", 3, "2019-03-01"), "2019-03-02T00:00:00+07:00"},
		"the first of three": {"2019-03-01T23:59:59+07:00", []v1alpha1.Agency{
			beginning("hue", "remaining", "connected", "2019-03-07"), beginning("dn", "remaining", "connected", "2019-03-04"),
			beginning("ct", "remaining", "connected", "2019-03-04"),
		}, slackOf("ct", "2019-03-04", 1, "2019-03-01"), "2019-03-02T00:00:00+07:00"},
		"too late": {"2019-03-12T00:00:00+07:00", []v1alpha1.Agency{beginning("hue", "remaining", "connected", "2019-03-04")},
			slackOf("hue", "2019-03-04", -5, "2019-03-12"), "2019-03-13T00:00:00+07:00"},
		"the deadline comes before the next day": {"2019-06-29T23:00:00+07:00", []v1alpha1.Agency{beginning("hue", "remaining", "connected", "2019-06-20")},
			slackOf("hue", "2019-06-20", -7, "2019-06-29"), "2019-06-30T00:00:00+07:00"},
		"a day from which on something is in force": {"2019-01-01T00:00:00+07:00", []v1alpha1.Agency{beginning("hue", "remaining", "connected", "2019-01-02")},
			slackOf("hue", "2019-01-02", 1, "2019-01-01"), "2019-01-01T00:00:01+07:00"},
		"one who was judged in another cohort": {"2019-03-01T12:00:00+07:00", []v1alpha1.Agency{stranger}, nil, "2019-06-30T00:00:00+07:00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, next := judge(adding(observed(t, withTet, func(s *scope) { s.now = at(t, tt.now) }), tt.agencies...))
			if diff := cmp.Diff(tt.want, status.Milestones[2].Slack); diff != "" {
				t.Errorf("slack (-want +got):\n%s", diff)
			}
			if status.Milestones[0].Slack != nil {
				t.Errorf("the pilot has the slack %v", status.Milestones[0].Slack)
			}
			if want := at(t, tt.next); !next.Equal(want) {
				t.Errorf("it changes by time alone at %s, want %s", next, want)
			}
		})
	}
}

func TestUncoveredYears(t *testing.T) {
	const only = " workingCalendar has no holidays for %s, so only weekends are days off there; add them under years."
	for want, years := range map[string][]int{
		"":                      nil,
		"2019":                  {2019},
		"2019 and 2021 to 2024": {2019, 2021, 2022, 2023, 2024},
		"2018, 2020 and 2022":   {2018, 2020, 2022},
		"2018 to 2019, 2021, 2023 to 2024 and others": {2018, 2019, 2021, 2023, 2024, 2026, 2028},
	} {
		if want != "" {
			want = only[:len(" workingCalendar has no holidays for ")] + want + only[len(" workingCalendar has no holidays for %s"):]
		}
		if got := uncovered(years); got != want {
			t.Errorf("%v: %q, want %q", years, got, want)
		}
	}
	s := observed(t, withTet, func(s *scope) { s.now = at(t, "2018-11-01T00:00:00+07:00") })
	status, _ := judge(adding(s, mof, moj))
	c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionAccepted)
	if want := "The plan is accepted. workingCalendar has no holidays for 2018, so only weekends are days off there; add them under years."; c.Message != want {
		t.Errorf("Accepted says %q, want %q", c.Message, want)
	}
	status, _ = judge(adding(s))
	c = meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionAccepted)
	if want := "The plan is accepted. It names agencies that do not exist: mof, moj; create them, or correct the names." +
		" workingCalendar has no holidays for 2018, so only weekends are days off there; add them under years."; c.Message != want {
		t.Errorf("Accepted says %q, want %q", c.Message, want)
	}
}

// A calendar that contradicts itself is refused, with a sentence.
func TestBadCalendarIsRefused(t *testing.T) {
	status, _ := judge(adding(observed(t, withTet, func(s *scope) { s.plan.Spec.WorkingCalendar.Years[0].DaysOff[0].Date = "2018-12-31" })))
	c := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionAccepted)
	want := "The workingCalendar cannot be used: daysOff of 2019 has 2018-12-31 (a holiday), which is of another year; write it under its own year."
	if c.Reason != v1alpha1.ReasonInvalidSpec || c.Message != want {
		t.Errorf("Accepted is %s: %s", c.Reason, c.Message)
	}
}
