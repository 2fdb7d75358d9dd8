// Package state keeps what the first `up` of a cluster chose and what later commands must not choose anew: mode, ports and
// networks. It is a JSON file that is replaced in one step, so that a command that dies half-way leaves the old or the new
// file, never half of one.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Mode says what pods are in a cluster.
type Mode string

const (
	// Containers means that pods are real processes; needs root on Linux.
	Containers Mode = "containers"
	// Simulated means that pods are objects only, which become Ready without running.
	Simulated Mode = "simulated"
)

// ParseMode reads the value of --pods; empty means that the user leaves the choice to the tool.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Containers, Simulated, "":
		return m, nil
	default:
		return "", fmt.Errorf("--pods=%s is not known: write --pods=%s or --pods=%s", s, Containers, Simulated)
	}
}

// State is the content of the file.
type State struct {
	Mode Mode `json:"mode"`
	// Ports maps what a port is for to its number.
	Ports map[string]int `json:"ports"`
	// Address is where the API server listens: loopback, or the bridge in a cluster with real containers.
	Address string `json:"address"`
	// ServiceCIDR is the range of cluster IPs.
	ServiceCIDR string `json:"serviceCIDR"`
	// PodCIDR and Bridge are the network of real containers; empty in a simulated cluster.
	PodCIDR string `json:"podCIDR,omitempty"`
	Bridge  string `json:"bridge,omitempty"`
	// Applied is the digest of the manifests that were applied last.
	Applied string `json:"applied,omitempty"`
}

// Load reads the state; a missing file gives nil and no error, because it means that the cluster was never started.
func Load(path string) (*State, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the state of the cluster: %w", err)
	}
	s := &State{}
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, fmt.Errorf("the state file %s is damaged; run `down` and then `up`: %w", path, err)
	}
	return s, nil
}

// Save replaces the file.
func (s *State) Save(path string) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the state of the cluster: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the directory of the cluster: %w", err)
	}
	next := path + ".new"
	if err := os.WriteFile(next, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the state of the cluster: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("replace the state of the cluster: %w", err)
	}
	return nil
}

// Port returns a port that the first `up` chose.
func (s *State) Port(use string) int { return s.Ports[use] }

// Siblings loads the states of the other clusters in a data directory. One that cannot be read is left out: it only
// serves to avoid choosing the same ports and networks again.
func Siblings(dataDir, self string) []*State {
	paths, _ := filepath.Glob(filepath.Join(dataDir, "*", "state.json"))
	var others []*State
	for _, path := range paths {
		if path == self {
			continue
		}
		if s, err := Load(path); err == nil && s != nil {
			others = append(others, s)
		}
	}
	return others
}
