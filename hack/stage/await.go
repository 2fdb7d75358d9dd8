package stage

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// Connectors lists those of the national hub.
func (s *Stage) Connectors(ctx context.Context) ([]v1alpha1.Connector, error) {
	var list v1alpha1.ConnectorList
	if err := s.Client.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("listing the Connectors: %w", err)
	}
	var connectors []v1alpha1.Connector
	for i := range list.Items {
		if list.Items[i].Spec.HubRef.Name == HubName {
			connectors = append(connectors, list.Items[i])
		}
	}
	return connectors, nil
}

// AwaitConnectors waits until each Connector is Ready, or, where pods are simulated and nobody can be asked, until its
// certificate is issued and its workload available. It tells how far things are.
func (s *Stage) AwaitConnectors(ctx context.Context, patience time.Duration) error {
	var last string
	var total, done int
	err := wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		connectors, err := s.Connectors(ctx)
		if err != nil {
			return false, err
		}
		total, done = len(connectors), 0
		for i := range connectors {
			if s.asFarAsItGets(&connectors[i]) {
				done++
			}
		}
		if line := fmt.Sprintf("%d of %d Connectors are %s", done, total, s.goal()); line != last {
			s.sayf("%s", line)
			last = line
		}
		return total > 0 && done == total, nil
	})
	if err != nil {
		return fmt.Errorf("after %s, %d of %d Connectors are %s; see kubectl get connectors -A: %w", patience, done, total, s.goal(), err)
	}
	return nil
}

func (s *Stage) goal() string {
	if s.Simulated {
		return "provisioned, with a certificate"
	}
	return "Ready"
}

func (s *Stage) asFarAsItGets(c *v1alpha1.Connector) bool {
	if s.Simulated {
		return c.Status.Certificate != nil && conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionWorkloadAvailable, c.Generation)
	}
	return conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionReady, c.Generation)
}

// AwaitPlans waits until both plans count every agency.
func (s *Stage) AwaitPlans(ctx context.Context, patience time.Duration) error {
	return wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		var plans v1alpha1.RolloutPlanList
		if err := s.Client.List(ctx, &plans); err != nil {
			return false, fmt.Errorf("listing the plans: %w", err)
		}
		for i := range plans.Items {
			p := &plans.Items[i]
			if !conditions.IsTrue(p.Status.Conditions, v1alpha1.ConditionReady, p.Generation) {
				return false, nil
			}
		}
		return len(plans.Items) > 0, nil
	})
}
