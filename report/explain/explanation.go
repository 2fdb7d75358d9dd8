package explain

import (
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// Case is what was read of one agency or of one Connector.
type Case struct {
	// Now is when it was read.
	Now time.Time
	// Agency that is explained or that the Connector names; nil if it does not exist or may not be read.
	Agency *v1alpha1.Agency
	// Plans that ask something of the agency.
	Plans []*v1alpha1.RolloutPlan
	// Links are the Connectors that name the agency, or the one that is explained.
	Links []Link
	// Unread are the resources that the reader may not read, so that nothing is said of them.
	Unread []string
}

// Link is one Connector with what it hangs on.
type Link struct {
	Connector *v1alpha1.Connector
	// Hub that the Connector names; nil if it does not exist or may not be read.
	Hub *v1alpha1.ExchangeHub
	// Profiles are all that there are.
	Profiles []*v1alpha1.SecurityProfile
	// Evidence and Waivers in the Connector's namespace that name it.
	Evidence []*v1alpha1.ComplianceEvidence
	Waivers  []*v1alpha1.DutyWaiver
}

// Mark is how a step stands.
type Mark int

// Marks.
const (
	// Note is something to know, which is neither good nor bad.
	Note Mark = iota
	// Good holds.
	Good
	// Bad does not hold.
	Bad
	// Open was not seen, or is under way.
	Open
)

// Step is one link of the chain.
type Step struct {
	// Depth is how many steps hold this one.
	Depth int
	Mark  Mark
	// Text is in the reader's language.
	Text string
	// Said is the sentence of a status, in English as the operator wrote it; empty if there is none to quote.
	Said string
	// Commands that the reader may run next.
	Commands []Command
}

// Command is something to run next.
type Command struct {
	// Line is for a shell, and may have several lines.
	Line string
	// Who may run it, in the reader's language.
	Who string
}

// Explanation is the chain.
type Explanation struct {
	// Heading names what is explained.
	Heading string
	// Ready is true if the condition Ready is True.
	Ready bool
	// Verdict sums up in one sentence.
	Verdict string
	Steps   []Step
	// Unread says what could not be read; empty if everything could.
	Unread string
}

// teller gathers the steps of one explanation.
type teller struct {
	l     locale.Language
	c     *Case
	steps []Step
}

func (t *teller) add(s Step) { t.steps = append(t.steps, s) }

// say adds a step without a quotation.
func (t *teller) say(depth int, mark Mark, text string, commands ...Command) {
	t.add(Step{Depth: depth, Mark: mark, Text: text, Commands: commands})
}

// unread says which resources are not told of.
func (t *teller) unread() string {
	if len(t.c.Unread) == 0 {
		return ""
	}
	return t.l.Say(
		"Bạn không có quyền đọc %s, nên phần liên quan không được giải thích. Hãy đề nghị bên quản trị nền tảng gắn cho bạn ClusterRole connector-operator-auditor.",
		"You may not read %s, so what hangs on it is not explained. Ask the platform to bind you to the ClusterRole connector-operator-auditor.",
		list(t.c.Unread))
}
