package rollout

import (
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// BenchmarkLedger compares what a plan over 5,000 agencies costs when all are added up, and when one has changed.
func BenchmarkLedger(b *testing.B) {
	agencies := country(5000)
	b.Run("all", func(b *testing.B) {
		s := observed(b)
		for b.Loop() {
			judge(adding(s, agencies...))
		}
	})
	b.Run("one", func(b *testing.B) {
		s := adding(observed(b), agencies...)
		changed := agency("a0007", "remaining", states{"connected": v1alpha1.MilestoneAtRisk})
		for b.Loop() {
			s.ledger.update("a0007", &changed)
			judge(s)
		}
	})
}
