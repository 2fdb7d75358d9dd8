package explain

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// hubRefuses tells what of the hub keeps the Connector from being linked to it.
func (t *teller) hubRefuses(depth int, link *Link, reason string) {
	name, agency := link.Connector.Spec.HubRef.Name, link.Connector.Spec.AgencyRef.Name
	switch reason {
	case v1alpha1.ReasonHubNotFound:
		t.say(depth, Bad, t.l.Say("Chưa có trục %s; bên quản trị nền tảng khai báo trục, hoặc tạo lại kết nối với trục khác.",
			"There is no ExchangeHub %s; the platform declares it, or the Connector is created again for another.", name), t.byAuditor("kubectl get exchangehubs"))
	case v1alpha1.ReasonAgencyNotListed:
		t.say(depth, Bad, t.l.Say("Trục %s ghi rõ các cơ quan được kết nối, và %s không ở trong đó.",
			"ExchangeHub %s lists the agencies that may connect, and %s is not among them.", name, agency),
			t.byPlatform(`kubectl patch exchangehub %s --type=json -p '[{"op":"add","path":"/spec/agencyRefs/-","value":%s}]'`,
				name, fmt.Sprintf(`{"name":%q}`, agency)))
	case v1alpha1.ReasonAgencyRevoked:
		t.say(depth, Bad, t.l.Say("Trục %s đã thu hồi quyền của cơ quan %s (spec.revocations).",
			"ExchangeHub %s has revoked Agency %s (spec.revocations).", name, agency), t.byPlatform("kubectl edit exchangehub %s", name))
	case "HubNetworkUnknown", "LogCollectorUnknown":
		t.say(depth, Bad, t.l.Say("Khai báo của trục %s còn thiếu.", "The spec of ExchangeHub %s is incomplete.", name),
			t.byPlatform("kubectl edit exchangehub %s", name))
	default:
		t.hubTrust(depth, link)
	}
}

// hubTrust tells which conditions of the hub fail, such as its trust.
func (t *teller) hubTrust(depth int, link *Link) {
	name := link.Connector.Spec.HubRef.Name
	if link.Hub == nil {
		t.say(depth, Bad, t.l.Say("Xem trục %s.", "See ExchangeHub %s.", name), t.byAuditor("kubectl describe exchangehub %s", name))
		return
	}
	for _, conditionType := range []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionTrustResolved} {
		c := judged(link.Hub.Status.Conditions, conditionType, link.Hub.Generation)
		if c == nil || c.Status == metav1.ConditionTrue {
			continue
		}
		t.add(Step{
			Depth: depth, Mark: Bad, Said: c.Message,
			Text: t.l.Say("Trục %s — %s: %s", "ExchangeHub %s — %s: %s", name, t.l.Condition(conditionType), t.l.Reason(c.Reason)),
			Commands: []Command{
				t.byAuditor("kubectl describe exchangehub %s", name), t.byPlatform("kubectl edit exchangehub %s", name),
			},
		})
	}
}

// hubLink tells why the gateway's pods do not reach the hub.
func (t *teller) hubLink(depth int, link *Link, condition *metav1.Condition) {
	c := link.Connector
	if condition.Reason == v1alpha1.ReasonNotObserved {
		t.pods(depth, c)
		return
	}
	if link.Hub != nil {
		for _, e := range link.Hub.Spec.Endpoints {
			t.say(depth, Note, t.l.Say("Điểm %s của trục: %s", "Endpoint %s of the hub: %s", e.Name, e.URL))
		}
		t.hubTrust(depth, link)
	}
	t.say(depth, Bad, t.l.Say("Nhật ký của cổng kết nối nói vì sao không tới được.", "The log of the gateway says why it does not reach it."),
		t.byViewer("kubectl -n %s logs -l %s --tail=50 --prefix", c.Namespace, selector(c)))
}
