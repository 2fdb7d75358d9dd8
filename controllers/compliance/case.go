package compliance

import (
	"slices"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// Case is all that a judgement hangs on.
type Case struct {
	// Connector that is judged; nil if its namespace has none of that name.
	Connector *v1alpha1.Connector
	// Agency that the Connector acts for; nil if there is none of that name.
	Agency *v1alpha1.Agency
	// Owners are the names of the Agency and of every Agency that it belongs to, nearest first.
	Owners []string
	// Agencies that performed what the records tell of, by name; those that do not exist are not among them.
	Agencies map[string]*v1alpha1.Agency
	// Regime of the Connector's hub; empty if there is no such hub. A record that names no regime is examined by it.
	Regime string
	// Profiles are all SecurityProfiles.
	Profiles []v1alpha1.SecurityProfile
	// Records are all ComplianceEvidence of the Connector, those that are not accepted among them.
	Records []v1alpha1.ComplianceEvidence
	// Waivers are all DutyWaivers of the Connector.
	Waivers []v1alpha1.DutyWaiver
	// Today is the day that it is where the agency is; see Zone.
	Today civil.Date
}

// Subject is one regime that a Connector is judged under.
type Subject struct {
	// Profile of the regime for the level that the Connector is judged by.
	Profile *v1alpha1.SecurityProfile
	// Ruling is true for the regime of the hub.
	Ruling bool
	// Level that the Connector is judged by; the profile's if 0.
	Level v1alpha1.SecurityLevel
	// Technical are the figures of the profile that the Connector's objects do not meet. A citation is added to those that have none.
	Technical []v1alpha1.Shortfall
}

// defaultZone is that of an Agency which names none.
const defaultZone = "Asia/Ho_Chi_Minh"

// Zone is where the civil dates of an Agency's records are meant; nil stands for an Agency that is not known. A zone that does not exist
// makes the Agency not accepted; its dates are then meant where most agencies are, as those of an Agency that names none.
func Zone(agency *v1alpha1.Agency) *time.Location {
	names := []string{defaultZone}
	if agency != nil && agency.Spec.TimeZone != "" {
		names = []string{agency.Spec.TimeZone, defaultZone}
	}
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil && name != "Local" {
			return zone
		}
	}
	// The program carries a zone database of its own, so this is reached in a broken build only.
	return time.UTC
}

// on is the same case on another day.
func (c *Case) on(day civil.Date) *Case {
	other := *c
	other.Today = day
	return &other
}

// profile is the one that rules a level under a regime: the first that was created, if there are several; nil if there is none.
func (c *Case) profile(regime string, level v1alpha1.SecurityLevel) *v1alpha1.SecurityProfile {
	var first *v1alpha1.SecurityProfile
	for i := range c.Profiles {
		p := &c.Profiles[i]
		if p.Spec.Regime == regime && p.Spec.Level == level && (first == nil || precedence.Precedes(p, first)) {
			first = p
		}
	}
	return first
}

// approval is what a regime asks for the appraisal and approval of a level; nil if it does not say.
func (c *Case) approval(regime string, level v1alpha1.SecurityLevel) *v1alpha1.ApprovalRequirements {
	if p := c.profile(regime, level); p != nil {
		return p.Spec.Approval
	}
	return nil
}

// regimes are those that a profile is of, sorted.
func (c *Case) regimes() []string {
	var regimes []string
	for i := range c.Profiles {
		regimes = append(regimes, c.Profiles[i].Spec.Regime)
	}
	slices.Sort(regimes)
	return slices.Compact(regimes)
}

// levels are those by which the Connector may be judged: the declared one and the approved one.
func (c *Case) levels() []v1alpha1.SecurityLevel {
	levels := []v1alpha1.SecurityLevel{c.Connector.Spec.SecurityLevel}
	if approved := ApprovedLevel(c); approved != nil && *approved != levels[0] {
		levels = append(levels, *approved)
	}
	return levels
}

// duties are the kinds of all duties that a profile for one of the Connector's levels has, sorted.
func (c *Case) duties() []string {
	var kinds []string
	for _, level := range c.levels() {
		for i := range c.Profiles {
			if c.Profiles[i].Spec.Level != level {
				continue
			}
			for _, duty := range c.Profiles[i].Spec.Duties {
				kinds = append(kinds, duty.Kind)
			}
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
