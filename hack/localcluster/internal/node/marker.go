package node

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/process"
)

// markerFile says which cluster with real containers this machine has. There can be one only: kube-proxy's table and the
// DNS port of the bridge aside, two kubelets on one kernel would each take the other's load for its own. It lies where
// a restart of the machine empties, because that ends the containers too.
const markerFile = "/run/lienthong-localcluster.json"

// Owner is the cluster that the marker names.
type Owner struct {
	Name string `json:"name"`
	Dir  string `json:"dir"`
	// Sysctls are the kernel settings that real containers change, with their values before. A restart of the machine
	// forgets the changes and this record alike.
	Sysctls map[string]string `json:"sysctls"`
}

// readMarker returns nil where there is no marker, or none that can be understood.
func readMarker() *Owner {
	raw, err := os.ReadFile(markerFile)
	if err != nil {
		return nil
	}
	owner := &Owner{}
	if json.Unmarshal(raw, owner) != nil {
		return nil
	}
	return owner
}

// CurrentOwner returns the cluster with real containers that is up, or half up, or nil.
func CurrentOwner() *Owner {
	owner := readMarker()
	if owner == nil {
		return nil
	}
	// Its directory may have been removed by hand, with or without its processes.
	if _, err := os.Stat(owner.Dir); err != nil && len(process.Find(Daemons(), owner.Dir+"/")) == 0 {
		return nil
	}
	return owner
}

// Claim makes the cluster the one with real containers on this machine.
func Claim(l layout.Cluster) error {
	if owner := CurrentOwner(); owner != nil && owner.Dir != l.Dir {
		return fmt.Errorf("the cluster %q in %s already runs real containers on this machine, and there can be one only: "+
			"run `down --name %s --data-dir %s` first, or use --pods=simulated", owner.Name, owner.Dir, owner.Name, filepath.Dir(owner.Dir))
	}
	next := Owner{Name: l.Name, Dir: l.Dir, Sysctls: readSysctls()}
	if before := readMarker(); before != nil {
		next.Sysctls = before.Sysctls // what is set now is what a cluster made of it
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encode the mark of the cluster: %w", err)
	}
	if err := os.WriteFile(markerFile, append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("mark the cluster as the one with real containers: %w", err)
	}
	return nil
}
