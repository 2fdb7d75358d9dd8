package integration

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// season is a Monday to come from which on five days are off, as at Tết, and the zone in which they are.
type season struct {
	monday civil.Date
	zone   *time.Location
}

func nextSeason(t *testing.T) season {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	monday := civil.In(time.Now(), zone).AddDays(30)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDays(1)
	}
	return season{monday, zone}
}

// day is the one that is so many days after the first day off.
func (s season) day(offset int) v1alpha1.CivilDate {
	return v1alpha1.CivilDate(s.monday.AddDays(offset).String())
}

func (s season) start(offset int) time.Time { return s.monday.AddDays(offset).Start(s.zone) }

// plan asks for a compliant Connector by the Friday of the week after the days off, and once more two years later, of which the
// calendar has no holidays.
func (s season) plan(w *world) *v1alpha1.RolloutPlan {
	plan := planOf(w.namespace, w.agency.Name)
	pilot := &plan.Spec.Milestones[0]
	pilot.Deadline = v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: s.day(11)}
	pilot.Requires = []v1alpha1.MilestoneRequirement{{Condition: v1alpha1.ConditionCompliant}}
	official := *pilot.DeepCopy()
	official.Name = "official"
	official.Deadline.Date = v1alpha1.CivilDate(fmt.Sprintf("%d-06-30", s.monday.AddDays(11).Year()+2))
	plan.Spec.Milestones = append(plan.Spec.Milestones, official)
	plan.Spec.AtRiskDays = new(int32(0))
	calendar := &v1alpha1.WorkingCalendar{}
	for year := civil.In(time.Now(), s.zone).Year(); year <= s.monday.AddDays(11).Year(); year++ {
		y := v1alpha1.CalendarYear{Year: int32(year), Source: "tested"}
		for offset := range 5 {
			if day := s.monday.AddDays(offset); day.Year() == year {
				y.DaysOff = append(y.DaysOff, v1alpha1.CalendarDay{Date: v1alpha1.CivilDate(day.String()), Name: "Tết Nguyên đán"})
			}
		}
		calendar.Years = append(calendar.Years, y)
	}
	plan.Spec.WorkingCalendar = calendar
	return plan
}

// counted waits until the plan has counted the slack of the pilot on a day.
func (w *world) counted(t *testing.T, plan *v1alpha1.RolloutPlan, want v1alpha1.MilestoneSlack) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), plan); err != nil {
			return err
		}
		if len(plan.Status.Milestones) == 0 {
			return fmt.Errorf("nothing was counted yet")
		}
		if diff := cmp.Diff(&want, plan.Status.Milestones[0].Slack); diff != "" {
			return fmt.Errorf("slack (-want +got):\n%s", diff)
		}
		return nil
	})
}

// ahead waits until what the agency has ahead of it before the pilot is as wanted.
func (w *world) ahead(t *testing.T, state v1alpha1.MilestoneState, days int32, latestStart v1alpha1.CivilDate, message string) {
	t.Helper()
	step := v1alpha1.MilestoneStep{
		What: v1alpha1.EvidenceLevelApproval, Who: "the system's owner", WorkingDays: &days, LatestStart: latestStart,
	}
	w.Eventually(t, func() error {
		m := w.standing(t, w.agency, states{"pilot": state, "official": v1alpha1.MilestoneOnTrack})["pilot"]
		if diff := cmp.Diff([]v1alpha1.MilestoneStep{step}, m.Path); diff != "" || m.LatestStart != latestStart || m.Message != message {
			return fmt.Errorf("it has to begin by %q, says %q, and has the path (-want +got):\n%s", m.LatestStart, m.Message, diff)
		}
		return nil
	})
}

// An agency lacks the approval of its level, which takes 7 working days. Five of those before the deadline are off, so it has to begin on
// the Thursday before them: from that day on it is at risk, and not before. While days merely pass, its status rests.
func TestApprovalHasToBeginBeforeTheHolidays(t *testing.T) {
	w := regulated(t)
	w.profile.Spec.Duties = nil
	w.profile.Spec.Approval.ApprovalWorkingDays = new(int32(7))
	w.profile.Spec.Certificate.Duration.Duration = 3000 * time.Hour
	s := nextSeason(t)
	w.Create(t, w.ofLevel("determined", v1alpha1.EvidenceLevelDetermination, "2026-01-20"))
	w.Create(t, w.ofLevel("appraised", v1alpha1.EvidenceLevelAppraisal, "2026-01-21"))
	w.connect(t)
	plan := s.plan(w)
	w.Create(t, plan)
	lacks := fmt.Sprintf("Compliant of Connector %s/main is False (LevelNotApproved).", w.namespace)
	due := "Due on or before " + string(s.day(11)) + ". " + lacks
	w.ahead(t, v1alpha1.MilestoneOnTrack, 7, s.day(-4), due)
	year := s.monday.AddDays(11).Year()
	w.expectMessage(t, plan, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted, fmt.Sprintf(
		"The plan is accepted. workingCalendar has no holidays for %d to %d, so only weekends are days off there; add them under years.", year+1, year+2))

	slack := func(days int32, latestStart, asOf int) v1alpha1.MilestoneSlack {
		return v1alpha1.MilestoneSlack{Agency: w.agency.Name, WorkingDays: &days, LatestStart: s.day(latestStart), AsOf: s.day(asOf)}
	}
	slow := slowlyFrom(s.start(-6).Add(-time.Second))
	shared.operator.underClock(t, slow)
	w.counted(t, plan, slack(3, -4, -7))
	ofPlan, ofAgency := w.writes(t, &v1alpha1.RolloutPlanList{}, plan.Name), w.writes(t, &v1alpha1.AgencyList{}, w.agency.Name)
	slow.set(s.start(-6))
	w.counted(t, plan, slack(2, -4, -6))
	if plans, agencies := ofPlan(), ofAgency(); plans > 1 || agencies > 0 {
		t.Errorf("midnight cost %d writes of the plan and %d of the agency, want one and none", plans, agencies)
	}

	slow.set(s.start(-4).Add(-time.Second))
	shared.operator.end(t)
	shared.operator.again(t, slow)
	w.counted(t, plan, slack(1, -4, -5))
	w.ahead(t, v1alpha1.MilestoneOnTrack, 7, s.day(-4), due)
	slow.set(s.start(-4))
	atRisk := "At risk: it is due on or before %s, and %d working days are needed, so it %s to begin by %s. " +
		"Next: LevelApproval by the system's owner (%d working days). " + lacks
	w.ahead(t, v1alpha1.MilestoneAtRisk, 7, s.day(-4), fmt.Sprintf(atRisk, s.day(11), 7, "has", s.day(-4), 7))
	w.counted(t, plan, slack(0, -4, -4))

	// The law gives the approver two days more, so it had to begin two days ago.
	w.change(t, w.profile, func() { w.profile.Spec.Approval.ApprovalWorkingDays = new(int32(9)) })
	w.ahead(t, v1alpha1.MilestoneAtRisk, 9, s.day(-6), fmt.Sprintf(atRisk, s.day(11), 9, "had", s.day(-6), 9))
	w.counted(t, plan, slack(-2, -6, -4))

	w.Create(t, w.ofLevel("approved", v1alpha1.EvidenceLevelApproval, "2026-01-22"))
	met := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMet, "official": v1alpha1.MilestoneMet})["pilot"]
	if met.LatestStart != "" || met.Path != nil {
		t.Errorf("it was met, and still has to begin by %s with %v", met.LatestStart, met.Path)
	}
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), plan); err != nil {
			return err
		}
		if left := plan.Status.Milestones[0].Slack; left != nil {
			return fmt.Errorf("everybody met it, and the slack is %+v", left)
		}
		return nil
	})
}

// A calendar that contradicts itself is refused: by its schema where that can tell, and with Accepted where only the weekend can.
func TestBadCalendarsAreRefused(t *testing.T) {
	w := newWorld(t)
	plan := planOf(w.namespace, w.agency.Name)
	year := v1alpha1.CalendarYear{Year: 2018, Source: "tested", DaysOff: []v1alpha1.CalendarDay{{Date: "2019-01-01", Name: "Tết Dương lịch"}}}
	plan.Spec.WorkingCalendar = &v1alpha1.WorkingCalendar{Years: []v1alpha1.CalendarYear{year}}
	expectRefusal(t, w.Client.Create(t.Context(), plan), "Each date of daysOff lies in its year; write it under its own year.")
	year.DaysOff, year.WorkedInstead = nil, []v1alpha1.CalendarDay{{Date: "2018-12-31", Name: "Làm bù"}}
	plan.Spec.WorkingCalendar.Years = []v1alpha1.CalendarYear{year}
	w.Create(t, w.hub, plan)
	w.expectMessage(t, plan, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec,
		"The workingCalendar cannot be used: workedInstead has 2018-12-31 (Làm bù), which is a Monday and of no weekend; "+
			"write the day of a weekend that is worked in exchange.")
}
