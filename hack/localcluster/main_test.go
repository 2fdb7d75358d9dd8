package main

import "testing"

func TestCommandLinesThatAreWrong(t *testing.T) {
	for _, args := range [][]string{
		{}, {"fly"}, {"up", "now"}, {"up", "--pods=some"}, {"up", "--name=Not_a_name"}, {"up", "--unheard"}, {"load-image"},
		{"load-image", "--ref=a:b"}, {"load-image", "--ref=a:b", "--binary=x", "--archive=y"},
	} {
		if got := run(t.Context(), args); got != 2 {
			t.Errorf("%q exits with %d, want 2", args, got)
		}
	}
}
