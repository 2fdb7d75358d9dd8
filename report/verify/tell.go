package verify

import (
	"fmt"
	"io"
	"time"

	"lienthong.gov.vn/connector-operator/report/chain"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// tell writes what was found of one chain: a summary, and below it what does not fit.
func tell(w io.Writer, l locale.Language, c chain.Chain) {
	fmt.Fprintln(w, summary(l, c))
	for _, f := range c.Findings {
		fmt.Fprintf(w, "  - %s\n", f.Sentence(l))
	}
}

func summary(l locale.Language, c chain.Chain) string {
	vi := l == locale.Vietnamese
	verdict := pick(vi, "chuỗi còn nguyên vẹn", "the chain is intact")
	if n := len(c.Findings); n > 0 {
		verdict = fmt.Sprintf(pick(vi, "chuỗi đã bị phá vỡ, có %d điểm không khớp", "the chain is broken in %d places"), n)
		if n == 1 {
			verdict = pick(vi, "chuỗi đã bị phá vỡ, có 1 điểm không khớp", "the chain is broken in 1 place")
		}
	}
	count := fmt.Sprintf(pick(vi, "%d báo cáo", "%d reports"), c.Links)
	if c.Links == 1 {
		count = pick(vi, "1 báo cáo", "1 report")
	}
	text := fmt.Sprintf(pick(vi, "Kế hoạch %s: %s; %s.", "Plan %s: %s; %s."), c.Plan, count, verdict)
	if c.Last != nil {
		text += fmt.Sprintf(pick(vi, " Báo cáo cuối là %s, lập lúc %s, sha256:%s.", " The last is %s, taken at %s, sha256:%s."),
			c.Last.Name, c.Last.Spec.TakenAt.UTC().Format(time.RFC3339), c.Last.Spec.SHA256)
	}
	return text + known(vi, c) + abandoned(vi, c)
}

// known says what the verdict rests on.
func known(vi bool, c chain.Chain) string {
	switch {
	case c.Anchored && c.After == 0:
		return pick(vi, " Báo cáo cuối trùng với bản đã được ghi nhận.", " It is the one that was recorded as the last.")
	case c.Anchored:
		return fmt.Sprintf(pick(vi, " Chuỗi có báo cáo đã được ghi nhận là cuối; sau đó có thêm %d báo cáo.",
			" The report that was recorded as the last is in the chain, and %d came after it."), c.After)
	case len(c.Findings) == 0:
		return pick(vi, " Không biết báo cáo nào đã được ghi nhận là cuối, nên không thể nói có thiếu báo cáo ở cuối hay không: hãy cho --head hoặc kế hoạch.",
			" No recorded last report is known, so reports can be missing at the end: give --head, or the plan.")
	}
	return ""
}

func abandoned(vi bool, c chain.Chain) string {
	switch c.Abandoned {
	case 0:
		return ""
	case 1:
		return pick(vi, " 1 báo cáo bị ngắt khi đang ghi, như báo cáo sau nó cho biết.", " 1 report broke off while it was written, as the one after it states.")
	}
	return fmt.Sprintf(pick(vi, " %d báo cáo bị ngắt khi đang ghi, như các báo cáo sau chúng cho biết.",
		" %d reports broke off while they were written, as those after them state."), c.Abandoned)
}

func pick(vi bool, vietnamese, english string) string {
	if vi {
		return vietnamese
	}
	return english
}
