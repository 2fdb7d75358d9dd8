package compliance

import (
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// docket are the records of a case that count under one regime, the newest first: by the day on which it was performed and, on one day,
// by which was recorded later.
type docket []entry

type entry struct {
	*v1alpha1.ComplianceEvidence
	day civil.Date
}

// open finds what counts under a regime.
func (c *Case) open(regime string) docket {
	superseded := map[string]bool{}
	for i := range c.Records {
		r := &c.Records[i]
		// A correction names the same regime as what it corrects, or none as well; then both are examined by this one.
		if r.Spec.Supersedes != nil && countsUnder(r, regime) && examineUnder(r, c, regime) == nil {
			superseded[r.Spec.Supersedes.Name] = true
		}
	}
	var d docket
	for i := range c.Records {
		r := &c.Records[i]
		if r.Spec.Outcome.Result != v1alpha1.EvidencePassed || superseded[r.Name] ||
			!countsUnder(r, regime) || examineUnder(r, c, regime) != nil {
			continue
		}
		// A date that cannot be read was refused above.
		if day, err := civil.Parse(string(r.Spec.PerformedAt)); err == nil {
			d = append(d, entry{r, day})
		}
	}
	slices.SortFunc(d, newestFirst)
	return d
}

func countsUnder(record *v1alpha1.ComplianceEvidence, regime string) bool {
	return record.Spec.Regime == "" || record.Spec.Regime == regime
}

func newestFirst(a, b entry) int {
	if byDay := b.day.Compare(a.day); byDay != 0 {
		return byDay
	}
	if precedence.Precedes(a, b) {
		return 1
	}
	return -1
}

// newest is the newest record of a kind that meets the conditions; nil if there is none.
func (d docket) newest(kind string, conditions ...func(entry) bool) *entry {
	for i := range d {
		if d[i].Spec.Kind == kind && !slices.ContainsFunc(conditions, func(met func(entry) bool) bool { return !met(d[i]) }) {
			return &d[i]
		}
	}
	return nil
}

func ofLevel(level v1alpha1.SecurityLevel) func(entry) bool {
	return func(e entry) bool { return e.Spec.Level != nil && *e.Spec.Level == level }
}

func onOrBefore(day civil.Date) func(entry) bool {
	return func(e entry) bool { return e.day.Compare(day) <= 0 }
}
