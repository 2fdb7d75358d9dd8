package connector

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// Reasons of the condition Compliant. The first four are in the order in which they are told; the first three wait for people.
const (
	reasonLevelNotApproved   = "LevelNotApproved"
	reasonDutiesOverdue      = "DutiesOverdue"
	reasonDutiesMissing      = "DutiesMissing"
	reasonTechnicalShortfall = "TechnicalShortfall"
	reasonRequirementsMet    = "RequirementsMet"
	reasonNotEnforced        = v1alpha1.ReasonNotEnforced
)

// judge tells how the Connector stands under the regime of its hub and under each other one. It is pure.
func judge(s *scope) []v1alpha1.ComplianceStatus {
	return compliance.Judge(s.ruling.Case, s.subjects())
}

// subjects are the regimes that the Connector is judged under, with what its objects lack for each.
func (s *scope) subjects() []compliance.Subject {
	var all []compliance.Subject
	if s.ruling.Newest != nil {
		all = append(all, compliance.Subject{
			Profile: s.ruling.Newest, Ruling: true, Level: s.ruling.Level, Technical: append(s.levelShortfalls(), s.technicalShortfalls()...),
		})
	}
	for _, profile := range s.ruling.Others {
		all = append(all, compliance.Subject{
			Profile: profile, Level: s.connector.Spec.SecurityLevel, Technical: s.technicalShortfallsUnder(profile),
		})
	}
	return all
}

// levelShortfalls tell that a higher level is declared than is approved.
func (s *scope) levelShortfalls() []v1alpha1.Shortfall {
	declared, approved := s.connector.Spec.SecurityLevel, s.ruling.Approved
	if approved == nil || declared <= *approved {
		return nil
	}
	return []v1alpha1.Shortfall{{Type: v1alpha1.ShortfallLevel, Name: "securityLevel", Message: fmt.Sprintf(
		"Level %d is declared, level %d is approved and rules until level %d is approved.", declared, *approved, declared)}}
}

// nextJudgement is when time alone changes what is told of the Connector's compliance; zero for never.
func nextJudgement(s *scope) time.Time {
	c := s.ruling.Case
	next, found := compliance.NextChange(c, s.subjects())
	for _, day := range s.imagesGrowOld() {
		if day.Compare(c.Today) > 0 && (!found || day.Compare(next) < 0) {
			next, found = day, true
		}
	}
	if !found {
		return time.Time{}
	}
	return next.Start(compliance.Zone(c.Agency))
}

// imagesGrowOld are the first days on which the image is too old for a profile that the Connector is judged by.
func (s *scope) imagesGrowOld() []civil.Date {
	var days []civil.Date
	for _, profile := range append(slices.Clone(s.ruling.Others), s.profile) {
		if last, bounded := s.imageMayRunUntil(profile); bounded {
			days = append(days, last.AddDays(1))
		}
	}
	return days
}

// profileRevision is the revision by which the objects were last made: it moves when every child was applied and nothing waits for a
// window. It is kept while the profile or the hub is gone for a moment, and when another profile rules the same level.
func (s *scope) profileRevision() string {
	if s.profile != nil && s.made() {
		return s.ruling.Staged.Revision
	}
	told := s.before.Status
	if s.profile != nil && told.Profile != s.profile.Name && told.SecurityLevel != s.ruling.Level {
		return ""
	}
	return told.ProfileRevision
}

// made tells that every child is as it is to be, and nothing waits for a window.
func (s *scope) made() bool {
	return !s.stopped() && !s.paused() && !s.awaitsTurn() && s.applied() && !s.heldBack
}

// classRevision is the class and the revision of it by which the objects were last made.
func (s *scope) classRevision() (name, revision string) {
	if s.class != nil && s.made() {
		return s.class.Name, s.stagedClass.Revision
	}
	return s.before.Status.ClassName, s.before.Status.ClassRevision
}

// rulingStatus is how the Connector stands under the regime of its hub; nil if no profile rules it.
func rulingStatus(all []v1alpha1.ComplianceStatus) *v1alpha1.ComplianceStatus {
	for i := range all {
		if ptr.Deref(all[i].Ruling, false) {
			return &all[i]
		}
	}
	return nil
}

// compliant is True only if nothing is short under the regime of the hub.
func compliant(s *scope, all []v1alpha1.ComplianceStatus) metav1.Condition {
	const t = v1alpha1.ConditionCompliant
	if reason, message := s.notEnforced(); reason != "" {
		if reason == reasonNotEnforced && !s.stopped() {
			return conditions.False(t, reason, message)
		}
		return conditions.Unknown(t, reason, message)
	}
	status := rulingStatus(all)
	if status == nil {
		return conditions.Unknown(t, v1alpha1.ReasonNotObserved, "No SecurityProfile rules the Connector.")
	}
	message := compliance.Sentence(s.ruling.Case, status)
	if ptr.Deref(status.Satisfied, false) {
		return conditions.True(t, reasonRequirementsMet, message)
	}
	return conditions.False(t, whyShort(status), message)
}

// whyShort is the first reason for which a regime is not satisfied: what only people can mend comes first.
func whyShort(status *v1alpha1.ComplianceStatus) string {
	duty := func(state v1alpha1.DutyState) bool {
		return slices.ContainsFunc(status.Shortfalls, func(f v1alpha1.Shortfall) bool {
			return f.Type == v1alpha1.ShortfallDuty && stateOf(status, f.Name) == state
		})
	}
	switch {
	case slices.ContainsFunc(status.Shortfalls, func(f v1alpha1.Shortfall) bool { return f.Type == v1alpha1.ShortfallLevel }):
		return reasonLevelNotApproved
	case duty(v1alpha1.DutyOverdue):
		return reasonDutiesOverdue
	case duty(v1alpha1.DutyMissing):
		return reasonDutiesMissing
	}
	return reasonTechnicalShortfall
}

func stateOf(status *v1alpha1.ComplianceStatus, kind string) v1alpha1.DutyState {
	for i := range status.Duties {
		if status.Duties[i].Kind == kind {
			return status.Duties[i].State
		}
	}
	return ""
}

// onlyPeopleCan tells that nothing but compliance keeps the Connector from being ready, and that a person has to act for it: something is
// to be recorded, or the platform has to take another image.
func onlyPeopleCan(observed []metav1.Condition, all []v1alpha1.ComplianceStatus) bool {
	c, status := meta.FindStatusCondition(observed, v1alpha1.ConditionCompliant), rulingStatus(all)
	if c == nil || c.Status != metav1.ConditionFalse || status == nil {
		return false
	}
	for i := range observed {
		if observed[i].Type != v1alpha1.ConditionCompliant && observed[i].Status != metav1.ConditionTrue {
			return false
		}
	}
	switch c.Reason {
	case reasonLevelNotApproved, reasonDutiesOverdue, reasonDutiesMissing:
		return true
	case reasonTechnicalShortfall:
		return !slices.ContainsFunc(status.Shortfalls, func(f v1alpha1.Shortfall) bool { return f.Name != fieldImageAge })
	}
	return false
}
