package compliance

import (
	"cmp"
	"fmt"
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// What the API takes.
const (
	maxRegimes    = 8
	maxShortfalls = 64
)

// Judge tells how the Connector, which must exist, stands under each regime: the ruling one first, then by name.
func Judge(c *Case, subjects []Subject) []v1alpha1.ComplianceStatus {
	ordered := slices.Clone(subjects)
	slices.SortStableFunc(ordered, func(a, b Subject) int {
		switch {
		case a.Ruling && !b.Ruling:
			return -1
		case b.Ruling && !a.Ruling:
			return 1
		default:
			return cmp.Compare(a.Profile.Spec.Regime, b.Profile.Spec.Regime)
		}
	})
	var all []v1alpha1.ComplianceStatus
	for i := range ordered[:min(len(ordered), maxRegimes)] {
		all = append(all, judgeSubject(c, &ordered[i]))
	}
	return all
}

func judgeSubject(c *Case, subject *Subject) v1alpha1.ComplianceStatus {
	profile := subject.Profile
	records := c.open(profile.Spec.Regime)
	shortfalls := technical(subject)
	var duties []v1alpha1.DutyStatus
	for _, s := range judgeLevel(c, records, profile) {
		duties = append(duties, s.status)
		if s.message != "" {
			shortfalls = append(shortfalls, v1alpha1.Shortfall{
				Type: v1alpha1.ShortfallLevel, Name: s.status.Kind, Message: s.message, Citation: s.citation,
			})
		}
	}
	asked := slices.Clone(profile.Spec.Duties)
	slices.SortFunc(asked, func(a, b v1alpha1.Duty) int { return cmp.Compare(a.Kind, b.Kind) })
	for i := range asked {
		status := judgeDuty(c, records, &asked[i])
		duties = append(duties, status)
		if s := dutyShortfall(c, profile, &asked[i], &status); s != nil {
			shortfalls = append(shortfalls, *s)
		}
	}
	satisfied := len(shortfalls) == 0
	return v1alpha1.ComplianceStatus{
		Regime:     profile.Spec.Regime,
		Ruling:     new(subject.Ruling),
		Standing:   standing(profile.Spec.Validity, v1alpha1.CivilDate(c.Today.String())),
		Level:      cmp.Or(subject.Level, profile.Spec.Level),
		Profile:    profile.Name,
		Satisfied:  &satisfied,
		Shortfalls: shortfalls[:min(len(shortfalls), maxShortfalls)],
		Duties:     duties,
	}
}

// technical sorts what was handed in, and cites where that was not done.
func technical(subject *Subject) []v1alpha1.Shortfall {
	list := slices.Clone(subject.Technical)
	for i := range list {
		list[i].Citation = cmp.Or(list[i].Citation, citation(subject.Profile, list[i].Name))
	}
	slices.SortFunc(list, func(a, b v1alpha1.Shortfall) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Message, b.Message))
	})
	return list
}

// standing of a regime on a day; one without a validity is in force.
func standing(validity *v1alpha1.Validity, day v1alpha1.CivilDate) v1alpha1.RegimeStanding {
	switch {
	case validity == nil:
		return v1alpha1.RegimeInForce
	case day < validity.From:
		return v1alpha1.RegimeToCome
	case validity.Until != "" && day >= validity.Until:
		return v1alpha1.RegimeEnded
	default:
		return v1alpha1.RegimeInForce
	}
}

// citation is where a figure of a profile comes from, and how sure that is: that of the first field that has one; empty if none has.
func citation(profile *v1alpha1.SecurityProfile, fields ...string) string {
	for _, field := range fields {
		for _, c := range profile.Spec.Citations {
			if c.Field == field {
				return fmt.Sprintf("%s (%s)", c.Source, c.Confidence)
			}
		}
	}
	return ""
}
