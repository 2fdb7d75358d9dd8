package rollover

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// maxNamed is how many connectors a message names before it only counts.
const maxNamed = 3

func (v *view) condition(phase v1alpha1.RolloverPhase) metav1.Condition {
	switch {
	case phase == v1alpha1.RolloverComplete:
		return conditions.True(v1alpha1.ConditionRolloverComplete, string(phase), v.complete())
	case v.paused():
		return conditions.False(v1alpha1.ConditionRolloverComplete, v1alpha1.ReasonRolloverPaused, v.pausedMessage())
	case phase == v1alpha1.RolloverDistributing:
		return conditions.False(v1alpha1.ConditionRolloverComplete, string(phase), v.distributing())
	case phase == v1alpha1.RolloverReissuing:
		return conditions.False(v1alpha1.ConditionRolloverComplete, string(phase), v.reissuing())
	default:
		return conditions.False(v1alpha1.ConditionRolloverComplete, string(phase), v.retiring())
	}
}

func (v *view) distributing() string {
	behind := v.those(v.behind)
	asked := v.count(func(m *Member) bool { return m.HasCertificate && !m.Excluded && !v.cutOff(m) })
	text := fmt.Sprintf("%d of %s loaded the trust anchors in all pods; this waits for %s.",
		asked-int32(len(behind)), connectors(asked, "has", "have"), list(behind))
	if v.moving() {
		return text + " No turn begins before. A Connector whose gateway cannot load them is left out while spec.paused is true."
	}
	return text + " Change issuerRef when all have."
}

func (v *view) reissuing() string {
	text := v.progress()
	if turns := v.those(v.hasTurn); len(turns) > 0 {
		text += fmt.Sprintf(" It is the turn of %s.", list(turns))
	}
	waiting := v.waiting()
	closed := slices.DeleteFunc(slices.Clone(waiting), func(m *Member) bool { return m.Eligible || v.urgent(m) })
	if open := len(waiting) - len(closed); open > 0 {
		text += fmt.Sprintf(" %s for a turn.", connectors(int32(open), "waits", "wait"))
	}
	if len(closed) > 0 {
		text += fmt.Sprintf(" %s for a maintenance window: %s.", connectors(int32(len(closed)), "waits", "wait"), list(closed))
	}
	return text
}

func (v *view) progress() string {
	if v.anyone(certified) == nil {
		return "No Connector has a certificate yet."
	}
	return fmt.Sprintf("%d of %s a certificate from %s in all pods.",
		v.count(v.done), connectors(v.count(certified), "serves", "serve"), describe(v.Issuer))
}

// pausedMessage names the failed with what went wrong, as far as a message goes.
func (v *view) pausedMessage() string {
	failures := v.failures()
	text := fmt.Sprintf("No turn begins, because %s not get through (rollover.maxFailures is %d). It goes on by itself once they work; "+
		"help them, pause them, or raise maxFailures.", connectors(int32(len(failures)), "does", "do"), v.maxFailures())
	for _, f := range failures[:min(len(failures), maxNamed)] {
		text += fmt.Sprintf(" %s/%s: %s", f.Namespace, f.Name, conditions.Shorten(f.Message, maxMessage/maxNamed))
	}
	return text
}

// retiring tells of the first anchor that cannot go, and who needs it.
func (v *view) retiring() string {
	held := slices.DeleteFunc(slices.Clone(v.Anchors), func(a Anchor) bool { return a.State != v1alpha1.TrustAnchorHeld })
	i := slices.IndexFunc(held, func(a Anchor) bool { return v.uses[a.Fingerprint] > 0 })
	if i < 0 {
		return v.unseenMessage(held[0])
	}
	var parts, then []string
	users := v.those(func(m *Member) bool { return m.relies().Has(held[i].Fingerprint) })
	if n := int32(len(users)); n > 0 {
		parts = append(parts, fmt.Sprintf("%s on it (%s)", connectors(n, "relies", "rely"), list(users)))
		if !slices.ContainsFunc(users, func(m *Member) bool { return m.Authority == held[i].Fingerprint }) {
			then = append(then, "The newest certificates of these Connectors are of other authorities: see that the hub's own certificate is, too, "+
				"and wait until rollover.quietPeriod has passed.")
		}
	}
	if v.operator().Has(held[i].Fingerprint) {
		parts = append(parts, "the operator's own certificate ends in it")
		then = append(then, "Give the operator a certificate of an authority in trustAnchors.")
	}
	text := fmt.Sprintf("Anchor %s was removed from trustAnchors and stays in force, because %s.", held[i].Name, strings.Join(parts, " and "))
	return strings.Join(append([]string{text}, then...), " ")
}

// unseenMessage tells of an anchor that could go if all had been seen.
func (v *view) unseenMessage(a Anchor) string {
	text := fmt.Sprintf("Anchor %s was removed from trustAnchors and nobody is known to rely on it; it leaves when ", a.Name)
	if _, leaving := v.leaving[a.Fingerprint]; leaving {
		return text + fmt.Sprintf("that has been so for %s.", settling)
	}
	if late := v.those(unseen); len(late) > 0 {
		return text + fmt.Sprintf("all gateways have told what they rely on, and this waits for %s.", list(late))
	}
	return text + "a Connector is linked to the hub again, and so sees what the hub shows."
}

// complete tells also which anchors of the list nobody uses, if somebody uses another. One may be old or yet to come.
func (v *view) complete() string {
	text := v.progress()
	if !slices.ContainsFunc(v.Anchors, func(a Anchor) bool { return a.State == v1alpha1.TrustAnchorTrusted && v.uses[a.Fingerprint] > 0 }) {
		return text
	}
	for i, a := range v.Anchors {
		first := slices.IndexFunc(v.Anchors, func(b Anchor) bool { return b.Name == a.Name }) == i
		used := slices.ContainsFunc(v.Anchors, func(b Anchor) bool { return b.Name == a.Name && !v.unused(b) })
		if first && !used {
			text += fmt.Sprintf(" Anchor %s is used by nobody: remove it from trustAnchors, or, if it is the new one, change issuerRef.", a.Name)
		}
	}
	return text
}

func certified(m *Member) bool { return m.HasCertificate }

// connectors counts, with the verb that fits: "1 Connector has", "2 Connectors have".
func connectors(n int32, one, many string) string {
	if n == 1 {
		return "1 Connector " + one
	}
	return fmt.Sprintf("%d Connectors %s", n, many)
}

// list names the first members: "a/b, c/d, e/f and 2 more".
func list(members []*Member) string {
	var names []string
	for _, m := range members[:min(len(members), maxNamed)] {
		names = append(names, m.Namespace+"/"+m.Name)
	}
	text := strings.Join(names, ", ")
	if more := len(members) - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func describe(issuer v1alpha1.IssuerReference) string {
	if issuer.Kind == "" {
		return "ClusterIssuer " + issuer.Name
	}
	return fmt.Sprintf("%s %s", issuer.Kind, issuer.Name)
}
