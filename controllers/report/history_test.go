package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// piece is a part of a report, so and so many of which there are.
func piece(part, parts int32) v1alpha1.ReadinessReportSpec {
	s := v1alpha1.ReadinessReportSpec{SHA256: "in the chain"}
	s.Part, s.Parts = &part, &parts
	return s
}

func TestHistory(t *testing.T) {
	recorded := func(sequence int64, digest v1alpha1.SHA256Digest) *v1alpha1.ReportChainHead {
		return &v1alpha1.ReportChainHead{Name: "decision-28-recorded", Sequence: sequence, SHA256: digest}
	}
	tests := map[string]struct {
		parts    []v1alpha1.ReadinessReportSpec
		recorded *v1alpha1.ReportChainHead
		// done is how many reports are complete, head is where the chain ends, and abandoned how many parts at its end are not completed.
		done, head int64
		abandoned  int32
		unseen     bool
	}{
		"nothing":                      {},
		"one":                          {parts: []v1alpha1.ReadinessReportSpec{piece(1, 1)}, done: 1, head: 1},
		"one of two parts":             {parts: []v1alpha1.ReadinessReportSpec{piece(1, 2), piece(2, 2)}, done: 1, head: 2},
		"one that broke off":           {parts: []v1alpha1.ReadinessReportSpec{piece(1, 1), piece(1, 3), piece(2, 3)}, done: 1, head: 3, abandoned: 2},
		"one that broke off and again": {parts: []v1alpha1.ReadinessReportSpec{piece(1, 2), piece(1, 2), piece(2, 2)}, done: 1, head: 3},
		"recorded before":              {parts: []v1alpha1.ReadinessReportSpec{piece(1, 1), piece(1, 1)}, recorded: recorded(1, "x"), done: 2, head: 2},
		"recorded as it is":            {parts: []v1alpha1.ReadinessReportSpec{piece(1, 1)}, recorded: recorded(1, "in the chain"), done: 1, head: 1},
		"recorded and replaced":        {parts: []v1alpha1.ReadinessReportSpec{piece(1, 1)}, recorded: recorded(1, "x"), done: 1, head: 1, unseen: true},
		"recorded and removed":         {parts: []v1alpha1.ReadinessReportSpec{piece(1, 2)}, recorded: recorded(4, "x"), head: 4, unseen: true},
		"recorded and all removed":     {recorded: recorded(4, "x"), head: 4, unseen: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := historyOf(done(tt.parts...), tt.recorded)
			var head int64
			if h.head != nil {
				head = h.head.Sequence
			}
			var abandoned int32
			if h.abandoned != nil {
				abandoned = *h.abandoned.Parts
			}
			if int64(len(h.done)) != tt.done || head != tt.head || abandoned != tt.abandoned || h.unseen != tt.unseen {
				t.Errorf("%d are complete, the head is %d, unseen %t, %d parts are abandoned", len(h.done), head, h.unseen, abandoned)
			}
			if tt.unseen && h.head.SHA256 != "x" {
				t.Errorf("the chain goes on from %s", h.head.SHA256)
			}
		})
	}
}

// What the cache keeps of a report is all but what it contains.
func TestWithoutContent(t *testing.T) {
	full := &v1alpha1.ReadinessReport{Spec: periodReport(at(t, "2018-08-01T00:00:00Z"), "2018-07")}
	full.Spec.Content.Agencies = new(int32(1))
	full.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "connector-operator"}}
	want := &v1alpha1.ReadinessReport{Spec: periodReport(at(t, "2018-08-01T00:00:00Z"), "2018-07")}
	got, err := WithoutContent(full)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}
