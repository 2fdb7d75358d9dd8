package deploy

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOneFileInstallsEverything applies the file twice and removes what it holds: the second time changes nothing, and in the end nothing is left.
func TestOneFileInstallsEverything(t *testing.T) {
	before := everything(t)
	file := installer(t)
	kubectl(t, "apply", "--server-side", "-f", file)
	first := objects(t, file)
	for _, want := range []string{"Namespace /lienthong-system", "Deployment lienthong-system/connector-operator",
		"NetworkPolicy lienthong-system/connector-operator", "ValidatingAdmissionPolicy /connector-operator-owned-objects",
		"ClusterRole /connector-operator-manager", "CustomResourceDefinition /connectors.lienthong.gov.vn"} {
		if _, there := first[want]; !there {
			t.Errorf("%s is not there after the file was applied", want)
		}
	}
	served(t)
	running := kubectl(t, "get", "deployment", "-n", "lienthong-system", "connector-operator", "-o", "jsonpath={.spec.template.spec.containers[*].image}")
	if running != image {
		t.Errorf("the manager's image is %q, want %q", running, image)
	}

	kubectl(t, "apply", "--server-side", "-f", file)
	for name, after := range objects(t, file) {
		was := first[name].Metadata
		switch after.Kind {
		case "CustomResourceDefinition", "Deployment", "Namespace", "PodDisruptionBudget", "ValidatingAdmissionPolicy": // others write their status
			was.ResourceVersion = after.Metadata.ResourceVersion
		}
		if after.Metadata != was {
			t.Errorf("applying the file a second time changed %s from %+v to %+v", name, was, after.Metadata)
		}
	}

	kubectl(t, "delete", "-f", file, "--wait", "--timeout=2m")
	nothingLeft(t, before)
}

// TestMakeInstallsAndRemoves goes the way of who works on the operator.
func TestMakeInstallsAndRemoves(t *testing.T) {
	before := everything(t)
	call(t, "make", "--silent", "install")
	served(t)
	call(t, "make", "--silent", "uninstall")
	nothingLeft(t, before)
	// The image cannot be pulled, so nothing waits for the Deployment; what make deploy does is this and a wait.
	call(t, "go", "run", "./hack/apply", "-k", "config/default", "--set-image", "connector-operator="+image)
	kubectl(t, "get", "deployment", "-n", "lienthong-system", "connector-operator")
	served(t)
	call(t, "make", "--silent", "undeploy")
	nothingLeft(t, before)
}

// TestTheFileIsTheSameEachTime compares two of it.
func TestTheFileIsTheSameEachTime(t *testing.T) {
	var files [2][]byte
	for i := range files {
		content, err := os.ReadFile(installer(t))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = content
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same source gave two files")
	}
}

// installer writes the file that a release has.
func installer(t *testing.T) string {
	t.Helper()
	dist := t.TempDir()
	call(t, "make", "--silent", "build-installer", "VERSION=v0.0.0", "IMAGE="+image, "DIST="+dist)
	return filepath.Join(dist, "install.yaml")
}

// served waits until the API server serves every kind. One that is removed within the first seconds lingers for minutes, because what is to look
// for its objects is told that their storage is not there yet, and does not ask again soon.
func served(t *testing.T) {
	t.Helper()
	definitions := strings.Fields(kubectl(t, "get", "crd", "-o", `jsonpath={.items[?(@.spec.group=="lienthong.gov.vn")].metadata.name}`))
	if len(definitions) == 0 {
		t.Fatal("there are no definitions of the operator's kinds")
	}
	for _, definition := range definitions {
		kubectl(t, "wait", "--for=condition=Established", "--timeout=1m", "crd/"+definition)
		for attempt := 0; ; attempt++ {
			_, err := try(t, filepath.Join(root(t), "bin", "kubectl"), "get", definition, "-A", "-o", "name")
			if err == nil {
				break
			}
			if attempt == patience {
				t.Fatal(err)
			}
		}
	}
}

// everything names all objects of the cluster, but those that come and go by themselves.
func everything(t *testing.T) []string {
	t.Helper()
	kinds := strings.Fields(kubectl(t, "api-resources", "--verbs=list", "-o", "name"))
	kinds = slices.DeleteFunc(kinds, func(kind string) bool {
		return strings.HasPrefix(kind, "events") || strings.HasPrefix(kind, "leases.") || strings.HasPrefix(kind, "componentstatuses") ||
			strings.HasPrefix(kind, "endpointslices.")
	})
	return strings.Fields(kubectl(t, "get", strings.Join(kinds, ","), "-A", "-o", "name"))
}

func nothingLeft(t *testing.T, before []string) {
	t.Helper()
	for _, name := range everything(t) {
		if !slices.Contains(before, name) {
			t.Errorf("%s is left", name)
		}
	}
}
