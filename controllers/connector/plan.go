package connector

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// plan is what is to be done in one pass beside keeping the children as they should be.
type plan struct {
	// closed is true while no maintenance window is open.
	closed bool
	// demand to replace the leaf; demandHeld if it waits for a window.
	demand     *demand
	demandHeld bool
	// untold is true if a demand waits for a status that tells of the newest leaf, so that each rotation is told with its reason.
	untold bool
	// retryAt is when the issuer, which refused what is demanded, is asked again; zero if it did not.
	retryAt time.Time
	// restartFor makes the pods be replaced where it differs from what the Deployment has; restartUrgent if that does not wait.
	restartFor    string
	restartUrgent bool
	// held says in sentences what waits for a window.
	held []string
}

// decideWhatToDo computes the plan from what was read. It is pure.
func decideWhatToDo(s *scope, now time.Time) plan {
	s.plan = plan{closed: !s.windows.Open(now), demand: demanded(s, now)}
	if d := s.plan.demand; d != nil && !d.urgent && s.newestIsUntold() {
		s.plan.demand, s.plan.untold = nil, true
	}
	if d := s.plan.demand; d != nil && s.plan.closed && !d.urgent {
		s.plan.demandHeld = true
		s.plan.hold("the certificate is to be replaced, because " + d.because)
	}
	if at := asksAgainAt(s); at.After(now) {
		s.plan.retryAt = at
	}
	s.plan.restartFor, s.plan.restartUrgent = restartFor(s, now)
	return s.plan
}

// asksAgainAt is when the issuer is asked for what is demanded: after a pause if it refused the very thing, and at once for something new,
// such as a person's next request.
func asksAgainAt(s *scope) time.Time {
	d, asked := s.plan.demand, s.leaf.Replacement
	if d == nil || asked == nil || asked.Token != d.token || s.leaf.Failures <= asked.Failures {
		return time.Time{}
	}
	return s.leaf.RetryAt
}

// newestIsUntold tells whether the last status tells of an earlier leaf than the newest.
func (s *scope) newestIsUntold() bool {
	told, serial := s.before.Status.Certificate, s.newestSerial()
	return told != nil && told.SerialNumber != "" && serial != "" && told.SerialNumber != serial
}

// otherPods is what is held of a change of the class, or of anything else that pods are made of.
const otherPods = "the pods are to be replaced by others, because their image or their settings changed"

func (p *plan) hold(what string) { p.held = append(p.held, what) }

// maintenanceHeld is present only while something waits for a window.
func maintenanceHeld(s *scope, now time.Time) []metav1.Condition {
	held := s.plan.held
	if s.plan.closed && s.stagedClass.Class != nil && !s.stagedClass.Newest && !slices.Contains(held, otherPods) {
		// The class gives no turn to a Connector that has to wait for its window.
		held = append(slices.Clip(held), otherPods)
	}
	if len(held) == 0 || s.stopped() || s.paused() || s.awaitsTurn() {
		return nil
	}
	return []metav1.Condition{conditions.True(v1alpha1.ConditionMaintenanceHeld, "WaitsForWindow", fmt.Sprintf(
		"Until the next maintenance window opens, at %s, this waits: %s.",
		s.windows.Next(now).UTC().Format(time.RFC3339), strings.Join(held, "; ")))}
}
