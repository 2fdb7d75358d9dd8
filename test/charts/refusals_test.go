//go:build charts

package charts

import (
	"strings"
	"testing"
)

// refusal is a values file that somebody might write, and what helm has to say of it.
type refusal struct {
	// values on top of a values file that is right.
	values string
	// names is the path of the field that is wrong, as helm writes it.
	names string
	// expects is what the message says that is expected there.
	expects string
}

// refuses holds that a chart refuses each of the values, and says which field is wrong and what is expected.
func refuses(t *testing.T, chart, base string, refusals map[string]refusal) {
	t.Helper()
	const least = 30
	if len(refusals) < least {
		t.Errorf("there are %d wrong values, want %d at least", len(refusals), least)
	}
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := render(t.Context(), chart, base, test.values)
			if err == nil {
				t.Fatalf("these values are not refused:\n%s", test.values)
			}
			for _, part := range []string{test.names, test.expects} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the refusal does not say %q:\n%v", part, err)
				}
			}
		})
	}
}
