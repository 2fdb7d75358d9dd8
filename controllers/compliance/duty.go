package compliance

import (
	"fmt"

	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// judgeDuty tells where a duty stands today.
func judgeDuty(c *Case, records docket, duty *v1alpha1.Duty) v1alpha1.DutyStatus {
	status := v1alpha1.DutyStatus{Kind: duty.Kind, State: v1alpha1.DutyMissing}
	independent := func(e entry) bool { return !ptr.Deref(duty.Independent, false) || isIndependent(e, c) }
	if newest := records.newest(duty.Kind, independent); newest != nil {
		status.Evidence, status.State = newest.Name, v1alpha1.DutySatisfied
		if duty.IntervalMonths != nil {
			due := newest.day.AddMonths(int(*duty.IntervalMonths))
			status.DueDate = v1alpha1.CivilDate(due.String())
			status.State = stateOn(c.Today, due, int(ptr.Deref(duty.DueSoonDays, 0)))
		}
	}
	if isShort(status.State) {
		excuse(c, &status)
	}
	return status
}

// stateOn is the state of a duty with a record, on a day, given the last day on which the record satisfies it.
func stateOn(day, due civil.Date, dueSoonDays int) v1alpha1.DutyState {
	switch {
	case day.Compare(due) > 0:
		return v1alpha1.DutyOverdue
	case day.Compare(due.AddDays(-dueSoonDays)) >= 0:
		return v1alpha1.DutyDueSoon
	default:
		return v1alpha1.DutySatisfied
	}
}

func isShort(state v1alpha1.DutyState) bool {
	return state == v1alpha1.DutyOverdue || state == v1alpha1.DutyMissing
}

// isIndependent does not take a record's word for it where the Agency itself names who performed it as who operates the system.
func isIndependent(e entry, c *Case) bool {
	return ptr.Deref(e.Spec.IndependentOfOperations, false) && !operates(e.Spec.PerformedBy, c)
}

// overdueSince is the first day on which a duty is no longer satisfied.
func overdueSince(status *v1alpha1.DutyStatus) string {
	due, err := civil.Parse(string(status.DueDate))
	if err != nil {
		return string(status.DueDate)
	}
	return due.AddDays(1).String()
}

// dutyShortfall is nil unless the duty is short.
func dutyShortfall(c *Case, profile *v1alpha1.SecurityProfile, duty *v1alpha1.Duty, status *v1alpha1.DutyStatus) *v1alpha1.Shortfall {
	if !isShort(status.State) {
		return nil
	}
	message := fmt.Sprintf("%s has been overdue since %s: the newest record that counts is %s.", status.Kind, overdueSince(status), status.Evidence)
	if status.State == v1alpha1.DutyMissing {
		message = fmt.Sprintf("%s has no valid record.", status.Kind)
	}
	if ptr.Deref(duty.Independent, false) {
		message += " Only what was performed independently of who operates the system counts."
	}
	if ended := endOf(c, status.ExpiredWaiver); ended != "" {
		message += fmt.Sprintf(" Waiver %s ended on %s.", status.ExpiredWaiver, ended)
	}
	return &v1alpha1.Shortfall{
		Type: v1alpha1.ShortfallDuty, Name: status.Kind, Message: message, Citation: citation(profile, "duties."+status.Kind),
	}
}
