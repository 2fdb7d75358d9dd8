//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/hack/stage"
)

const (
	// agencyCount is how many agencies the first roll-out has.
	agencyCount = 27
	// patience is how long eventually waits: the kubelet alone may take a minute and a half to refresh a volume.
	patience = 3 * time.Minute
	pollEach = 250 * time.Millisecond

	inboundPort, outboundPort, statusPort, probesPort = 8443, 8080, 8444, 8081
)

// eventually calls check until it succeeds, and gives the time that took; the test fails with the last error.
func eventually(t *testing.T, check func() error) time.Duration {
	t.Helper()
	begin := time.Now()
	deadline, tick := time.NewTimer(patience), time.NewTicker(pollEach)
	defer deadline.Stop()
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return time.Since(begin)
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("after %s: %v", patience, err)
		}
	}
}

func measuredf(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Logf("MEASURED "+format, args...)
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }

// must gives the value of a call that may not fail: must(call())(t).
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// localKubeconfig is where the local cluster of this suite keeps its kubeconfig.
func localKubeconfig() string { return localFile("kubeconfig") }

func localFile(elements ...string) string {
	return filepath.Join(append([]string{shared.stage.Root, ".local", clusterName}, elements...)...)
}

// key names the Connector of an agency, which in the samples is named like its namespace.
func key(agency string) types.NamespacedName {
	return types.NamespacedName{Namespace: agency, Name: agency}
}

func connector(ctx context.Context, agency string) (*v1alpha1.Connector, error) {
	c := &v1alpha1.Connector{}
	if err := shared.stage.Client.Get(ctx, key(agency), c); err != nil {
		return nil, fmt.Errorf("reading Connector %s: %w", agency, err)
	}
	return c, nil
}

// everyConnector checks each of them, and gives the complaints.
func everyConnector(ctx context.Context, check func(*v1alpha1.Connector) error) error {
	return checkConnectors(ctx, func(n int, task func(int)) {
		for i := range n {
			task(i)
		}
	}, check)
}

// everyConnectorAtOnce checks all of them at the same time.
func everyConnectorAtOnce(ctx context.Context, check func(*v1alpha1.Connector) error) error {
	return checkConnectors(ctx, func(n int, task func(int)) {
		var tasks sync.WaitGroup
		for i := range n {
			tasks.Go(func() { task(i) })
		}
		tasks.Wait()
	}, check)
}

func checkConnectors(ctx context.Context, each func(n int, task func(int)), check func(*v1alpha1.Connector) error) error {
	connectors, err := shared.stage.Connectors(ctx)
	if err != nil {
		return err
	}
	complaints := make([]error, len(connectors)+1)
	each(len(connectors), func(i int) { complaints[i] = check(&connectors[i]) })
	if len(connectors) != agencyCount {
		complaints[len(connectors)] = fmt.Errorf("there are %d Connectors, want %d", len(connectors), agencyCount)
	}
	return errors.Join(complaints...)
}

func isReady(c *v1alpha1.Connector) error {
	return has(c, v1alpha1.ConditionReady, metav1.ConditionTrue)
}

func has(c *v1alpha1.Connector, condition string, status metav1.ConditionStatus) error {
	got := meta.FindStatusCondition(c.Status.Conditions, condition)
	if got == nil {
		return fmt.Errorf("Connector %s has no condition %s", c.Name, condition)
	}
	if got.Status != status || got.ObservedGeneration != c.Generation {
		return fmt.Errorf("%s of Connector %s is %s (%s: %s), want %s", condition, c.Name, got.Status, got.Reason, got.Message, status)
	}
	return nil
}

// everythingIsReady waits until the stage is as it was set: every Connector Ready and all its pods current, over the hub's
// first endpoint; and checks that every status is legal.
func everythingIsReady(t *testing.T) {
	t.Helper()
	took := eventually(t, func() error {
		return everyConnector(t.Context(), func(c *v1alpha1.Connector) error {
			if err := isReady(c); err != nil {
				return err
			}
			return errors.Join(servedBy(c, "primary"), allCurrent(c))
		})
	})
	if took > time.Second {
		measuredf(t, "all Connectors were as before %s after the scenario", round(took))
	}
	statusesAreLegal(t)
}

func servedBy(c *v1alpha1.Connector, endpoint string) error {
	if c.Status.ActiveEndpoint != endpoint {
		return fmt.Errorf("Connector %s uses %q, want %q", c.Name, c.Status.ActiveEndpoint, endpoint)
	}
	return nil
}

func allCurrent(c *v1alpha1.Connector) error {
	pods := c.Status.ObservedPods
	if pods == nil || pods.Current == nil || pods.Total == nil || *pods.Current != *pods.Total {
		return fmt.Errorf("not all pods of Connector %s serve the newest: %+v", c.Name, pods)
	}
	return nil
}

// statusesAreLegal checks the statuses of every kind.
func statusesAreLegal(t *testing.T) {
	t.Helper()
	for _, list := range []client.ObjectList{
		&v1alpha1.ConnectorList{}, &v1alpha1.AgencyList{}, &v1alpha1.ExchangeHubList{}, &v1alpha1.RolloutPlanList{},
		&v1alpha1.SecurityProfileList{}, &v1alpha1.ConnectorClassList{},
	} {
		if err := shared.stage.Client.List(t.Context(), list); err != nil {
			t.Fatalf("listing %T: %v", list, err)
		}
		err := meta.EachListItem(list, func(object runtime.Object) error {
			shared.checker.CheckStatus(t, object.(client.Object))
			return nil
		})
		if err != nil {
			t.Fatalf("going through %T: %v", list, err)
		}
	}
}

// gatewayPods are the pods of an agency's gateway that are not leaving.
func gatewayPods(ctx context.Context, agency string) ([]corev1.Pod, error) {
	var list corev1.PodList
	err := shared.stage.Client.List(ctx, &list, client.InNamespace(agency), client.MatchingLabels(desired.Selector(agency)))
	if err != nil {
		return nil, fmt.Errorf("listing the gateway pods of %s: %w", agency, err)
	}
	var pods []corev1.Pod
	for i := range list.Items {
		if list.Items[i].DeletionTimestamp == nil {
			pods = append(pods, list.Items[i])
		}
	}
	return pods, nil
}

func onePod(t *testing.T, agency string) corev1.Pod {
	t.Helper()
	pods := must(gatewayPods(t.Context(), agency))(t)
	if len(pods) == 0 {
		t.Fatalf("the gateway of %s has no pod", agency)
	}
	return pods[0]
}

func address(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

// reachable tells whether pods can be connected to from this machine, and Services too.
func reachable(ctx context.Context, s *stage.Stage) bool {
	var service corev1.Service
	if err := s.Client.Get(ctx, types.NamespacedName{Namespace: "g12", Name: desired.GatewayName("g12")}, &service); err != nil {
		return false
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", address(service.Spec.ClusterIP, outboundPort))
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
