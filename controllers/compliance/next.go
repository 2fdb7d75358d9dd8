package compliance

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// NextChange is the next day on which time alone changes what is told of the Connector: a state under any regime, or the sentence of the
// ruling one. It is false if that never happens.
func NextChange(c *Case, subjects []Subject) (civil.Date, bool) {
	today := look(c, subjects)
	days := waiverDays(c)
	for i := range subjects {
		days = append(days, validityDays(subjects[i].Profile)...)
		days = append(days, dutyDays(c, &subjects[i])...)
	}
	slices.SortFunc(days, civil.Date.Compare)
	for _, day := range slices.Compact(days) {
		if day.Compare(c.Today) > 0 && !equality.Semantic.DeepEqual(today, look(c.on(day), subjects)) {
			return day, true
		}
	}
	return civil.Date{}, false
}

// view is what is told of a Connector on a day.
type view struct {
	Approved *v1alpha1.SecurityLevel
	Statuses []v1alpha1.ComplianceStatus
	Ruling   string
}

func look(c *Case, subjects []Subject) view {
	v := view{Approved: ApprovedLevel(c), Statuses: Judge(c, subjects)}
	if len(v.Statuses) > 0 && ptr.Deref(v.Statuses[0].Ruling, false) {
		v.Ruling = Sentence(c, &v.Statuses[0])
	}
	return v
}

func waiverDays(c *Case) []civil.Date {
	var days []civil.Date
	for i := range c.Waivers {
		days = append(days, parsed(c.Waivers[i].Spec.From, c.Waivers[i].Spec.Until)...)
	}
	return days
}

func validityDays(profile *v1alpha1.SecurityProfile) []civil.Date {
	if profile.Spec.Validity == nil {
		return nil
	}
	return parsed(profile.Spec.Validity.From, profile.Spec.Validity.Until)
}

// dutyDays are when duties come to be due soon, and when they come to be overdue.
func dutyDays(c *Case, subject *Subject) []civil.Date {
	var days []civil.Date
	records := c.open(subject.Profile.Spec.Regime)
	for i := range subject.Profile.Spec.Duties {
		duty := &subject.Profile.Spec.Duties[i]
		status := judgeDuty(c, records, duty)
		for _, due := range parsed(status.DueDate) {
			days = append(days, due.AddDays(-int(ptr.Deref(duty.DueSoonDays, 0))), due.AddDays(1))
		}
	}
	return days
}

// parsed leaves out what is no day.
func parsed(texts ...v1alpha1.CivilDate) []civil.Date {
	var days []civil.Date
	for _, text := range texts {
		if day, err := civil.Parse(string(text)); err == nil {
			days = append(days, day)
		}
	}
	return days
}
