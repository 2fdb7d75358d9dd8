package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// hubFigures are told of each ExchangeHub.
type hubFigures struct {
	ready, connectors, revocations *prometheus.Desc
	phase, rollover, paused        *prometheus.Desc
	anchor                         *prometheus.Desc
}

func newHubFigures() hubFigures {
	d := describer("hub", "hub")
	return hubFigures{
		ready: d("ready", "1 if the ExchangeHub is ready as it is specified now, else 0."),
		connectors: d("connectors",
			"Connectors of the hub by each of their conditions and its status; one that does not tell of the Connector as it is specified now is "+
				"Unknown.", "condition", "status"),
		phase:       d("rollover_phase", "1 for the phase that the rollover of the hub's certification authority is in, 0 for the others.", "phase"),
		rollover:    d("rollover_connectors", "Connectors of the hub by how far the rollover has come with them; of the failed ones sixteen at most.", "state"),
		paused:      d("rollover_paused", "1 if the rollover moves no further Connector, because too many have failed, else 0."),
		anchor:      d("trust_anchor_expiry_timestamp_seconds", "When a certificate among the trust anchors in force ends, in seconds since 1970.", "anchor", "sha256"),
		revocations: d("revocations", "Revocations in force: those that the hub declares, and identities that lost the right to connect."),
	}
}

func (f *hubFigures) all() []*prometheus.Desc {
	return []*prometheus.Desc{f.ready, f.connectors, f.phase, f.rollover, f.paused, f.anchor, f.revocations}
}

func (f *hubFigures) tell(h *v1alpha1.ExchangeHub, of census, to chan<- prometheus.Metric) {
	gauge(to, f.ready, oneIf(conditions.IsTrue(h.Status.Conditions, v1alpha1.ConditionReady, h.Generation)), h.Name)
	for _, condition := range connectorConditions() {
		for _, status := range []metav1.ConditionStatus{metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionUnknown} {
			gauge(to, f.connectors, float64(of[outcome{h.Name, condition, status}]), h.Name, condition, string(status))
		}
	}
	gauge(to, f.revocations, float64(len(h.Spec.Revocations)+len(h.Status.RevokedIdentities)), h.Name)
	f.change(h, to)
	f.anchors(h, to)
}

// change tells how far a change of the certification authority is.
func (f *hubFigures) change(h *v1alpha1.ExchangeHub, to chan<- prometheus.Metric) {
	rollover := h.Status.Rollover
	if rollover == nil {
		return
	}
	for _, phase := range []v1alpha1.RolloverPhase{
		v1alpha1.RolloverDistributing, v1alpha1.RolloverReissuing, v1alpha1.RolloverRetiring, v1alpha1.RolloverComplete,
	} {
		gauge(to, f.phase, oneIf(rollover.Phase == phase), h.Name, string(phase))
	}
	count(to, f.rollover, rollover.Trusting, h.Name, "trusting")
	count(to, f.rollover, rollover.Reissued, h.Name, "reissued")
	count(to, f.rollover, rollover.Waiting, h.Name, "waiting")
	gauge(to, f.rollover, float64(len(rollover.Failed)), h.Name, "failed")
	complete := meta.FindStatusCondition(h.Status.Conditions, v1alpha1.ConditionRolloverComplete)
	gauge(to, f.paused, oneIf(complete != nil && complete.Reason == v1alpha1.ReasonRolloverPaused), h.Name)
}

// anchors tells when those in force end.
func (f *hubFigures) anchors(h *v1alpha1.ExchangeHub, to chan<- prometheus.Metric) {
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
		gauge(to, f.anchor, float64(a.NotAfter.Unix()), h.Name, a.Name, a.SHA256)
	}
}

// connectorConditions are those that every Connector has.
func connectorConditions() []string {
	return []string{
		v1alpha1.ConditionAccepted, v1alpha1.ConditionCertificateReady, v1alpha1.ConditionWorkloadAvailable, v1alpha1.ConditionHubConnected,
		v1alpha1.ConditionCompliant, v1alpha1.ConditionReady,
	}
}

// outcome is a status of a condition, among the Connectors of a hub.
type outcome struct {
	hub, condition string
	status         metav1.ConditionStatus
}

// census counts the Connectors by outcome.
type census map[outcome]int

func take(connectors []v1alpha1.Connector) census {
	all := census{}
	for i := range connectors {
		c := &connectors[i]
		for _, condition := range connectorConditions() {
			status := metav1.ConditionUnknown
			if found := meta.FindStatusCondition(c.Status.Conditions, condition); found != nil && found.ObservedGeneration == c.Generation {
				status = found.Status
			}
			all[outcome{c.Spec.HubRef.Name, condition, status}]++
		}
	}
	return all
}
