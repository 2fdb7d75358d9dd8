//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// controlPlaneDies kills cert-manager and the API server. Documents need neither: they flow on, and when both are back, nothing has been
// made anew and every status is true.
func controlPlaneDies(t *testing.T) {
	before := remember(t)
	documents := startStream(t, "g12", "h29")
	kill(t, "cert-manager")
	documents.flows(t, 100)
	if err := everyConnector(t.Context(), isReady); err != nil {
		t.Errorf("without cert-manager, whose certificates are still valid: %v", err)
	}
	kill(t, "kube-apiserver")
	repaired := false
	t.Cleanup(func() {
		// If the test fails before it repairs the cluster, the ones after it need it all the same.
		if repaired {
			return
		}
		if err := exec.Command("go", repair()...).Run(); err != nil {
			t.Errorf("repairing the local cluster: %v", err)
		}
	})
	dead := time.Now()
	documents.flows(t, 500) // That many take longer than the operator holds its Lease without an API server.
	if _, err := shared.stage.Clients.CoreV1().Namespaces().Get(t.Context(), "g12", metav1.GetOptions{}); err == nil {
		t.Error("the API server answers although it was killed")
	}
	if out, err := exec.CommandContext(t.Context(), "go", repair()...).CombinedOutput(); err != nil {
		t.Fatalf("repairing the local cluster: %v\n%s", err, out)
	}
	repaired = true
	measuredf(t, "the API server was away for %s", round(time.Since(dead)))
	took := eventually(t, func() error { return everyConnector(t.Context(), isReady) })
	measuredf(t, "all Connectors said Ready %s after the control plane was back", round(took))
	repairsWork(t)
	before.check(t, "PodDisruptionBudget g04/g04-gateway")
	if failed := documents.report(t, "while cert-manager and the API server were dead"); failed != 0 {
		t.Errorf("%d documents failed although the gateways need no control plane", failed)
	}
}

// repair are the arguments with which go starts what is missing of the local cluster.
func repair() []string {
	return []string{"-C", filepath.Join(shared.stage.Root, "hack", "localcluster"), "run", ".", "up", "--name", clusterName}
}

// kill ends one process of the local cluster at once.
func kill(t *testing.T, component string) {
	t.Helper()
	text, err := os.ReadFile(localFile("run", component+".pid"))
	if err != nil {
		t.Fatalf("finding the process of %s: %v", component, err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil || pid <= 1 {
		t.Fatalf("the PID file of %s holds %q: %v", component, text, err)
	}
	// The number may have been given to another process meanwhile.
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil || program != filepath.Join(shared.stage.Root, ".local", "bin", "components") {
		t.Fatalf("process %d is not %s but %q: %v", pid, component, program, err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("killing %s: %v", component, err)
	}
	eventually(t, func() error {
		if syscall.Kill(pid, 0) == nil && !isZombie(pid) {
			return fmt.Errorf("%s is still there", component)
		}
		return nil
	})
}

// isZombie tells whether only the entry of a process is left, which its parent has yet to read.
func isZombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	var number int
	var name, state string
	_, err = fmt.Sscan(string(text), &number, &name, &state)
	return err == nil && state == "Z"
}
