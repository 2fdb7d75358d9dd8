package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/test/harness"
)

// image is never pulled: what runs it is simulated, or nothing here waits for it.
const image = "registry.example/connector-operator@sha256:" + "00000000000000000000000000000000000000000000000000000000000000ab"

// patience is how often kubectl asks for what the API server is about to serve.
const patience = 100

// cluster is shared by the tests, which is what the package is about: each finds it as the one before has left it.
var cluster *harness.Cluster

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) (code int) {
	if err := tools(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Unsetenv("KUBECONFIG"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	started, err := harness.StartCluster(context.Background(), "deploy")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cluster = started
	defer func() {
		if err := cluster.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	return m.Run()
}

// tools builds those that the tests call, if they are not there.
func tools() error {
	root, err := harness.Root()
	if err != nil {
		return err
	}
	command := exec.CommandContext(context.Background(), "make", "--silent", "chart-tools")
	command.Dir, command.Stdout, command.Stderr = root, os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("building the tools: %w", err)
	}
	return nil
}

func root(t *testing.T) string {
	t.Helper()
	directory, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	return directory
}

// call runs a program in the root of the repository, against the cluster, and gives what it said.
func call(t *testing.T, program string, args ...string) string {
	t.Helper()
	said, err := try(t, program, args...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// try is call for what may fail.
func try(t *testing.T, program string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = root(t)
	command.Env = append(os.Environ(), "KUBECONFIG="+cluster.Kubeconfig)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", program, strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String(), nil
}

func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return call(t, filepath.Join(root(t), "bin", "kubectl"), args...)
}

// object is what a test looks at of one.
type object struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name            string `json:"name"`
		Namespace       string `json:"namespace"`
		UID             string `json:"uid"`
		Generation      int    `json:"generation"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
}

// objects reads those of a file as they are in the cluster.
func objects(t *testing.T, file string) map[string]object {
	t.Helper()
	var list struct {
		Items []object `json:"items"`
	}
	if err := json.Unmarshal([]byte(kubectl(t, "get", "-f", file, "-o", "json")), &list); err != nil {
		t.Fatal(err)
	}
	of := map[string]object{}
	for _, item := range list.Items {
		of[item.Kind+" "+item.Metadata.Namespace+"/"+item.Metadata.Name] = item
	}
	return of
}
