package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// rolloutFigures are told of each SecurityProfile and each ConnectorClass.
type rolloutFigures struct{ phase, connectors *prometheus.Desc }

func newProfileFigures() rolloutFigures {
	d := describer("profile", "profile")
	return rolloutFigures{
		phase: d("rollout_phase", "1 for the phase that the roll-out of the profile's technical part is in, 0 for the others.", "phase"),
		connectors: d("rollout_connectors",
			"Connectors that the profile rules: total is all of them, updated work under its newest technical part, waiting await their turn or their "+
				"maintenance window, failed did not get through; of the failed ones sixteen at most.", "state"),
	}
}

func newClassFigures() rolloutFigures {
	d := describer("class", "class")
	return rolloutFigures{
		phase: d("rollout_phase", "1 for the phase that the roll-out of the class is in, 0 for the others.", "phase"),
		connectors: d("rollout_connectors",
			"Connectors of the class: total is all of them, updated work with the class as it is, waiting await their turn or their "+
				"maintenance window, failed did not get through; of the failed ones sixteen at most.", "state"),
	}
}

func (f *rolloutFigures) all() []*prometheus.Desc { return []*prometheus.Desc{f.phase, f.connectors} }

func (f *rolloutFigures) tell(name string, rollout *v1alpha1.RolloutProgress, to chan<- prometheus.Metric) {
	if rollout == nil {
		return
	}
	for _, phase := range []v1alpha1.RolloutPhase{v1alpha1.RolloutUnderWay, v1alpha1.RolloutPaused, v1alpha1.RolloutComplete} {
		gauge(to, f.phase, oneIf(rollout.Phase == phase), name, string(phase))
	}
	count(to, f.connectors, rollout.Total, name, "total")
	count(to, f.connectors, rollout.Updated, name, "updated")
	count(to, f.connectors, rollout.Waiting, name, "waiting")
	gauge(to, f.connectors, float64(len(rollout.Failed)), name, "failed")
}
