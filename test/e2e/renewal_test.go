//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// renewalIsProven has the certificates of a sender and of a receiver replaced by hand, under a stream of documents.
func renewalIsProven(t *testing.T) {
	agencies := []string{"g12", "h29"}
	pods := must(takeSnapshot(t.Context(), corev1.SchemeGroupVersion.WithKind("Pod")))(t)
	started := must(restarts(t.Context()))(t)
	ask := newAsker(t)
	documents := startStream(t, agencies[0], agencies[1])
	old := map[string]string{}
	for _, agency := range agencies {
		old[agency] = must(connector(t.Context(), agency))(t).Status.Certificate.SerialNumber
		renew(t, agency)
	}
	begin := time.Now()
	issued, served, observed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	eventually(t, func() error {
		var unfinished []error
		for _, agency := range agencies {
			c, err := connector(t.Context(), agency)
			if err != nil {
				return err
			}
			if err := isReady(c); err != nil {
				t.Errorf("%s after the renewal began: %v", round(time.Since(begin)), err)
			}
			serial := c.Status.Certificate.SerialNumber
			if serial == old[agency] {
				unfinished = append(unfinished, fmt.Errorf("Connector %s still tells of the old certificate", agency))
				continue
			}
			once(t, issued, agency, begin, "was issued another certificate, and its status says so")
			if err := serves(t, ask, agency, serial); err != nil {
				unfinished = append(unfinished, err)
				continue
			}
			once(t, served, agency, begin, "serves the new certificate from every pod, as asked over mTLS")
			if err := allCurrent(c); err != nil {
				unfinished = append(unfinished, err)
				continue
			}
			once(t, observed, agency, begin, "says in observedPods that every pod serves it")
		}
		return errors.Join(unfinished...)
	})
	documents.flows(t, 40)
	if failed := documents.report(t, "while both certificates were renewed"); failed != 0 {
		t.Errorf("%d documents failed while certificates were renewed", failed)
	}
	for _, difference := range pods.differences(must(takeSnapshot(t.Context(), corev1.SchemeGroupVersion.WithKind("Pod")))(t), true) {
		t.Error(difference)
	}
	for pod, count := range must(restarts(t.Context()))(t) {
		if count != started[pod] {
			t.Errorf("pod %s was started again", pod)
		}
	}
}

// once measures when something was first so.
func once(t *testing.T, seen map[string]bool, agency string, begin time.Time, what string) {
	t.Helper()
	if !seen[agency] {
		seen[agency] = true
		measuredf(t, "%s %s %s after the renewal was asked for", agency, what, round(time.Since(begin)))
	}
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

// renew asks cert-manager for another certificate, as cmctl does.
func renew(t *testing.T, agency string) {
	t.Helper()
	eventually(t, func() error {
		var certificate cmapi.Certificate
		name := types.NamespacedName{Namespace: agency, Name: desired.GatewayName(agency)}
		if err := shared.stage.Client.Get(t.Context(), name, &certificate); err != nil {
			return fmt.Errorf("reading the Certificate of %s: %w", agency, err)
		}
		now := metav1.Now()
		certificate.Status.Conditions = append(certificate.Status.Conditions, cmapi.CertificateCondition{
			Type: cmapi.CertificateConditionIssuing, Status: cmmeta.ConditionTrue, Reason: "ManuallyTriggered",
			Message: "Renewed by hand.", LastTransitionTime: &now, ObservedGeneration: certificate.Generation,
		})
		if err := shared.stage.Client.Status().Update(t.Context(), &certificate); err != nil {
			return fmt.Errorf("asking for the renewal of the certificate of %s: %w", agency, err)
		}
		return nil
	})
}
