package agency

import (
	"cmp"
	"context"
	"fmt"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestonerecord"
)

// record writes down what the status is to tell of, so that no status tells of a milestone that no record tells of. Where a record was there
// already, it is what counts, so the caller judges again if any was written or found.
func (r *Reconciler) record(ctx context.Context, s *scope, status v1alpha1.AgencyStatus) (changed bool, err error) {
	wanted := unrecorded(s, status.Milestones)
	if len(wanted) == 0 {
		return false, nil
	}
	records, err := milestonerecord.Ensure(ctx, r.Client, wanted)
	if err != nil {
		return false, fmt.Errorf("recording the milestones that Agency %s met: %w", s.agency.Name, err)
	}
	s.met = append(s.met, records...)
	return true, nil
}

// unrecorded are the records that are missing: of what is to stand in the status, and of what stands there now, because that may be about to go
// with its plan, its cohort or the agency itself.
func unrecorded(s *scope, judged []v1alpha1.AgencyMilestone) []v1alpha1.MilestoneRecordSpec {
	type key struct{ plan, milestone string }
	there := map[key]bool{}
	for i := range s.met {
		if spec := s.met[i].Spec; spec.Agency == s.agency.Name {
			there[key{spec.Plan, spec.Milestone}] = true
		}
	}
	var wanted []v1alpha1.MilestoneRecordSpec
	for _, list := range [][]v1alpha1.AgencyMilestone{judged, s.agency.Status.Milestones} {
		for _, m := range list {
			if k := (key{m.Plan, m.Milestone}); m.MetAt != nil && !there[k] {
				there[k] = true
				wanted = append(wanted, recordOf(s, m))
			}
		}
	}
	return wanted
}

func recordOf(s *scope, m v1alpha1.AgencyMilestone) v1alpha1.MilestoneRecordSpec {
	return v1alpha1.MilestoneRecordSpec{
		Plan: m.Plan, Milestone: m.Milestone, Agency: s.agency.Name, Code: s.agency.Spec.Code, Cohort: m.Cohort,
		MetAt: *m.MetAt, Deadline: m.Deadline, TimeZone: zoneOf(s, m.Plan), MetBy: m.MetBy,
	}
}

// zoneOf is the time zone of a plan. Of one that is gone nobody knows it any more, so it is that of the agency.
func zoneOf(s *scope, plan string) string {
	for i := range s.plans {
		if s.plans[i].Name == plan {
			return cmp.Or(s.plans[i].Spec.TimeZone, s.agency.Spec.TimeZone)
		}
	}
	return s.agency.Spec.TimeZone
}
