package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
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

// progressEvery is how often a line is repeated that has not changed, so that a reader sees that the waiting goes on.
const progressEvery = 30 * time.Second

// AwaitConnectors waits until each Connector is Ready, or, where pods are simulated and nobody can be asked, until its
// certificate is issued, its workload available and its level's requirements met. It tells how far things are.
func (s *Stage) AwaitConnectors(ctx context.Context, patience time.Duration) error {
	var said string
	var saidAt time.Time
	begin := time.Now()
	err := wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		connectors, err := s.Connectors(ctx)
		if err != nil {
			return false, err
		}
		done, why := 0, map[string]int{}
		for i := range connectors {
			if s.asFarAsItGets(&connectors[i]) {
				done++
				continue
			}
			why[reason(&connectors[i])]++
		}
		line := fmt.Sprintf("%d of %d Connectors are %s", done, len(connectors), s.goal())
		if line != said || time.Since(saidAt) >= progressEvery {
			s.sayf("%s%s", line, list(why))
			said, saidAt = line, time.Now()
		}
		return len(connectors) > 0 && done == len(connectors), nil
	})
	if err != nil {
		return fmt.Errorf("after %s, %s; see kubectl get connectors -A: %w", time.Since(begin).Round(time.Second), said, err)
	}
	return nil
}

// reason is the first thing that keeps a Connector from being Ready.
func reason(c *v1alpha1.Connector) string {
	if ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		return ready.Reason
	}
	return "NotSeenYet"
}

// list writes how many have which reason, as the end of a line.
func list(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (s *Stage) goal() string {
	if s.Simulated {
		return "provisioned, with a certificate, and compliant"
	}
	return "Ready"
}

func (s *Stage) asFarAsItGets(c *v1alpha1.Connector) bool {
	if s.Simulated {
		return c.Status.Certificate != nil && conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionWorkloadAvailable, c.Generation) &&
			conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionCompliant, c.Generation)
	}
	return conditions.IsTrue(c.Status.Conditions, v1alpha1.ConditionReady, c.Generation)
}

// AwaitPlans waits until each plan counts every agency.
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
