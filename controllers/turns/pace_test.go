package turns

import (
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestPace(t *testing.T) {
	in := func(phase v1alpha1.RolloutPhase) *v1alpha1.RolloutProgress {
		return &v1alpha1.RolloutProgress{Phase: phase}
	}
	for name, tt := range map[string]struct {
		told *v1alpha1.RolloutProgress
		want time.Duration
	}{
		"nothing is told yet":   {nil, gathering},
		"all is complete":       {in(v1alpha1.RolloutComplete), gathering},
		"a change is under way": {in(v1alpha1.RolloutUnderWay), underWay},
		"too many of it failed": {in(v1alpha1.RolloutPaused), underWay},
	} {
		if got := Pace(tt.told); got != tt.want {
			t.Errorf("%s: news is gathered for %s, want %s", name, got, tt.want)
		}
	}
}
