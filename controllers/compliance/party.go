package compliance

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// wrongParty refuses an appraisal or an approval by somebody else than the one whom the law names for that level. Where no profile says
// who that is, nobody is wrong.
func wrongParty(record *v1alpha1.ComplianceEvidence, c *Case, regime string) *Denial {
	party := responsible(record, c, regime)
	if party == nil || matches(record.Spec.PerformedBy, party, c.Owners) {
		return nil
	}
	reason := v1alpha1.ReasonWrongApprover
	if record.Spec.Kind == v1alpha1.EvidenceLevelAppraisal {
		reason = v1alpha1.ReasonWrongAppraiser
	}
	hint := ""
	if record.Spec.Regime == "" {
		hint = " If that was done under another regime, write that one into regime."
	}
	return &Denial{Reason: reason, Message: fmt.Sprintf(
		"performedBy is %s, but under regime %s level %d is %[4]s by %[5]s; have it %[4]s there, and record that.%[6]s",
		performer(record.Spec.PerformedBy), regime, *record.Spec.Level, done(record), described(party, c), hint)}
}

// responsible is whom a regime names for an appraisal or an approval of a record's level; nil if it names nobody.
func responsible(record *v1alpha1.ComplianceEvidence, c *Case, regime string) *v1alpha1.ResponsibleParty {
	if record.Spec.Level == nil {
		return nil
	}
	approval := c.approval(regime, *record.Spec.Level)
	switch {
	case approval == nil:
		return nil
	case record.Spec.Kind == v1alpha1.EvidenceLevelAppraisal:
		return &approval.Appraiser
	case record.Spec.Kind == v1alpha1.EvidenceLevelApproval:
		return &approval.Approver
	default:
		return nil
	}
}

// done is what an appraisal or an approval says of the level.
func done(record *v1alpha1.ComplianceEvidence) string {
	if record.Spec.Kind == v1alpha1.EvidenceLevelAppraisal {
		return "appraised"
	}
	return "approved"
}

func matches(by v1alpha1.Performer, party *v1alpha1.ResponsibleParty, owners []string) bool {
	agency := ""
	if by.AgencyRef != nil {
		agency = by.AgencyRef.Name
	}
	switch party.Role {
	case v1alpha1.RoleSecurityUnit:
		return slices.Contains(owners, agency) && strings.TrimSpace(by.Unit) != ""
	case v1alpha1.RoleSystemOwner:
		return slices.Contains(owners, agency)
	case v1alpha1.RoleOrganisation:
		return party.AgencyRef != nil && party.AgencyRef.Name == agency || slices.ContainsFunc(append([]string{party.Name}, party.OtherNames...),
			func(name string) bool { return sameName(by.Organisation, name) })
	default:
		return false
	}
}

// described says who a party is, and how a record names it.
func described(party *v1alpha1.ResponsibleParty, c *Case) string {
	name := party.Name
	if name != "" {
		name = " (" + name + ")"
	}
	switch party.Role {
	case v1alpha1.RoleSecurityUnit:
		return fmt.Sprintf("the specialised security unit%s of %s, with its unit named", name, owners(c))
	case v1alpha1.RoleSystemOwner:
		return fmt.Sprintf("the owner of the system%s, which is %s", name, owners(c))
	default:
		if party.AgencyRef != nil {
			return fmt.Sprintf("%s (Agency %s)", party.Name, party.AgencyRef.Name)
		}
		return strings.Join(append([]string{party.Name}, party.OtherNames...), " or ")
	}
}

func owners(c *Case) string {
	switch len(c.Owners) {
	case 0:
		return "the agency, which is not known"
	case 1:
		return "Agency " + c.Owners[0]
	default:
		return "Agency " + c.Owners[0] + " or one that it belongs to (" + strings.Join(c.Owners[1:], ", ") + ")"
	}
}

func performer(by v1alpha1.Performer) string {
	who := by.Organisation
	if by.AgencyRef != nil {
		who = "Agency " + by.AgencyRef.Name
	}
	if by.Unit != "" {
		return by.Unit + " of " + who
	}
	return who
}

// appraiserOperates refuses an appraisal by who operates the system, by the name that the Agency gives.
func appraiserOperates(record *v1alpha1.ComplianceEvidence, c *Case, _ string) *Denial {
	if record.Spec.Kind != v1alpha1.EvidenceLevelAppraisal || !operates(record.Spec.PerformedBy, c) {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonAppraiserOperates, Message: fmt.Sprintf(
		"performedBy is %s, and %s operates the system by the word of Agency %s; have the level appraised by who does not operate it, and record that.",
		performer(record.Spec.PerformedBy), c.Agency.Spec.OperatedBy, c.Agency.Name)}
}

// operates tells whether who performed something operates the system, by the name that the Agency gives. Within the agency, or one that it
// belongs to, the unit decides. Another agency operates it as a whole, whichever of its units performed something, if the name is its own;
// a unit of that name within it is another unit.
func operates(by v1alpha1.Performer, c *Case) bool {
	switch {
	case c.Agency == nil:
		return false
	case by.AgencyRef == nil:
		return sameName(by.Unit, c.Agency.Spec.OperatedBy) || sameName(by.Organisation, c.Agency.Spec.OperatedBy)
	case slices.Contains(c.Owners, by.AgencyRef.Name):
		return sameName(by.Unit, c.Agency.Spec.OperatedBy)
	default:
		return isCalled(by.AgencyRef.Name, c.Agencies[by.AgencyRef.Name], c.Agency.Spec.OperatedBy)
	}
}

func isCalled(object string, agency *v1alpha1.Agency, name string) bool {
	names := []string{object}
	if agency != nil {
		names = append(names, agency.Spec.Code, agency.Spec.Names.Vi, agency.Spec.Names.En)
	}
	return slices.ContainsFunc(names, func(own string) bool { return sameName(own, name) })
}

// sameName tells whether two names are the same to a reader: however letters and their marks are put together, in capitals or not, with
// blanks around or several between, and with what nobody sees, such as a space without width. No name is the same as none.
func sameName(a, b string) bool {
	a, b = readable(a), readable(b)
	return a != "" && strings.EqualFold(a, b)
}

func readable(name string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(norm.NFC.String(seen)), " ")
}
