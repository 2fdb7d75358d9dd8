package process

import "testing"

func TestFindNeedsTheProgramAndTheArgument(t *testing.T) {
	s := spec(t, "sleep 5; : "+t.TempDir())
	r := start(t, s)
	for _, c := range []struct {
		programs []string
		argument string
		want     bool
	}{{[]string{"sh"}, s.Args[1], true}, {[]string{"bash"}, s.Args[1], false}, {[]string{"sh"}, s.Args[1] + "x", false}} {
		found := false
		for _, f := range Find(c.programs, c.argument) {
			found = found || *f == Record{PID: r.PID, Identity: r.Identity}
		}
		if found != c.want {
			t.Errorf("Find(%q, %q) finds it: %v, want %v", c.programs, c.argument, found, c.want)
		}
	}
}
