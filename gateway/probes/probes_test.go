package probes

import (
	"strings"
	"testing"
	"time"
)

func TestNotReady(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	ready := Facts{Listening: true, HasIdentity: true, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), HasTrust: true}
	cases := []struct {
		name   string
		change func(*Facts)
		want   string // "" if ready
	}{
		{"ready", func(*Facts) {}, ""},
		{"draining", func(f *Facts) { f.Draining = true }, "shutting down"},
		{"not listening", func(f *Facts) { f.Listening = false }, "Not all listeners"},
		{"no trust", func(f *Facts) { f.HasTrust = false }, "No usable trust anchors"},
		{"no identity", func(f *Facts) { f.HasIdentity = false }, "No usable certificate"},
		{"expired", func(f *Facts) { f.NotAfter = now.Add(-time.Second) }, "expired at 2023-11-14T22:13:19Z"},
		{"the clock was set back", func(f *Facts) { f.NotBefore = now.Add(time.Second) }, "not valid before"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			facts := ready
			c.change(&facts)
			got := strings.Join(NotReady(facts, now), " ")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("the reasons are %q", got)
			}
		})
	}
}

func TestAlive(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	facts := Facts{LastLook: now.Add(-time.Minute), LookEvery: 10 * time.Second}
	if reason := Alive(facts, now); reason != "" {
		t.Errorf("a process that is a little late counts as stuck: %s", reason)
	}
	if Alive(facts, now.Add(time.Second)) == "" {
		t.Error("a stuck process counts as alive")
	}
}
