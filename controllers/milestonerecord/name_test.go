package milestonerecord

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"
)

func TestName(t *testing.T) {
	tests := map[string]struct{ plan, milestone, agency, want string }{
		"short":     {"decision-28-2018", "pilot", "g12", "decision-28-2018.pilot.g12"},
		"with dots": {"decision-28.2018", "pilot", "g12", "decision-28.2018.pilot.g12.cd082bfcab777476"},
		"too long": {strings.Repeat("p", 200), "pilot", strings.Repeat("a", 200),
			strings.Repeat("p", 200) + ".pilot." + strings.Repeat("a", 29) + ".4f341e172d928ee4"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Name(tt.plan, tt.milestone, tt.agency); got != tt.want {
				t.Errorf("Name = %s, want %s", got, tt.want)
			}
		})
	}
}

// The name of a record is one that Kubernetes takes, and no other record's: also where names have dots, or differ only at their ends.
func TestNamesAreValidAndTheirOwn(t *testing.T) {
	part := func(most int) *rapid.Generator[string] {
		return rapid.Custom(func(rt *rapid.T) string {
			label := rapid.StringMatching(`[a-c]([-a-c]{0,2}[a-c])?`)
			labels := rapid.SliceOfN(label, 1, most).Draw(rt, "labels")
			if rapid.IntRange(0, 3).Draw(rt, "long") == 0 && most > 1 {
				labels = append([]string{strings.Repeat("a-", 110) + "a"}, labels...)
			}
			return strings.Join(labels, ".")
		})
	}
	rapid.Check(t, func(rt *rapid.T) {
		type triple struct{ plan, milestone, agency string }
		draw := func() triple {
			return triple{part(3).Draw(rt, "plan"), part(1).Draw(rt, "milestone"), part(3).Draw(rt, "agency")}
		}
		a, b := draw(), draw()
		for _, x := range []triple{a, b} {
			if problems := validation.IsDNS1123Subdomain(Name(x.plan, x.milestone, x.agency)); len(problems) > 0 {
				rt.Errorf("the name of %v is none: %v", x, problems)
			}
		}
		if a != b && Name(a.plan, a.milestone, a.agency) == Name(b.plan, b.milestone, b.agency) {
			rt.Errorf("%v and %v have the same name", a, b)
		}
	})
}
