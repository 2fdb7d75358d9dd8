package integration

import (
	"crypto/ecdsa"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// Times at which renewals are asked for; nothing but their difference matters.
const (
	first  = "2026-11-21T08:00:00Z"
	second = "2026-11-21T09:00:00Z"
	third  = "2026-11-21T10:00:00Z"
)

// renewableWorld has two gateways.
func renewableWorld(t *testing.T, how following) (*world, *simulation) {
	t.Helper()
	w := newWorld(t)
	w.connector.Spec.Replicas = new(int32(2))
	s := w.simulate(how)
	return w, s
}

func TestRenewalIsFulfilledOncePerRequest(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, atOnce)
	w.connector.Annotations = map[string]string{v1alpha1.AnnotationRenewRequestedAt: first}
	w.connect(t)

	// A request that came with the Connector is fulfilled by its first certificate.
	w.revision(t, 1)
	w.expect(t, w.connector, v1alpha1.ConditionRenewalAccepted, metav1.ConditionTrue, "Renewed")
	if w.connector.Status.RenewRequestedAt != first || w.connector.Status.Rotation != nil {
		t.Errorf("fulfilled is %q, the rotation %+v", w.connector.Status.RenewRequestedAt, w.connector.Status.Rotation)
	}

	old, before := w.leaf(t), w.record(t)
	w.ask(t, second)
	w.rotated(t, old.SerialNumber.Text(16), v1alpha1.RotationRequested)
	w.revision(t, 2)
	message := w.expect(t, w.connector, v1alpha1.ConditionRenewalAccepted, metav1.ConditionTrue, "Renewed")
	if w.connector.Status.RenewRequestedAt != second || !strings.Contains(message, second) {
		t.Errorf("fulfilled is %q, and the user reads %q", w.connector.Status.RenewRequestedAt, message)
	}
	if key, ok := w.leaf(t).PublicKey.(*ecdsa.PublicKey); !ok || key.Equal(old.PublicKey) {
		t.Error("the new certificate has the key of the one before")
	}
	before.staysReady(t)

	// The same request again is none: not when it is put back, and not with another annotation beside it.
	w.ask(t, "")
	w.seen(t)
	w.ask(t, second)
	w.seen(t)
	w.edit(t, func(c *v1alpha1.Connector) { c.Annotations["test.lienthong.gov.vn/touched"] = "yes" })
	w.seen(t)
	w.revision(t, 2)

	serial := w.connector.Status.Certificate.SerialNumber
	w.ask(t, third)
	w.rotated(t, serial, v1alpha1.RotationRequested)
	w.revision(t, 3)

	w.ask(t, "tomorrow")
	message = w.expect(t, w.connector, v1alpha1.ConditionRenewalAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidRenewRequest)
	want := `No renewal was begun: the annotation lienthong.gov.vn/renew-requested-at is "tomorrow"; ` +
		"write a time in the form of RFC 3339, such as 2026-11-21T08:00:00Z."
	if message != want {
		t.Errorf("the user reads %q, want %q", message, want)
	}
	w.seen(t)
	w.revision(t, 3)
	before.staysReady(t)

	notes := strings.Join(w.told(t, "CertificateRotated", 2), "\n")
	for _, part := range []string{old.SerialNumber.Text(16), serial, w.connector.Status.Certificate.SerialNumber} {
		if !strings.Contains(notes, part) {
			t.Errorf("the Events do not name the serial %s: %s", part, notes)
		}
	}
}

// rotated waits until the status tells of a finished rotation from that serial.
func (w *world) rotated(t *testing.T, from string, reason v1alpha1.RotationReason) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		r := w.connector.Status.Rotation
		if r == nil || r.FromSerialNumber != from || r.ServedAt == nil {
			return fmt.Errorf("the rotation is %+v, want one from %s that is served", r, from)
		}
		return nil
	})
	r := w.connector.Status.Rotation
	if r.ToSerialNumber != w.connector.Status.Certificate.SerialNumber || r.ToSerialNumber == from || r.Reason != reason {
		t.Errorf("the rotation is %+v, want one for the reason %s", r, reason)
	}
	if r.IssuedAt == nil || r.Duration == nil || r.ServedAt.Before(r.IssuedAt) {
		t.Errorf("the rotation has no sound times: %+v", r)
	}
}

// The operator is stopped at the two moments at which a renewal could be begun twice or not at all.
func TestRenewalIsBegunOnceAcrossRestarts(t *testing.T) {
	w, _ := renewableWorld(t, atOnce)
	w.connect(t)
	w.revision(t, 1)
	serial := w.connector.Status.Certificate.SerialNumber

	// It has noted in the Certificate what it is about to do, and not begun it.
	shared.operator.refuse(t, w.namespace, func(r *http.Request) *http.Response {
		if writesTo(r, "certificates/main-gateway/status") {
			return cut
		}
		return nil
	})
	w.ask(t, first)
	w.Eventually(t, func() error {
		if asked := desired.ReplacementOf(w.certificate(t)); asked == nil {
			return fmt.Errorf("the Certificate asks for no replacement")
		}
		return nil
	})
	shared.operator.stop(t)
	w.staysAt(t, 1)
	shared.operator.refuse(t, w.namespace, nil)
	shared.operator.again(t, clock.RealClock{})
	w.rotated(t, serial, v1alpha1.RotationRequested)
	w.seen(t)
	w.revision(t, 2)

	// It has begun it, and nothing that it wrote after that got through.
	serial = w.connector.Status.Certificate.SerialNumber
	var begun atomic.Bool
	shared.operator.refuse(t, w.namespace, func(r *http.Request) *http.Response {
		if begun.Load() && r.Method != http.MethodGet {
			return cut
		}
		begun.CompareAndSwap(false, writesTo(r, "certificates/main-gateway/status"))
		return nil
	})
	w.ask(t, second)
	w.Eventually(t, func() error {
		if !begun.Load() {
			return fmt.Errorf("no replacement was begun")
		}
		return nil
	})
	shared.operator.stop(t)
	shared.operator.refuse(t, w.namespace, nil)
	shared.operator.again(t, clock.RealClock{})
	w.rotated(t, serial, v1alpha1.RotationRequested)
	w.seen(t)
	w.revision(t, 3)
	w.told(t, "CertificateRotated", 2)
}
