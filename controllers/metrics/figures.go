package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
)

// figures are all that is told: their names, what they mean and their labels, by the kind that they are told of.
type figures struct {
	connectors connectorFigures
	hubs       hubFigures
	profiles   rolloutFigures
	classes    rolloutFigures
	plans      planFigures
}

func newFigures() figures {
	return figures{
		connectors: newConnectorFigures(), hubs: newHubFigures(), profiles: newProfileFigures(), classes: newClassFigures(), plans: newPlanFigures(),
	}
}

func (f *figures) all() []*prometheus.Desc {
	var all []*prometheus.Desc
	for _, of := range [][]*prometheus.Desc{f.connectors.all(), f.hubs.all(), f.profiles.all(), f.classes.all(), f.plans.all()} {
		all = append(all, of...)
	}
	return all
}

// describer makes descriptions of figures that have a prefix and some labels in common.
func describer(prefix string, common ...string) func(name, help string, labels ...string) *prometheus.Desc {
	return func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("lienthong_"+prefix+"_"+name, help, append(common[:len(common):len(common)], labels...), nil)
	}
}

// gauge tells one figure.
func gauge(to chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

// count tells a number of the status, if the status has it: what was not seen is no zero.
func count(to chan<- prometheus.Metric, d *prometheus.Desc, value *int32, labels ...string) {
	if value != nil {
		gauge(to, d, float64(*value), labels...)
	}
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
