// Package shift moves a roll-out plan in time, so that a plan of the past can be lived through today.
//
// Every deadline of the plan is shifted by one and the same number of days: what was three weeks away is three weeks away again. The working
// calendar is not: its holidays are those of the years that they are written under, and the plan has the years to come as well.
// The package is pure: the day it is told is the only clock it knows.
package shift

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// Name of the shifted plan.
const Name = "decision-28-living"

// Annotations by which a reader of the shifted plan sees where its dates come from.
const (
	AnnotationShiftedFrom = v1alpha1.GroupName + "/shifted-from"
	AnnotationShiftedDays = v1alpha1.GroupName + "/shifted-days"
)

const day = 24 * time.Hour

// Days from one civil day to another: negative if the other one is earlier.
func Days(from, to civil.Date) int {
	return int(to.Start(time.UTC).Sub(from.Start(time.UTC)) / day)
}

// Plan returns a plan of the same shape under another name, with every deadline shifted so that today stands where anchor stood.
func Plan(plan *v1alpha1.RolloutPlan, anchor, today civil.Date) (*v1alpha1.RolloutPlan, error) {
	days := Days(anchor, today)
	shifted := &v1alpha1.RolloutPlan{
		TypeMeta: metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "RolloutPlan"},
		ObjectMeta: metav1.ObjectMeta{Name: Name, Annotations: map[string]string{
			AnnotationShiftedFrom: plan.Name,
			AnnotationShiftedDays: fmt.Sprint(days),
		}},
	}
	plan.Spec.DeepCopyInto(&shifted.Spec)
	for i := range shifted.Spec.Milestones {
		milestone := &shifted.Spec.Milestones[i]
		if err := move(&milestone.Deadline, days); err != nil {
			return nil, fmt.Errorf("milestone %s of plan %s: %w", milestone.Name, plan.Name, err)
		}
	}
	for i := range shifted.Spec.Exceptions {
		exception := &shifted.Spec.Exceptions[i]
		if exception.Deadline == nil {
			continue
		}
		if err := move(exception.Deadline, days); err != nil {
			return nil, fmt.Errorf("exception of agency %s from milestone %s of plan %s: %w",
				exception.Agency, exception.Milestone, plan.Name, err)
		}
	}
	return shifted, nil
}

func move(deadline *v1alpha1.Deadline, days int) error {
	date, err := civil.Parse(string(deadline.Date))
	if err != nil {
		return fmt.Errorf("cannot shift its deadline: %w", err)
	}
	deadline.Date = v1alpha1.CivilDate(date.AddDays(days).String())
	return nil
}
