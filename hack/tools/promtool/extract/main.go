// Command extract writes the rules of a PrometheusRule as the file of rules that Prometheus and promtool read.
//
//	extract <PrometheusRule> <file of rules>
package main

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/hack/tools/promtool/rules"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "extract:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%d arguments; say which PrometheusRule is read, and which file is written", len(args))
	}
	rule, err := rules.Read(args[0])
	if err != nil {
		return err
	}
	text, err := yaml.Marshal(rule.Spec)
	if err != nil {
		return fmt.Errorf("writing the rules of %s: %w", args[0], err)
	}
	return os.WriteFile(args[1], text, 0o644)
}
