package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// said writes what is due, or until when nothing is.
func said(d *due, wake, now time.Time) string {
	if d == nil {
		if wake.IsZero() {
			return "nothing, for ever"
		}
		return "nothing until " + wake.UTC().Format(time.RFC3339)
	}
	text := d.at.UTC().Format(time.RFC3339)
	for _, r := range d.trigger.Deadlines {
		text += fmt.Sprintf(" %s %s (%s)", r.Deadline.Boundary, r.Deadline.Date, strings.Join(r.Milestones, ", "))
	}
	text += strings.TrimRight(" "+d.trigger.Period+d.trigger.RequestedAt, " ")
	if d.trigger.MissedPeriods != nil {
		text += fmt.Sprintf(" after %d missed", *d.trigger.MissedPeriods)
	}
	if d.late(now) {
		text += " late"
	}
	return text
}

func TestFirstDue(t *testing.T) {
	pilotPassed, officialPassed := at(t, "2018-12-30T17:00:00Z"), at(t, "2018-12-31T17:00:01Z")
	official := v1alpha1.Deadline{Boundary: v1alpha1.DeadlineInForceFrom, Date: "2019-01-01"}
	exception := func(milestone string, deadline *v1alpha1.Deadline) func(*v1alpha1.RolloutPlan) {
		return func(p *v1alpha1.RolloutPlan) {
			p.Spec.Exceptions = append(p.Spec.Exceptions, v1alpha1.RolloutException{Agency: "mof", Milestone: milestone, Deadline: deadline})
		}
	}
	created := func(s string) func(*v1alpha1.RolloutPlan) {
		return func(p *v1alpha1.RolloutPlan) { p.CreationTimestamp = metav1.NewTime(at(t, s)) }
	}
	restored := func(s, first string) func(*v1alpha1.RolloutPlan) {
		return func(p *v1alpha1.RolloutPlan) {
			p.CreationTimestamp, p.Status.RecordedAt = metav1.NewTime(at(t, s)), new(metav1.NewTime(at(t, first)))
		}
	}
	zone := func(name string) func(*v1alpha1.RolloutPlan) {
		return func(p *v1alpha1.RolloutPlan) { p.Spec.TimeZone = name }
	}
	asked := func(value string) func(*v1alpha1.RolloutPlan) {
		return func(p *v1alpha1.RolloutPlan) {
			p.Annotations = map[string]string{v1alpha1.AnnotationReportRequestedAt: value}
		}
	}
	handled := func(value string) func(*v1alpha1.RolloutPlan) {
		return func(p *v1alpha1.RolloutPlan) { p.Status.Reports = &v1alpha1.ReportChainStatus{LastRequest: value} }
	}
	type edits = []func(*v1alpha1.RolloutPlan)
	half := deadlineReport(pilotPassed, before("2018-12-31"))
	half.Part, half.Parts = new(int32(1)), new(int32(2))

	tests := map[string]struct {
		edit edits
		done []v1alpha1.ReadinessReport
		now  string
		want string
	}{
		"a deadline is ahead":             {now: "2018-12-30T16:59:59Z", want: "nothing until 2018-12-30T17:00:00Z"},
		"it passes at that very second":   {now: "2018-12-30T17:00:00Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot)"},
		"a quarter of an hour is in time": {now: "2018-12-30T17:15:00Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot)"},
		"more is late":                    {now: "2018-12-30T17:15:01Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot) late"},
		"reported":                        {done: done(deadlineReport(pilotPassed, before("2018-12-31"))), now: "2018-12-30T18:00:00Z", want: "nothing until 2018-12-31T17:00:01Z"},
		"half reported":                   {done: done(half), now: "2018-12-30T17:01:00Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot)"},
		"down over two, the older first":  {now: "2019-02-01T00:00:00Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot) late"},
		"down over two, then the other":   {done: done(deadlineReport(pilotPassed, before("2018-12-31"))), now: "2019-02-01T00:00:00Z", want: "2018-12-31T17:00:01Z InForceFrom 2019-01-01 (official) late"},
		"all are over": {
			done: done(deadlineReport(pilotPassed, before("2018-12-31")), deadlineReport(officialPassed, official),
				deadlineReport(at(t, "2019-06-29T17:00:00Z"), before("2019-06-30"))),
			now: "2020-01-01T00:00:00Z", want: "nothing, for ever",
		},
		"created after a deadline": {edit: edits{created("2018-12-31T00:00:00Z")}, now: "2018-12-31T01:00:00Z", want: "nothing until 2018-12-31T17:00:01Z"},
		"restored after a deadline that passed in between": {
			edit: edits{restored("2018-12-31T00:00:00Z", "2018-07-12T00:00:00Z")},
			now:  "2018-12-31T01:00:00Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot) late",
		},
		"created anew after a deadline, going on with a chain": {
			edit: edits{created("2019-03-01T00:00:00Z")},
			done: done(requestReport(t, "2018-08-01T00:00:00Z"), deadlineReport(pilotPassed, before("2018-12-31"))),
			now:  "2019-03-01T00:00:01Z", want: "2018-12-31T17:00:01Z InForceFrom 2019-01-01 (official) late",
		},
		"in another zone": {edit: edits{zone("Pacific/Honolulu")}, now: "2018-12-31T10:00:00Z", want: "2018-12-31T10:00:00Z Before 2018-12-31 (pilot)"},
		"reported in another zone": {
			edit: edits{zone("Pacific/Honolulu")}, done: done(deadlineReport(pilotPassed, before("2018-12-31"))),
			now: "2018-12-31T10:00:00Z", want: "nothing until 2019-01-01T10:00:01Z",
		},
		"two deadlines of one instant": {
			edit: edits{exception("official", &v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: "2018-12-30"})},
			now:  "2018-12-30T17:00:00Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot) OnOrBefore 2018-12-30 (official)",
		},
		"an exception of its own day": {
			edit: edits{exception("pilot", new(before("2018-11-15"))), exception("official", nil)},
			now:  "2018-11-14T17:00:00Z", want: "2018-11-14T17:00:00Z Before 2018-11-15 (pilot)",
		},
		"two milestones of one deadline": {
			edit: edits{exception("official", new(before("2018-12-31"))), exception("pilot", new(before("2018-12-31")))},
			now:  "2018-12-30T17:00:00Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot, official)",
		},
		"a deadline of an instant that was reported": {
			edit: edits{exception("official", &v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: "2018-12-30"})},
			done: done(deadlineReport(pilotPassed, before("2018-12-31"))), now: "2018-12-30T17:10:00Z", want: "nothing until 2018-12-31T17:00:01Z",
		},
		"a month has ended":   {edit: edits{every(v1alpha1.CadenceMonthly)}, now: "2018-07-31T17:00:00Z", want: "2018-07-31T17:00:00Z 2018-07"},
		"a month is reported": {edit: edits{every(v1alpha1.CadenceMonthly)}, done: done(periodReport(at(t, "2018-07-31T17:00:00Z"), "2018-07")), now: "2018-08-01T17:00:00Z", want: "nothing until 2018-08-31T17:00:00Z"},
		"three months were missed": {
			edit: edits{every(v1alpha1.CadenceMonthly)}, done: done(periodReport(at(t, "2018-07-31T17:00:00Z"), "2018-07")),
			now: "2018-11-30T17:00:01Z", want: "2018-11-30T17:00:00Z 2018-11 after 3 missed",
		},
		"no cadence is told":              {edit: edits{func(p *v1alpha1.RolloutPlan) { p.Spec.Reports = nil }}, now: "2018-07-31T17:00:00Z", want: "2018-07-31T17:00:00Z 2018-07"},
		"a week has ended":                {edit: edits{every(v1alpha1.CadenceWeekly)}, now: "2018-07-15T17:00:00Z", want: "2018-07-15T17:00:00Z 2018-W28"},
		"a quarter has ended":             {edit: edits{every(v1alpha1.CadenceQuarterly)}, now: "2018-10-02T00:00:00Z", want: "2018-09-30T17:00:00Z 2018-Q3 late"},
		"a year has ended":                {edit: edits{every(v1alpha1.CadenceYearly)}, done: done(deadlineReport(pilotPassed, before("2018-12-31"))), now: "2018-12-31T17:00:00Z", want: "2018-12-31T17:00:00Z 2018"},
		"a day has ended":                 {edit: edits{every(v1alpha1.CadenceDaily)}, now: "2018-07-12T17:00:00Z", want: "2018-07-12T17:00:00Z 2018-07-12"},
		"the day of creation is not over": {edit: edits{every(v1alpha1.CadenceDaily)}, now: "2018-07-12T16:59:59Z", want: "nothing until 2018-07-12T17:00:00Z"},
		"asked":                           {edit: edits{asked("2018-08-01T09:00:00+07:00")}, now: "2018-08-01T02:00:03Z", want: "2018-08-01T02:00:00Z 2018-08-01T09:00:00+07:00"},
		"asked ahead of time":             {edit: edits{asked("2018-09-01T09:00:00+07:00")}, now: "2018-08-01T02:00:03Z", want: "2018-08-01T02:00:03Z 2018-09-01T09:00:00+07:00"},
		"asked and handled":               {edit: edits{asked("2018-08-01T02:00:00Z")}, done: done(requestReport(t, "2018-08-01T02:00:00Z")), now: "2018-08-01T03:00:00Z", want: "nothing until 2018-12-30T17:00:00Z"},
		"handled, as the status tells":    {edit: edits{asked("2018-08-01T02:00:00Z"), handled("2018-08-01T02:00:00Z")}, now: "2018-08-01T03:00:00Z", want: "nothing until 2018-12-30T17:00:00Z"},
		"asked in no time at all":         {edit: edits{asked("now")}, now: "2018-08-01T03:00:00Z", want: "nothing until 2018-12-30T17:00:00Z"},
		"a deadline before a request":     {edit: edits{asked("2018-12-30T17:00:01Z")}, now: "2018-12-30T17:00:02Z", want: "2018-12-30T17:00:00Z Before 2018-12-31 (pilot)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan, now := planOf(t, tt.edit...), at(t, tt.now)
			h := historyOf(tt.done, nil)
			first, wake := firstDue(plan, zoneOf(t, plan.Spec.TimeZone), &h, now)
			if got := said(first, wake, now); got != tt.want {
				t.Errorf("due is %s, want %s", got, tt.want)
			}
		})
	}
}

// Days are 23 and 25 hours long where clocks are changed, and begin at 01:00 where that is at midnight.
func TestPeriods(t *testing.T) {
	tests := map[string]struct {
		cadence    v1alpha1.ReportCadence
		zone       string
		after, now string
		want       string
	}{
		"spring":              {v1alpha1.CadenceDaily, "Europe/Berlin", "2019-03-30T12:00:00Z", "2019-03-31T22:00:00Z", "2019-03-31 at 2019-03-31T22:00:00Z, 1 missed, next 2019-04-01T22:00:00Z"},
		"autumn":              {v1alpha1.CadenceDaily, "Europe/Berlin", "2019-10-27T12:00:00Z", "2019-10-27T23:00:00Z", "2019-10-27 at 2019-10-27T23:00:00Z, 0 missed, next 2019-10-28T23:00:00Z"},
		"a day from 01:00 on": {v1alpha1.CadenceDaily, "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-03 at 2018-11-04T03:00:00Z, 0 missed, next 2018-11-05T02:00:00Z"},
		"leap day":            {v1alpha1.CadenceMonthly, "Asia/Ho_Chi_Minh", "2020-02-02T00:00:00Z", "2020-02-29T17:00:00Z", "2020-02 at 2020-02-29T17:00:00Z, 0 missed, next 2020-03-31T17:00:00Z"},
		"week over new year":  {v1alpha1.CadenceWeekly, "UTC", "2018-12-31T00:00:00Z", "2019-01-07T00:00:00Z", "2019-W01 at 2019-01-07T00:00:00Z, 0 missed, next 2019-01-14T00:00:00Z"},
		"quarter":             {v1alpha1.CadenceQuarterly, "UTC", "2018-12-31T00:00:00Z", "2019-12-31T00:00:00Z", "2019-Q3 at 2019-10-01T00:00:00Z, 3 missed, next 2020-01-01T00:00:00Z"},
		"year":                {v1alpha1.CadenceYearly, "Pacific/Kiritimati", "2018-12-01T00:00:00Z", "2018-12-31T10:00:00Z", "2018 at 2018-12-31T10:00:00Z, 0 missed, next 2019-12-31T10:00:00Z"},
		"not over":            {v1alpha1.CadenceMonthly, "UTC", "2018-12-01T00:00:00Z", "2018-12-31T23:59:59Z", " at 0001-01-01T00:00:00Z, 0 missed, next 2019-01-01T00:00:00Z"},
		"never":               {v1alpha1.CadenceNever, "UTC", "2018-12-01T00:00:00Z", "2028-12-31T23:59:59Z", " at 0001-01-01T00:00:00Z, 0 missed, next 0001-01-01T00:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := calendar{tt.cadence, zoneOf(t, tt.zone)}
			period, end, missed := c.ended(at(t, tt.after), at(t, tt.now))
			got := fmt.Sprintf("%s at %s, %d missed, next %s", period, end.UTC().Format(time.RFC3339), missed, c.end(at(t, tt.now)).UTC().Format(time.RFC3339))
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRequested(t *testing.T) {
	tests := map[string]struct {
		value, handled string
		accepted       bool
		want           string
	}{
		"not asked": {want: "[]"},
		"malformed": {value: "tomorrow", accepted: true, want: "False InvalidReportRequest: No report was written: the annotation lienthong.gov.vn/report-requested-at is " +
			`"tomorrow"; write a time in the form of RFC 3339, such as 2026-11-21T08:00:00Z.`},
		"written":      {value: "2026-11-21T08:00:00Z", handled: "2026-11-21T08:00:00Z", want: "True Written: The report requested at 2026-11-21T08:00:00Z was written."},
		"not accepted": {value: "2026-11-21T08:00:00Z", want: "False Waiting: The report requested at 2026-11-21T08:00:00Z waits until the plan is accepted."},
		"waiting": {value: "2026-11-21T08:00:00Z", handled: "2026-11-20T08:00:00Z", accepted: true,
			want: "False Waiting: The report requested at 2026-11-21T08:00:00Z waits until the agencies are judged."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t)
			if tt.value != "" {
				plan.Annotations = map[string]string{v1alpha1.AnnotationReportRequestedAt: tt.value}
			}
			plan.Status.Reports = &v1alpha1.ReportChainStatus{LastRequest: tt.handled}
			got := "[]"
			for _, c := range Requested(plan, tt.accepted) {
				got = fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message)
			}
			if got != tt.want {
				t.Errorf("condition is %s, want %s", got, tt.want)
			}
		})
	}
}
