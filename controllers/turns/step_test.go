package turns

import (
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Each step is told once: with what was written as what is read, there is nothing to tell.
func TestStep(t *testing.T) {
	at := func(phase v1alpha1.RolloutPhase, revision string) *v1alpha1.RolloutProgress {
		return &v1alpha1.RolloutProgress{Phase: phase, Revision: revision}
	}
	tests := map[string]struct {
		before, after *v1alpha1.RolloutProgress
		want          string
	}{
		"seen for the first time":       {nil, at(v1alpha1.RolloutComplete, "r1"), ""},
		"new, with Connectors behind":   {nil, at(v1alpha1.RolloutUnderWay, "r1"), "RolloutBegun"},
		"begun":                         {at(v1alpha1.RolloutComplete, "r1"), at(v1alpha1.RolloutUnderWay, "r2"), "RolloutBegun"},
		"changed again midway":          {at(v1alpha1.RolloutUnderWay, "r2"), at(v1alpha1.RolloutUnderWay, "r3"), "RolloutBegun"},
		"changed again while paused":    {at(v1alpha1.RolloutPaused, "r2"), at(v1alpha1.RolloutUnderWay, "r3"), "RolloutBegun"},
		"paused":                        {at(v1alpha1.RolloutUnderWay, "r2"), at(v1alpha1.RolloutPaused, "r2"), "RolloutPaused"},
		"goes on":                       {at(v1alpha1.RolloutPaused, "r2"), at(v1alpha1.RolloutUnderWay, "r2"), "RolloutResumed"},
		"complete":                      {at(v1alpha1.RolloutUnderWay, "r2"), at(v1alpha1.RolloutComplete, "r2"), "RolloutComplete"},
		"nobody had to move":            {at(v1alpha1.RolloutComplete, "r1"), at(v1alpha1.RolloutComplete, "r2"), "RolloutComplete"},
		"a Connector is behind again":   {at(v1alpha1.RolloutComplete, "r2"), at(v1alpha1.RolloutUnderWay, "r2"), "RolloutBegun"},
		"as it was":                     {at(v1alpha1.RolloutPaused, "r2"), at(v1alpha1.RolloutPaused, "r2"), ""},
		"complete as it was":            {at(v1alpha1.RolloutComplete, "r2"), at(v1alpha1.RolloutComplete, "r2"), ""},
		"rolling out, one step further": {at(v1alpha1.RolloutUnderWay, "r2"), at(v1alpha1.RolloutUnderWay, "r2"), ""},
	}
	for name, tt := range tests {
		if got := step(tt.before, tt.after); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
