package desired

import (
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Children is how many objects a Connector consists of.
const Children = 7

// All builds every object of a Connector, in the order in which they are applied: what a pod needs comes before the pods. It
// fails on what the schema cannot express, such as a configuration that the gateway would refuse.
func All(in Inputs) ([]client.Object, error) {
	configMap, err := ConfigMap(in)
	if err != nil {
		return nil, fmt.Errorf("building the gateway's configuration: %w", err)
	}
	policy, err := NetworkPolicy(in)
	if err != nil {
		return nil, fmt.Errorf("building the gateway's network policy: %w", err)
	}
	return []client.Object{
		ServiceAccount(in),
		in.Delivery.Request(in),
		configMap,
		policy,
		PodDisruptionBudget(in),
		Service(in),
		Deployment(in),
	}, nil
}
