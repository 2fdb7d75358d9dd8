package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/chain"
)

// Whatever the entries and the limits: every entry is in one part, in its order; no part is longer than it may be, unless a single entry
// is; and no part could have taken the first entry of the next.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		base := v1alpha1.ReadinessReportSpec{Plan: v1alpha1.ReportedPlan{Name: "decision-28", Generation: 1, TimeZone: "UTC", Hub: "axis"}}
		base.Content.Agencies = new(int32(1))
		base.Abandoned = &v1alpha1.AbandonedReport{Sequence: 5, Parts: new(int32(2))}
		for i := range rapid.IntRange(0, 60).Draw(rt, "entries") {
			base.Content.Entries = append(base.Content.Entries, v1alpha1.ReportEntry{
				Agency: fmt.Sprintf("agency-%d", i), Message: strings.Repeat(rapid.SampledFrom([]string{"a", "ờ", "<", `"`}).Draw(rt, "letter"),
					rapid.IntRange(0, 300).Draw(rt, "letters")),
			})
		}
		limits := Limits{Entries: rapid.IntRange(1, 20).Draw(rt, "most"), Bytes: rapid.IntRange(700, 6000).Draw(rt, "bytes")}
		head := &v1alpha1.ReportChainHead{Sequence: 6, SHA256: v1alpha1.SHA256Digest(strings.Repeat("a", 64))}
		links, err := compose(base, head, limits)
		if err != nil {
			rt.Fatal(err)
		}
		var all []v1alpha1.ReportEntry
		for i := range links {
			spec := &links[i].Spec
			size, err := chain.Seal(spec.DeepCopy())
			if err != nil {
				rt.Fatal(err)
			}
			if n := len(spec.Content.Entries); n > limits.Entries || size > limits.Bytes && n > 1 {
				rt.Errorf("part %d has %d entries and %d bytes, with the limits %+v", i+1, n, size, limits)
			}
			if spec.Sequence != int64(7+i) || *spec.Part != int32(i+1) || *spec.Parts != int32(len(links)) || (spec.Abandoned != nil) != (i == 0) {
				rt.Errorf("part %d is number %d, part %d of %d, abandoned %v", i+1, spec.Sequence, *spec.Part, *spec.Parts, spec.Abandoned)
			}
			all = slices.Concat(all, spec.Content.Entries)
		}
		if diff := cmp.Diff(base.Content.Entries, all); diff != "" {
			rt.Errorf("entries (-given +told):\n%s", diff)
		}
		if len(links) > 1 {
			checkFull(rt, links, limits)
		}
	})
}

// checkFull fails if a part is much shorter than it could be.
func checkFull(rt *rapid.T, links []v1alpha1.ReadinessReport, limits Limits) {
	for i := range links[:len(links)-1] {
		spec := links[i].Spec.DeepCopy()
		spec.Content.Entries = append(spec.Content.Entries, links[i+1].Spec.Content.Entries[0])
		size, err := chain.Seal(spec)
		if err != nil {
			rt.Fatal(err)
		}
		// What is reckoned with is a little longer than the canonical form: the greatest numbers, and characters that JSON may escape.
		escaped := 5 * strings.Count(fmt.Sprint(spec.Content.Entries), "<")
		if len(spec.Content.Entries) <= limits.Entries && size+escaped+200 < limits.Bytes {
			rt.Errorf("part %d has %d entries and could have had one more, with %d bytes of %d", i+1, len(spec.Content.Entries)-1, size, limits.Bytes)
		}
	}
}

func TestReportWithoutEntries(t *testing.T) {
	links, err := compose(v1alpha1.ReadinessReportSpec{Plan: v1alpha1.ReportedPlan{Name: "decision-28"}}, nil, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if len(links) != 1 || links[0].Name != "decision-28-000001" || links[0].Spec.PreviousSHA256 != "" {
		t.Errorf("links are %+v", links)
	}
}
