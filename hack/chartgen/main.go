// Command chartgen writes what the charts have of config/: the definitions, the roles, the admission policies, what is scraped, the alerts, the
// dashboard and the security profiles. So there is one source of each, and the charts cannot differ from it. It also writes the table of values in
// each chart's README from the comments of its values.yaml.
//
//	go run ./hack/chartgen <directory>
//
// The directory is laid out as this repository: the repository itself, or a temporary one that is then compared with it. Files are read from the
// repository in which the command runs. It is stateless; a second run writes the same.
//
// Objects are written as plain YAML into files/ of the chart, and its templates read them from there: what is in them is never taken for a
// template, such as the placeholders of alerts, and the templates put the release's namespace and ServiceAccount in the place of those of config/.
package main

import (
	"fmt"
	"os"
)

func main() {
	const arguments = 2
	if len(os.Args) != arguments {
		fmt.Fprintln(os.Stderr, "Usage: go run ./hack/chartgen <directory>")
		os.Exit(arguments)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "chartgen:", err)
		os.Exit(1)
	}
}

// generate writes everything into a directory that is laid out as this repository.
func generate(into string) error {
	if err := operatorChart(into); err != nil {
		return err
	}
	return readmes(into)
}
