// Package kubeconfig renders kubeconfig files with everything inside, so that the file alone is enough to reach the
// cluster and may be copied.
package kubeconfig

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

// User is who the file is for, and how the cluster is reached.
type User struct {
	Cluster  string
	Name     string
	Server   string
	CAFile   string
	CertFile string
	KeyFile  string
}

// The parts of the file that are used here; []byte is written as base64, which is what the format asks for.
type config struct {
	APIVersion     string         `json:"apiVersion"`
	Kind           string         `json:"kind"`
	CurrentContext string         `json:"current-context"`
	Clusters       []namedCluster `json:"clusters"`
	Users          []namedUser    `json:"users"`
	Contexts       []namedContext `json:"contexts"`
}

type namedCluster struct {
	Name    string `json:"name"`
	Cluster struct {
		Server string `json:"server"`
		CA     []byte `json:"certificate-authority-data"`
	} `json:"cluster"`
}

type namedUser struct {
	Name string `json:"name"`
	User struct {
		Cert []byte `json:"client-certificate-data"`
		Key  []byte `json:"client-key-data"`
	} `json:"user"`
}

type namedContext struct {
	Name    string `json:"name"`
	Context struct {
		Cluster string `json:"cluster"`
		User    string `json:"user"`
	} `json:"context"`
}

// Render reads the files that the user points to and returns the kubeconfig.
func Render(u User) ([]byte, error) {
	name := "lienthong-" + u.Cluster
	cluster, user, context := namedCluster{Name: name}, namedUser{Name: u.Name}, namedContext{Name: name}
	cluster.Cluster.Server = u.Server
	context.Context.Cluster, context.Context.User = name, u.Name
	for path, into := range map[string]*[]byte{u.CAFile: &cluster.Cluster.CA, u.CertFile: &user.User.Cert, u.KeyFile: &user.User.Key} {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read what the kubeconfig of %s holds: %w", u.Name, err)
		}
		*into = raw
	}
	raw, err := yaml.Marshal(config{
		APIVersion: "v1", Kind: "Config", CurrentContext: name,
		Clusters: []namedCluster{cluster}, Users: []namedUser{user}, Contexts: []namedContext{context},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the kubeconfig of %s: %w", u.Name, err)
	}
	return raw, nil
}
