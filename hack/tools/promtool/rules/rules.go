// Package rules reads the alerts as the cluster is given them, a PrometheusRule, and as Prometheus itself reads them, groups of rules. It
// is run by `make alerts-test` and keeps nothing.
package rules

import (
	"fmt"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

// Read reads a PrometheusRule. A field that the Prometheus operator does not know is an error.
func Read(path string) (*monitoringv1.PrometheusRule, error) {
	var rule monitoringv1.PrometheusRule
	if err := Strictly(path, &rule); err != nil {
		return nil, err
	}
	if rule.Kind != monitoringv1.PrometheusRuleKind {
		return nil, fmt.Errorf("%s has the kind %q; it has to be a %s", path, rule.Kind, monitoringv1.PrometheusRuleKind)
	}
	return &rule, nil
}

// Strictly reads one object from a file of YAML, and refuses fields that its type does not have.
func Strictly(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading an object: %w", err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("%s is no %T: %w", path, into, err)
	}
	return nil
}
