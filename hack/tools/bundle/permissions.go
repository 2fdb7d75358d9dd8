package main

import (
	"fmt"

	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// permissions gathers the rules of all roles that are bound to a ServiceAccount: in the whole cluster, and in the operator's namespace.
func permissions(operator []unstructured.Unstructured, account string) (cluster, namespace []v1alpha1.StrategyDeploymentPermissions, err error) {
	rules, err := rulesOf(operator)
	if err != nil {
		return nil, nil, err
	}
	everywhere, err := ofKind[rbacv1.ClusterRoleBinding](operator, "ClusterRoleBinding")
	if err != nil {
		return nil, nil, err
	}
	there, err := ofKind[rbacv1.RoleBinding](operator, "RoleBinding")
	if err != nil {
		return nil, nil, err
	}
	gathered := v1alpha1.StrategyDeploymentPermissions{ServiceAccountName: account}
	for _, binding := range everywhere {
		if err := gather(&gathered, binding.Name, binding.RoleRef, binding.Subjects, rules); err != nil {
			return nil, nil, err
		}
	}
	local := v1alpha1.StrategyDeploymentPermissions{ServiceAccountName: account}
	for _, binding := range there {
		if err := gather(&local, binding.Name, binding.RoleRef, binding.Subjects, rules); err != nil {
			return nil, nil, err
		}
	}
	return []v1alpha1.StrategyDeploymentPermissions{gathered}, []v1alpha1.StrategyDeploymentPermissions{local}, nil
}

// gather adds what one binding gives. A binding of others would be lost in a bundle, so it is an error.
func gather(into *v1alpha1.StrategyDeploymentPermissions, name string, role rbacv1.RoleRef, subjects []rbacv1.Subject,
	rules map[string][]rbacv1.PolicyRule,
) error {
	if len(subjects) != 1 || subjects[0].Kind != rbacv1.ServiceAccountKind || subjects[0].Name != into.ServiceAccountName {
		return fmt.Errorf("the binding %s is of %+v; a bundle can only tell what the ServiceAccount %s may do", name, subjects, into.ServiceAccountName)
	}
	of, known := rules[role.Kind+" "+role.Name]
	if !known {
		return fmt.Errorf("the binding %s is of the %s %s, which is not there", name, role.Kind, role.Name)
	}
	into.Rules = append(into.Rules, of...)
	return nil
}

// rulesOf are the rules by kind and name of the role.
func rulesOf(operator []unstructured.Unstructured) (map[string][]rbacv1.PolicyRule, error) {
	clusterRoles, err := ofKind[rbacv1.ClusterRole](operator, "ClusterRole")
	if err != nil {
		return nil, err
	}
	roles, err := ofKind[rbacv1.Role](operator, "Role")
	if err != nil {
		return nil, err
	}
	rules := map[string][]rbacv1.PolicyRule{}
	for _, role := range clusterRoles {
		rules["ClusterRole "+role.Name] = role.Rules
	}
	for _, role := range roles {
		rules["Role "+role.Name] = role.Rules
	}
	return rules, nil
}

// boundRoles names the roles whose rules the ClusterServiceVersion tells.
func boundRoles(operator []unstructured.Unstructured) (map[string]bool, error) {
	everywhere, err := ofKind[rbacv1.ClusterRoleBinding](operator, "ClusterRoleBinding")
	if err != nil {
		return nil, err
	}
	there, err := ofKind[rbacv1.RoleBinding](operator, "RoleBinding")
	if err != nil {
		return nil, err
	}
	bound := map[string]bool{}
	for _, binding := range everywhere {
		bound[binding.RoleRef.Kind+" "+binding.RoleRef.Name] = true
	}
	for _, binding := range there {
		bound[binding.RoleRef.Kind+" "+binding.RoleRef.Name] = true
	}
	return bound, nil
}
