package page

import (
	"fmt"
	"testing"
)

// Figures of a country of 5,000 agencies with three milestones each. The aim is what somebody feels as prompt; the limit is far enough above
// it that a busy machine does not fail a good page.
const (
	runs      = 4
	aimMillis = 2000
)

// TestLargeIsUsable measures from the navigation to the first result of a filter on screen, and how long later answers take.
func TestLargeIsUsable(t *testing.T) {
	best := map[string]float64{}
	for range runs {
		o := open(t, "large")
		o.choose("search", "don vi truc thuoc so 4999")
		first := look[float64](o, `performance.now()`)
		if got := o.visible(); len(got) != 1 {
			t.Fatalf("the search finds %d agencies, want 1", len(got))
		}
		figures := map[string]float64{"navigation to filtered result": first}
		for name, action := range map[string]string{
			"all shown again":   `document.querySelector("form.filters").reset()`,
			"filter by state":   `{ const s = document.querySelector("[name=state]"); s.value = "Overdue"; s.dispatchEvent(new Event("input", {bubbles: true})) }`,
			"sort by name":      `document.querySelector("[data-sort=agency] button").click()`,
			"switch to English": `document.querySelector("input[value=en]").click()`,
		} {
			figures[name] = look[float64](o, fmt.Sprintf(`(async () => { const begun = performance.now(); %s;
				await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))); return performance.now() - begun })()`, action))
		}
		for name, took := range figures {
			if known, ok := best[name]; !ok || took < known {
				best[name] = took
			}
		}
		o.Close()
	}
	for name, took := range best {
		fmt.Printf("page of 5,000 agencies, best of %d: %-30s %6.0f ms\n", runs, name, took)
		if took > 2*aimMillis {
			t.Errorf("%s takes %.0f ms, far above the aim of %d ms", name, took, aimMillis)
		}
	}
}
