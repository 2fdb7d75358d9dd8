package hub

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

func trustResolved(s *scope, now time.Time) metav1.Condition {
	if s.unreadable != nil {
		return conditions.False(v1alpha1.ConditionTrustResolved, v1alpha1.ReasonTrustAnchorUnreadable, s.unreadable.Error())
	}
	var expired []string
	var inForce int
	for _, a := range s.kept.Anchors {
		if a.State == v1alpha1.TrustAnchorDistrusted {
			continue
		}
		inForce++
		if !a.NotAfter.After(now) {
			expired = append(expired, a.Name)
		}
	}
	if len(expired) == inForce {
		return conditions.False(v1alpha1.ConditionTrustResolved, v1alpha1.ReasonTrustAnchorExpired, fmt.Sprintf(
			"Every trust anchor has expired (%s), so no peer can be verified; add the certificate of an authority that is valid.", strings.Join(expired, ", ")))
	}
	message := fmt.Sprintf("Gateways trust %d certification authorities.", inForce-len(expired))
	if len(expired) > 0 {
		message += fmt.Sprintf(" Expired, and of no use any more: %s.", strings.Join(expired, ", "))
	}
	return conditions.True(v1alpha1.ConditionTrustResolved, v1alpha1.ReasonTrustResolved, message+heldSentences(s)+distrustedSentences(s))
}

func heldSentences(s *scope) string {
	var text strings.Builder
	for _, a := range s.kept.Anchors {
		if a.State != v1alpha1.TrustAnchorHeld {
			continue
		}
		reason := "until every gateway has the anchors that remain"
		if users := s.users(a.SHA256); users != "" {
			reason = "because " + users + " on it"
		}
		fmt.Fprintf(&text, " Anchor %s was removed from the list and stays in force, %s.", a.Name, reason)
	}
	return text.String()
}

func distrustedSentences(s *scope) string {
	var text strings.Builder
	for _, a := range s.kept.Anchors {
		if users := s.users(a.SHA256); users != "" && a.State == v1alpha1.TrustAnchorDistrusted {
			fmt.Fprintf(&text, " Anchor %s is distrusted and out of force, although %s on it.", a.Name, users)
		}
	}
	return text.String()
}

// users says who relies on an anchor, with the verb; empty if nobody does.
func (s *scope) users(fingerprint string) string {
	connectors := int(s.decision.Uses[fingerprint])
	operator := connectors > 0 && s.operatorRelies(fingerprint)
	if operator {
		connectors--
	}
	switch {
	case operator && connectors == 0:
		return "the operator itself relies"
	case operator:
		return plural(connectors, "Connector", "Connectors") + " and the operator itself rely"
	case connectors > 0:
		return plural(connectors, "Connector relies", "Connectors rely")
	}
	return ""
}

// operatorRelies tells whether the operator is among those who rely on an anchor: on one that is not wanted, only if its own
// certificate ends in none that is.
func (s *scope) operatorRelies(fingerprint string) bool {
	trusted := func(a string) bool { return s.bundle.State(a) == v1alpha1.TrustAnchorTrusted }
	return slices.Contains(s.operatorsOwn, fingerprint) && (trusted(fingerprint) || !slices.ContainsFunc(s.operatorsOwn, trusted))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// maxNamed is how many names one sentence has.
const maxNamed = 3

// enumerate names the first.
func enumerate(names []string) string {
	if len(names) > maxNamed {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
	}
	return strings.Join(names, ", ")
}
