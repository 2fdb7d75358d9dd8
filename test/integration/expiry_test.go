package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// The distances at which short-lived certificates are warned of.
const (
	firstRung  = 20 * time.Minute
	secondRung = 6 * time.Minute
)

// shortLived is a world with certificates of one hour, that are warned of at the two distances.
func shortLived(t *testing.T) *world {
	w, _ := renewableWorld(t, atOnce)
	w.profile.Spec.Certificate.Duration.Duration = time.Hour
	w.profile.Spec.Certificate.RenewBefore.Duration = 5 * time.Minute
	// They are given for a life of one year.
	const year = 365 * 24
	w.profile.Spec.Certificate.ExpiryWarnings = []metav1.Duration{{Duration: firstRung * year}, {Duration: secondRung * year}}
	return w
}

// ownIssuer gives the world a ClusterIssuer of its own, which signs with the key of the tests' authority.
func (w *world) ownIssuer(t *testing.T) *cmapi.ClusterIssuer {
	t.Helper()
	w.hub.Spec.IssuerRef.Name = w.namespace
	own := &cmapi.ClusterIssuer{
		ObjectMeta: metav1.ObjectMeta{Name: w.namespace},
		Spec:       cmapi.IssuerSpec{IssuerConfig: cmapi.IssuerConfig{CA: &cmapi.CAIssuer{SecretName: authority}}},
	}
	w.Create(t, own)
	return own
}

// failing is an issuer that stops to sign, and the words that the user reads of that.
type failing struct {
	*world
	fail, mend func()
	says       string
}

func failingIssuers(t *testing.T) map[string]failing {
	broken, absent, silent := shortLived(t), shortLived(t), shortLived(t)
	ofBroken, ofAbsent, ofSilent := broken.ownIssuer(t), absent.ownIssuer(t), silent.playIssuer(t)
	secret := func(name string) func() {
		return func() { broken.change(t, ofBroken, func() { ofBroken.Spec.CA.SecretName = name }) }
	}
	return map[string]failing{
		"broken": {broken, secret("nowhere"), secret(authority), "The next one is not issued yet: "},
		"absent": {
			absent, func() { absent.remove(t, ofAbsent) }, func() { ofAbsent.ResourceVersion = ""; absent.Create(t, ofAbsent) },
			"The next one is not issued yet: ",
		},
		"silent": {silent, func() { ofSilent.answer(staysSilent, 0) }, func() { ofSilent.answer(signs, 0) }, ""},
	}
}

// A certificate that is not renewed is warned of at each distance to its end, once, whatever became of its issuer and of the operator.
func TestExpiryIsWarnedOfOncePerDistance(t *testing.T) {
	worlds := failingIssuers(t)
	var end time.Time
	for _, f := range worlds {
		f.connect(t)
	}
	for _, f := range worlds {
		f.revision(t, 1)
		if after := f.connector.Status.Certificate.NotAfter.Time; after.After(end) {
			end = after
		}
		f.fail()
		f.ask(t, first)
	}

	slow := slowlyFrom(end.Add(-firstRung - time.Minute))
	shared.operator.underClock(t, slow)
	for _, f := range worlds {
		f.seen(t)
		if is(v1alpha1.ConditionCertificateExpiring, metav1.ConditionTrue, "")(f.connector) {
			t.Error("a warning is given a minute too early")
		}
	}
	for n, rung := range []time.Duration{firstRung, secondRung} {
		// The next distance is reached while the operator is away, and the time until the one after that is still to come.
		shared.operator.end(t)
		shared.operator.again(t, slowlyFrom(end.Add(-rung)))
		for name, f := range worlds {
			f.warned(t, name, rung, f.says)
			f.told(t, "CertificateExpiring", n+1)
		}
	}
	shared.operator.end(t)
	shared.operator.again(t, slowlyFrom(end.Add(-secondRung)))
	for _, f := range worlds {
		f.seen(t)
		f.told(t, "CertificateExpiring", 2)
		f.mend()
	}
	for _, f := range worlds {
		f.revision(t, 2)
	}
	shared.operator.end(t)
	shared.operator.again(t, clock.RealClock{})
	for name, f := range worlds {
		f.Eventually(t, func() error {
			f.ready(t)
			if is(v1alpha1.ConditionCertificateExpiring, metav1.ConditionTrue, "")(f.connector) || f.connector.Status.Certificate.ExpiryWarning != nil {
				return fmt.Errorf("%s: the warning is still given", name)
			}
			return nil
		})
	}
}

// The warning comes by itself when its time has come.
func TestExpiryWarningComesByItself(t *testing.T) {
	w := shortLived(t)
	w.connect(t)
	w.revision(t, 1)
	end := w.connector.Status.Certificate.NotAfter.Time
	slow := slowlyFrom(end.Add(-firstRung - time.Second))
	shared.operator.underClock(t, slow)
	w.seen(t)
	slow.set(end.Add(-firstRung))
	w.warned(t, "not renewed", firstRung, "See the events of the Certificate for why it is not renewed.")
}

// warned waits for the warning of that distance.
func (w *world) warned(t *testing.T, name string, rung time.Duration, says string) {
	t.Helper()
	w.Eventually(t, func() error {
		message := w.expect(t, w.connector, v1alpha1.ConditionCertificateExpiring, metav1.ConditionTrue, "ExpiresSoon")
		told := w.connector.Status.Certificate.ExpiryWarning
		if told == nil || told.Duration != rung || !strings.Contains(message, "within "+rung.String()+".") || !strings.Contains(message, says) {
			return fmt.Errorf("%s: the warning is of %v, and the user reads %q", name, told, message)
		}
		return nil
	})
}
