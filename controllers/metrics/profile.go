package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// profileFigures are told of each SecurityProfile.
type profileFigures struct{ phase, connectors *prometheus.Desc }

func newProfileFigures() profileFigures {
	d := describer("profile", "profile")
	return profileFigures{
		phase: d("rollout_phase", "1 for the phase that the roll-out of the profile's technical part is in, 0 for the others.", "phase"),
		connectors: d("rollout_connectors",
			"Connectors that the profile rules: total is all of them, updated work under its newest technical part, waiting await their turn or their "+
				"maintenance window, failed did not get through; of the failed ones sixteen at most.", "state"),
	}
}

func (f *profileFigures) all() []*prometheus.Desc { return []*prometheus.Desc{f.phase, f.connectors} }

func (f *profileFigures) tell(p *v1alpha1.SecurityProfile, to chan<- prometheus.Metric) {
	rollout := p.Status.Rollout
	if rollout == nil {
		return
	}
	for _, phase := range []v1alpha1.RolloutPhase{v1alpha1.RolloutUnderWay, v1alpha1.RolloutPaused, v1alpha1.RolloutComplete} {
		gauge(to, f.phase, oneIf(rollout.Phase == phase), p.Name, string(phase))
	}
	count(to, f.connectors, rollout.Total, p.Name, "total")
	count(to, f.connectors, rollout.Updated, p.Name, "updated")
	count(to, f.connectors, rollout.Waiting, p.Name, "waiting")
	gauge(to, f.connectors, float64(len(rollout.Failed)), p.Name, "failed")
}
