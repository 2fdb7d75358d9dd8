package replay

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // so that the zones are the same on every machine

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// TestDecision28 replays the roll-out under both readings of "trước ngày", and looks at every agency just after midnight, at noon and in the last
// second of every day.
func TestDecision28(t *testing.T) {
	for _, r := range []reading{before, onOrBefore} {
		t.Run(string(r), func(t *testing.T) {
			t.Parallel()
			expected := readTable(t, r)
			script := readScript(t)
			first, end := moment(t, "2018-07-12"), moment(t, "2019-07-02")
			c := newCountry(t, r, first)
			c.passOfPlan(t)
			c.passOf(t, c.names...)
			compared := 0
			for day := first; day.Before(end); day = day.AddDate(0, 0, 1) {
				for _, timeOfDay := range []time.Duration{time.Second, 12 * time.Hour, 24*time.Hour - time.Second} {
					now := day.Add(timeOfDay)
					for len(script) > 0 && !script[0].at.After(now) {
						c.advance(t, script[0].at)
						c.happen(t, script[0])
						script = script[1:]
					}
					c.advance(t, now)
					compared += c.compare(t, expected, now)
				}
				if t.Failed() {
					t.FailNow()
				}
			}
			if len(script) > 0 {
				t.Errorf("%d steps of the script were not reached", len(script))
			}
			t.Logf("%d states compared, on 355 days; %d passes of agencies", compared, c.passes)
		})
	}
}

// compare holds every agency, before every milestone, against the table, and the counts of the plan too.
func (c *country) compare(t *testing.T, expected *table, now time.Time) int {
	t.Helper()
	counts, compared := map[string]map[v1alpha1.MilestoneState]int32{}, 0
	for _, name := range c.names {
		for _, m := range c.plan.Spec.Milestones {
			want, regressed := expected.at(key{name, m.Name}, now)
			c.expect(t, name, m.Name, want, regressed, now)
			compared++
			if counts[m.Name] == nil {
				counts[m.Name] = map[v1alpha1.MilestoneState]int32{}
			}
			counts[m.Name][want.state]++
		}
	}
	for _, m := range c.status.Milestones {
		for state, count := range map[v1alpha1.MilestoneState]*int32{
			v1alpha1.MilestonePending: m.Pending, v1alpha1.MilestoneOnTrack: m.OnTrack, v1alpha1.MilestoneAtRisk: m.AtRisk,
			v1alpha1.MilestoneOverdue: m.Overdue, v1alpha1.MilestoneMet: m.Met, v1alpha1.MilestoneMetLate: m.MetLate, v1alpha1.MilestoneExempt: m.Exempt,
		} {
			if *count != counts[m.Name][state] {
				t.Errorf("%s: the plan counts %d agencies as %s before %s, want %d", now, *count, state, m.Name, counts[m.Name][state])
			}
		}
	}
	return compared
}

func (c *country) expect(t *testing.T, name, milestone string, want span, regressed bool, now time.Time) {
	t.Helper()
	got := v1alpha1.AgencyMilestone{State: none}
	if at := slices.IndexFunc(c.standing[name], func(m v1alpha1.AgencyMilestone) bool { return m.Milestone == milestone }); at >= 0 {
		got = c.standing[name][at]
	}
	if got.State != want.state {
		t.Errorf("%s: %s is %s before %s, want %s: %s", now, name, got.State, milestone, want.state, got.Message)
		return
	}
	if (got.Regressed != "") != regressed {
		t.Errorf("%s: of %s, %s has regressed: %q, want that: %v", now, name, milestone, got.Regressed, regressed)
	}
	switch {
	case want.metAt.IsZero() && got.MetAt != nil && got.State != v1alpha1.MilestoneExempt:
		t.Errorf("%s: %s is %s before %s, and met it at %s", now, name, got.State, milestone, got.MetAt)
	case !want.metAt.IsZero() && (got.MetAt == nil || !got.MetAt.Time.Equal(want.metAt) || got.MetBy != want.metBy):
		t.Errorf("%s: %s met %s at %v by %q, want at %s by %q", now, name, milestone, got.MetAt, got.MetBy, want.metAt, want.metBy)
	}
}

// Every agency of the plan has a row for every milestone that is ever asked of it, under either reading.
func TestTheTableIsWhole(t *testing.T) {
	plan := samplePlan(t, before)
	for _, r := range []reading{before, onOrBefore} {
		expected, cohortOf := readTable(t, r), map[string]string{}
		for _, a := range samples[v1alpha1.Agency](t, "Agency") {
			cohortOf[a.Name] = "remaining"
		}
		for _, cohort := range plan.Spec.Cohorts {
			for _, name := range cohort.Agencies {
				cohortOf[name] = cohort.Name
			}
		}
		for name, cohort := range cohortOf {
			for _, m := range plan.Spec.Milestones {
				if m.Cohort == cohort && expected.rows[key{name, m.Name}] == nil {
					t.Errorf("%s: there is no row of %s and %s", r, name, m.Name)
				}
			}
		}
		for k, row := range expected.rows {
			if cohortOf[k.agency] == "" || !row[0].from.Equal(moment(t, "2018-07-12")) {
				t.Errorf("%s: the row of %v begins at %s", r, k, row[0].from)
			}
		}
	}
}
