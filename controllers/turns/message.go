package turns

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

const (
	// maxNamed is how many Connectors a message names before it only counts.
	maxNamed = 3
	// maxProblem is how much of what a Connector lacks a message repeats.
	maxProblem = 256
)

func (v *view) condition(phase v1alpha1.RolloutPhase) metav1.Condition {
	const t = v1alpha1.ConditionRolledOut
	switch {
	case v.obstacle != "":
		return conditions.False(t, v1alpha1.ReasonForeignObject, v.obstacle)
	case phase == v1alpha1.RolloutPaused:
		return conditions.False(t, v1alpha1.ReasonRolloutPaused, v.pausedMessage())
	case phase == v1alpha1.RolloutUnderWay:
		return conditions.False(t, v1alpha1.ReasonRollingOut, v.rollingOut())
	case len(v.members) == 0:
		return conditions.True(t, v1alpha1.ReasonComplete, v.of.Nobody)
	default:
		return conditions.True(t, v1alpha1.ReasonComplete, fmt.Sprintf("No Connector has an earlier revision than %s.", v.revision))
	}
}

func (v *view) rollingOut() string {
	text := v.progress()
	if turns := v.those(v.hasTurn); len(turns) > 0 {
		text += fmt.Sprintf(" It is the turn of %s.", list(turns))
	}
	waiting := v.waiting()
	out := slices.DeleteFunc(slices.Clone(waiting), func(m *member) bool { return !m.paused && !v.isRefused(m) })
	closed := slices.DeleteFunc(slices.Clone(waiting), func(m *member) bool { return m.paused || v.isRefused(m) || v.isOpen(m) })
	if open := len(waiting) - len(closed) - len(out); open > 0 {
		text += fmt.Sprintf(" %s for a turn.", connectors(open, "waits", "wait"))
	}
	if len(closed) > 0 {
		text += fmt.Sprintf(" %s for a maintenance window: %s.", connectors(len(closed), "waits", "wait"), list(closed))
	}
	if len(out) > 0 {
		text += fmt.Sprintf(" %s no turn while paused or not accepted: %s.", connectors(len(out), "gets", "get"), list(out))
	}
	return text + firstFailures(v.failures(), 1)
}

func (v *view) progress() string {
	return fmt.Sprintf("%d of %s ready under revision %s.",
		len(v.those(v.updated)), connectors(len(v.members), "is", "are"), v.revision)
}

func (v *view) pausedMessage() string {
	failures := v.failures()
	bound := fmt.Sprintf("rollout.maxFailures is %d", v.maxFailures())
	if v.batchSize() < v.maxFailures() {
		bound = fmt.Sprintf("rollout.batchSize is %d", v.batchSize())
	}
	return v.progress() + fmt.Sprintf(" No further turn begins, because %s not get through (%s), and %s. "+
		"It goes on by itself once they are ready; help them, allow more, or change the %s again.",
		connectors(len(failures), "did", "did"), bound, connectors(len(v.waiting()), "waits", "wait"), v.of.Noun) + firstFailures(failures, maxNamed)
}

// firstFailures names the first of the failed with what went wrong.
func firstFailures(failures []v1alpha1.RolloutFailure, most int) string {
	var text strings.Builder
	for _, f := range failures[:min(len(failures), most)] {
		fmt.Fprintf(&text, " %s/%s: %s", f.Namespace, f.Name, conditions.Shorten(f.Message, maxProblem))
	}
	return text.String()
}

// connectors counts, with the verb that fits: "1 Connector waits", "2 Connectors wait".
func connectors(n int, one, many string) string {
	if n == 1 {
		return "1 Connector " + one
	}
	return fmt.Sprintf("%d Connectors %s", n, many)
}

// list names the first members: "a/b, c/d, e/f and 2 more".
func list(members []*member) string {
	var names []string
	for _, m := range members[:min(len(members), maxNamed)] {
		names = append(names, m.namespace+"/"+m.name)
	}
	text := strings.Join(names, ", ")
	if more := len(members) - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
