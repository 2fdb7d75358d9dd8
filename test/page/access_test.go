package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"lienthong.gov.vn/connector-operator/test/page/browser"
)

// violation is what the accessibility engine objects to.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	} `json:"nodes"`
}

// TestAccessibility has the accessibility engine look at the page with all its rules, in every look that it has.
func TestAccessibility(t *testing.T) {
	dark := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"}
	looks := map[string]emulation.SetEmulatedMediaParams{
		"screen": {Media: "screen"},
		"dark":   {Media: "screen", Features: []*emulation.MediaFeature{dark}},
		"print":  {Media: "print"},
	}
	for _, page := range []string{"rollout-vi", "rollout-en", "hostile", "empty"} {
		for name, media := range looks {
			t.Run(page+"/"+name, func(t *testing.T) {
				accessible(t, open(t, page, browser.Command(emulation.SetEmulatedMedia, media)))
			})
		}
	}
	t.Run("rollout-vi/filtered", func(t *testing.T) {
		o := open(t, "rollout-vi")
		o.choose("search", "no such agency")
		accessible(t, o)
	})
	t.Run("rollout-vi/narrow", func(t *testing.T) {
		accessible(t, open(t, "rollout-vi", chromedp.EmulateViewport(390, 844)))
	})
}

func accessible(t *testing.T, o *opened) {
	t.Helper()
	o.do(script(shared.axe))
	type outcome struct {
		Violations []violation
		Passes     []string
	}
	got := look[outcome](o, `axe.run(document, {resultTypes: ["violations"]}).then(r => ({Violations: r.violations, Passes: r.passes.map(p => p.id)}))`)
	for _, v := range got.Violations {
		var nodes []string
		for _, node := range v.Nodes[:min(3, len(v.Nodes))] {
			nodes = append(nodes, fmt.Sprintf("%.200s\n    %s", node.HTML, strings.ReplaceAll(node.FailureSummary, "\n", "\n    ")))
		}
		t.Errorf("%s: %s, in %d places:\n  %s", v.ID, v.Help, len(v.Nodes), strings.Join(nodes, "\n  "))
	}
	// An engine that looked at nothing finds nothing.
	if passed := strings.Join(got.Passes, " "); !strings.Contains(passed, "color-contrast") || !strings.Contains(passed, "html-has-lang") {
		t.Errorf("the engine has looked at %q only", passed)
	}
}

// TestMotionIsReduced reads the style as somebody has it who asked for less motion.
func TestMotionIsReduced(t *testing.T) {
	for value, want := range map[string]string{"reduce": "auto", "no-preference": "smooth"} {
		feature := &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: value}
		o := open(t, "rollout-vi", browser.Command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{feature}}))
		if got := look[string](o, `getComputedStyle(document.documentElement).scrollBehavior`); got != want {
			t.Errorf("with prefers-reduced-motion: %s the page scrolls %s, want %s", value, got, want)
		}
	}
}

// TestStatesHaveMarksAndWords takes the colours away: what tells states apart must be left.
func TestStatesHaveMarksAndWords(t *testing.T) {
	o := open(t, "rollout-vi")
	type told struct{ Mark, Word string }
	seen := map[told]string{}
	marks := look[map[string]told](o, `Object.fromEntries(Array.from(document.querySelectorAll(".summary li"), li => [li.className.split(" ")[0], {
		Mark: getComputedStyle(li.querySelector(".state"), "::before").content, Word: li.querySelector(".state").textContent}]))`)
	if len(marks) != 7 {
		t.Fatalf("%d states are told, want 7", len(marks))
	}
	for class, mark := range marks {
		if other, taken := seen[mark]; taken {
			t.Errorf("%s and %s are told by colour alone", class, other)
		}
		seen[mark] = class
		if mark.Mark == "none" || mark.Mark == "normal" || mark.Word == "" {
			t.Errorf("%s has the mark %q and the word %q", class, mark.Mark, mark.Word)
		}
	}
}
