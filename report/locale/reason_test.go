package locale

import "testing"

// Every reason has words of its own in each language, and one that is not known is shown as it is.
func TestReasons(t *testing.T) {
	for _, all := range allReasons() {
		for reason, words := range all {
			if vi, en := Vietnamese.Reason(reason), English.Reason(reason); vi != words[0] || en != words[1] || vi == "" || en == "" || vi == en {
				t.Errorf("%s is %q and %q", reason, vi, en)
			}
		}
	}
	if got := Vietnamese.Reason("SomethingNew"); got != "SomethingNew" {
		t.Errorf("an unknown reason is %q", got)
	}
}
