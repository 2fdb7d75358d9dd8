//go:build e2e

package docs

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/test/docs/scenario"
)

// TestCommands runs the commands of every document. With -run 'TestCommands/docs/reports.md' it runs one, and those that it starts from.
func TestCommands(t *testing.T) {
	all := scenarios(t)
	w := newWorld(t)
	began := time.Now()
	placeholders := map[string][]scenario.Placeholder{}
	omitted := map[string][]scenario.Omission{}
	for _, s := range all {
		omitted[s.Path] = s.NotRun
		if len(s.Steps) == 0 || s.CommandsOf != "" {
			continue
		}
		if only := os.Getenv("DOCS_ONLY"); only != "" && !strings.Contains(","+only+",", ","+s.Path+",") {
			placeholders[s.Path] = placeholders[s.Start]
			for _, step := range s.Steps {
				placeholders[s.Path] = append(placeholders[s.Path], step.Set...)
			}
			continue
		}
		t.Run(s.Path, func(t *testing.T) {
			began := time.Now()
			sh := &shell{world: w, path: s.Path, state: w.stateOf(s.Path), set: placeholders[s.Start]}
			defer sh.end()
			if text, err := os.ReadFile(w.stateOf(s.Start)); err == nil {
				if err := os.WriteFile(sh.state, text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, step := range s.Steps {
				if step.NeedsPods && w.simulated {
					omitted[s.Path] = append(omitted[s.Path], scenario.Omission{Line: step.Line, Reason: "pods are simulated"})
					continue
				}
				sh.do(t, step)
			}
			for _, step := range s.Finally {
				sh.do(t, step)
			}
			placeholders[s.Path] = sh.set
			t.Logf("%d steps in %s", len(s.Steps)+len(s.Finally), time.Since(began).Round(time.Millisecond))
		})
	}
	t.Logf("all documents took %s\n%s", time.Since(began).Round(time.Second), table(all, omitted))
}

// table lists the blocks that were not run, with the reasons.
func table(all []*scenario.Scenario, omitted map[string][]scenario.Omission) string {
	var b strings.Builder
	b.WriteString("Not run:\n")
	for _, s := range all {
		for _, omission := range omitted[s.Path] {
			fmt.Fprintf(&b, "  %s:%d: %s", s.Path, omission.Line, omission.Reason)
			if len(omission.CoveredBy) > 0 {
				fmt.Fprintf(&b, "; covered by %s", strings.Join(omission.CoveredBy, ", "))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
