package manifests_test

import (
	"testing"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/kube"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/manifests"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

func TestEveryManifestCanBeApplied(t *testing.T) {
	for _, mode := range []state.Mode{state.Containers, state.Simulated} {
		seen := map[string]bool{}
		nodes := 0
		for _, name := range manifests.Names(mode) {
			raw, err := manifests.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			objects, err := kube.Decode(name, raw)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range objects {
				path, err := o.Path()
				if err != nil || seen[path] {
					t.Errorf("%s in %s is at %q (seen before: %v), %v", o, name, path, seen[path], err)
				}
				seen[path] = true
				if o.Kind == "Node" {
					nodes++
				}
			}
		}
		if want := map[state.Mode]int{state.Simulated: manifests.SimulatedNodes}[mode]; nodes != want {
			t.Errorf("with pods %s there are %d nodes, want %d", mode, nodes, want)
		}
	}
}
