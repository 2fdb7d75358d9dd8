//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// everyLeafRotates has the certificates of all agencies replaced at once, under traffic over all of them; meanwhile a gateway pod is
// replaced, and the operator is killed.
func everyLeafRotates(t *testing.T) {
	const period = "rotation"
	pods := must(takeSnapshot(t.Context(), corev1.SchemeGroupVersion.WithKind("Pod")))(t)
	started := must(restarts(t.Context()))(t)
	traffic := startCountry(t)
	old := serials(t)
	traffic.begins(t, period)
	begin := time.Now()
	askedFor := begin.UTC().Format(time.RFC3339)
	askForRenewal(t, askedFor)
	replaced := onePod(t, "g12")
	if err := shared.stage.Client.Delete(t.Context(), &replaced); err != nil {
		t.Fatalf("removing pod %s: %v", replaced.Name, err)
	}
	rotationEnds(t, begin, old, askedFor)
	traffic.begins(t, "afterwards")
	askingAgainChangesNothing(t, askedFor)
	traffic.nothingFailed(t, period)

	for _, difference := range pods.differences(must(takeSnapshot(t.Context(), corev1.SchemeGroupVersion.WithKind("Pod")))(t), true) {
		if !strings.HasPrefix(difference, "Pod g12/") {
			t.Error(difference)
		}
	}
	for pod, count := range must(restarts(t.Context()))(t) {
		if count != started[pod] {
			t.Errorf("pod %s was started again", pod)
		}
	}
}

// serials of the newest certificate of each Connector.
func serials(t *testing.T) map[string]string {
	t.Helper()
	result := map[string]string{}
	for _, c := range must(shared.stage.Connectors(t.Context()))(t) {
		if c.Status.Certificate == nil {
			t.Fatalf("Connector %s has no certificate", c.Name)
		}
		result[c.Name] = c.Status.Certificate.SerialNumber
	}
	return result
}

// askForRenewal annotates every Connector; the empty value takes the annotation off.
func askForRenewal(t *testing.T, value string) {
	t.Helper()
	text := "null"
	if value != "" {
		text = fmt.Sprintf("%q", value)
	}
	patch := client.RawPatch("application/merge-patch+json",
		fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%s}}}`, v1alpha1.AnnotationRenewRequestedAt, text))
	for _, c := range must(shared.stage.Connectors(t.Context()))(t) {
		if err := shared.stage.Client.Patch(t.Context(), &c, patch); err != nil {
			t.Fatalf("asking for the renewal of %s: %v", c.Name, err)
		}
	}
}

// rotationEnds waits until every Connector says that its new certificate is served, and every pod shows it; the operator is killed when the
// first few are issued.
func rotationEnds(t *testing.T, begin time.Time, old map[string]string, askedFor string) {
	t.Helper()
	const killedAfter = 5
	ask := newAsker(t)
	killed := false
	served := map[string]bool{}
	var durations []time.Duration
	eventually(t, func() error {
		issued := 0
		err := everyConnector(t.Context(), func(c *v1alpha1.Connector) error {
			if c.Status.Certificate.SerialNumber != old[c.Name] {
				issued++
			}
			if served[c.Name] {
				return nil
			}
			if err := errors.Join(rotated(c, old[c.Name], askedFor), isReady(c)); err != nil {
				return err
			}
			if err := serves(t, ask, c.Name, c.Status.Certificate.SerialNumber); err != nil {
				return err
			}
			served[c.Name] = true
			durations = append(durations, c.Status.Rotation.Duration.Duration)
			return nil
		})
		if issued >= killedAfter && !killed {
			killed = true
			return errors.Join(killOperator(t.Context()), fmt.Errorf("the operator was just killed; %w", err))
		}
		return err
	})
	if !killed {
		t.Error("the operator was not killed")
	}
	measuredf(t, "all %d leaves were replaced, each pod asked over mTLS, %s after it was asked for, with the operator killed meanwhile",
		len(served), round(time.Since(begin)))
	slices.Sort(durations)
	measuredf(t, "from issuance to the last pod that serves, as the statuses tell: median %s, longest %s",
		round(durations[len(durations)/2]), round(durations[len(durations)-1]))
}

// rotated expects the status to tell of the rotation that was asked for, and of its end.
func rotated(c *v1alpha1.Connector, old, askedFor string) error {
	r := c.Status.Rotation
	if r == nil || r.ToSerialNumber == old || r.ToSerialNumber != c.Status.Certificate.SerialNumber {
		return fmt.Errorf("Connector %s has not replaced the certificate %s: %+v", c.Name, old, r)
	}
	if r.ServedAt == nil || r.Duration == nil {
		return fmt.Errorf("Connector %s does not say that the certificate %s is served: %+v", c.Name, r.ToSerialNumber, r)
	}
	if r.FromSerialNumber != old || r.Reason != v1alpha1.RotationRequested || c.Status.RenewRequestedAt != askedFor {
		return fmt.Errorf("Connector %s tells of another rotation, fulfilled is %q: %+v", c.Name, c.Status.RenewRequestedAt, r)
	}
	return nil
}

func serves(t *testing.T, ask *asker, agency, serial string) error {
	t.Helper()
	reports, err := ask.all(t.Context(), agency)
	if err != nil {
		return err
	}
	for pod, report := range reports {
		if report.SerialNumber != serial {
			return fmt.Errorf("pod %s/%s still serves %s, and %s was issued", agency, pod, report.SerialNumber, serial)
		}
	}
	return nil
}

// askingAgainChangesNothing puts the annotation on again with the value that was fulfilled.
func askingAgainChangesNothing(t *testing.T, askedFor string) {
	t.Helper()
	token, pod := metricsToken(t), operatorPod(t)
	awaitIdle(t, &pod, token)
	kinds := []string{cmapi.CertificateKind, cmapi.CertificateRequestKind}
	look := func() snapshot {
		all := snapshot{}
		for _, kind := range kinds {
			for name, v := range must(takeSnapshot(t.Context(), cmapi.SchemeGroupVersion.WithKind(kind)))(t) {
				all[name] = v
			}
		}
		return all
	}
	before, serialsBefore := look(), serials(t)
	askForRenewal(t, "")
	askForRenewal(t, askedFor)
	_, done := awaitIdle(t, &pod, token)
	for _, difference := range before.differences(look(), false) {
		t.Errorf("asked again for what was fulfilled: %s", difference)
	}
	for agency, serial := range serials(t) {
		if serial != serialsBefore[agency] {
			t.Errorf("asked again for what was fulfilled, Connector %s got the certificate %s", agency, serial)
		}
	}
	measuredf(t, "asking again with the same value: %d Certificates and requests not written to (%s)", len(before), done)
}
