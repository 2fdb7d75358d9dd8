package trial

import (
	"context"
	"fmt"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

// Calm is how long nothing must have been written before anything counts as settled: longer than any controller gathers events.
const Calm = 5 * time.Second

// Settle waits until the operator has written nothing for Calm.
func Settle(ctx context.Context, o Operator, patience time.Duration) error {
	return fleet.Await(ctx, patience, func() error {
		list, err := o.Calls()
		if err != nil {
			return err
		}
		writes := calls.Writes(list)
		if n := len(writes); n > 0 && time.Since(writes[n-1].End) < Calm {
			return fmt.Errorf("the operator still writes: %s", writes[n-1].String())
		}
		return nil
	})
}

// Observe lets the time go by and gives the calls that the operator made in it. The waiting is the measurement.
func Observe(ctx context.Context, o Operator, period time.Duration) ([]calls.Call, error) {
	begin := time.Now()
	timer := time.NewTimer(period)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	list, err := o.Calls()
	return since(list, begin), err
}

// Versions gives the version of every object that the operator writes or writes the status of, as the API server has it.
func Versions(ctx context.Context, c client.Client) (map[string]string, error) {
	lists := []client.ObjectList{
		&v1alpha1.ConnectorList{}, &v1alpha1.AgencyList{}, &v1alpha1.ExchangeHubList{}, &v1alpha1.RolloutPlanList{},
		&v1alpha1.SecurityProfileList{}, &v1alpha1.ConnectorClassList{},
		&corev1.ServiceAccountList{}, &cmapi.CertificateList{}, &corev1.ConfigMapList{}, &networkingv1.NetworkPolicyList{},
		&policyv1.PodDisruptionBudgetList{}, &corev1.ServiceList{}, &appsv1.DeploymentList{},
	}
	versions := map[string]string{}
	for i, list := range lists {
		var options []client.ListOption
		if i >= len(lists)-desired.Children {
			options = append(options, client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy})
		}
		if err := c.List(ctx, list, options...); err != nil {
			return nil, fmt.Errorf("listing %T: %w", list, err)
		}
		err := meta.EachListItem(list, func(item runtime.Object) error {
			object, err := meta.Accessor(item)
			if err == nil {
				versions[fmt.Sprintf("%T %s/%s", item, object.GetNamespace(), object.GetName())] = object.GetResourceVersion()
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading %T: %w", list, err)
		}
	}
	return versions, nil
}

// Restart is what a restart cost.
type Restart struct {
	// Looked is how long it took from the start until everything was reconciled once.
	Looked time.Duration
	// Calls that the restarted operator made, also in the period after.
	Calls []calls.Call
}

// Watch lets a started operator look at everything and then the time go by, and gives all its calls.
func Watch(ctx context.Context, o Operator, size fleet.Size, begin time.Time, period time.Duration) (Restart, error) {
	err := fleet.Await(ctx, patience, func() error { return o.Looked(size) })
	if err != nil {
		return Restart{}, fmt.Errorf("a restarted operator has not looked at everything: %w", err)
	}
	looked := time.Since(begin)
	if _, err := Observe(ctx, o, period); err != nil {
		return Restart{}, err
	}
	list, err := o.Calls()
	return Restart{looked, list}, err
}

// patience is far more than anything takes on a busy machine.
const patience = 5 * time.Minute

// Serve creates a Connector and tells how long it took until all its children were there.
func Serve(ctx context.Context, c client.Client, l *fleet.Lookout, connector *v1alpha1.Connector) (time.Duration, error) {
	key := types.NamespacedName{Namespace: connector.Namespace, Name: connector.Name}
	begin := time.Now()
	if err := c.Create(ctx, connector); err != nil {
		return 0, fmt.Errorf("creating Connector %s: %w", key, err)
	}
	var last time.Time
	err := fleet.Await(ctx, patience, func() error {
		complete, at := l.Complete(key)
		if last = at; !complete {
			return fmt.Errorf("the Connector %s lacks children", key)
		}
		return nil
	})
	return last.Sub(begin), err
}
