package chain

import (
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// resealed gives a report another content and a digest that fits, as a forger would.
func resealed(t testing.TB, r v1alpha1.ReadinessReport) v1alpha1.ReadinessReport {
	t.Helper()
	forged := *r.DeepCopy()
	forged.Spec.Content.Entries[0].State = v1alpha1.MilestoneMet
	return sealed(t, forged)
}

func without(reports []v1alpha1.ReadinessReport, at ...int) []v1alpha1.ReadinessReport {
	var kept []v1alpha1.ReadinessReport
	for i, r := range reports {
		if !slices.Contains(at, i) {
			kept = append(kept, r)
		}
	}
	return kept
}

func TestVerify(t *testing.T) {
	five := chainOf(t, 1, 1, 1, 1, 1)
	head := headOf(five)
	swapNames := func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport {
		r[1].Name, r[2].Name = r[2].Name, r[1].Name
		return r
	}
	swapNumbers := func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport {
		r[1].Spec.Sequence, r[2].Spec.Sequence = r[2].Spec.Sequence, r[1].Spec.Sequence
		r[1].Name, r[2].Name = r[2].Name, r[1].Name
		return r
	}
	tests := map[string]struct {
		edit  func([]v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport
		heads []Head
		// want are the kind of each finding and what its sentence contains.
		want []string
	}{
		"intact":                     {heads: []Head{head}},
		"intact, head not known":     {},
		"intact, with an older head": {heads: []Head{headOf(five[:3])}},
		"one changed": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport {
				r[2].Spec.Content.Entries[0].State = v1alpha1.MilestoneMet
				return r
			},
			want: []string{"Changed: Report decision-28-000003 was changed after it was written"},
		},
		"its digest changed": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport {
				r[2].Spec.SHA256 = r[1].Spec.SHA256
				return r
			},
			want: []string{"Changed: Report decision-28-000003", "Replaced: Report decision-28-000004 follows a report with the digest"},
		},
		"one signed anew": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { r[2] = resealed(t, r[2]); return r },
			want: []string{"Replaced: Report decision-28-000004 follows a report with the digest"},
		},
		"the last signed anew, seen by the head": {
			edit:  func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { r[4] = resealed(t, r[4]); return r },
			heads: []Head{head},
			want:  []string{"OtherHead: The plan recorded report decision-28-000005 with the digest"},
		},
		"the last signed anew, seen by a digest that somebody noted": {
			edit:  func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { r[4] = resealed(t, r[4]); return r },
			heads: []Head{{Plan: head.Plan, SHA256: head.SHA256}},
			want:  []string{"OtherHead: The chain of plan decision-28 has no report with the digest"},
		},
		"first dropped": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { return without(r, 0) },
			want: []string{"Missing: Report decision-28-000001 is missing."},
		},
		"two dropped in the middle": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { return without(r, 2, 3) },
			want: []string{"Missing: 2 reports are missing, from decision-28-000003 to decision-28-000004."},
		},
		"last dropped": {
			edit:  func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { return without(r, 4) },
			heads: []Head{head},
			want:  []string{"Missing: Report decision-28-000005 is missing."},
		},
		"all dropped": {
			edit:  func([]v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { return nil },
			heads: []Head{head},
			want:  []string{"Missing: 5 reports are missing, from decision-28-000001 to decision-28-000005."},
		},
		"two swapped in the file": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { r[1], r[2] = r[2], r[1]; return r },
			want: []string{"Reordered: Report decision-28-000002 (number 2) stands after decision-28-000003 (number 3) in export.yaml"},
		},
		"names of two swapped": {
			edit: swapNames,
			want: []string{"Misnamed: Report decision-28-000003 has number 2", "Misnamed: Report decision-28-000002 has number 3"},
		},
		"numbers of two swapped": {
			edit: swapNumbers,
			want: []string{"Reordered:", "Changed: Report decision-28-000002", "Changed: Report decision-28-000003", "Replaced: Report decision-28-000002",
				"Replaced: Report decision-28-000003", "Replaced: Report decision-28-000004"},
		},
		"one before the first": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport {
				r[0].Spec.Sequence, r[0].Name = 0, Name("decision-28", 0)
				return []v1alpha1.ReadinessReport{resealed(t, r[0])}
			},
			want: []string{"Misnamed: Report decision-28-000000 has number 0, and the numbers of a chain begin with 1."},
		},
		"a fork": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport {
				return slices.Insert(r, 3, resealed(t, r[2]))
			},
			want: []string{"Forked: Two different reports have number 3", "Replaced: Report decision-28-000004"},
		},
		"one that is there twice": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport { return slices.Insert(r, 2, r[2]) },
		},
		"moved to another plan": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport {
				r[2].Spec.Plan.Name = "decision-29"
				return r
			},
			want: []string{"Missing: Report decision-28-000003 is missing.", "Changed: Report decision-28-000003", "Misnamed: Report decision-28-000003 has number 3 of plan decision-29",
				"Missing: 2 reports are missing, from decision-29-000001 to decision-29-000002."},
		},
		"a first that follows another": {
			edit: func(r []v1alpha1.ReadinessReport) []v1alpha1.ReadinessReport {
				r[0].Spec.PreviousSHA256 = r[4].Spec.SHA256
				r[0] = sealed(t, r[0])
				return r[:1]
			},
			want: []string{"Replaced: Report decision-28-000001 is the first, and states the digest"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			reports := chainOf(t, 1, 1, 1, 1, 1)
			if tt.edit != nil {
				reports = tt.edit(reports)
			}
			expect(t, Verify(links(t, reports), tt.heads), tt.want)
		})
	}
}

func expect(t *testing.T, chains []Chain, want []string) {
	t.Helper()
	var got []string
	for _, c := range chains {
		for _, f := range c.Findings {
			got = append(got, string(f.Kind)+": "+f.Sentence(locale.English))
			if vi := f.Sentence(locale.Vietnamese); strings.Contains(vi, "%!") || vi == f.Sentence(locale.English) {
				t.Errorf("in Vietnamese, it says %q", vi)
			}
		}
	}
	if !slices.EqualFunc(got, want, func(a, b string) bool { return strings.HasPrefix(a, b) && !strings.Contains(a, "%!") }) {
		t.Errorf("findings are\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// A report of several parts is a report only with all of them, unless the next one states that it broke off.
func TestVerifyParts(t *testing.T) {
	// broken is a report of three parts of which two were written, and one of a single part after it.
	broken := func(abandoned *v1alpha1.AbandonedReport) []v1alpha1.ReadinessReport {
		all := chainOf(t, 1, 3)[:3]
		next := report(all, 1, 1)
		next.Spec.Abandoned = abandoned
		return append(all, sealed(t, next))
	}
	names := func(sequence int64, parts int32) *v1alpha1.AbandonedReport {
		return &v1alpha1.AbandonedReport{Sequence: sequence, Parts: &parts}
	}
	tests := map[string]struct {
		reports []v1alpha1.ReadinessReport
		want    []string
	}{
		"whole":                          {reports: chainOf(t, 2, 1, 3)},
		"the last is broken":             {reports: chainOf(t, 1, 3)[:3], want: []string{"Incomplete: The report that begins with decision-28-000002 is incomplete: it has 2 of 3 parts."}},
		"broken off, as the next states": {reports: broken(names(2, 2))},
		"broken off, and nobody states it": {
			reports: broken(nil), want: []string{"Incomplete: The report that begins with decision-28-000002 is incomplete: it has 2 of 3 parts."},
		},
		"broken off later than the next states": {
			reports: broken(names(2, 1)),
			want: []string{"Incomplete: Report decision-28-000004 states that a report before it broke off",
				"Incomplete: The report that begins with decision-28-000002 is incomplete: it has 2 of 3 parts."},
		},
		"a part in the middle dropped": {
			reports: without(chainOf(t, 3), 1),
			want: []string{"Missing: Report decision-28-000002 is missing.",
				"Incomplete: The report that begins with decision-28-000001 is incomplete: it has 1 of 3 parts.",
				"Incomplete: Report decision-28-000003 is part 3 of 3, and the part before it is not in the chain."},
		},
		"the first part dropped": {
			reports: without(chainOf(t, 1, 2), 1),
			want: []string{"Missing: Report decision-28-000002 is missing.",
				"Incomplete: Report decision-28-000003 is part 2 of 2, and the part before it is not in the chain."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			chains := Verify(links(t, tt.reports), nil)
			expect(t, chains, tt.want)
			if want := strings.Contains(name, "as the next states"); (chains[0].Abandoned == 1) != want {
				t.Errorf("%d reports broke off", chains[0].Abandoned)
			}
		})
	}
}

func TestVerifyTellsWhatItRestsOn(t *testing.T) {
	five := chainOf(t, 1, 1, 1, 1, 1)
	c := Verify(links(t, five), []Head{headOf(five[:3])})[0]
	if !c.Anchored || c.After != 2 || c.Links != 5 || c.Last.Name != "decision-28-000005" {
		t.Errorf("anchored %t, %d after it, %d links up to %s", c.Anchored, c.After, c.Links, c.Last.Name)
	}
	if c := Verify(links(t, five), nil)[0]; c.Anchored {
		t.Error("a chain without a known head is anchored")
	}
}
