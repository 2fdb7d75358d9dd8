//go:build e2e

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/process"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// name of the cluster that this test lives through.
const name = "life"

// place returns where the cluster of this test is; the binaries are those of the user's own clusters.
func place(t *testing.T) layout.Cluster {
	t.Helper()
	root, err := layout.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	l, err := layout.New(filepath.Join(root, ".local"), name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// must runs a command of the tool and checks its exit code.
func must(t *testing.T, want int, args ...string) {
	t.Helper()
	if got := run(t.Context(), append(args, "--name="+name)); got != want {
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

// TestLifeOfACluster starts a cluster, repairs it and removes it, with each kind of pods that this machine can have.
func TestLifeOfACluster(t *testing.T) {
	kinds := []state.Mode{state.Simulated}
	if os.Geteuid() == 0 {
		kinds = append(kinds, state.Containers)
	}
	for _, pods := range kinds {
		t.Run(string(pods), func(t *testing.T) { live(t, pods) })
	}
}

func live(t *testing.T, pods state.Mode) {
	l := place(t)
	t.Cleanup(func() { run(context.Background(), []string{"down", "--name=" + name}) })

	must(t, 1, "status")
	must(t, 0, "up", "--pods="+string(pods))
	must(t, 0, "status")
	before := record(t, l, "kube-apiserver")

	must(t, 0, "up")
	if after := record(t, l, "kube-apiserver"); after != before {
		t.Errorf("a second up replaced the API server %v with %v", before, after)
	}

	if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	err := wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		return !before.Alive(), nil
	})
	if err != nil {
		t.Fatalf("the API server does not die: %v", err)
	}
	must(t, 1, "status")
	must(t, 0, "up")
	must(t, 0, "status")

	if pods == state.Containers {
		runPod(t, l)
	}
	must(t, 0, "down") // fails by itself if anything is left
	must(t, 1, "status")
	must(t, 0, "down")
}

// runPod starts a pod from an image that exists nowhere but in the cluster, so that `down` has something to take down.
func runPod(t *testing.T, l layout.Cluster) {
	t.Helper()
	must(t, 0, "load-image", "--binary="+l.Pause(), "--ref=example.test/pause:e2e")
	out, err := exec.CommandContext(t.Context(), "ctr", "--address", l.ContainerdSocket(), "--namespace", "k8s.io", "images", "list", "-q").Output()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(strings.Fields(string(out)), func(image string) bool { return strings.HasPrefix(image, "example.test/pause@") })
	if i < 0 {
		t.Fatalf("the image is not there by its digest: %s", out)
	}
	config, err := clientcmd.BuildConfigFromFlags("", l.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	pods := clients.CoreV1().Pods(metav1.NamespaceDefault)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "paused"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "pause", Image: strings.Fields(string(out))[i]}}},
	}
	// The namespace's ServiceAccount is made by a controller, so the first attempts may come too early.
	err = wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		_, err := pods.Create(ctx, pod, metav1.CreateOptions{})
		return err == nil, nil
	})
	if err != nil {
		t.Fatalf("the pod is not accepted: %v", err)
	}
	err = wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		p, err := pods.Get(ctx, pod.Name, metav1.GetOptions{})
		return err == nil && p.Status.Phase == corev1.PodRunning, err
	})
	if err != nil {
		t.Fatalf("the pod does not run: %v", err)
	}
}
