//go:build e2e

package e2e

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/statusclient"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/hack/stage"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
)

// Deployments of the stand-in hub, and what the ExchangeHub calls their endpoints.
const (
	primaryHub, fallbackHub = "hub", "hub-fallback"
	primary, fallback       = "primary", "fallback"
	adminPort               = 9080
)

// setMode tells a hub how to behave; after the test it behaves normally again.
func setMode(t *testing.T, hub string, mode hubserver.Mode) {
	t.Helper()
	if err := tell(t.Context(), hub, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tell(context.Background(), hub, hubserver.Normal); err != nil {
			t.Error(err)
		}
	})
}

// hubAddress is where the one pod of a hub is.
func hubAddress(ctx context.Context, hub string) (string, error) {
	var pods corev1.PodList
	err := shared.stage.Client.List(ctx, &pods, client.InNamespace(stage.HubNamespace), client.MatchingLabels{desired.LabelName: hub})
	if err != nil {
		return "", fmt.Errorf("listing the pods of %s: %w", hub, err)
	}
	if len(pods.Items) != 1 {
		return "", fmt.Errorf("there are %d pods of %s, want 1", len(pods.Items), hub)
	}
	return pods.Items[0].Status.PodIP, nil
}

func tell(ctx context.Context, hub string, mode hubserver.Mode) error {
	ip, err := hubAddress(ctx, hub)
	if err != nil {
		return err
	}
	url := fmt.Sprintf("http://%s/mode/%s", address(ip, adminPort), mode)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return fmt.Errorf("telling %s to be %s: %w", hub, mode, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("telling %s to be %s: %w", hub, mode, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s was told to be %s and answered with status %d", hub, mode, response.StatusCode)
	}
	return nil
}

// hubFailsOver lets the hub vanish, then its fallback too, and then lets both come back.
func hubFailsOver(t *testing.T) {
	before := remember(t)
	documents := startStream(t, "g12", "h29")

	setMode(t, primaryHub, hubserver.Vanish)
	took := allReport(t, "the fallback", func(c *v1alpha1.Connector) error { return errors.Join(servedBy(c, fallback), isReady(c)) })
	measuredf(t, "hub vanished: all %d Connectors reported the fallback after %s", agencyCount, round(took))
	documents.flows(t, 40)
	documents.report(t, "while the hub vanished and the fallback took over")

	setMode(t, fallbackHub, hubserver.Vanish)
	took = allReport(t, "no endpoint", isCutOff)
	measuredf(t, "both hubs gone: all %d Connectors said so after %s", agencyCount, round(took))
	before.check(t) // Gateways that cannot reach the hub are neither restarted nor replaced.
	if err := deliver(t.Context(), http.DefaultClient, serviceURL(t, "g12"), "G12", "H29"); err == nil || !strings.Contains(err.Error(), "status 503") {
		t.Errorf("with no hub, a document was answered with %v, want 503", err)
	}
	podsAreReady(t)
	statusesAreLegal(t)

	for _, hub := range []string{primaryHub, fallbackHub} {
		if err := tell(t.Context(), hub, hubserver.Normal); err != nil {
			t.Fatal(err)
		}
	}
	took = allReport(t, "the hub", func(c *v1alpha1.Connector) error { return errors.Join(servedBy(c, primary), isReady(c)) })
	measuredf(t, "both hubs back: all %d Connectors were Ready over the first endpoint after %s", agencyCount, round(took))
	before.check(t)
}

func allReport(t *testing.T, what string, check func(*v1alpha1.Connector) error) time.Duration {
	t.Helper()
	return eventually(t, func() error {
		if err := everyConnector(t.Context(), check); err != nil {
			return fmt.Errorf("not all Connectors report %s: %w", what, err)
		}
		return nil
	})
}

// isCutOff expects a Connector to say, in a sentence that names both endpoints, that it reaches no hub.
func isCutOff(c *v1alpha1.Connector) error {
	if err := errors.Join(has(c, v1alpha1.ConditionHubConnected, metav1.ConditionFalse), has(c, v1alpha1.ConditionReady, metav1.ConditionFalse)); err != nil {
		return err
	}
	for _, condition := range []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionCertificateReady, v1alpha1.ConditionWorkloadAvailable} {
		if !conditions.IsTrue(c.Status.Conditions, condition, c.Generation) {
			return fmt.Errorf("%s of Connector %s is not True, although only the hub is gone", condition, c.Name)
		}
	}
	connected := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionHubConnected)
	ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady)
	for _, part := range []string{primary + ": ", fallback + ": ", "connection refused"} {
		if !strings.Contains(connected.Message, part) || !strings.Contains(ready.Message, part) {
			return fmt.Errorf("Connector %s says %q, and in sum %q; neither may leave out %q", c.Name, connected.Message, ready.Message, part)
		}
	}
	return nil
}

func podsAreReady(t *testing.T) {
	t.Helper()
	connectors := must(shared.stage.Connectors(t.Context()))(t)
	for i := range connectors {
		for _, pod := range must(gatewayPods(t.Context(), connectors[i].Name))(t) {
			if !podIsReady(&pod) {
				t.Errorf("pod %s/%s is not ready", pod.Namespace, pod.Name)
			}
		}
	}
}

func podIsReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// hubRefusesAndStalls lets the hub answer 503, and then not at all: it still accepts connections, so only health checks tell. The
// gateways are asked themselves, which is quicker than their Connectors.
func hubRefusesAndStalls(t *testing.T) {
	for _, mode := range []hubserver.Mode{hubserver.Refuse, hubserver.Stall} {
		documents := startStream(t, "g12", "h29")
		setMode(t, primaryHub, mode)
		away := gatewaysUse(t, fallback, "g12", "h29", "g22")
		documents.flows(t, 40)
		if err := tell(t.Context(), primaryHub, hubserver.Normal); err != nil {
			t.Fatal(err)
		}
		back := gatewaysUse(t, primary, "g12", "h29", "g22")
		documents.flows(t, 40)
		measuredf(t, "hub told to %s: gateways used the fallback after %s; told to be normal: the first endpoint after %s", mode, round(away), round(back))
		documents.report(t, fmt.Sprintf("while the hub was told to %s and then to be normal", mode))
	}
}

func gatewaysUse(t *testing.T, endpoint string, agencies ...string) time.Duration {
	t.Helper()
	ask := newAsker(t)
	return eventually(t, func() error {
		for _, agency := range agencies {
			reports, err := ask.all(t.Context(), agency)
			if err != nil {
				return err
			}
			for pod, report := range reports {
				if report.ActiveEndpoint != endpoint {
					return fmt.Errorf("pod %s/%s uses %q, want %q", agency, pod, report.ActiveEndpoint, endpoint)
				}
			}
		}
		return nil
	})
}

// asker asks gateways what they serve, with the operator's identity.
type asker struct {
	own     tls.Certificate
	anchors *trust.Bundle
}

func newAsker(t *testing.T) *asker {
	t.Helper()
	return newAskerThatTrusts(t, must(trust.Parse(secret(t, "cert-manager", authority).Data[corev1.TLSCertKey]))(t))
}

func newAskerThatTrusts(t *testing.T, anchors *trust.Bundle) *asker {
	t.Helper()
	own := pairOf(secret(t, controllers.DefaultNamespace, "connector-operator-identity"))
	return &asker{own: must(own.TLS())(t), anchors: anchors}
}

// all gives the report of each gateway pod of an agency, by the pod's name.
func (a *asker) all(ctx context.Context, agency string) (map[string]status.Report, error) {
	pods, err := gatewayPods(ctx, agency)
	if err != nil {
		return nil, err
	}
	c, err := connector(ctx, agency)
	if err != nil {
		return nil, err
	}
	reports := map[string]status.Report{}
	for i := range pods {
		config, err := statusclient.TLSConfig(&a.own, a.anchors, c.Status.SPIFFEID, time.Now)
		if err != nil {
			return nil, fmt.Errorf("preparing to ask %s: %w", agency, err)
		}
		if reports[pods[i].Name], err = statusclient.Fetch(ctx, address(pods[i].Status.PodIP, statusPort), config); err != nil {
			return nil, fmt.Errorf("asking pod %s/%s: %w", agency, pods[i].Name, err)
		}
	}
	return reports, nil
}
