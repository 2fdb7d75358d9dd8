package explain

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// Agency explains the agency of the case, with its Connectors and its milestones.
func Agency(l locale.Language, c *Case) *Explanation {
	t := &teller{l: l, c: c}
	a := c.Agency
	ready := judged(a.Status.Conditions, v1alpha1.ConditionReady, a.Generation)
	e := &Explanation{
		Ready: ready != nil && ready.Status == metav1.ConditionTrue, Unread: t.unread(),
		Heading: l.Say("Cơ quan %s — %s (mã định danh %s)", "Agency %s — %s (code %s)", a.Name, nameOf(l, a), a.Spec.Code),
	}
	if ready == nil {
		t.notJudged(0)
	}
	t.agencyAccepted(0)
	t.connectors(0)
	t.milestones(0)
	e.Verdict = t.verdict(ready, e.Ready)
	e.Steps = t.steps
	return e
}

func nameOf(l locale.Language, a *v1alpha1.Agency) string {
	if l == locale.English && a.Spec.Names.En != "" {
		return a.Spec.Names.En
	}
	return a.Spec.Names.Vi
}

func (t *teller) verdict(ready *metav1.Condition, isReady bool) string {
	late := slices.ContainsFunc(t.c.Agency.Status.Milestones, func(m v1alpha1.AgencyMilestone) bool {
		return m.State == v1alpha1.MilestoneOverdue || m.State == v1alpha1.MilestoneAtRisk
	})
	switch {
	case ready == nil:
		return t.l.Say("Chưa rõ: hệ thống điều hành chưa xem xét khai báo mới nhất.", "Unknown: the operator has not judged the newest spec yet.")
	case !isReady:
		return t.l.Say("Chưa sẵn sàng: %s (%s).", "Not ready: %s (%s).", t.l.Reason(ready.Reason), ready.Reason)
	case late:
		return t.l.Say("Các kết nối đã sẵn sàng, nhưng có mốc quá hạn hoặc có nguy cơ chậm.",
			"The Connectors are ready, but a milestone is overdue or at risk.")
	}
	return t.l.Say("Mọi việc đều ổn: cơ quan đã sẵn sàng.", "All is well: the agency is ready.")
}

// agencyAccepted tells whether the Agency itself is accepted, and if not, why.
func (t *teller) agencyAccepted(depth int) {
	a := t.c.Agency
	if a.Spec.Lifecycle == v1alpha1.AgencySuperseded && a.Spec.SupersededBy != nil {
		t.say(depth, Note, t.l.Say("Cơ quan đã sáp nhập vào %s, nơi kết quả của cơ quan được ghi tiếp.",
			"The agency was merged into %s, which carries its record on.", a.Spec.SupersededBy.Name),
			t.byAuditor("kubectl lienthong explain agency/%s", a.Spec.SupersededBy.Name))
	}
	c := judged(a.Status.Conditions, v1alpha1.ConditionAccepted, a.Generation)
	switch {
	case c == nil:
	case c.Status == metav1.ConditionTrue:
		t.say(depth, Good, t.l.Say("Khai báo của cơ quan được chấp nhận", "The Agency is accepted"))
	default:
		t.add(Step{
			Depth: depth, Mark: Bad, Said: c.Message,
			Text:     t.l.Say("Khai báo của cơ quan %s: %s", "Agency %s: %s", a.Name, t.l.Reason(c.Reason)),
			Commands: []Command{t.byAuditor("kubectl get agencies"), t.byPlatform("kubectl edit agency %s", a.Name)},
		})
	}
}

// connectors tells of every Connector that names the agency.
func (t *teller) connectors(depth int) {
	for i := range t.c.Links {
		link := &t.c.Links[i]
		c := link.Connector
		name := c.Namespace + "/" + c.Name
		switch {
		case !slices.Contains(t.c.Agency.Spec.Namespaces, c.Namespace):
			t.say(depth, Bad, t.l.Say("Kết nối %s ghi tên cơ quan này nhưng không được phép thay mặt cơ quan.",
				"Connector %s names this agency and may not act for it.", name))
			t.notListed(depth+1, c)
		case isReady(c):
			t.say(depth, Good, t.l.Say("Kết nối %s: sẵn sàng", "Connector %s: ready", name))
		default:
			t.say(depth, Bad, t.l.Say("Kết nối %s: %s", "Connector %s: %s", name, t.notReady(c)))
			t.link(depth+1, link)
		}
	}
	if len(t.c.Links) == 0 && !slices.Contains(t.c.Unread, "connectors") {
		t.noConnector(depth)
	}
}

func (t *teller) noConnector(depth int) {
	a := t.c.Agency
	if a.Spec.Lifecycle == v1alpha1.AgencySuperseded {
		return
	}
	text := t.l.Say("Chưa có kết nối nào thay mặt cơ quan.", "No Connector acts for the agency.")
	if len(a.Spec.Namespaces) == 0 {
		t.say(depth, Bad, text+t.l.Say(" Cơ quan cũng chưa có namespace nào.", " The agency lists no namespace either."),
			t.byPlatform(`kubectl patch agency %s --type=merge -p '{"spec":{"namespaces":[%s]}}'`, a.Name, fmt.Sprintf("%q", a.Name)))
		return
	}
	t.say(depth, Bad, text+t.l.Say(" Hãy tạo một kết nối trong namespace %s.", " Create one in the namespace %s.", list(a.Spec.Namespaces)),
		t.byTenant("kubectl -n %s create -f connector.yaml", a.Spec.Namespaces[0]))
}
