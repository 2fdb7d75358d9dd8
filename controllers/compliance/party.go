package compliance

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// wrongParty refuses an appraisal or an approval by somebody else than the one whom the law names for that level. Where no profile says
// who that is, nobody is wrong.
func wrongParty(record *v1alpha1.ComplianceEvidence, c *Case, regime string) *Denial {
	if record.Spec.Level == nil {
		return nil
	}
	approval := c.approval(regime, *record.Spec.Level)
	if approval == nil {
		return nil
	}
	switch record.Spec.Kind {
	case v1alpha1.EvidenceLevelAppraisal:
		return mismatch(record, c, regime, &approval.Appraiser, v1alpha1.ReasonWrongAppraiser, "appraised")
	case v1alpha1.EvidenceLevelApproval:
		return mismatch(record, c, regime, &approval.Approver, v1alpha1.ReasonWrongApprover, "approved")
	default:
		return nil
	}
}

func mismatch(record *v1alpha1.ComplianceEvidence, c *Case, regime string, party *v1alpha1.ResponsibleParty, reason, done string) *Denial {
	if matches(record.Spec.PerformedBy, party, c.Owners) {
		return nil
	}
	hint := ""
	if record.Spec.Regime == "" {
		hint = " If that was done under another regime, write that one into regime."
	}
	return &Denial{reason, fmt.Sprintf("performedBy is %s, but under regime %s level %d is %s by %s; have it %s there, and record that.%s",
		performer(record.Spec.PerformedBy), regime, *record.Spec.Level, done, described(party, c), done, hint)}
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
		return party.AgencyRef != nil && party.AgencyRef.Name == agency || sameName(by.Organisation, party.Name)
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
		return party.Name
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
	if record.Spec.Kind != v1alpha1.EvidenceLevelAppraisal || !operates(record.Spec.PerformedBy, c.Agency) {
		return nil
	}
	return &Denial{v1alpha1.ReasonAppraiserOperates, fmt.Sprintf(
		"performedBy is %s, and %s operates the system by the word of Agency %s; have the level appraised by who does not operate it, and record that.",
		performer(record.Spec.PerformedBy), c.Agency.Spec.OperatedBy, c.Agency.Name)}
}

func operates(by v1alpha1.Performer, agency *v1alpha1.Agency) bool {
	return agency != nil && (sameName(by.Unit, agency.Spec.OperatedBy) || sameName(by.Organisation, agency.Spec.OperatedBy))
}

// sameName tells whether two names are the same to a reader: however letters and their marks are put together, in capitals or not, with
// blanks around or several between. No name is the same as none.
func sameName(a, b string) bool {
	a, b = readable(a), readable(b)
	return a != "" && strings.EqualFold(a, b)
}

func readable(name string) string {
	return strings.Join(strings.Fields(norm.NFC.String(name)), " ")
}
