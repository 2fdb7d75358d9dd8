package verify

import (
	"fmt"
	"io"
	"time"

	"lienthong.gov.vn/connector-operator/report/chain"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// tell writes what was found of one chain: a summary, and below it what does not fit, each in one line. Names come from the input, where somebody may
// have put lines of their own into them.
func tell(w io.Writer, l locale.Language, c chain.Chain) {
	fmt.Fprintln(w, view.Line(summary(l, c)))
	for _, f := range c.Findings {
		fmt.Fprintf(w, "  - %s\n", view.Line(f.Sentence(l)))
	}
}

func summary(l locale.Language, c chain.Chain) string {
	verdict := l.Say("chuỗi còn nguyên vẹn", "the chain is intact")
	if n := len(c.Findings); n > 0 {
		verdict = l.Say("chuỗi đã bị phá vỡ, có %d điểm không khớp", "the chain is broken in %d places", n)
		if n == 1 {
			verdict = l.Say("chuỗi đã bị phá vỡ, có 1 điểm không khớp", "the chain is broken in 1 place")
		}
	}
	count := l.Say("%d báo cáo", "%d reports", c.Links)
	if c.Links == 1 {
		count = l.Say("1 báo cáo", "1 report")
	}
	text := l.Say("Kế hoạch %s: %s; %s.", "Plan %s: %s; %s.", c.Plan, count, verdict)
	if c.Last != nil {
		text += l.Say(" Báo cáo cuối là %s, lập lúc %s, sha256:%s.", " The last is %s, taken at %s, sha256:%s.",
			c.Last.Name, c.Last.Spec.TakenAt.UTC().Format(time.RFC3339), c.Last.Spec.SHA256)
	}
	return text + known(l, c) + abandoned(l, c)
}

// known says what the verdict rests on.
func known(l locale.Language, c chain.Chain) string {
	switch {
	case c.Anchored && c.After == 0:
		return l.Say(" Báo cáo cuối trùng với bản đã được ghi nhận.", " It is the one that was recorded as the last.")
	case c.Anchored:
		return l.Say(" Chuỗi có báo cáo đã được ghi nhận là cuối; sau đó có thêm %d báo cáo.",
			" The report that was recorded as the last is in the chain, and %d came after it.", c.After)
	case len(c.Findings) == 0:
		return l.Say(" Không biết báo cáo nào đã được ghi nhận là cuối, nên không thể nói có thiếu báo cáo ở cuối hay không: hãy cho --head hoặc kế hoạch.",
			" No recorded last report is known, so reports can be missing at the end: give --head, or the plan.")
	}
	return ""
}

func abandoned(l locale.Language, c chain.Chain) string {
	switch c.Abandoned {
	case 0:
		return ""
	case 1:
		return l.Say(" 1 báo cáo bị ngắt khi đang ghi, như báo cáo sau nó cho biết.", " 1 report broke off while it was written, as the one after it states.")
	}
	return l.Say(" %d báo cáo bị ngắt khi đang ghi, như các báo cáo sau chúng cho biết.",
		" %d reports broke off while they were written, as those after them state.", c.Abandoned)
}
