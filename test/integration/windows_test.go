package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"fmt"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// opening is the time of the next opening of closed, twelve hours from the start of the tests and so not within any of them.
var opening = time.Now().UTC().Add(12 * time.Hour).Truncate(time.Minute)

// closed is a window of every day that is not open now.
func closed() v1alpha1.MaintenanceWindow {
	return v1alpha1.MaintenanceWindow{Start: opening.Format("15:04"), Duration: metav1.Duration{Duration: 5 * time.Minute}, TimeZone: "UTC"}
}

// held is what the condition says of what waits.
func held(what ...string) string {
	return fmt.Sprintf("Until the next maintenance window opens, at %s, this waits: %s.", opening.Format(time.RFC3339), strings.Join(what, "; "))
}

const (
	waitsImage       = "the pods are to be replaced by others, because their image or their settings changed"
	waitsCertificate = "the certificate is to be replaced, because its issuer, names, life or key are to be others"
	waitsRequest     = "the certificate is to be replaced, because that was requested at " + first
)

func image(digit string) string {
	return "gateway.invalid/gateway@sha256:" + strings.Repeat(digit, 64)
}

// TestClosedWindowHoldsWhatDisturbs closes the windows, changes all that disturbs, and then opens them.
func TestClosedWindowHoldsWhatDisturbs(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, atOnce)
	w.connector.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{closed()}
	w.connect(t)
	w.revision(t, 1) // what nobody uses yet is not disturbed by being made

	w.foreignTemplateIsPutBack(t)
	w.Eventually(t, func() error {
		if d := w.deployment(t); d.Status.ObservedGeneration != d.Generation || d.Status.Replicas != d.Status.UpdatedReplicas ||
			d.Status.AvailableReplicas != *d.Spec.Replicas || len(w.pods(t)) != int(*d.Spec.Replicas) {
			return fmt.Errorf("the template that was put back still rolls out: %+v", d.Status)
		}
		return nil
	})
	pods := uids(w.pods(t))
	certificate, deployment := w.certificate(t), w.deployment(t)

	w.ask(t, first)
	w.expectMessage(t, w.connector, v1alpha1.ConditionMaintenanceHeld, metav1.ConditionTrue, "WaitsForWindow", held(waitsRequest))
	w.expectMessage(t, w.connector, v1alpha1.ConditionRenewalAccepted, metav1.ConditionFalse, "Waiting",
		"The renewal requested at "+first+" waits for a maintenance window.")
	w.change(t, w.class, func() { w.class.Spec.Image = image("1") })
	w.edit(t, func(c *v1alpha1.Connector) {
		c.Spec.Replicas, c.Spec.Hostnames = new(int32(3)), []string{"lienthong.thunghiem.example.vn"}
	})
	w.expectMessage(t, w.connector, v1alpha1.ConditionMaintenanceHeld, metav1.ConditionTrue, "WaitsForWindow",
		held(waitsRequest, waitsCertificate, waitsImage))
	w.ready(t)
	// A profile is not taken up outside of the windows either, and until then the Connector lacks what it asks for.
	w.change(t, w.profile, func() { w.profile.Spec.Certificate.KeySize = 384 })
	w.expectMessage(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "TechnicalShortfall", fmt.Sprintf(
		"SecurityProfile %s asks for keys of 384 bits, but they have 256. The change of the profile has not reached the Connector yet.", w.profile.Name))
	if got := w.deployment(t); *got.Spec.Replicas != 3 || got.Spec.Template.Spec.Containers[0].Image != deployment.Spec.Template.Spec.Containers[0].Image {
		t.Errorf("the Deployment has %d replicas of %s", *got.Spec.Replicas, got.Spec.Template.Spec.Containers[0].Image)
	}
	if got := w.certificate(t); got.Generation != certificate.Generation {
		t.Errorf("the Certificate was changed: %+v", got.Spec)
	}
	now := uids(w.pods(t))
	for uid := range pods {
		if !now[uid] {
			t.Errorf("pod %s was replaced", uid)
		}
	}
	w.staysAt(t, 1)

	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.MaintenanceWindows = nil })
	w.Eventually(t, func() error {
		w.ready(t)
		switch got := w.deployment(t); {
		case got.Spec.Template.Spec.Containers[0].Image != image("1"):
			return fmt.Errorf("the Deployment slow has the image %s", got.Spec.Template.Spec.Containers[0].Image)
		case w.connector.Status.RenewRequestedAt != first:
			return fmt.Errorf("the renewal is not fulfilled: %+v", w.connector.Status.Certificate)
		case is(v1alpha1.ConditionMaintenanceHeld, metav1.ConditionTrue, "")(w.connector):
			return fmt.Errorf("something is slow held")
		}
		return nil
	})
	if key, ok := w.leaf(t).PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P384() {
		t.Errorf("the certificate has a key of type %T, want one of 384 bits", w.leaf(t).PublicKey)
	}
}

// foreignTemplateIsPutBack has somebody else change the pods: that is drift, and no window protects it.
func (w *world) foreignTemplateIsPutBack(t *testing.T) {
	t.Helper()
	deployment := w.deployment(t)
	w.change(t, deployment, func() { deployment.Spec.Template.Spec.Containers[0].Image = "evil.invalid/x@sha256:1" })
	w.Eventually(t, func() error {
		if got := w.deployment(t).Spec.Template.Spec.Containers[0].Image; got != w.class.Spec.Image {
			return fmt.Errorf("the image is %s", got)
		}
		return nil
	})
	w.ready(t)
}

// What is revoked does not wait for a window.
func TestRevokedCertificateGoesAheadOfMaintenance(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, atOnce)
	w.connector.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{closed()}
	w.connect(t)
	w.revision(t, 1)
	serial := w.connector.Status.Certificate.SerialNumber
	w.change(t, w.class, func() { w.class.Spec.Image = image("1") })
	w.expectMessage(t, w.connector, v1alpha1.ConditionMaintenanceHeld, metav1.ConditionTrue, "WaitsForWindow", held(waitsImage))
	w.change(t, w.hub, func() { w.hub.Spec.Revocations = []v1alpha1.Revocation{{SerialNumber: serial}} })
	w.rotated(t, serial, v1alpha1.RotationRevoked)
	w.revision(t, 2)
	notes := w.told(t, "AheadOfMaintenance", 1)
	if want := "The certificate is replaced outside of the maintenance windows, because it is revoked."; notes[0] != want {
		t.Errorf("the Event says %q, want %q", notes[0], want)
	}
	w.expectMessage(t, w.connector, v1alpha1.ConditionMaintenanceHeld, metav1.ConditionTrue, "WaitsForWindow", held(waitsImage))
}

// Time alone opens a window: nobody touches anything between the moment at which the operator says that it waits and the
// moment at which it goes ahead.
func TestWindowOpensByItself(t *testing.T) {
	w, _ := renewableWorld(t, atOnce)
	w.connector.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{closed()}
	w.profile.Spec.Certificate.Duration.Duration = 48 * time.Hour
	w.connect(t)
	w.revision(t, 1)

	slow := slowlyFrom(opening.Add(-time.Second))
	shared.operator.underClock(t, slow)
	w.change(t, w.class, func() { w.class.Spec.Image = image("1") })
	w.ask(t, first)
	w.expectMessage(t, w.connector, v1alpha1.ConditionMaintenanceHeld, metav1.ConditionTrue, "WaitsForWindow", held(waitsRequest, waitsImage))
	slow.set(opening)
	w.revision(t, 2)
	w.Eventually(t, func() error {
		if got := w.deployment(t).Spec.Template.Spec.Containers[0].Image; got != image("1") {
			return fmt.Errorf("the image is still %s", got)
		}
		return nil
	})
	if notes := w.notes(t, "AheadOfMaintenance"); len(notes) > 0 {
		t.Errorf("it went ahead of the window: %q", notes)
	}
}

// A certificate whose renewal is due, and that no window comes for before its end, is replaced without one.
func TestCertificateThatWouldExpireFirstGoesAhead(t *testing.T) {
	w, _ := renewableWorld(t, atOnce)
	w.connector.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{closed()}
	w.profile.Spec.Certificate.Duration.Duration = time.Hour
	w.profile.Spec.Certificate.RenewBefore.Duration = 30 * time.Minute
	w.connect(t)
	w.revision(t, 1)
	serial, due := w.connector.Status.Certificate.SerialNumber, w.connector.Status.Certificate.NotAfter.Add(-30*time.Minute)

	slow := slowlyFrom(due.Add(-time.Second))
	shared.operator.underClock(t, slow)
	w.seen(t)
	w.staysAt(t, 1)
	slow.set(due)
	w.Eventually(t, func() error {
		if got := w.certificate(t).Status.Revision; got == nil || *got != 2 {
			return fmt.Errorf("the certificate is not replaced: revision %v", ptr.Deref(got, 0))
		}
		return nil
	})
	notes := w.told(t, "AheadOfMaintenance", 1)
	if want := "The certificate is replaced outside of the maintenance windows, because it would expire before the next maintenance window opens."; notes[0] != want {
		t.Errorf("the Event says %q, want %q", notes[0], want)
	}
	// cert-manager goes by the real time, so the slow clock would soon reach the moment at which this one, too, is due.
	shared.operator.stop(t)
	shared.operator.again(t, clock.RealClock{})
	w.rotated(t, serial, v1alpha1.RotationRenewal)
	w.revision(t, 2)
}

func TestWindowThatNeverOpensIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	window := closed()
	window.TimeZone = "Asia/Hanoi"
	w.connector.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{closed(), window}
	w.connect(t)
	w.expectMessage(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonWindowNeverOpens,
		`Maintenance window 2 can never open: timeZone "Asia/Hanoi" is unknown; write a name of the IANA time zone database, such as Asia/Ho_Chi_Minh.`)
	for _, list := range []client.ObjectList{&cmapi.CertificateList{}, &appsv1.DeploymentList{}} {
		if err := w.Client.List(t.Context(), list, client.InNamespace(w.namespace)); err != nil {
			t.Fatal(err)
		}
		if n := fmt.Sprint(list); strings.Contains(n, "main-gateway") {
			t.Errorf("something was made for a Connector that is refused: %T", list)
		}
	}
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.MaintenanceWindows = c.Spec.MaintenanceWindows[:1] })
	w.settled(t)
}

func TestBadWindowsAreRefusedWithASentence(t *testing.T) {
	const (
		start    = "start is a time of day from 00:00 to 23:59, with two digits each, such as 22:00; there is no other hour at which the window could open."
		duration = "A window lasts from five minutes (5m) to one day (24h): a shorter one closes before anything could be done in it, so it would never " +
			"really open; leave maintenanceWindows out to allow every time."
		units = "A window's duration is in hours, minutes and seconds, such as 2h or 90m; days are not a unit of durations."
	)
	good := content{"start": "22:00", "duration": "2h", "timeZone": "UTC"}
	tests := map[string]struct {
		field string
		value any
		want  string
	}{
		"an hour that is none":     {"start", "24:00", start},
		"an hour of one digit":     {"start", "9:00", start},
		"no duration":              {"duration", "0s", duration},
		"shorter than five":        {"duration", "299s", duration},
		"longer than a day":        {"duration", "24h1m", duration},
		"in days":                  {"duration", "1d", units},
		"on no day":                {"days", []any{}, "spec.maintenanceWindows[0].days in body should have at least 1 items"},
		"on a day that is none":    {"days", items("Funday"), `Unsupported value: "Funday"`},
		"one day twice":            {"days", items("Monday", "Monday"), `Duplicate value: "Monday"`},
		"a time zone with a space": {"timeZone", "Asia/Ho Chi Minh", "timeZone is a name of the IANA time zone database, such as Asia/Ho_Chi_Minh."},
		"a time zone left out":     {"timeZone", nil, "spec.maintenanceWindows[0].timeZone: Required value"},
	}
	env, objects := suite(t), goodObjects(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			window := content{}
			for field, value := range good {
				window[field] = value
			}
			set(tt.field, tt.value)(window)
			object := loose(t, env.Scheme, objects["Connector"])
			set("spec.maintenanceWindows", items(window))(object.Object)
			err := env.Client.Create(t.Context(), object, client.DryRunAll)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it was answered with\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}
