//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

const (
	leaseName     = "connector-operator.lienthong.gov.vn"
	metricsReader = "e2e-metrics-reader"
	metricsPort   = 8443
)

// restartWritesNothing kills the replica of the operator that leads. The next one looks at everything and asks every pod, and as all is as it should be it
// must not write once.
func restartWritesNothing(t *testing.T) {
	token := metricsToken(t)
	old := operatorPod(t)
	// What was done before must not look like the doing of the new one.
	awaitIdle(t, &old, token)
	before := must(takeSnapshot(t.Context(), append(own(), provisioned()...)...))(t)
	if err := shared.stage.Client.Delete(t.Context(), &old, client.GracePeriodSeconds(0)); err != nil {
		t.Fatalf("killing the operator: %v", err)
	}
	var pod corev1.Pod
	took := eventually(t, func() error {
		var err error
		pod, err = leader(t.Context(), old.UID)
		return err
	})
	measuredf(t, "another operator was elected %s after the first was killed", round(took))
	idle, done := awaitIdle(t, &pod, token)
	measuredf(t, "it had looked at everything %s after the first was killed: %s", round(took+idle), done)
	after := must(takeSnapshot(t.Context(), append(own(), provisioned()...)...))(t)
	differences := before.differences(after, false)
	for _, difference := range differences {
		t.Error(difference)
	}
	measuredf(t, "%d objects compared, %d written to, made or removed by the restart", len(after), len(differences))
	repairsWork(t)
}

// leaseDuration is how long a replica that waits would have to wait if the lease were not given back.
const leaseDuration = 15 * time.Second

// handsOver asks the replica that leads to end. It gives its lease back, so that the other need not wait until the lease has run out.
func handsOver(t *testing.T) {
	old := operatorPod(t)
	if err := shared.stage.Client.Delete(t.Context(), &old); err != nil {
		t.Fatalf("asking the operator to end: %v", err)
	}
	took := eventually(t, func() error {
		_, err := leader(t.Context(), old.UID)
		return err
	})
	measuredf(t, "another operator led %s after the one that did was asked to end", round(took))
	if took >= leaseDuration {
		t.Errorf("another replica took over %s after the leading one was asked to end; it does not seem to give its lease back", round(took))
	}
	repairsWork(t)
}

// idleLooks is how many looks in a row must find the operator idle. Work that comes of work is queued within a second, so only figures that
// stand still tell that there is none left.
const idleLooks = 8

// awaitIdle waits until the operator has looked at everything and has nothing left to do, and tells what it did.
func awaitIdle(t *testing.T, pod *corev1.Pod, token string) (took time.Duration, done string) {
	t.Helper()
	still := 0
	took = eventually(t, func() error {
		now, err := settled(t.Context(), pod, token)
		if err == nil && now != done {
			err = fmt.Errorf("it is still working: %s", now)
		}
		if done = now; err != nil {
			still = 0
			return err
		}
		still++
		if still < idleLooks {
			return fmt.Errorf("it has been idle for %d looks only", still)
		}
		return nil
	})
	return took, done
}

// repairsWork shows that the operator that wrote nothing is one that works.
func repairsWork(t *testing.T) {
	t.Helper()
	name := types.NamespacedName{Namespace: "g04", Name: desired.GatewayName("g04")}
	budget := &policyv1.PodDisruptionBudget{}
	if err := shared.stage.Client.Get(t.Context(), name, budget); err != nil {
		t.Fatal(err)
	}
	gone := budget.UID
	if err := shared.stage.Client.Delete(t.Context(), budget); err != nil {
		t.Fatal(err)
	}
	took := eventually(t, func() error {
		if err := shared.stage.Client.Get(t.Context(), name, budget); err != nil {
			return fmt.Errorf("the PodDisruptionBudget does not come back: %w", err)
		}
		if budget.UID == gone {
			return fmt.Errorf("the PodDisruptionBudget is still the old one")
		}
		return nil
	})
	measuredf(t, "a child that was deleted was back after %s", round(took))
}

// operatorPod is the replica of the operator that leads, and so has the figures.
func operatorPod(t *testing.T) corev1.Pod {
	t.Helper()
	var pod corev1.Pod
	eventually(t, func() error {
		var err error
		pod, err = leader(t.Context(), "")
		return err
	})
	return pod
}

func operatorPods(ctx context.Context) ([]corev1.Pod, error) {
	var list corev1.PodList
	err := shared.stage.Client.List(ctx, &list, client.InNamespace(controllers.DefaultNamespace),
		client.MatchingLabels{desired.LabelName: desired.OperatorName})
	if err != nil {
		return nil, fmt.Errorf("listing the operator's pods: %w", err)
	}
	return list.Items, nil
}

// leader is the operator's pod that holds the Lease, if it is another one than before.
func leader(ctx context.Context, before types.UID) (corev1.Pod, error) {
	lease, err := shared.stage.Clients.CoordinationV1().Leases(controllers.DefaultNamespace).Get(ctx, leaseName, metav1.GetOptions{})
	if err != nil {
		return corev1.Pod{}, fmt.Errorf("reading the Lease: %w", err)
	}
	pods, err := operatorPods(ctx)
	if err != nil {
		return corev1.Pod{}, err
	}
	holder := ""
	if lease.Spec.HolderIdentity != nil {
		holder = *lease.Spec.HolderIdentity
	}
	for _, pod := range pods {
		if pod.UID != before && strings.HasPrefix(holder, pod.Name+"_") {
			return pod, nil
		}
	}
	return corev1.Pod{}, fmt.Errorf("the Lease is held by %q", holder)
}

// settled tells how much the operator has done, if it has looked at every Connector and Agency, asked every pod, and has nothing
// left to do.
func settled(ctx context.Context, pod *corev1.Pod, token string) (string, error) {
	figures, err := operatorMetrics(ctx, pod, token)
	if err != nil {
		return "", err
	}
	done := map[string]int{}
	waiting := 0
	for name, value := range figures {
		metric, labels, _ := strings.Cut(name, "{")
		switch controller := label(labels, "controller"); metric {
		case "workqueue_depth":
			waiting += value
		case "workqueue_work_duration_seconds_count":
			done[controller] += value
		}
	}
	for controller, least := range map[string]int{"connector": agencyCount, "agency": agencyCount, "gateway-observer": 2 * agencyCount, "rolloutplan": 2} {
		if done[controller] < least {
			return "", fmt.Errorf("%s has done %d pieces of work, and there are %d at least", controller, done[controller], least)
		}
	}
	if waiting > 0 {
		return "", fmt.Errorf("%d pieces of work wait", waiting)
	}
	// The observer goes on asking for ever, so its work is no sign of anything left to do.
	return fmt.Sprintf("%d passes over Connectors, %d over Agencies, %d over plans", done["connector"], done["agency"], done["rolloutplan"]), nil
}

func label(labels, name string) string {
	_, rest, _ := strings.Cut(labels, name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// operatorMetrics reads the whole numbers among the operator's metrics, by name with labels.
func operatorMetrics(ctx context.Context, pod *corev1.Pod, token string) (map[string]int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address(pod.Status.PodIP, metricsPort)+"/metrics", nil)
	if err != nil {
		return nil, fmt.Errorf("asking the operator for its metrics: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	// The metrics listener makes a certificate for itself.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport, Timeout: requestTimeout}).Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking the operator for its metrics: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the operator's metrics: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the operator answered with status %d: %.200s", response.StatusCode, text)
	}
	figures := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.Atoi(value); err == nil {
			figures[name] = n
		}
	}
	return figures, nil
}

// metricsToken is a token of somebody who may read the operator's metrics and nothing else.
func metricsToken(t *testing.T) string {
	t.Helper()
	shared.checker.Create(t,
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: metricsReader, Namespace: controllers.DefaultNamespace}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: metricsReader},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: metricsReader, Namespace: controllers.DefaultNamespace}},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "connector-operator-metrics-reader"},
		})
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64(time.Hour / time.Second))}}
	token, err := shared.stage.Clients.CoreV1().ServiceAccounts(controllers.DefaultNamespace).
		CreateToken(t.Context(), metricsReader, request, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("asking for a token: %v", err)
	}
	return token.Status.Token
}
