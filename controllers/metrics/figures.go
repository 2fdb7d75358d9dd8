package metrics

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// descriptors are the figures: their names, what they mean and their labels.
type descriptors struct {
	ready, expiry, warning, rotation, pods *prometheus.Desc
	compliant, duties                      *prometheus.Desc
	phase, rollover, anchor, revocations   *prometheus.Desc
}

func newDescriptors() descriptors {
	connector := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("lienthong_connector_"+name, help, append([]string{"namespace", "connector", "agency"}, labels...), nil)
	}
	hub := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("lienthong_hub_"+name, help, append([]string{"hub"}, labels...), nil)
	}
	return descriptors{
		ready: connector("ready", "1 if the Connector is ready as it is specified now, else 0."),
		expiry: connector("certificate_expiry_timestamp_seconds",
			"When the newest certificate of the Connector ends, in seconds since 1970."),
		warning: connector("certificate_expiry_warning_seconds",
			"The smallest distance to the end of the newest certificate that is reached, in seconds; 0 while none is."),
		rotation: connector("rotation_duration_seconds",
			"How long the latest replacement of the certificate took, from its issuance to the last pod that serves it, in seconds."),
		pods: connector("pods",
			"Pods of the Connector: total is how many there should be, current serve what was last handed out, trusting have the newest trust bundle.",
			"state"),
		compliant: connector("compliant", "1 if nothing is short of what the Connector's security level asks for under the regime of its hub, else 0."),
		duties: connector("duties",
			"Duties of the Connector under each regime that it is judged under, its level's determination, appraisal and approval among them, by their state.",
			"regime", "state"),
		phase:    hub("rollover_phase", "1 for the phase that the rollover of the hub's certification authority is in, 0 for the others.", "phase"),
		rollover: hub("rollover_connectors", "Connectors of the hub by how far the rollover has come with them; of the failed ones sixteen at most.", "state"),
		anchor: hub("trust_anchor_expiry_timestamp_seconds",
			"When a certificate among the trust anchors in force ends, in seconds since 1970.", "anchor", "sha256"),
		revocations: hub("revocations", "Revocations in force: those that the hub declares, and identities that lost the right to connect."),
	}
}

func (d *descriptors) all() []*prometheus.Desc {
	return []*prometheus.Desc{
		d.ready, d.expiry, d.warning, d.rotation, d.pods, d.compliant, d.duties, d.phase, d.rollover, d.anchor, d.revocations,
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

func (d *descriptors) connector(c *v1alpha1.Connector, to chan<- prometheus.Metric) {
	labels := []string{c.Namespace, c.Name, c.Spec.AgencyRef.Name}
	gauge(to, d.ready, oneIf(tally.IsReady(c)), labels...)
	if certificate := c.Status.Certificate; certificate != nil && certificate.NotAfter != nil {
		gauge(to, d.expiry, float64(certificate.NotAfter.Unix()), labels...)
		warning := 0.0
		if certificate.ExpiryWarning != nil {
			warning = certificate.ExpiryWarning.Seconds()
		}
		gauge(to, d.warning, warning, labels...)
	}
	if rotation := c.Status.Rotation; rotation != nil && rotation.Duration != nil {
		gauge(to, d.rotation, rotation.Duration.Seconds(), labels...)
	}
	if pods := c.Status.ObservedPods; pods != nil {
		count(to, d.pods, pods.Total, append(labels, "total")...)
		count(to, d.pods, pods.Current, append(labels, "current")...)
		count(to, d.pods, pods.Trusting, append(labels, "trusting")...)
	}
	d.compliance(c, to, labels)
}

// compliance tells how the Connector stands under each regime. Regimes and states are few, so the labels are.
func (d *descriptors) compliance(c *v1alpha1.Connector, to chan<- prometheus.Metric, labels []string) {
	gauge(to, d.compliant, oneIf(conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionCompliant, c.Generation)), labels...)
	for i := range c.Status.Compliance {
		of, counts := &c.Status.Compliance[i], map[v1alpha1.DutyState]int{}
		for _, duty := range of.Duties {
			counts[duty.State]++
		}
		for _, state := range []v1alpha1.DutyState{
			v1alpha1.DutySatisfied, v1alpha1.DutyDueSoon, v1alpha1.DutyOverdue, v1alpha1.DutyMissing, v1alpha1.DutyWaived,
		} {
			gauge(to, d.duties, float64(counts[state]), append(slices.Clone(labels), of.Regime, string(state))...)
		}
	}
}

func (d *descriptors) hub(h *v1alpha1.ExchangeHub, to chan<- prometheus.Metric) {
	gauge(to, d.revocations, float64(len(h.Spec.Revocations)+len(h.Status.RevokedIdentities)), h.Name)
	if rollover := h.Status.Rollover; rollover != nil {
		for _, phase := range []v1alpha1.RolloverPhase{
			v1alpha1.RolloverDistributing, v1alpha1.RolloverReissuing, v1alpha1.RolloverRetiring, v1alpha1.RolloverComplete,
		} {
			gauge(to, d.phase, oneIf(rollover.Phase == phase), h.Name, string(phase))
		}
		count(to, d.rollover, rollover.Trusting, h.Name, "trusting")
		count(to, d.rollover, rollover.Reissued, h.Name, "reissued")
		count(to, d.rollover, rollover.Waiting, h.Name, "waiting")
		gauge(to, d.rollover, float64(len(rollover.Failed)), h.Name, "failed")
	}
	type name struct{ anchor, sha256 string }
	told := map[name]bool{}
	for i := range h.Status.TrustAnchors {
		a := &h.Status.TrustAnchors[i]
		// An anchor may hold the same certificate twice, which is one figure.
		key := name{a.Name, a.SHA256}
		if a.State == v1alpha1.TrustAnchorDistrusted || told[key] {
			continue
		}
		told[key] = true
		gauge(to, d.anchor, float64(a.NotAfter.Unix()), h.Name, a.Name, a.SHA256)
	}
}
