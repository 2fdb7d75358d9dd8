package page

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

func TestStepsGrowAndStopToday(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2018, time.December, d, 0, 0, 0, 0, time.UTC) }
	s := span{day(1), day(11)}
	got := s.steps([]dayCount{{Count: 1, at: day(3)}, {Count: 3, at: day(6)}}, day(8), 0, 100, func(n int) float64 { return float64(10 - n) })
	if want := "M0.0 10.0H20.0V9.0H50.0V7.0H70.0"; got != want {
		t.Errorf("the curve is %s, want %s", got, want)
	}
}

func TestMonthsFitTheRoom(t *testing.T) {
	from := time.Date(2018, time.July, 12, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		months int
		want   string
	}{
		{3, "08/2018 09/2018 10/2018"},
		{12, "09/2018 11/2018 01/2019 03/2019 05/2019 07/2019"},
		{48, "01/2019 07/2019 01/2020 07/2020 01/2021 07/2021 01/2022 07/2022"},
		{120, "01/2020 01/2022 01/2024 01/2026 01/2028"},
	} {
		var got []string
		for _, m := range (span{from, from.AddDate(0, test.months, 0)}).months(time.UTC, 9) {
			got = append(got, m.Format("01/2006"))
		}
		if words := strings.Join(got, " "); words != test.want {
			t.Errorf("%d months are marked %s, want %s", test.months, words, test.want)
		}
	}
}

// TestChartsStayInTheirBoxes draws plans of any dates: nothing lies outside of what is shown, and a curve never falls.
func TestChartsStayInTheirBoxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		instant := rapid.Custom(func(t *rapid.T) time.Time {
			return time.Unix(rapid.Int64Range(1_500_000_000, 1_900_000_000).Draw(t, "seconds"), 0)
		})
		v := &view.View{TakenAt: instant.Draw(t, "today"), Plans: []view.Plan{{
			Name: "plan", TimeZone: "Asia/Ho_Chi_Minh", Accepted: true, Cohorts: []view.Cohort{{Name: "all"}},
		}}}
		for _, name := range []string{"first", "second"} {
			date := v1alpha1.CivilDate(instant.Draw(t, "due").Format(time.DateOnly))
			v.Plans[0].Milestones = append(v.Plans[0].Milestones, view.Milestone{Name: name, Cohort: "all", Deadline: before(date)})
		}
		for range rapid.IntRange(0, 20).Draw(t, "agencies") {
			m := v1alpha1.AgencyMilestone{Plan: "plan", Milestone: "first", Cohort: "all", State: v1alpha1.MilestoneOnTrack}
			if rapid.Bool().Draw(t, "met") {
				m.State, m.MetAt = v1alpha1.MilestoneMet, &metav1.Time{Time: instant.Draw(t, "met at")}
			}
			v.Agencies = append(v.Agencies, view.Agency{Milestones: []v1alpha1.AgencyMilestone{m}})
		}
		p := newDocument(v, locale.English).Plans[0]
		for _, c := range []chart{p.Progress, p.Milestones[0].BurnUp, p.Milestones[1].BurnUp} {
			inside(t, c)
		}
		days := p.Milestones[0].Days
		for i := 1; i < len(days); i++ {
			if days[i].Count <= days[i-1].Count || !days[i].at.After(days[i-1].at) {
				t.Fatalf("the curve falls or goes back: %v", days)
			}
		}
	})
}

func inside(t *rapid.T, c chart) {
	for _, l := range c.Lines {
		if min(l.X1, l.X2) < 0 || max(l.X1, l.X2) > c.Width || min(l.Y1, l.Y2) < 0 || max(l.Y1, l.Y2) > c.Height {
			t.Fatalf("chart %s draws %+v outside of its box", c.ID, l)
		}
	}
	for _, l := range c.Labels {
		if l.X < 0 || l.X > c.Width || l.Y < 0 || l.Y > c.Height {
			t.Fatalf("chart %s writes %+v outside of its box", c.ID, l)
		}
	}
}
