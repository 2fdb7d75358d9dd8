package agency

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/agencycode"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// maxNamed is how many names a message lists before it only counts.
const maxNamed = 8

// check is one thing that an Agency is refused for. An empty reason means that there is nothing to refuse.
type check func(*scope) (reason, message string)

// accept is the condition Accepted: the first check that fails gives the reason.
func accept(s *scope) metav1.Condition {
	for _, c := range []check{codeTaken, legacyCodeTaken, noParent, ownAncestor, noSuccessor, ownSuccessor, noZone} {
		if reason, message := c(s); reason != "" {
			return conditions.False(v1alpha1.ConditionAccepted, reason, message)
		}
	}
	return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, strings.Join(append([]string{"The agency is accepted."}, notes(s)...), " "))
}

func codeTaken(s *scope) (string, string) {
	if s.codeHolder == nil {
		return "", ""
	}
	return v1alpha1.ReasonDuplicateCode, fmt.Sprintf(
		"code %s is already that of Agency %s, which is older; delete this Agency and create it with its own code, or delete the other one.",
		s.agency.Spec.Code, s.codeHolder.Name)
}

func legacyCodeTaken(s *scope) (string, string) {
	if s.legacyCodeHolder == nil {
		return "", ""
	}
	return v1alpha1.ReasonDuplicateCode, fmt.Sprintf(
		"legacyCode %s is already that of Agency %s, which is older; delete this Agency and create it with its own legacyCode, or delete the other one.",
		s.agency.Spec.LegacyCode, s.legacyCodeHolder.Name)
}

func noParent(s *scope) (string, string) {
	if !s.parentMissing {
		return "", ""
	}
	return v1alpha1.ReasonParentNotFound, fmt.Sprintf(
		"parentRef names Agency %s, which does not exist; create it, or correct parentRef.", s.agency.Spec.ParentRef.Name)
}

// ownAncestor refuses the Agencies of a circle, and not those that merely belong to one of them.
func ownAncestor(s *scope) (string, string) {
	if !slices.Contains(s.lineage, s.agency.Name) {
		return "", ""
	}
	return v1alpha1.ReasonParentCycle, fmt.Sprintf(
		"parentRef leads back to the agency itself (%s); correct the parentRef of one of them.", round(s.agency.Name, s.lineage))
}

// round writes the way from a name through others and back to it.
func round(name string, through []string) string {
	circle := append([]string{name}, through...)
	if len(circle) > maxNamed {
		circle = slices.Concat(circle[:maxNamed-2], []string{"…"}, circle[len(circle)-1:])
	}
	return strings.Join(circle, " → ")
}

func noSuccessor(s *scope) (string, string) {
	if !s.successorMissing {
		return "", ""
	}
	return v1alpha1.ReasonSuccessorNotFound, fmt.Sprintf(
		"supersededBy names Agency %s, which does not exist; create it, or correct supersededBy.", s.agency.Spec.SupersededBy.Name)
}

// ownSuccessor refuses the Agencies of a circle, which no cohort has and whose records nobody carries on, and not those that were merged into one
// of them.
func ownSuccessor(s *scope) (string, string) {
	switch {
	case !slices.Contains(s.successors, s.agency.Name):
		return "", ""
	case len(s.successors) == 1:
		return v1alpha1.ReasonInvalidSpec, "supersededBy names the agency itself; write the Agency that it was merged into."
	default:
		return v1alpha1.ReasonSuccessorCycle, fmt.Sprintf(
			"supersededBy leads back to the agency itself (%s), so no cohort has any of them; correct the supersededBy of one of them.",
			round(s.agency.Name, s.successors))
	}
}

// noZone refuses a time zone that does not exist, as in a plan: the agency's days would silently be those of another place.
func noZone(s *scope) (string, string) {
	name := s.agency.Spec.TimeZone
	if name == "" {
		return "", ""
	}
	if _, err := time.LoadLocation(name); err == nil && name != "Local" {
		return "", ""
	}
	return v1alpha1.ReasonInvalidTimeZone, fmt.Sprintf(
		"timeZone %q is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or Asia/Tokyo.", name)
}

// notes are what deserves a look although nothing is refused for it. Codes are kept as declared, also odd ones.
func notes(s *scope) []string {
	legacy, err := agencycode.ParseLegacy(s.agency.Spec.LegacyCode)
	if err != nil {
		return nil
	}
	if skipped := legacy.SkippedLevel(); skipped != 0 {
		return []string{fmt.Sprintf("legacyCode %s names a unit of level %d and leaves out level %d; compare it with the published list.",
			legacy, legacy.Level(), skipped)}
	}
	code, err := agencycode.Parse(s.agency.Spec.Code)
	if err == nil && !agencycode.SameUnit(code, legacy) {
		return []string{fmt.Sprintf("code %s and legacyCode %s read as different units; compare both with the published lists.", code, legacy)}
	}
	return nil
}
