package milestone

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func zoned(name string) func(*v1alpha1.RolloutPlan) {
	return func(p *v1alpha1.RolloutPlan) { p.Spec.TimeZone = name }
}

func TestCompileNamesTheProblem(t *testing.T) {
	tests := map[string]struct {
		plan *v1alpha1.RolloutPlan
		want Problem
	}{
		"unknown zone": {onePlan(zoned("Asia/Hanoi")), Problem{v1alpha1.ReasonInvalidTimeZone,
			`timeZone "Asia/Hanoi" is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or UTC.`}},
		"the machine's zone": {onePlan(zoned("Local")), Problem{v1alpha1.ReasonInvalidTimeZone,
			`timeZone "Local" is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or UTC.`}},
		"no zone": {onePlan(zoned("")), Problem{v1alpha1.ReasonInvalidTimeZone,
			`timeZone "" is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or UTC.`}},
		"impossible date": {onePlan(due(v1alpha1.DeadlineBefore, "2018-02-30")), Problem{v1alpha1.ReasonInvalidSpec,
			`The deadline of milestone pilot cannot be used: "2018-02-30" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31.`}},
		"impossible date of an exception": {
			onePlan(excepted(&v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2019-02-29"})),
			Problem{v1alpha1.ReasonInvalidSpec, `The deadline of agency mof's exception from milestone pilot cannot be used: ` +
				`"2019-02-29" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31.`},
		},
		"a selector that is none": {
			onePlan(func(p *v1alpha1.RolloutPlan) {
				p.Spec.Cohorts[0] = v1alpha1.Cohort{Name: "by-label", Selector: &metav1.LabelSelector{
					MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "region", Operator: "Near"}},
				}}
			}),
			Problem{v1alpha1.ReasonInvalidSpec, `The selector of cohort by-label cannot be used: "Near" is not a valid label selector operator. Correct it.`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, problem := Compile(tt.plan)
			if problem == nil {
				t.Fatal("the plan compiles")
			}
			if diff := cmp.Diff(tt.want, *problem); diff != "" {
				t.Errorf("problem (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNextDeadline(t *testing.T) {
	plan := onePlan(excepted(&v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2019-06-30"}))
	second := plan.Spec.Milestones[0]
	second.Name, second.Deadline = "official", v1alpha1.Deadline{Boundary: v1alpha1.DeadlineInForceFrom, Date: "2019-01-01"}
	plan.Spec.Milestones = append([]v1alpha1.Milestone{second}, plan.Spec.Milestones...)
	p := ready(t, plan)

	tests := []struct{ now, want string }{
		{"2018-01-01T00:00:00Z", "before 2018-12-31"},
		{"2018-12-30T23:59:59+07:00", "before 2018-12-31"},
		{"2018-12-31T00:00:00+07:00", "from 2019-01-01 on"},
		{"2019-01-01T00:00:01+07:00", "before 2019-06-30"},
		{"2019-06-30T00:00:00+07:00", ""},
	}
	for _, tt := range tests {
		got := ""
		if next := p.NextDeadline(at(t, tt.now)); next != nil {
			got = next.String()
		}
		if got != tt.want {
			t.Errorf("at %s the next deadline is %q, want %q", tt.now, got, tt.want)
		}
	}
}
