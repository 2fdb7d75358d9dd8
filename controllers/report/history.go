package report

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/chain"
)

// history is what the reports of a plan tell of what was done.
type history struct {
	// links is how many reports there are, each part for itself.
	links int
	// head is the link that the next one follows; nil if there is none.
	head *v1alpha1.ReportChainHead
	// unseen tells that the head stands in the plan's status and not among the reports.
	unseen bool
	// abandoned are the parts at the end of the chain that were not completed; nil if there are none.
	abandoned *v1alpha1.AbandonedReport
	// firstDue is when the first report was due; zero if there is none.
	firstDue time.Time
	// done are the first parts of the reports that are complete, in the order of the chain.
	done []*v1alpha1.ReadinessReportSpec
}

// historyOf reads the reports of a plan and the head that its status recorded, nil if there is none.
func historyOf(reports []v1alpha1.ReadinessReport, recorded *v1alpha1.ReportChainHead) history {
	specs := make([]*v1alpha1.ReadinessReportSpec, 0, len(reports))
	for i := range reports {
		specs = append(specs, &reports[i].Spec)
	}
	slices.SortStableFunc(specs, func(a, b *v1alpha1.ReadinessReportSpec) int { return cmp.Compare(a.Sequence, b.Sequence) })
	h := history{links: len(specs)}
	begun := -1
	for i, s := range specs {
		if part(s) == 1 {
			begun = i
		}
		if begun >= 0 && int(part(s)) == i-begun+1 && part(s) == parts(s) {
			h.done = append(h.done, specs[begun])
			begun = -1
		}
	}
	if begun >= 0 {
		h.abandoned = &v1alpha1.AbandonedReport{Sequence: specs[begun].Sequence, Parts: new(int32(len(specs) - begun))}
	}
	if len(specs) > 0 {
		h.firstDue = specs[0].DueAt.Time
		h.head = headOf(specs[len(specs)-1])
	}
	h.follow(recorded)
	return h
}

// follow takes the recorded head if it is later, or if it says something else of the last link: what the operator wrote itself is what it
// goes on from, so that a link which was replaced since does not fit into the chain.
func (h *history) follow(recorded *v1alpha1.ReportChainHead) {
	if recorded == nil || h.head != nil && h.head.Sequence > recorded.Sequence {
		return
	}
	if h.head == nil || h.head.Sequence < recorded.Sequence || h.head.SHA256 != recorded.SHA256 {
		h.head, h.unseen, h.abandoned = recorded.DeepCopy(), true, nil
	}
}

func headOf(s *v1alpha1.ReadinessReportSpec) *v1alpha1.ReportChainHead {
	return &v1alpha1.ReportChainHead{Name: chain.Name(s.Plan.Name, s.Sequence), Sequence: s.Sequence, SHA256: s.SHA256, TakenAt: s.TakenAt}
}

func part(s *v1alpha1.ReadinessReportSpec) int32  { return *cmp.Or(s.Part, new(int32(1))) }
func parts(s *v1alpha1.ReadinessReportSpec) int32 { return *cmp.Or(s.Parts, new(int32(1))) }

// reported tells whether a report at a deadline names that deadline, or was due at that instant.
func (h *history) reported(d v1alpha1.Deadline, at time.Time) bool {
	return slices.ContainsFunc(h.done, func(s *v1alpha1.ReadinessReportSpec) bool {
		if s.Trigger.Type != v1alpha1.ReportAtDeadline {
			return false
		}
		return s.DueAt.Time.Equal(at) ||
			slices.ContainsFunc(s.Trigger.Deadlines, func(r v1alpha1.ReportedDeadline) bool { return r.Deadline == d })
	})
}

// lastPeriod is the end of the latest period that was reported; zero if none was.
func (h *history) lastPeriod() (last time.Time) {
	for _, s := range h.done {
		if s.Trigger.Type == v1alpha1.ReportAtCadence && s.DueAt.After(last) {
			last = s.DueAt.Time
		}
	}
	return last
}

// fulfilled tells whether a request was handled.
func (h *history) fulfilled(request string) bool {
	return slices.ContainsFunc(h.done, func(s *v1alpha1.ReadinessReportSpec) bool { return s.Trigger.RequestedAt == request })
}

// lastRequest is the one that was handled last; empty if there was none.
func (h *history) lastRequest() string {
	for _, s := range slices.Backward(h.done) {
		if s.Trigger.RequestedAt != "" {
			return s.Trigger.RequestedAt
		}
	}
	return ""
}

// status is what a plan tells of its chain; nil while there is none. A request that was handled before another one, and stands in the plan again, is
// told as the one that was handled, so that nobody waits for it.
func (h *history) status(plan *v1alpha1.RolloutPlan) *v1alpha1.ReportChainStatus {
	before := plan.Status.Reports
	if h.head == nil {
		return before
	}
	status := &v1alpha1.ReportChainStatus{Count: new(int32(h.links)), Last: h.head.DeepCopy(), LastRequest: h.lastRequest()}
	if asked := requestOf(plan); asked != "" && h.fulfilled(asked) {
		status.LastRequest = asked
	}
	if before != nil && status.LastRequest == "" {
		status.LastRequest = before.LastRequest
	}
	return status
}

// second is how precise times are in the API.
func second(t time.Time) metav1.Time { return metav1.NewTime(t.UTC().Truncate(time.Second)) }
