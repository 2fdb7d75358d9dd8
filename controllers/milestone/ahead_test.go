package milestone

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/ptr"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const levelMissing = "Ready of Connector g12/a is False (Tested)."

// awaiting is an observation of an agency whose level is still to be appraised and approved.
func awaiting(t testing.TB, now string, short ...string) Observation {
	return Observation{
		Agency: withUnit(), Connectors: []v1alpha1.Connector{judged(connector("a", "Accepted=True", "Ready=False"), short...)},
		Profiles: []v1alpha1.SecurityProfile{profile()}, Now: at(t, now),
	}
}

func withCalendar(off, worked []v1alpha1.CivilDate) func(*v1alpha1.RolloutPlan) {
	days := func(dates []v1alpha1.CivilDate, year string) (list []v1alpha1.CalendarDay) {
		for _, d := range dates {
			if string(d[:4]) == year {
				list = append(list, v1alpha1.CalendarDay{Date: d, Name: "a day"})
			}
		}
		return list
	}
	return func(p *v1alpha1.RolloutPlan) {
		p.Spec.WorkingCalendar = &v1alpha1.WorkingCalendar{Years: []v1alpha1.CalendarYear{
			{Year: 2018, Source: "tested", DaysOff: days(off, "2018"), WorkedInstead: days(worked, "2018")},
			{Year: 2019, Source: "tested", DaysOff: days(off, "2019"), WorkedInstead: days(worked, "2019")},
		}}
	}
}

func margin(days int32) func(*v1alpha1.RolloutPlan) {
	return func(p *v1alpha1.RolloutPlan) { p.Spec.MarginWorkingDays = &days }
}

func readiness() func(*v1alpha1.RolloutPlan) {
	return requiring(v1alpha1.MilestoneRequirement{Condition: v1alpha1.ConditionReady})
}

// 15 working days of appraisal and 7 of approval are missing, so 20 working days before the deadline is already too late, and the status
// says so, with the day by which it had to begin.
func TestTooLateToBegin(t *testing.T) {
	plan := ready(t, onePlan(readiness()))
	twenty := plan.calendar.Before(plan.milestones[0].deadline.LastDay().AddDays(1), 20)
	if twenty.String() != "2018-12-03" {
		t.Fatalf("20 working days before the deadline is %s", twenty)
	}
	got := plan.Evaluate("ready-2018", awaiting(t, "2018-12-03T08:00:00+07:00", appraisal, approval)).Milestones[0]
	want := v1alpha1.AgencyMilestone{
		Plan: "decision-28", Milestone: "pilot", Cohort: "ready-2018", PlanGeneration: 4, State: v1alpha1.MilestoneAtRisk,
		Deadline:    v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
		LatestStart: "2018-11-29",
		Path: []v1alpha1.MilestoneStep{
			{What: appraisal, Who: "the agency's specialised security unit", WorkingDays: ptr.To[int32](15), LatestStart: "2018-11-29"},
			{What: approval, Who: "the system's owner", WorkingDays: ptr.To[int32](7), LatestStart: "2018-12-20"},
		},
		Message: "At risk: it is due before 2018-12-31, and 22 working days are needed, so it had to begin by 2018-11-29. " +
			"Next: LevelAppraisal by the agency's specialised security unit (15 working days). " + levelMissing,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("milestone (-want +got):\n%s", diff)
	}
}

func TestLookAhead(t *testing.T) {
	tet := withCalendar([]v1alpha1.CivilDate{
		"2018-12-31", "2019-01-01", "2019-02-04", "2019-02-05", "2019-02-06", "2019-02-07", "2019-02-08",
	}, []v1alpha1.CivilDate{"2019-01-05"})
	february := due(v1alpha1.DeadlineOnOrBefore, "2019-02-15")
	tests := map[string]struct {
		plan        *v1alpha1.RolloutPlan
		now         string
		short       []string
		state       v1alpha1.MilestoneState
		latestStart v1alpha1.CivilDate
		message     string
		next        string
	}{
		"the day before the last to begin": {
			plan: onePlan(readiness()), now: "2018-11-28T23:59:59+07:00", short: []string{appraisal, approval},
			state: v1alpha1.MilestoneOnTrack, latestStart: "2018-11-29", next: "2018-11-29T00:00:00+07:00",
			message: "Due before 2018-12-31. " + levelMissing,
		},
		"the last day to begin": {
			plan: onePlan(readiness()), now: "2018-11-29T00:00:00+07:00", short: []string{appraisal, approval},
			state: v1alpha1.MilestoneAtRisk, latestStart: "2018-11-29", next: "2018-11-30T00:00:00+07:00",
			message: "At risk: it is due before 2018-12-31, and 22 working days are needed, so it has to begin by 2018-11-29. " +
				"Next: LevelAppraisal by the agency's specialised security unit (15 working days). " + levelMissing,
		},
		"the day after": {
			plan: onePlan(readiness()), now: "2018-11-30T00:00:00+07:00", short: []string{appraisal, approval},
			state: v1alpha1.MilestoneAtRisk, latestStart: "2018-11-29", next: "2018-12-31T00:00:00+07:00",
			message: "At risk: it is due before 2018-12-31, and 22 working days are needed, so it had to begin by 2018-11-29. " +
				"Next: LevelAppraisal by the agency's specialised security unit (15 working days). " + levelMissing,
		},
		"with a margin of three days": {
			// 23, 26, 27 and 28 November are working days, of which the last three are left on the 26th.
			plan: onePlan(readiness(), margin(3)), now: "2018-11-26T23:00:00+07:00", short: []string{appraisal, approval},
			state: v1alpha1.MilestoneOnTrack, latestStart: "2018-11-29", next: "2018-11-27T00:00:00+07:00", message: "Due before 2018-12-31. " + levelMissing,
		},
		"over Tết": {
			// Back from 15 February: five days in that week and in each of those from 28, 21, 14 and 7 January, the Saturday that is worked, and the 4th.
			plan: onePlan(readiness(), february, tet), now: "2019-01-03T12:00:00+07:00", short: []string{determination, appraisal, approval},
			state: v1alpha1.MilestoneOnTrack, latestStart: "2019-01-04", next: "2019-01-04T00:00:00+07:00",
			message: "Due on or before 2019-02-15. " + levelMissing,
		},
		"without Tết": {
			plan: onePlan(readiness(), february), now: "2019-01-03T12:00:00+07:00", short: []string{determination, appraisal, approval},
			state: v1alpha1.MilestoneOnTrack, latestStart: "2019-01-10", next: "2019-01-10T00:00:00+07:00",
			message: "Due on or before 2019-02-15. " + levelMissing,
		},
		"what takes no time": {
			plan: onePlan(readiness()), now: "2018-12-20T00:00:00+07:00", short: []string{"RestoreTest"},
			state: v1alpha1.MilestoneAtRisk, latestStart: "2018-12-30", next: "2018-12-31T00:00:00+07:00",
			message: "At risk: it is due before 2018-12-31. " + levelMissing,
		},
		"what takes no time, where only the slack counts": {
			// No working day is left from the Saturday on.
			plan: onePlan(readiness(), func(p *v1alpha1.RolloutPlan) { p.Spec.AtRiskDays = ptr.To[int32](0) }), now: "2018-12-28T12:00:00+07:00",
			short: []string{"RestoreTest"}, state: v1alpha1.MilestoneOnTrack, latestStart: "2018-12-30", next: "2018-12-29T00:00:00+07:00",
			message: "Due before 2018-12-31. " + levelMissing,
		},
		"overdue": {
			plan: onePlan(readiness()), now: "2018-12-31T00:00:00+07:00", short: []string{approval},
			state: v1alpha1.MilestoneOverdue, latestStart: "2018-12-20", message: "Overdue: it was due before 2018-12-31. " + levelMissing,
		},
		"deferred": {
			plan: onePlan(readiness(), excepted(&v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2019-01-31"})), now: "2018-11-30T00:00:00+07:00",
			short: []string{appraisal, approval}, state: v1alpha1.MilestoneOnTrack, latestStart: "2019-01-01", next: "2019-01-01T00:00:00+07:00",
			message: "Due before 2019-01-31. " + levelMissing,
		},
		"exempt": {
			plan: onePlan(readiness(), excepted(nil)), now: "2018-11-30T00:00:00+07:00", short: []string{approval},
			state: v1alpha1.MilestoneExempt, message: "Exempt, approved by Văn phòng Chính phủ: the data centre moves",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := ready(t, tt.plan).Evaluate("ready-2018", awaiting(t, tt.now, tt.short...))
			got := e.Milestones[0]
			if got.State != tt.state || got.LatestStart != tt.latestStart {
				t.Errorf("it is %s and has to begin by %q, want %s and %q", got.State, got.LatestStart, tt.state, tt.latestStart)
			}
			if got.Message != tt.message {
				t.Errorf("message: %s\nwant:    %s", got.Message, tt.message)
			}
			next := ""
			if !e.Next.IsZero() {
				next = e.Next.Format(time.RFC3339)
			}
			if next != tt.next {
				t.Errorf("the next change is at %s, want %s", next, tt.next)
			}
		})
	}
}

// A deadline in the first year that the API takes has a last day to begin that it does not take.
func TestBeforeTheFirstYear(t *testing.T) {
	plan := ready(t, onePlan(readiness(), due(v1alpha1.DeadlineBefore, "1000-01-02")))
	got := plan.Evaluate("ready-2018", awaiting(t, "2018-12-03T08:00:00+07:00", approval)).Milestones[0]
	if got.LatestStart != "" || got.Path[0].LatestStart != "" {
		t.Errorf("it has to begin by %s", got.LatestStart)
	}
}

func TestBadCalendar(t *testing.T) {
	_, problem := Compile(onePlan(withCalendar(nil, []v1alpha1.CivilDate{"2019-01-07"})))
	want := Problem{v1alpha1.ReasonInvalidSpec, "The workingCalendar cannot be used: workedInstead has 2019-01-07 (a day), which is a Monday and of no " +
		"weekend; write the day of a weekend that is worked in exchange."}
	if problem == nil || *problem != want {
		t.Errorf("the calendar was answered with %v, want %v", problem, want)
	}
}

func TestUncovered(t *testing.T) {
	tests := map[string]struct {
		plan *v1alpha1.RolloutPlan
		now  string
		want []int
	}{
		"no calendar":                  {onePlan(), "2018-01-01T00:00:00+07:00", nil},
		"within it":                    {onePlan(withCalendar(nil, nil)), "2018-01-01T00:00:00+07:00", nil},
		"before it":                    {onePlan(withCalendar(nil, nil)), "2017-12-31T23:00:00+07:00", []int{2017}},
		"before it, elsewhere":         {onePlan(withCalendar(nil, nil), zoned("Pacific/Kiritimati")), "2017-12-31T23:00:00+07:00", nil},
		"due after it":                 {onePlan(withCalendar(nil, nil), due(v1alpha1.DeadlineBefore, "2021-06-01")), "2018-06-01T00:00:00+07:00", []int{2020, 2021}},
		"all is over":                  {onePlan(withCalendar(nil, nil)), "2030-01-01T00:00:00+07:00", nil},
		"an exception is due after it": {onePlan(withCalendar(nil, nil), excepted(&v1alpha1.Deadline{Boundary: "Before", Date: "2020-06-01"})), "2018-06-01T00:00:00+07:00", []int{2020}},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, ready(t, tt.plan).Uncovered(at(t, tt.now))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSlack(t *testing.T) {
	plan := ready(t, onePlan(withCalendar([]v1alpha1.CivilDate{"2018-11-28"}, nil)))
	for now, want := range map[string]int{
		"2018-11-26T23:59:59+07:00": 2, "2018-11-27T00:00:00+07:00": 1, "2018-11-28T12:00:00+07:00": 0, "2018-11-29T12:00:00+07:00": 0, "2018-12-03T00:00:00+07:00": -2,
	} {
		got, day, err := plan.Slack("2018-11-29", at(t, now))
		if err != nil || got != want || string(day) != now[:10] {
			t.Errorf("at %s there are %d working days as of %s (%v), want %d", now, got, day, err, want)
		}
	}
	if _, _, err := plan.Slack("", at(t, "2018-11-26T00:00:00Z")); err == nil {
		t.Error("there is slack until no day")
	}
	if got, want := plan.NextDay(at(t, "2018-11-26T23:30:00+07:00")), at(t, "2018-11-27T00:00:00+07:00"); !got.Equal(want) {
		t.Errorf("the next day begins at %s, want %s", got, want)
	}
}

// anyAwaiting is any agency with any part of its levels and duties missing, before any plan with durations, a margin and a calendar.
func anyAwaiting(rt *rapid.T) (*v1alpha1.RolloutPlan, Observation) {
	plan := anyPlan(rt)
	plan.Spec.AtRiskDays = ptr.To(rapid.SampledFrom([]int32{0, 14}).Draw(rt, "atRiskDays"))
	margin(rapid.Int32Range(0, 40).Draw(rt, "margin"))(plan)
	withCalendar(rapid.SliceOfNDistinct(anyDay(), 0, 12, rapid.ID).Draw(rt, "off"), nil)(plan)
	kinds := []v1alpha1.MilestoneRequirement{
		{Condition: v1alpha1.ConditionReady}, {Condition: v1alpha1.ConditionHubConnected}, {Evidence: approval}, {Evidence: "ContractSigned"},
		{Regime: inForce},
	}
	requires := rapid.SliceOfN(rapid.SampledFrom(kinds), 1, 4).Draw(rt, "requires")
	for i := range requires {
		if rapid.Bool().Draw(rt, "timed") {
			requires[i].WorkingDays = ptr.To(rapid.Int32Range(0, 60).Draw(rt, "days"))
		}
	}
	requiring(requires...)(plan)
	o := Observation{Agency: withUnit(), Profiles: []v1alpha1.SecurityProfile{profile()}, Now: anyInstant(rt), Records: anyRecords(rt)}
	for _, name := range []string{"a", "b"} {
		if rapid.Bool().Draw(rt, name) {
			o.Connectors = append(o.Connectors, judged(connector(name, "Accepted=True", "Ready=False", "HubConnected="+status(rt)), anyShort(rt)...))
		}
	}
	return plan, o
}

func anyShort(rt *rapid.T) []string {
	kinds := []string{determination, appraisal, approval, "RestoreTest", "tls.minVersion"}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 0, 5, rapid.ID).Draw(rt, "short")
}

func anyDay() *rapid.Generator[v1alpha1.CivilDate] {
	return rapid.Custom(func(rt *rapid.T) v1alpha1.CivilDate {
		return v1alpha1.CivilDate(time.Date(2018, 10, 1+rapid.IntRange(0, 400).Draw(rt, "day"), 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	})
}

func evaluated(rt *rapid.T, plan *v1alpha1.RolloutPlan, o Observation) v1alpha1.AgencyMilestone {
	p, problem := Compile(plan)
	if problem != nil {
		rt.Fatalf("the plan does not compile: %s", problem.Message)
	}
	return p.Evaluate("ready-2018", o).Milestones[0]
}

// notLater wants the second to begin no later than the first, if both have to begin at all.
func notLater(rt *rapid.T, why string, first, second v1alpha1.AgencyMilestone) {
	if first.LatestStart != "" && second.LatestStart != "" && second.LatestStart > first.LatestStart {
		rt.Errorf("%s, it has to begin by %s, and had to by %s before", why, second.LatestStart, first.LatestStart)
	}
}

func TestMoreMissingNeverBeginsLater(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan, o := anyAwaiting(rt)
		before := evaluated(rt, plan, o)
		more := o
		more.Connectors = nil
		for _, c := range o.Connectors {
			c = *c.DeepCopy()
			for _, name := range anyShort(rt) {
				c.Status.Compliance[0].Shortfalls = append(c.Status.Compliance[0].Shortfalls, judged(connector("x"), name).Status.Compliance[0].Shortfalls...)
				c.Status.Compliance[0].Satisfied = new(false)
			}
			more.Connectors = append(more.Connectors, c)
		}
		more.Records = o.Records[:rapid.IntRange(0, len(o.Records)).Draw(rt, "records left")]
		notLater(rt, "with more missing", before, evaluated(rt, plan, more))
		plan.Spec.Milestones[0].Requires = append(plan.Spec.Milestones[0].Requires, v1alpha1.MilestoneRequirement{
			Evidence: "AccountReview", WorkingDays: ptr.To(rapid.Int32Range(0, 60).Draw(rt, "days of another")),
		})
		notLater(rt, "with more required", before, evaluated(rt, plan, o))
	})
}

func TestHolidaysAndMarginNeverBeginLater(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan, o := anyAwaiting(rt)
		before := evaluated(rt, plan, o)
		holiday := plan.DeepCopy()
		day := anyDay().Draw(rt, "holiday")
		for i := range holiday.Spec.WorkingCalendar.Years {
			if y := &holiday.Spec.WorkingCalendar.Years[i]; string(day[:4]) == time.Date(int(y.Year), 1, 1, 0, 0, 0, 0, time.UTC).Format("2006") {
				y.DaysOff = append(y.DaysOff, v1alpha1.CalendarDay{Date: day, Name: "another"})
			}
		}
		notLater(rt, "with another holiday", before, evaluated(rt, holiday, o))
		margin(*plan.Spec.MarginWorkingDays + rapid.Int32Range(0, 20).Draw(rt, "more margin"))(plan)
		after := evaluated(rt, plan, o)
		if before.State == v1alpha1.MilestoneAtRisk && after.State != v1alpha1.MilestoneAtRisk {
			rt.Errorf("with more margin it is %s, and was at risk", after.State)
		}
		if after.LatestStart != before.LatestStart {
			rt.Errorf("the margin moved the last day to begin from %s to %s", before.LatestStart, after.LatestStart)
		}
	})
}

// A milestone that is not at risk comes to be so at the very moment that Next names, and not a second before; and it is so just while no
// working day is left, or fewer than the margin, or the deadline is near by the calendar.
func TestSlackAndNextAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan, o := anyAwaiting(rt)
		p := ready(t, plan)
		e := p.Evaluate("ready-2018", o)
		m := e.Milestones[0]
		switch m.State {
		case v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneAtRisk:
		default:
			return
		}
		slack, _, err := p.Slack(m.LatestStart, o.Now)
		if err != nil {
			rt.Fatal(err)
		}
		near := !o.Now.Before(p.milestones[0].deadline.DaysBefore(p.atRiskDays))
		if e := p.exceptions[exceptionKey{"mof", "pilot"}]; e.deadline != nil {
			near = !o.Now.Before(e.deadline.DaysBefore(p.atRiskDays))
		}
		if want := slack <= 0 || slack < p.margin || near; want != (m.State == v1alpha1.MilestoneAtRisk) {
			rt.Fatalf("at %s it is %s with %d working days of slack, a margin of %d, near by the calendar: %t", o.Now, m.State, slack, p.margin, near)
		}
		if m.State == v1alpha1.MilestoneAtRisk {
			return
		}
		o.Now = e.Next.Add(-time.Second)
		if before := p.Evaluate("ready-2018", o).Milestones[0]; before.State != m.State {
			rt.Errorf("a second before %s it is %s, and was %s", e.Next, before.State, m.State)
		}
		o.Now = e.Next
		if after := p.Evaluate("ready-2018", o).Milestones[0]; after.State != v1alpha1.MilestoneAtRisk {
			rt.Errorf("at %s it is %s", e.Next, after.State)
		}
	})
}

// While days merely pass, nothing of what is written changes: not before the moment that Next names, and then something does.
func TestDaysPassWithoutAWrite(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan, o := anyAwaiting(rt)
		p := ready(t, plan)
		e := p.Evaluate("ready-2018", o)
		o.Agency.Status.Milestones = e.Milestones
		if e.Next.IsZero() {
			o.Now = o.Now.AddDate(100, 0, 0)
			if diff := cmp.Diff(e.Milestones, p.Evaluate("ready-2018", o).Milestones); diff != "" {
				rt.Fatalf("it changed although nothing was to change (-first +later):\n%s", diff)
			}
			return
		}
		o.Now = e.Next.Add(-time.Second)
		if diff := cmp.Diff(e.Milestones, p.Evaluate("ready-2018", o).Milestones); diff != "" {
			rt.Errorf("it changed before %s (-first +later):\n%s", e.Next, diff)
		}
		o.Now = e.Next
		if cmp.Equal(e.Milestones, p.Evaluate("ready-2018", o).Milestones) {
			rt.Errorf("nothing changed at %s", e.Next)
		}
	})
}
