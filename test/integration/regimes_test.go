package integration

import (
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
)

// regime is what the status says of one regime; nil if nothing.
func regime(c *v1alpha1.Connector, name string) *v1alpha1.ComplianceStatus {
	at := slices.IndexFunc(c.Status.Compliance, func(s v1alpha1.ComplianceStatus) bool { return s.Regime == name })
	if at < 0 {
		return nil
	}
	return &c.Status.Compliance[at]
}

// standsUnder waits until the status says of a regime what is expected: where it is in time, and what is short, by type and name.
func (w *world) standsUnder(t *testing.T, name string, standing v1alpha1.RegimeStanding, short ...string) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		s := regime(w.connector, name)
		if s == nil {
			return fmt.Errorf("nothing is said of regime %s: %+v", name, w.connector.Status.Compliance)
		}
		var got []string
		for _, f := range s.Shortfalls {
			got = append(got, string(f.Type)+" "+f.Name)
		}
		ruling := name == w.hub.Spec.Regime
		if s.Standing != standing || !slices.Equal(got, short) || *s.Satisfied != (len(short) == 0) || *s.Ruling != ruling {
			return fmt.Errorf("under %s it stands as %+v, want %s and short of %v", name, s, standing, short)
		}
		return nil
	})
}

// nextRegime is a profile of the regime that follows, which asks for more and for a duty.
func (w *world) nextRegime(t *testing.T) *v1alpha1.SecurityProfile {
	t.Helper()
	today := civil.In(time.Now(), compliance.Zone(w.agency))
	next := &v1alpha1.SecurityProfile{ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-next"}, Spec: *w.profile.Spec.DeepCopy()}
	next.Spec.Regime = next.Name
	next.Spec.Validity = &v1alpha1.Validity{From: v1alpha1.CivilDate(today.AddDays(40).String())}
	next.Spec.TLS.MinVersion, next.Spec.Workload.MinReplicas = v1alpha1.VersionTLS13, 2
	next.Spec.Certificate.Duration.Duration = 12 * time.Hour
	next.Spec.Duties = []v1alpha1.Duty{{Kind: v1alpha1.EvidenceRestoreTest, IntervalMonths: new(int32(6))}}
	next.Spec.Citations = []v1alpha1.Citation{{Field: "tls.minVersion", Source: "Circular 1/2026, Art. 5", Confidence: "secondary"}}
	return next
}

// TestBothRegimesAreTold judges a Connector under the regime of its hub, and under the one to come.
func TestBothRegimesAreTold(t *testing.T) {
	w := newWorld(t)
	w.simulate(atOnce)
	w.connect(t)
	w.ready(t)
	w.standsUnder(t, w.namespace, v1alpha1.RegimeInForce)

	next := w.nextRegime(t)
	w.Create(t, next)
	w.standsUnder(t, next.Spec.Regime, v1alpha1.RegimeToCome,
		"Technical certificate.duration", "Technical tls.minVersion", "Technical workload.minReplicas", "Duty RestoreTest")
	for _, f := range regime(w.connector, next.Spec.Regime).Shortfalls {
		cited := ""
		if f.Name == "tls.minVersion" {
			cited = "Circular 1/2026, Art. 5 (secondary)"
		}
		if f.Citation != cited {
			t.Errorf("%s is cited as %q, want %q", f.Name, f.Citation, cited)
		}
	}
	// What is to come holds up nothing.
	w.ready(t)

	// Who hardens and records ahead of time is satisfied ahead of time.
	w.Create(t, w.recordOf(v1alpha1.EvidenceRestoreTest, v1alpha1.CivilDate(civil.In(time.Now(), compliance.Zone(w.agency)).String())))
	w.edit(t, func(c *v1alpha1.Connector) {
		c.Spec.Replicas = new(int32(2))
		c.Spec.Hardening = &v1alpha1.Hardening{MinTLSVersion: v1alpha1.VersionTLS13, CertificateDuration: &metav1.Duration{Duration: 12 * time.Hour}}
	})
	w.standsUnder(t, next.Spec.Regime, v1alpha1.RegimeToCome)
	w.ready(t)

	// A paused Connector is not held to anything, under whatever regime.
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Paused = new(true) })
	w.standsUnder(t, next.Spec.Regime, v1alpha1.RegimeToCome, "Technical enforcement")
	w.standsUnder(t, w.namespace, v1alpha1.RegimeInForce, "Technical enforcement")
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.Paused = nil })
	w.ready(t)

	// When the hub takes the next regime, that one rules, and nothing more has to change for it.
	revision := w.connector.Status.Certificate.Revision
	w.change(t, w.hub, func() { w.hub.Spec.Regime = next.Spec.Regime })
	w.standsUnder(t, next.Spec.Regime, v1alpha1.RegimeToCome)
	w.standsUnder(t, w.namespace, v1alpha1.RegimeInForce)
	w.ready(t)
	if got := w.connector.Status; got.Profile != next.Name || got.Certificate.Revision != revision {
		t.Errorf("SecurityProfile %s rules, and the certificate has revision %d; want %s and %d", got.Profile, got.Certificate.Revision, next.Name, revision)
	}

	// A regime that ended is not told of any more.
	today := civil.In(time.Now(), compliance.Zone(w.agency))
	w.change(t, w.profile, func() {
		w.profile.Spec.Validity = &v1alpha1.Validity{From: "2016-07-01", Until: v1alpha1.CivilDate(today.String())}
	})
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		if s := regime(w.connector, w.namespace); s != nil {
			return fmt.Errorf("it is told of %+v, which ended", s)
		}
		return nil
	})
}

// TestImageGrowsOld tells of an image that may not run any longer, from the day on after the last on which it may.
func TestImageGrowsOld(t *testing.T) {
	w := newWorld(t)
	w.simulate(atOnce)
	today := civil.In(time.Now(), compliance.Zone(w.agency))
	w.profile.Spec.Workload.MaxImageAgeMonths = new(int32(6))
	w.connect(t)
	message := w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "TechnicalShortfall")
	want := fmt.Sprintf("It is not known when the image of ConnectorClass %s was built, and SecurityProfile %s lets an image run for 6 months; "+
		"ask the platform to write imageBuiltOn.", w.class.Name, w.profile.Name)
	if message != want {
		t.Errorf("the user reads %q, want %q", message, want)
	}
	w.change(t, w.class, func() { w.class.Spec.ImageBuiltOn = v1alpha1.CivilDate(today.AddDays(-30).String()) })
	w.ready(t)

	lastDay := today.AddDays(-30).AddMonths(6)
	slow := slowlyFrom(lastDay.AddDays(1).Start(compliance.Zone(w.agency)).Add(-time.Second))
	// The certificate has long expired by then, so that only what is told of compliance counts.
	shared.operator.underClock(t, slow)
	w.seen(t)
	w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionTrue, "RequirementsMet")
	slow.set(lastDay.AddDays(1).Start(compliance.Zone(w.agency)))
	w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "TechnicalShortfall")
}
