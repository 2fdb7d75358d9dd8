package explain

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// compliance tells everything that is short under the regime of the hub, each with the article that asks for it.
func (t *teller) compliance(depth int, link *Link) {
	ruling := rulingOf(link.Connector)
	if ruling == nil {
		return
	}
	t.say(depth, Note, t.l.Say("Theo chế độ pháp lý %s, cấp độ %d (hồ sơ %s):", "Under the regime %s, level %d (SecurityProfile %s):",
		ruling.Regime, ruling.Level, ruling.Profile))
	recordable := ""
	for i := range ruling.Shortfalls {
		s := &ruling.Shortfalls[i]
		t.shortfall(depth+1, link, ruling, s)
		if recordable == "" && s.Type != v1alpha1.ShortfallTechnical && s.Name != "securityLevel" {
			recordable = s.Name
		}
	}
	if recordable != "" {
		t.say(depth+1, Note, t.l.Say("Việc đã làm thì ghi lại như sau (thay kind và những gì trong <…>):",
			"What was done is recorded like this (replace kind and what is in <…>):"), t.byAssessor("%s", t.record(link, ruling, recordable)))
	}
}

// rulingOf is how the Connector stands under the regime of its hub; nil if that was not judged yet.
func rulingOf(c *v1alpha1.Connector) *v1alpha1.ComplianceStatus {
	for i := range c.Status.Compliance {
		if s := &c.Status.Compliance[i]; ptr.Deref(s.Ruling, false) {
			return s
		}
	}
	return nil
}

func (t *teller) shortfall(depth int, link *Link, ruling *v1alpha1.ComplianceStatus, s *v1alpha1.Shortfall) {
	text := t.l.Say("Yêu cầu kỹ thuật %s", "Technical requirement %s", s.Name)
	switch s.Type {
	case v1alpha1.ShortfallDuty:
		text = t.duty(ruling, s.Name)
	case v1alpha1.ShortfallLevel:
		text = t.level(link, ruling, s.Name)
	case v1alpha1.ShortfallTechnical:
	}
	if s.Citation != "" {
		text += " — " + s.Citation
	}
	step := Step{Depth: depth, Mark: Bad, Text: text, Said: s.Message}
	if s.Type == v1alpha1.ShortfallTechnical {
		step.Commands = append(step.Commands, t.byPlatform("kubectl describe securityprofile %s", ruling.Profile))
	}
	t.add(step)
	t.refusedRecords(depth+1, link, s.Name)
	t.idleWaivers(depth+1, link, s.Name)
}

// duty says where a duty stands, with its day.
func (t *teller) duty(ruling *v1alpha1.ComplianceStatus, kind string) string {
	for i := range ruling.Duties {
		d := &ruling.Duties[i]
		if d.Kind != kind || d.State != v1alpha1.DutyOverdue {
			continue
		}
		due := string(d.DueDate)
		return t.l.Say("Nghĩa vụ %s quá hạn: hạn cuối là %s", "Duty %s is overdue: its last day was %s", t.kind(kind), due)
	}
	return t.l.Say("Nghĩa vụ %s chưa có hồ sơ hợp lệ", "Duty %s has no valid record", t.kind(kind))
}

// kind is a kind of evidence as an English text has it, and in Vietnamese what it means, with the name by which it is recorded.
func (t *teller) kind(kind string) string {
	if t.l == locale.Vietnamese {
		return t.named(kind)
	}
	return kind
}

// level says which step of the level's approval is missing, and whose it is.
func (t *teller) level(link *Link, ruling *v1alpha1.ComplianceStatus, step string) string {
	text := t.l.Say("Cấp độ: thiếu %s", "Level: %s is missing", t.kind(step))
	at := slices.IndexFunc(link.Profiles, func(p *v1alpha1.SecurityProfile) bool { return p.Name == ruling.Profile })
	if at < 0 || link.Profiles[at].Spec.Approval == nil {
		return text
	}
	approval := link.Profiles[at].Spec.Approval
	switch step {
	case v1alpha1.EvidenceLevelAppraisal:
		return text + t.by(approval.Appraiser, approval.AppraisalWorkingDays)
	case v1alpha1.EvidenceLevelApproval:
		return text + t.by(approval.Approver, approval.ApprovalWorkingDays)
	}
	return text
}

func (t *teller) by(party v1alpha1.ResponsibleParty, days *int32) string {
	who := t.l.Who(party.Name)
	switch {
	case who != "":
	case party.Role == v1alpha1.RoleSecurityUnit:
		who = t.l.Say("đơn vị chuyên trách về an toàn thông tin", "the specialised security unit")
	case party.Role == v1alpha1.RoleSystemOwner:
		who = t.l.Say("chủ quản hệ thống thông tin", "the owner of the system")
	}
	if days == nil {
		return t.l.Say(", do %s", ", by %s", who)
	}
	return t.l.Say(", do %s, trong %s", ", by %s, within %s", who, t.workingDays(*days))
}

// refusedRecords tells of records that were made and do not count.
func (t *teller) refusedRecords(depth int, link *Link, kind string) {
	for _, e := range link.Evidence {
		if e.Spec.Kind != kind {
			continue
		}
		accepted := meta.FindStatusCondition(e.Status.Conditions, v1alpha1.ConditionAccepted)
		switch {
		case accepted != nil && accepted.Status == metav1.ConditionFalse:
			t.add(Step{Depth: depth, Mark: Bad, Said: accepted.Message,
				Text:     t.l.Say("Hồ sơ %s không được tính: %s", "Record %s does not count: %s", e.Name, t.l.Reason(accepted.Reason)),
				Commands: []Command{t.byAuditor("kubectl -n %s describe complianceevidence %s", e.Namespace, e.Name)}})
		case e.Spec.Outcome.Result == v1alpha1.EvidenceFailed && e.Status.SupersededBy == "":
			t.say(depth, Bad, t.l.Say("Hồ sơ %s (ngày %s) ghi kết quả không đạt.", "Record %s (of %s) has the result Failed.", e.Name, e.Spec.PerformedAt))
		}
	}
}

// idleWaivers tells of waivers that were granted for a duty and do not hold now.
func (t *teller) idleWaivers(depth int, link *Link, kind string) {
	for _, w := range link.Waivers {
		ready := meta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionReady)
		if !slices.Contains(w.Spec.Duties, kind) || ready == nil || ready.Status == metav1.ConditionTrue {
			continue
		}
		t.add(Step{Depth: depth, Mark: Note, Said: ready.Message,
			Text: t.l.Say("Miễn trừ %s (từ %s đến trước %s) hiện không có hiệu lực", "Waiver %s (from %s until before %s) does not hold now",
				w.Name, w.Spec.From, w.Spec.Until)})
	}
}

// record is a command that records something, with placeholders for what only whoever did it knows. A step of a level has the level, without
// which it is refused; nothing else has one.
func (t *teller) record(link *Link, ruling *v1alpha1.ComplianceStatus, kind string) string {
	c := link.Connector
	regime := ""
	if ruling != nil {
		regime = fmt.Sprintf("  regime: %s\n", ruling.Regime)
	}
	if slices.Contains([]string{v1alpha1.EvidenceLevelDetermination, v1alpha1.EvidenceLevelAppraisal, v1alpha1.EvidenceLevelApproval}, kind) {
		regime += fmt.Sprintf("  level: %d\n", c.Spec.SecurityLevel)
	}
	return fmt.Sprintf(`kubectl -n %s create -f - <<'EOF'
apiVersion: %s
kind: ComplianceEvidence
metadata:
  generateName: %s-
spec:
  connectorRef: {name: %s}
  kind: %s
%s  performedAt: "%s"
  performedBy: {organisation: <organisation>}
  independentOfOperations: <true or false>
  outcome: {result: <Passed or Failed>}
  document: {reference: <number and date>, sha256: <digest of the document>}
EOF`, c.Namespace, v1alpha1.GroupVersion, c.Name, c.Name, kind, regime, t.today())
}

// today is the day where the agency is.
func (t *teller) today() string { return civil.In(t.c.Now, compliance.Zone(t.c.Agency)).String() }
