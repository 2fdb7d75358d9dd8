package chain

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// begun is when the first report of every chain here was taken.
func begun() time.Time { return time.Date(2018, 7, 31, 17, 0, 0, 0, time.UTC) }

// report is the next after the given ones, not sealed.
func report(before []v1alpha1.ReadinessReport, part, parts int32) v1alpha1.ReadinessReport {
	sequence := int64(len(before) + 1)
	at := begun().AddDate(0, len(before)-int(part), 0)
	r := v1alpha1.ReadinessReport{}
	r.Name = Name("decision-28", sequence)
	r.Spec = v1alpha1.ReadinessReportSpec{
		Plan:     v1alpha1.ReportedPlan{Name: "decision-28", Generation: 1, TimeZone: "Asia/Ho_Chi_Minh", Hub: "axis"},
		Sequence: sequence, Part: &part, Parts: &parts,
		Trigger: v1alpha1.ReportTrigger{Type: v1alpha1.ReportAtCadence, Period: at.Format("2006-01")},
		DueAt:   metav1.NewTime(at), TakenAt: metav1.NewTime(at.Add(3 * time.Second)), Late: new(false),
		Content: v1alpha1.ReportContent{
			Agencies: new(int32(1)),
			Cohorts:  []v1alpha1.CohortStatus{{Name: "ready", Agencies: new(int32(1))}},
			Entries: []v1alpha1.ReportEntry{{
				Agency: "g12", Code: "G12", Cohort: "ready", Milestone: "pilot", State: v1alpha1.MilestoneOverdue,
				Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
				Message:  fmt.Sprintf("Quá hạn <%d>: \"chưa kết nối\" & chưa xong…", part),
			}},
		},
	}
	if sequence > 1 {
		r.Spec.PreviousSHA256 = before[len(before)-1].Spec.SHA256
	}
	return r
}

func sealed(t testing.TB, r v1alpha1.ReadinessReport) v1alpha1.ReadinessReport {
	t.Helper()
	if _, err := Seal(&r.Spec); err != nil {
		t.Fatal(err)
	}
	return r
}

// chainOf has a report for each number, of that many parts.
func chainOf(t testing.TB, parts ...int32) []v1alpha1.ReadinessReport {
	t.Helper()
	var all []v1alpha1.ReadinessReport
	for _, n := range parts {
		for part := int32(1); part <= n; part++ {
			all = append(all, sealed(t, report(all, part, n)))
		}
	}
	return all
}

// links are reports as an export has them.
func links(t testing.TB, reports []v1alpha1.ReadinessReport) []Link {
	t.Helper()
	var all []Link
	for i := range reports {
		text, err := json.Marshal(reports[i])
		if err != nil {
			t.Fatal(err)
		}
		l, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		l.Source = "export.yaml"
		all = append(all, l)
	}
	return all
}

// headOf is what the plan has recorded of a chain.
func headOf(reports []v1alpha1.ReadinessReport) Head {
	last := reports[len(reports)-1]
	return Head{Plan: "decision-28", Sequence: last.Spec.Sequence, SHA256: last.Spec.SHA256}
}
