package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/process"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// e2eVariable asks for a whole cluster, which is too much for every `go test ./...`: it names the kind of pods.
const e2eVariable = "LOCALCLUSTER_E2E"

// place returns where the cluster of this test is; the binaries are those of the user's own clusters.
func place(t *testing.T) layout.Cluster {
	t.Helper()
	root, err := layout.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	l, err := layout.New(filepath.Join(root, ".local"), "e2e")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// must runs a command of the tool and checks its exit code.
func must(t *testing.T, want int, args ...string) {
	t.Helper()
	if got := run(t.Context(), append(args, "--name=e2e")); got != want {
		t.Fatalf("%q exits with %d, want %d", args, got, want)
	}
}

func record(t *testing.T, l layout.Cluster, component string) process.Record {
	t.Helper()
	r, err := process.ReadRecord(l.PIDFile(component))
	if err != nil || r == nil {
		t.Fatalf("there is no PID file of %s: %v", component, err)
	}
	return *r
}

func TestLifeOfACluster(t *testing.T) {
	pods := os.Getenv(e2eVariable)
	if pods == "" {
		t.Skipf("set %s=%s or %s=%s to start a cluster", e2eVariable, state.Simulated, e2eVariable, state.Containers)
	}
	l := place(t)
	t.Cleanup(func() { run(context.Background(), []string{"down", "--name=e2e"}) })

	must(t, 1, "status")
	must(t, 0, "up", "--pods="+pods)
	must(t, 0, "status")
	before := record(t, l, "kube-apiserver")

	must(t, 0, "up")
	if after := record(t, l, "kube-apiserver"); after != before {
		t.Errorf("a second up replaced the API server %v with %v", before, after)
	}

	if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for before.Alive() {
		time.Sleep(10 * time.Millisecond)
	}
	must(t, 1, "status")
	must(t, 0, "up")
	must(t, 0, "status")

	if pods == string(state.Containers) {
		runPod(t, l)
	}
	must(t, 0, "down") // fails by itself if anything is left
	must(t, 1, "status")
	must(t, 0, "down")
}

// runPod starts a pod from an image that exists nowhere but in the cluster, so that `down` has something to take down.
func runPod(t *testing.T, l layout.Cluster) {
	t.Helper()
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("kubectl is not installed: no pod was tried")
	}
	must(t, 0, "load-image", "--binary="+l.Pause(), "--ref=example.test/pause:e2e")
	out, err := exec.Command("ctr", "--address", l.ContainerdSocket(), "--namespace", "k8s.io", "images", "list", "-q").Output()
	if err != nil {
		t.Fatal(err)
	}
	var pinned string
	for name := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(name, "example.test/pause@") {
			pinned = name
		}
	}
	for _, args := range [][]string{
		{"run", "e2e", "--image=" + pinned, "--restart=Never"},
		{"wait", "--for=condition=Ready", "pod/e2e", "--timeout=60s"},
	} {
		cmd := exec.Command(kubectl, args...)
		cmd.Env = append(os.Environ(), fmt.Sprintf("KUBECONFIG=%s", l.Kubeconfig()))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("kubectl %q: %v\n%s", args, err, out)
		}
	}
}

func TestCommandLinesThatAreWrong(t *testing.T) {
	for _, args := range [][]string{
		{}, {"fly"}, {"up", "now"}, {"up", "--pods=some"}, {"up", "--name=Not_a_name"}, {"up", "--unheard"}, {"load-image"},
		{"load-image", "--ref=a:b"}, {"load-image", "--ref=a:b", "--binary=x", "--archive=y"},
	} {
		if got := run(t.Context(), args); got != 2 {
			t.Errorf("%q exits with %d, want 2", args, got)
		}
	}
}
