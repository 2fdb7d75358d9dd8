// Command agencyvalues writes the example values of the chart agency-connector, one file for each agency of the first national roll-out, from
// the Agencies and Connectors under config/samples/decision-28. Whatever it writes stands there with its source, so that no example says more
// of an agency than is known; what nobody knows, such as where the agency's system is, is marked as an example.
//
//	go run ./hack/agencyvalues <directory>
//
// The directory is laid out as this repository: the repository itself, or a temporary one that is then compared with it. The command is
// stateless; a second run writes the same.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const (
	samples  = "config/samples/decision-28"
	examples = "charts/agency-connector/examples"
	// mode of the files and directories that are written: they are for everybody to read.
	fileMode, directoryMode = 0o644, 0o755
)

func main() {
	const arguments = 2
	if len(os.Args) != arguments {
		fmt.Fprintln(os.Stderr, "Usage: go run ./hack/agencyvalues <directory>")
		os.Exit(arguments)
	}
	if err := generate(samples, filepath.Join(os.Args[1], examples)); err != nil {
		fmt.Fprintln(os.Stderr, "agencyvalues:", err)
		os.Exit(1)
	}
}

// generate writes one file for each agency of the samples.
func generate(samples, into string) error {
	agencies, err := read(samples)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(into, directoryMode); err != nil {
		return fmt.Errorf("making a directory for the examples: %w", err)
	}
	for name, agency := range agencies {
		text, err := agency.values()
		if err != nil {
			return fmt.Errorf("the example of %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(into, name+".yaml"), text, fileMode); err != nil {
			return fmt.Errorf("writing the example of %s: %w", name, err)
		}
	}
	return nil
}
