package shift

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

func date(t *testing.T, text string) civil.Date {
	t.Helper()
	d, err := civil.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDays(t *testing.T) {
	tests := map[string]struct {
		from, to string
		want     int
	}{
		"same day":        {"2018-12-20", "2018-12-20", 0},
		"next day":        {"2018-12-31", "2019-01-01", 1},
		"day before":      {"2018-12-20", "2018-12-19", -1},
		"over a leap day": {"2020-02-28", "2020-03-01", 2},
		"years":           {"2018-12-20", "2026-12-20", 8*365 + 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Days(date(t, test.from), date(t, test.to)); got != test.want {
				t.Errorf("%s to %s is %d days, want %d", test.from, test.to, got, test.want)
			}
		})
	}
}

func TestPlan(t *testing.T) {
	plan := func(deadline string) *v1alpha1.RolloutPlan {
		exception := v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: v1alpha1.CivilDate(deadline)}
		return &v1alpha1.RolloutPlan{
			ObjectMeta: metav1.ObjectMeta{Name: "decision-28-2018", ResourceVersion: "7", UID: "u"},
			Spec: v1alpha1.RolloutPlanSpec{
				Milestones: []v1alpha1.Milestone{{
					Name:     "pilot",
					Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: v1alpha1.CivilDate(deadline)},
				}},
				Exceptions: []v1alpha1.RolloutException{{Agency: "g08", Deadline: &exception}, {Agency: "g01"}},
			},
		}
	}
	tests := map[string]struct {
		deadline, today string
		want            string
		days            string
		wantErr         string
	}{
		"the anchor itself":      {deadline: "2018-12-31", today: "2018-12-20", want: "2018-12-31", days: "0"},
		"into the future":        {deadline: "2018-12-31", today: "2026-11-21", want: "2026-12-02", days: "2893"},
		"into the past":          {deadline: "2018-12-31", today: "2016-02-20", want: "2016-03-02", days: "-1034"},
		"a date that is no date": {deadline: "2018-02-30", today: "2026-11-21", wantErr: "milestone pilot of plan decision-28-2018"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			source := plan(test.deadline)
			shifted, err := Plan(source, date(t, "2018-12-20"), date(t, test.today))
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("the error is %v; it should say %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := shifted.Spec.Milestones[0].Deadline
			if string(got.Date) != test.want || got.Boundary != v1alpha1.DeadlineBefore {
				t.Errorf("the milestone is due %s %s, want Before %s", got.Boundary, got.Date, test.want)
			}
			if at := shifted.Spec.Exceptions[0].Deadline.Date; string(at) != test.want {
				t.Errorf("the exception is due %s, want %s", at, test.want)
			}
			if shifted.Spec.Exceptions[1].Deadline != nil {
				t.Error("an exemption became a deadline")
			}
			if shifted.Name != Name || shifted.ResourceVersion != "" || shifted.UID != "" {
				t.Errorf("the plan is %s with resourceVersion %q; want a new object named %s", shifted.Name, shifted.ResourceVersion, Name)
			}
			if days := shifted.Annotations[AnnotationShiftedDays]; days != test.days {
				t.Errorf("it says it is shifted by %s days, want %s", days, test.days)
			}
			if string(source.Spec.Milestones[0].Deadline.Date) != test.deadline {
				t.Error("the source plan was changed")
			}
		})
	}
}
