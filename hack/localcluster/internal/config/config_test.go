package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/kube"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/pki"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// components returns what a cluster of the given mode consists of.
func components(t *testing.T, mode state.Mode) []Component {
	t.Helper()
	l, err := layout.New(t.TempDir(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	s := &state.State{Mode: mode, Address: loopback, ServiceCIDR: "198.18.0.0/16", Ports: map[string]int{}}
	if mode == state.Containers {
		s.Address, s.ServiceCIDR, s.PodCIDR, s.Bridge = "10.200.0.1", "10.200.128.0/20", "10.200.0.0/20", "lt-0"
	}
	for i, use := range state.PortUses(mode) {
		s.Ports[use] = 20000 + i
	}
	id := pki.Identity{Address: s.Address, KubernetesService: "198.18.0.1", NodeName: l.NodeName()}
	if err := pki.Ensure(l.PKI(""), id, time.Now()); err != nil {
		t.Fatal(err)
	}
	phases, err := Phases(l, s)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(phases...)
}

var modes = []state.Mode{state.Containers, state.Simulated}

func TestWhatRunsInEachMode(t *testing.T) {
	common := []string{"cert-manager", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}
	for mode, more := range map[state.Mode][]string{
		state.Simulated:  {"kwok"},
		state.Containers: {"containerd", "coredns", "kube-proxy", "kubelet"},
	} {
		var got []string
		for _, c := range components(t, mode) {
			got = append(got, c.Name)
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(slices.Concat(common, more)))
		if !slices.Equal(got, want) {
			t.Errorf("with pods %s there are %q, want %q", mode, got, want)
		}
	}
}

func TestNothingListensToTheOutsideOrSkipsVerification(t *testing.T) {
	for _, mode := range modes {
		for _, c := range components(t, mode) {
			text := strings.Join(c.Args, "\n")
			for path, content := range c.Files {
				if filepath.Base(path) != "10-bridge.conflist" { // the default route of a pod is 0.0.0.0/0
					text += string(content)
				}
			}
			for _, forbidden := range []string{"0.0.0.0", "insecure", "skip-verify", "InsecureSkip", "http://"} {
				if strings.Contains(text, forbidden) {
					t.Errorf("with pods %s, %s is configured with %q", mode, c.Name, forbidden)
				}
			}
		}
	}
}

func TestEachComponentHasAnIdentityOfItsOwn(t *testing.T) {
	users := map[string]string{}
	for _, c := range components(t, state.Containers) {
		for path, content := range c.Files {
			if !strings.HasSuffix(path, ".kubeconfig") {
				continue
			}
			var parsed struct {
				Users []struct {
					User struct {
						Cert []byte `json:"client-certificate-data"`
					} `json:"user"`
				} `json:"users"`
			}
			if err := yaml.Unmarshal(content, &parsed); err != nil || len(parsed.Users) != 1 {
				t.Fatalf("%s does not have one user: %v", path, err)
			}
			cert := string(parsed.Users[0].User.Cert)
			if other, taken := users[cert]; taken || cert == "" {
				t.Errorf("%s and %s show the same certificate", c.Name, other)
			}
			users[cert] = c.Name
		}
	}
	if len(users) != 6 {
		t.Errorf("%d components have a kubeconfig, want 6", len(users))
	}
}

func TestDigestsFollowTheInputs(t *testing.T) {
	for _, c := range components(t, state.Simulated) {
		c.Path = os.Args[0] // the test itself stands for the binary that is not built here
		for path, content := range c.Files {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		first, err := c.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := c.Digest(); again != first {
			t.Errorf("the digest of %s changes by itself", c.Name)
		}
		if err := os.WriteFile(c.Inputs[0], []byte("changed"), 0o600); err != nil {
			t.Fatal(err)
		}
		if changed, _ := c.Digest(); changed == first {
			t.Errorf("the digest of %s does not depend on %s", c.Name, c.Inputs[0])
		}
	}
}

func TestConfigurationFilesAreWellFormed(t *testing.T) {
	for _, mode := range modes {
		for _, c := range components(t, mode) {
			for path, content := range c.Files {
				switch filepath.Ext(path) {
				case ".json", ".conflist":
					if !json.Valid(content) {
						t.Errorf("%s is not JSON", path)
					}
				case ".yaml":
					if _, err := kube.Decode(path, content); err != nil {
						t.Error(err)
					}
				}
			}
		}
	}
}

func TestSimulatedPodsGetNoAddress(t *testing.T) {
	for _, forbidden := range []string{"podIP", "hostIP", "NodeIP", "InternalIP"} {
		if strings.Contains(string(kwokStages), forbidden) {
			t.Errorf("the stages of kwok speak of %s", forbidden)
		}
	}
}
