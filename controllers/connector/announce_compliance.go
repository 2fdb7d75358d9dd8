package connector

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// announceLevel tells when another level rules than before.
func (r *Reconciler) announceLevel(s *scope) {
	before, after := s.before.Status.SecurityLevel, s.connector.Status.SecurityLevel
	if before == 0 || before == after {
		return
	}
	because := "it is declared, and no level is approved"
	if s.connector.Status.ApprovedLevel != nil {
		because = "it is approved"
	}
	r.Recorder.Eventf(s.connector, nil, corev1.EventTypeNormal, "LevelChanged", "Rule",
		"Security level %d rules the Connector instead of level %d, because %s.", after, before, because)
}

// announceDuties tells of each duty, under whatever regime, whose state is another one than before. What is seen for the first time is no
// change.
func (r *Reconciler) announceDuties(s *scope) {
	for i := range s.connector.Status.Compliance {
		after := &s.connector.Status.Compliance[i]
		at := slices.IndexFunc(s.before.Status.Compliance, func(b v1alpha1.ComplianceStatus) bool { return b.Regime == after.Regime })
		if at < 0 {
			continue
		}
		before := &s.before.Status.Compliance[at]
		for j := range after.Duties {
			if n := newsOf(after, &after.Duties[j], stateOf(before, after.Duties[j].Kind)); n != nil {
				r.Recorder.Eventf(s.connector, nil, n.kind, n.reason, actionOf(after, &after.Duties[j]), "%s", n.message)
			}
		}
	}
}

// maxAction is the longest action of an Event that the API takes.
const maxAction = 128

// actionOf names the duty, and the regime unless it rules: Events that name the same object, reason and action are told as one, in the
// words of the first.
func actionOf(status *v1alpha1.ComplianceStatus, duty *v1alpha1.DutyStatus) string {
	if ptr.Deref(status.Ruling, false) {
		return duty.Kind
	}
	return conditions.Shorten(duty.Kind+" under "+status.Regime, maxAction)
}

// news of a duty is one Event.
type news struct{ kind, reason, message string }

// newsOf compares the state of a duty with the one before; nil if there is nothing to tell.
func newsOf(status *v1alpha1.ComplianceStatus, duty *v1alpha1.DutyStatus, before v1alpha1.DutyState) *news {
	if before == "" || before == duty.State {
		return nil
	}
	switch duty.State {
	case v1alpha1.DutyOverdue, v1alpha1.DutyMissing:
		return &news{corev1.EventTypeWarning, "Duty" + string(duty.State), whyDutyIsShort(status, duty)}
	case v1alpha1.DutyDueSoon:
		return &news{corev1.EventTypeNormal, "DutyDueSoon", fmt.Sprintf(
			"%s under regime %s is due by %s.", duty.Kind, status.Regime, duty.DueDate)}
	case v1alpha1.DutyWaived:
		return &news{corev1.EventTypeNormal, "DutyWaived", fmt.Sprintf(
			"%s under regime %s is waived by DutyWaiver %s.", duty.Kind, status.Regime, duty.Waiver)}
	case v1alpha1.DutySatisfied:
		return &news{corev1.EventTypeNormal, "DutySatisfied", fmt.Sprintf(
			"%s under regime %s is satisfied by record %s.", duty.Kind, status.Regime, duty.Evidence)}
	}
	return nil
}

func whyDutyIsShort(status *v1alpha1.ComplianceStatus, duty *v1alpha1.DutyStatus) string {
	for i := range status.Shortfalls {
		if f := &status.Shortfalls[i]; f.Name == duty.Kind && ptr.Deref(status.Ruling, false) {
			return f.Message
		} else if f.Name == duty.Kind {
			return fmt.Sprintf("Under regime %s: %s", status.Regime, f.Message)
		}
	}
	return fmt.Sprintf("%s under regime %s is %s.", duty.Kind, status.Regime, duty.State)
}
