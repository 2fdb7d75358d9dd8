package metrics

import (
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// connectorFigures are told of each Connector. There are about two dozen of one, so their number grows with the Connectors and with
// nothing else.
type connectorFigures struct {
	info, ready, paused, compliant, duties *prometheus.Desc
	begin, renewal, expiry, warning        *prometheus.Desc
	rotation, rotationPending, pods        *prometheus.Desc
}

func newConnectorFigures() connectorFigures {
	d := describer("connector", "namespace", "connector", "agency")
	return connectorFigures{
		info: d("info", "Always 1; the labels tell which hub the Connector is linked to, the security level that rules it and the profile of that level.",
			"hub", "level", "profile"),
		ready:  d("ready", "1 if the Connector is ready as it is specified now, else 0."),
		paused: d("paused", "1 if the operator writes nothing of the Connector, because it is paused, else 0."),
		begin:  d("certificate_not_before_timestamp_seconds", "When the newest certificate of the Connector begins to be valid, in seconds since 1970."),
		renewal: d("certificate_renewal_timestamp_seconds",
			"When the newest certificate of the Connector is to be renewed, maintenance windows considered, in seconds since 1970."),
		expiry: d("certificate_expiry_timestamp_seconds", "When the newest certificate of the Connector ends, in seconds since 1970."),
		warning: d("certificate_expiry_warning_seconds",
			"The smallest distance to the end of the newest certificate that is reached, in seconds; 0 while none is."),
		rotation: d("rotation_duration_seconds",
			"How long the latest replacement of the certificate took, from its issuance to the last pod that serves it, in seconds."),
		rotationPending: d("rotation_pending_since_timestamp_seconds",
			"When a certificate was issued that some pod does not serve yet, in seconds since 1970; missing while all pods serve the newest one."),
		pods: d("pods",
			"Pods of the Connector: total is how many there should be, current serve what was last handed out, trusting have the newest trust bundle.",
			"state"),
		compliant: d("compliant", "1 if nothing is short of what the Connector's security level asks for under the regime of its hub, else 0."),
		duties: d("duties",
			"Duties of the Connector under each regime that it is judged under, its level's determination, appraisal and approval among them, by their state.",
			"regime", "state"),
	}
}

func (f *connectorFigures) all() []*prometheus.Desc {
	return []*prometheus.Desc{
		f.info, f.ready, f.paused, f.begin, f.renewal, f.expiry, f.warning, f.rotation, f.rotationPending, f.pods, f.compliant, f.duties,
	}
}

func (f *connectorFigures) tell(c *v1alpha1.Connector, to chan<- prometheus.Metric) {
	labels := []string{c.Namespace, c.Name, c.Spec.AgencyRef.Name}
	level := ""
	if c.Status.SecurityLevel != 0 {
		level = strconv.Itoa(int(c.Status.SecurityLevel))
	}
	gauge(to, f.info, 1, append(slices.Clone(labels), c.Spec.HubRef.Name, level, c.Status.Profile)...)
	gauge(to, f.ready, oneIf(tally.IsReady(c)), labels...)
	gauge(to, f.paused, oneIf(ptr.Deref(c.Spec.Paused, false)), labels...)
	f.certificate(c, to, labels)
	if pods := c.Status.ObservedPods; pods != nil {
		count(to, f.pods, pods.Total, append(labels, "total")...)
		count(to, f.pods, pods.Current, append(labels, "current")...)
		count(to, f.pods, pods.Trusting, append(labels, "trusting")...)
	}
	f.compliance(c, to, labels)
}

// certificate tells of the newest certificate, and of how it replaced the one before.
func (f *connectorFigures) certificate(c *v1alpha1.Connector, to chan<- prometheus.Metric, labels []string) {
	if certificate := c.Status.Certificate; certificate != nil && certificate.NotAfter != nil {
		instant(to, f.begin, certificate.NotBefore, labels...)
		instant(to, f.renewal, certificate.RenewalTime, labels...)
		instant(to, f.expiry, certificate.NotAfter, labels...)
		gauge(to, f.warning, ptr.Deref(certificate.ExpiryWarning, metav1.Duration{}).Seconds(), labels...)
	}
	if rotation := c.Status.Rotation; rotation != nil {
		if rotation.Duration != nil {
			gauge(to, f.rotation, rotation.Duration.Seconds(), labels...)
		}
		if rotation.ServedAt == nil {
			instant(to, f.rotationPending, rotation.IssuedAt, labels...)
		}
	}
}

// instant tells a time of the status, if the status has it.
func instant(to chan<- prometheus.Metric, d *prometheus.Desc, at *metav1.Time, labels ...string) {
	if at != nil {
		gauge(to, d, float64(at.Unix()), labels...)
	}
}

// compliance tells how the Connector stands under each regime. Regimes and states are few, so the labels are.
func (f *connectorFigures) compliance(c *v1alpha1.Connector, to chan<- prometheus.Metric, labels []string) {
	gauge(to, f.compliant, oneIf(conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionCompliant, c.Generation)), labels...)
	for i := range c.Status.Compliance {
		of, counts := &c.Status.Compliance[i], map[v1alpha1.DutyState]int{}
		for _, duty := range of.Duties {
			counts[duty.State]++
		}
		for _, state := range []v1alpha1.DutyState{
			v1alpha1.DutySatisfied, v1alpha1.DutyDueSoon, v1alpha1.DutyOverdue, v1alpha1.DutyMissing, v1alpha1.DutyWaived,
		} {
			gauge(to, f.duties, float64(counts[state]), append(slices.Clone(labels), of.Regime, string(state))...)
		}
	}
}
