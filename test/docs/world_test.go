//go:build e2e

package docs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

// clusterName is that of the local cluster of the suite.
const clusterName = "docs"

// world is where the documents are read: a cluster, a checkout, and the tools of a reader.
type world struct {
	// root is the folder of the project, reader the folder that the reader works in.
	root, reader string
	kubeconfig   string
	simulated    bool
	// environment is what every step knows.
	environment []string
}

// newWorld starts the cluster, builds the images and the tools, and lays out the reader's folder. DOCS_PODS=simulated chooses simulated pods, and
// DOCS_KEEP leaves the cluster where it is.
func newWorld(t *testing.T) *world {
	t.Helper()
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{root: absolute, reader: filepath.Join(absolute, ".local", "reader")}
	w.startCluster(t)
	w.layOut(t)
	tools := filepath.Join(w.reader, ".tools")
	w.build(t, ".", filepath.Join(tools, "connector-operator"))
	w.link(t, "connector-operator", filepath.Join(tools, "kubectl-lienthong"))
	w.environment = append(os.Environ(),
		"PATH="+tools+":"+filepath.Join(w.root, "bin")+":"+os.Getenv("PATH"), "KUBECONFIG="+w.kubeconfig, "NO_COLOR=1", "LC_ALL=C.UTF-8", "LANG=C.UTF-8",
		"GOFLAGS=-buildvcs=false", "HELM_CACHE_HOME="+filepath.Join(w.reader, ".helm"), "HELM_CONFIG_HOME="+filepath.Join(w.reader, ".helm"),
		"HELM_DATA_HOME="+filepath.Join(w.reader, ".helm"), fmt.Sprintf("SIMULATED=%t", w.simulated),
		"OPERATOR_IMAGE="+w.image(t, filepath.Join(tools, "connector-operator"), "connector-operator"),
		"HUB_IMAGE="+w.program(t, "./test/hub", "stand-in-hub"),
		"AGENCY_IMAGE="+w.program(t, "./test/agencysystem", "stand-in-agency-system"),
	)
	manager, err := w.persona("system:serviceaccount:lienthong-system:connector-operator")
	if err != nil {
		t.Fatal(err)
	}
	w.environment = append(w.environment, "MANAGER="+manager)
	return w
}

// stopManager ends the operator that runs as a process where pods are simulated.
func (w *world) stopManager(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.reader, ".tools", "manager.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	// The one of an earlier run may have ended.
	_ = syscall.Kill(pid, syscall.SIGTERM)
}

func (w *world) startCluster(t *testing.T) {
	t.Helper()
	args := []string{"up"}
	if pods := os.Getenv("DOCS_PODS"); pods != "" {
		args = append(args, "--pods="+pods)
	}
	if os.Getenv("DOCS_KEEP") == "" {
		// The test's context has ended when this is called.
		t.Cleanup(func() { w.cluster(context.WithoutCancel(t.Context()), t, "down") })
		t.Cleanup(func() { w.stopManager(t) })
	}
	w.cluster(t.Context(), t, args...)
	data := filepath.Join(w.root, ".local", clusterName)
	w.kubeconfig = filepath.Join(data, "kubeconfig")
	text, err := os.ReadFile(filepath.Join(data, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Mode string `json:"mode"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	w.simulated = state.Mode == "simulated"
}

// layOut makes the reader's folder: a checkout in which files can be left without a trace in the project. Its place is always the same, so that Go
// compiles nothing anew.
func (w *world) layOut(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(w.reader); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(w.reader, ".tools"), 0o750); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(w.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); name != ".git" && name != ".local" && name != "dist" {
			w.link(t, filepath.Join(w.root, name), filepath.Join(w.reader, name))
		}
	}
}

func (w *world) link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

// build makes a static program, because images hold nothing else.
func (w *world) build(t *testing.T, program, binary string) {
	t.Helper()
	w.run(t.Context(), t, []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, program)
}

func (w *world) program(t *testing.T, program, name string) string {
	t.Helper()
	binary := filepath.Join(w.reader, ".tools", name)
	w.build(t, program, binary)
	return w.image(t, binary, name)
}

// image gives the cluster the image of a program, and its reference by digest.
func (w *world) image(t *testing.T, binary, name string) string {
	t.Helper()
	return strings.TrimSpace(w.cluster(t.Context(), t, "load-image", "--binary", binary, "--ref", "registry.example/"+name+":docs"))
}

func (w *world) cluster(ctx context.Context, t *testing.T, args ...string) string {
	t.Helper()
	return w.run(ctx, t, nil, "go", append(append([]string{"-C", "hack/localcluster", "run", "."}, args...), "--name", clusterName)...)
}

func (w *world) run(ctx context.Context, t *testing.T, environment []string, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = w.root
	command.Env = append(os.Environ(), environment...)
	var failure strings.Builder
	command.Stderr = &failure
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, failure.String())
	}
	return string(out)
}

// persona writes how somebody reaches the cluster: as the administrator, who acts as that user, such as "an in g12-operators", and as nobody else.
func (w *world) persona(who string) (string, error) {
	// A colon would part two paths.
	path := filepath.Join(w.reader, ".tools", strings.NewReplacer(":", "_", " ", "_").Replace(who)+".kubeconfig")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	config, err := clientcmd.LoadFromFile(w.kubeconfig)
	if err != nil {
		return "", err
	}
	user, group, grouped := strings.Cut(who, " in ")
	for _, login := range config.AuthInfos {
		login.Impersonate = user
		if grouped {
			login.ImpersonateGroups = []string{group, "system:authenticated"}
		}
	}
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return "", err
	}
	return path, nil
}
