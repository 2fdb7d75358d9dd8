package samples

import (
	"slices"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// planData is rollout-decision-28.yaml.
type planData struct {
	TimeZone   string
	Milestones []milestoneData
	Cohorts    map[string]string
}

type milestoneData struct {
	Cohort, Name, Before, OnOrBefore, InForceFrom string
}

func (m milestoneData) deadline() v1alpha1.Deadline {
	switch {
	case m.Before != "":
		return v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: v1alpha1.CivilDate(m.Before)}
	case m.OnOrBefore != "":
		return v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: v1alpha1.CivilDate(m.OnOrBefore)}
	default:
		return v1alpha1.Deadline{Boundary: v1alpha1.DeadlineInForceFrom, Date: v1alpha1.CivilDate(m.InForceFrom)}
	}
}

func loadPlan(t *testing.T) *v1alpha1.RolloutPlan {
	t.Helper()
	plan := load(t).plans["decision-28-2018"]
	if plan == nil {
		t.Fatal("no RolloutPlan is named decision-28-2018")
	}
	return plan
}

func TestPlanMilestones(t *testing.T) {
	plan := loadPlan(t)
	data := read[planData](t, "rollout-decision-28.yaml")
	if plan.Spec.TimeZone != data.TimeZone {
		t.Errorf("the time zone is %s, and the data say %s", plan.Spec.TimeZone, data.TimeZone)
	}
	if len(plan.Spec.Milestones) != 7 || len(data.Milestones) != 7 {
		t.Fatalf("the plan has %d milestones and the data have %d; both have 7", len(plan.Spec.Milestones), len(data.Milestones))
	}
	requires := map[string][]v1alpha1.MilestoneRequirement{
		"technical-requirements": {{Evidence: "TechnicalRequirementsApproved"}},
		"contract-signed":        {{Evidence: "ContractSigned"}},
		"own-system-connected":   {{Condition: v1alpha1.ConditionHubConnected}},
		"archive-software":       {{Evidence: "ArchiveSoftwareAccepted"}},
		"pilot":                  {{Condition: v1alpha1.ConditionHubConnected}},
		"official":               {{Milestone: "pilot"}, {Condition: v1alpha1.ConditionReady}},
		"connected":              {{Condition: v1alpha1.ConditionHubConnected}, {Condition: v1alpha1.ConditionReady}},
	}
	for i, row := range data.Milestones {
		t.Run(row.Name, func(t *testing.T) {
			got := plan.Spec.Milestones[i]
			if got.Name != row.Name || got.Cohort != row.Cohort || got.Deadline != row.deadline() {
				t.Errorf("it is %s of cohort %s, due %v; the data say %s of cohort %s, due %v",
					got.Name, got.Cohort, got.Deadline, row.Name, row.Cohort, row.deadline())
			}
			if !slices.Equal(got.Requires, requires[row.Name]) {
				t.Errorf("it requires %v, want %v", got.Requires, requires[row.Name])
			}
		})
	}
}

func TestPlanCohorts(t *testing.T) {
	plan := loadPlan(t)
	data := read[planData](t, "rollout-decision-28.yaml")
	var ready, owners []string
	for _, row := range readAgencies(t) {
		switch {
		case row.Cohort == cohortReady:
			ready = append(ready, row.slug())
		case row.Role == "hub owner":
			owners = append(owners, row.slug())
		}
	}
	if len(ready) != 25 {
		t.Errorf("the data name %d ready agencies; the plan expects 10 ministries and 15 localities", len(ready))
	}
	want := map[string][]string{"hub-owner": owners, cohortReady: ready, "remaining": nil}
	if len(plan.Spec.Cohorts) != len(data.Cohorts) {
		t.Errorf("the plan has %d cohorts, and the data have %d", len(plan.Spec.Cohorts), len(data.Cohorts))
	}
	for _, cohort := range plan.Spec.Cohorts {
		if _, known := data.Cohorts[cohort.Name]; !known {
			t.Errorf("the data know no cohort %s", cohort.Name)
		}
		if !slices.Equal(cohort.Agencies, want[cohort.Name]) {
			t.Errorf("cohort %s has %v, and the data say, in this order, %v", cohort.Name, cohort.Agencies, want[cohort.Name])
		}
		if (cohort.AllOthers != nil) != (cohort.Name == "remaining") {
			t.Errorf("cohort %s is wrong about being all the others", cohort.Name)
		}
	}
}

// TestTransition: every agency has to satisfy the regime in force by the end of the day that the data name.
func TestTransition(t *testing.T) {
	plan := load(t).plans["transition-"+regimeNow]
	if plan == nil || len(plan.Spec.Cohorts) != 1 || len(plan.Spec.Milestones) != 1 {
		t.Fatalf("the plan of the transition has not one cohort and one milestone: %+v", plan)
	}
	if all := plan.Spec.Cohorts[0].AllOthers; all == nil || len(all.Types) > 0 {
		t.Error("its cohort is not every agency")
	}
	milestone := plan.Spec.Milestones[0]
	if want := (v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: readTransition(t)}); milestone.Deadline != want {
		t.Errorf("it is due %v, want %v", milestone.Deadline, want)
	}
	if want := []v1alpha1.MilestoneRequirement{{Regime: regimeNow}}; !slices.Equal(milestone.Requires, want) {
		t.Errorf("it requires %v, want %v", milestone.Requires, want)
	}
}
