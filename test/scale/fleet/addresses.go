package fleet

import (
	"context"
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// lending is the name of the policy that gives simulated pods addresses.
const lending = "lienthong-scale-addresses"

// giveAddress is an address in the status of a pod, of those kept for documentation. Nobody is ever called there; the operator asks only
// pods that have one. Kubernetes refuses a loopback address as the endpoint of a Service, and its controllers would try for ever.
const giveAddress = `Object{status: Object.status{podIP: "192.0.2.1", podIPs: [Object.status.podIPs{ip: "192.0.2.1"}]}}`

// LendAddresses lets the pods of the fleet have an address from the moment at which they become ready, as they have from a kubelet;
// simulated pods have none, and would never be asked. The API server itself adds it, so it costs no call and cannot be late.
func (f *Fleet) LendAddresses(ctx context.Context, c client.Client) error {
	statuses := admissionv1.RuleWithOperations{
		Operations: []admissionv1.OperationType{admissionv1.Update},
		Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods/status"}},
	}
	fail, never := admissionv1.Fail, admissionv1.NeverReinvocationPolicy
	policy := &admissionv1.MutatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: lending},
		Spec: admissionv1.MutatingAdmissionPolicySpec{
			FailurePolicy: &fail, ReinvocationPolicy: never,
			MatchConstraints: &admissionv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{labelFleet: f.Name}},
				ResourceRules:     []admissionv1.NamedRuleWithOperations{{RuleWithOperations: statuses}},
			},
			MatchConditions: []admissionv1.MatchCondition{{Name: "none", Expression: "!has(object.status.podIP)"}},
			Mutations: []admissionv1.Mutation{{
				PatchType:          admissionv1.PatchTypeApplyConfiguration,
				ApplyConfiguration: &admissionv1.ApplyConfiguration{Expression: giveAddress},
			}},
		},
	}
	binding := &admissionv1.MutatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: lending},
		Spec:       admissionv1.MutatingAdmissionPolicyBindingSpec{PolicyName: lending},
	}
	for _, object := range []client.Object{policy, binding} {
		if err := c.Create(ctx, object); err != nil {
			return fmt.Errorf("creating %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}

// KeepAddresses undoes LendAddresses.
func KeepAddresses(ctx context.Context, c client.Client) error {
	for _, object := range []client.Object{
		&admissionv1.MutatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: lending}},
		&admissionv1.MutatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: lending}},
	} {
		if err := client.IgnoreNotFound(c.Delete(ctx, object)); err != nil {
			return fmt.Errorf("deleting %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}
