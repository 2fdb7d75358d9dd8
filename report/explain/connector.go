package explain

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// Connector explains the first Connector of the case.
func Connector(l locale.Language, c *Case) *Explanation {
	t := &teller{l: l, c: c}
	link := &c.Links[0]
	name := link.Connector.Namespace + "/" + link.Connector.Name
	ready := isReady(link.Connector)
	e := &Explanation{
		Ready: ready, Unread: t.unread(),
		Heading: l.Say("Kết nối %s của cơ quan %s với trục %s, cấp độ %d", "Connector %s of Agency %s to ExchangeHub %s, level %d",
			name, link.Connector.Spec.AgencyRef.Name, link.Connector.Spec.HubRef.Name, link.Connector.Spec.SecurityLevel),
		Verdict: l.Say("Mọi việc đều ổn: kết nối đã sẵn sàng.", "All is well: the Connector is ready."),
	}
	if !ready {
		e.Verdict = t.notReady(link.Connector)
	}
	t.link(0, link)
	e.Steps = t.steps
	return e
}

func (t *teller) notReady(c *v1alpha1.Connector) string {
	ready := judged(c.Status.Conditions, v1alpha1.ConditionReady, c.Generation)
	if ready == nil {
		return t.l.Say("Chưa sẵn sàng: hệ thống điều hành chưa xem xét khai báo mới nhất.", "Not ready: the operator has not judged the newest spec yet.")
	}
	return t.l.Say("Chưa sẵn sàng: %s (%s).", "Not ready: %s (%s).", t.l.Reason(ready.Reason), ready.Reason)
}

// order is the order in which Ready sums up: the first that fails is the reason.
func order() []string {
	return []string{
		v1alpha1.ConditionAccepted, v1alpha1.ConditionCertificateReady, v1alpha1.ConditionWorkloadAvailable,
		v1alpha1.ConditionHubConnected, v1alpha1.ConditionCompliant,
	}
}

// link tells the conditions of a Connector in their order, and under each that fails what it hangs on.
func (t *teller) link(depth int, link *Link) {
	c := link.Connector
	if ptr.Deref(c.Spec.Paused, false) {
		t.say(depth, Bad, t.l.Say("Kết nối đang tạm dừng (spec.paused): không có gì được ghi cho nó.",
			"The Connector is paused (spec.paused): nothing is written for it."),
			t.byTenant(`kubectl -n %s patch connector %s --type=merge -p '{"spec":{"paused":false}}'`, c.Namespace, c.Name))
	}
	if judged(c.Status.Conditions, v1alpha1.ConditionReady, c.Generation) == nil {
		t.notJudged(depth)
		return
	}
	first := firstFailing(c)
	for _, conditionType := range order() {
		condition := meta.FindStatusCondition(c.Status.Conditions, conditionType)
		if condition == nil {
			t.say(depth, Open, t.l.Say("%s: chưa quan sát được", "%s: not observed yet", t.l.Condition(conditionType)))
			continue
		}
		t.condition(depth, link, condition, condition.Type == first)
	}
	t.remarks(depth, c)
}

func (t *teller) notJudged(depth int) {
	t.say(depth, Open, t.l.Say(
		"Hệ thống điều hành chưa xem xét khai báo mới nhất. Nếu sau một phút vẫn vậy, hãy kiểm tra hệ thống điều hành có đang chạy không.",
		"The operator has not judged the newest spec yet. If that is still so after a minute, see whether the operator runs."),
		t.byPlatform("kubectl -n lienthong-system get deployment connector-operator"))
}

func (t *teller) condition(depth int, link *Link, c *metav1.Condition, first bool) {
	words := t.l.Say("%s: %s", "%s: %s", t.l.Condition(c.Type), t.l.Reason(c.Reason))
	if c.Status == metav1.ConditionTrue {
		t.say(depth, Good, words)
		t.cause(depth+1, link, c)
		return
	}
	mark := Bad
	if c.Status == metav1.ConditionUnknown {
		mark = Open
	}
	if !first && follows(link.Connector, c) {
		t.say(depth, mark, words+t.l.Say(" (do những điều ở trên)", " (follows from the above)"))
		return
	}
	if first {
		words += t.l.Say(" — đây là lý do đầu tiên", " — this is the first reason")
	}
	t.add(Step{Depth: depth, Mark: mark, Text: words, Said: c.Message})
	t.cause(depth+1, link, c)
}

// follows tells that a condition fails only because an earlier one does: nothing is issued and nothing runs for whom is not accepted.
func follows(connector *v1alpha1.Connector, c *metav1.Condition) bool {
	if meta.IsStatusConditionFalse(connector.Status.Conditions, v1alpha1.ConditionAccepted) &&
		slices.Contains([]string{"Issuing", v1alpha1.ReasonProgressing}, c.Reason) {
		return true
	}
	return slices.Contains([]string{v1alpha1.ReasonNotEnforced, v1alpha1.ReasonNotObserved, v1alpha1.ReasonPaused, "NotProvisioned", "Withdrawn"}, c.Reason)
}

// cause tells what a condition hangs on.
func (t *teller) cause(depth int, link *Link, c *metav1.Condition) {
	if c.Status == metav1.ConditionTrue {
		if c.Reason == "RenewalRefused" {
			t.certificate(depth, link, c)
		}
		return
	}
	switch c.Type {
	case v1alpha1.ConditionAccepted:
		t.accepted(depth, link, c)
	case v1alpha1.ConditionCertificateReady:
		t.certificate(depth, link, c)
	case v1alpha1.ConditionWorkloadAvailable:
		t.workload(depth, link, c)
	case v1alpha1.ConditionHubConnected:
		t.hubLink(depth, link, c)
	case v1alpha1.ConditionCompliant:
		t.compliance(depth, link)
	}
}

// remarks are what is not part of Ready and deserves a look.
func (t *teller) remarks(depth int, c *v1alpha1.Connector) {
	for i := range c.Status.Conditions {
		condition := &c.Status.Conditions[i]
		switch {
		case condition.Type == v1alpha1.ConditionCertificateExpiring && condition.Status == metav1.ConditionTrue:
			t.add(Step{Depth: depth, Mark: Open, Said: condition.Message, Text: t.l.Say("Chứng thư sắp hết hạn", "The certificate is near its end"),
				Commands: []Command{t.byViewer("kubectl -n %s describe certificate %s", c.Namespace, objects(c))}})
		case condition.Type == v1alpha1.ConditionMaintenanceHeld && condition.Status == metav1.ConditionTrue:
			t.add(Step{Depth: depth, Mark: Note, Said: condition.Message,
				Text: t.l.Say("Đang đợi khung giờ bảo trì", "Something waits for a maintenance window")})
		case condition.Type == v1alpha1.ConditionRenewalAccepted && condition.Status != metav1.ConditionTrue:
			t.add(Step{Depth: depth, Mark: Open, Said: condition.Message, Text: t.l.Say("Yêu cầu gia hạn chứng thư", "The requested renewal")})
		}
	}
}

// firstFailing is the condition that gives Ready its reason: the first that is False or, if none is, the first that is not True.
func firstFailing(c *v1alpha1.Connector) string {
	unknown := ""
	for _, conditionType := range order() {
		condition := meta.FindStatusCondition(c.Status.Conditions, conditionType)
		switch {
		case condition != nil && condition.Status == metav1.ConditionFalse:
			return conditionType
		case condition == nil || condition.Status != metav1.ConditionTrue:
			if unknown == "" {
				unknown = conditionType
			}
		}
	}
	return unknown
}

// judged is a condition that tells of the newest spec; nil if there is none.
func judged(conditions []metav1.Condition, conditionType string, generation int64) *metav1.Condition {
	c := meta.FindStatusCondition(conditions, conditionType)
	if c == nil || c.ObservedGeneration < generation {
		return nil
	}
	return c
}

func isReady(c *v1alpha1.Connector) bool {
	ready := judged(c.Status.Conditions, v1alpha1.ConditionReady, c.Generation)
	return ready != nil && ready.Status == metav1.ConditionTrue
}

// objects is the name that the operator gives to the objects of a Connector.
func objects(c *v1alpha1.Connector) string { return c.Name + "-gateway" }
