// Package manifests holds the objects that a cluster starts with, beside those of cert-manager, which are taken from its
// module. They are applied by the first `up`, and again only when they differ from what was applied last: what a user
// changes or deletes afterwards stays so.
package manifests

import (
	"embed"
	"fmt"
	"strings"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// SimulatedNodes is the number of nodes of a simulated cluster: one for each zone, so that topology spread has
// something to spread over.
const SimulatedNodes = 3

// SimulatedNodeLabel selects the nodes that kwok plays.
const SimulatedNodeLabel = "lienthong.gov.vn/simulated=true"

//go:embed *.yaml
var files embed.FS

// Names lists the files for a mode, in the order in which they are applied.
func Names(mode state.Mode) []string {
	if mode == state.Containers {
		return []string{"common.yaml", "containers.yaml", "cert-manager-admission.yaml"}
	}
	return []string{"common.yaml", "simulated.yaml", "cert-manager-admission.yaml"}
}

// Read returns one of the files.
func Read(name string) ([]byte, error) {
	raw, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the built-in manifests: %w", err)
	}
	if name == "simulated.yaml" {
		return append(raw, nodes()...), nil
	}
	return raw, nil
}

func nodes() []byte {
	var b strings.Builder
	key, value, _ := strings.Cut(SimulatedNodeLabel, "=")
	for i := range SimulatedNodes {
		name := fmt.Sprintf("lienthong-sim-%d", i)
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Node\nmetadata:\n  name: %s\n  labels:\n", name)
		fmt.Fprintf(&b, "    %s: %q\n    kubernetes.io/hostname: %s\n", key, value, name)
		fmt.Fprintf(&b, "    kubernetes.io/os: linux\n    kubernetes.io/arch: amd64\n")
		fmt.Fprintf(&b, "    topology.kubernetes.io/region: local\n    topology.kubernetes.io/zone: %c\n", 'a'+i)
	}
	return []byte(b.String())
}
