package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sigs.k8s.io/yaml"
)

// fieldManager owns the fields that the tool sets.
const fieldManager = "localcluster"

// Object is a manifest of which only what is needed to address it is known.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
	// raw is the whole object as JSON.
	raw []byte
}

// plurals names the resources that the tool applies. Asking the API server instead would cost a request per group and
// would have to wait until it knows of new ones.
var plurals = map[string]string{
	"ClusterRole":                      "clusterroles",
	"ClusterRoleBinding":               "clusterrolebindings",
	"CustomResourceDefinition":         "customresourcedefinitions",
	"MutatingAdmissionPolicy":          "mutatingadmissionpolicies",
	"MutatingAdmissionPolicyBinding":   "mutatingadmissionpolicybindings",
	"Namespace":                        "namespaces",
	"Node":                             "nodes",
	"Role":                             "roles",
	"RoleBinding":                      "rolebindings",
	"ServiceAccount":                   "serviceaccounts",
	"ValidatingAdmissionPolicy":        "validatingadmissionpolicies",
	"ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}

// Decode splits a YAML stream into its objects; source names it in errors.
func Decode(source string, stream []byte) ([]Object, error) {
	var objects []Object
	for i, doc := range bytes.Split(append([]byte("\n"), stream...), []byte("\n---")) {
		raw, err := yaml.YAMLToJSON(doc)
		if err != nil {
			return nil, fmt.Errorf("document %d of %s is not YAML: %w", i, source, err)
		}
		if string(raw) == "null" {
			continue // nothing but comments
		}
		o := Object{raw: raw}
		if err := json.Unmarshal(raw, &o); err != nil {
			return nil, fmt.Errorf("document %d of %s is not a Kubernetes object: %w", i, source, err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// String is how messages name the object.
func (o Object) String() string {
	if o.Metadata.Namespace == "" {
		return o.Kind + " " + o.Metadata.Name
	}
	return o.Kind + " " + o.Metadata.Namespace + "/" + o.Metadata.Name
}

// Path is where the API server keeps the object.
func (o Object) Path() (string, error) {
	plural, ok := plurals[o.Kind]
	if !ok {
		return "", fmt.Errorf("the tool does not know where the API server keeps a %s: add it to the plurals in the package kube", o.Kind)
	}
	prefix := "/apis/" + o.APIVersion
	if !strings.Contains(o.APIVersion, "/") {
		prefix = "/api/" + o.APIVersion
	}
	if o.Metadata.Namespace != "" {
		prefix += "/namespaces/" + o.Metadata.Namespace
	}
	return prefix + "/" + plural + "/" + o.Metadata.Name, nil
}

// Apply creates the object or updates the fields that the tool owns. It never takes a field from another owner: kept is
// true if somebody changed what the tool would set, and then their version stands.
func (c *Client) Apply(ctx context.Context, o Object) (kept bool, err error) {
	path, err := o.Path()
	if err != nil {
		return false, err
	}
	_, err = c.do(ctx, http.MethodPatch, path+"?fieldManager="+fieldManager, "application/apply-patch+yaml", o.raw)
	var answer *StatusError
	if errors.As(err, &answer) && answer.Code == http.StatusConflict {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("apply the %s: %w", o, err)
	}
	return false, nil
}
