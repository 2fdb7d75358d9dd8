package docs

import (
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// The words in which reports speak Vietnamese are those of the glossary, and each kind of the API is in it.
func TestGlossary(t *testing.T) {
	glossary := read(t, "docs/glossary.md")
	small := strings.ToLower(glossary)
	for _, state := range []v1alpha1.MilestoneState{
		v1alpha1.MilestonePending, v1alpha1.MilestoneOnTrack, v1alpha1.MilestoneAtRisk, v1alpha1.MilestoneOverdue, v1alpha1.MilestoneMet,
		v1alpha1.MilestoneMetLate, v1alpha1.MilestoneExempt,
	} {
		if word := locale.Vietnamese.State(state); !strings.Contains(small, strings.ToLower(word)) {
			t.Errorf("the glossary lacks %q, the state %s", word, state)
		}
	}
	for _, status := range []string{"True", "False", "Unknown"} {
		if word := locale.Vietnamese.Readiness(status); !strings.Contains(small, strings.ToLower(word)) {
			t.Errorf("the glossary lacks %q, for Ready=%s", word, status)
		}
	}
	for kind := range schemas(t) {
		if !strings.Contains(glossary, "`"+kind) {
			t.Errorf("the glossary lacks the kind %s", kind)
		}
	}
}
