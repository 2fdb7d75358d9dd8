package integration

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// soon is the shortest time that a class can give its pods.
const soon = 10 * time.Second

func uids(pods []corev1.Pod) map[types.UID]bool {
	result := map[types.UID]bool{}
	for i := range pods {
		result[pods[i].UID] = true
	}
	return result
}

// Volumes that a kubelet refreshes when it comes to it are refreshed at once, and no pod is disturbed, be it another leaf or
// another list of revocations that is to be taken up.
func TestPodsThatLagAreUrged(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, whenUrged)
	w.connect(t)
	w.revision(t, 1)
	pods, before, revoked := w.pods(t), w.record(t), w.connector.Status.RevocationDigest
	serial := w.connector.Status.Certificate.SerialNumber
	w.ask(t, first)
	w.rotated(t, serial, v1alpha1.RotationRequested)
	w.revision(t, 2)
	w.change(t, w.hub, func() { w.hub.Spec.Revocations = []v1alpha1.Revocation{{SerialNumber: "abc123"}} })
	w.Eventually(t, func() error {
		w.ready(t)
		if got := w.connector.Status.RevocationDigest; got == revoked {
			return fmt.Errorf("the list of revocations is still %s", got)
		}
		return nil
	})

	before.staysReady(t)
	if !before.saw(func(c *v1alpha1.Connector) bool { return *c.Status.ObservedPods.Current < 2 }) {
		t.Error("the status never told that pods lag")
	}
	now := uids(w.pods(t))
	for i := range pods {
		if !now[pods[i].UID] {
			t.Errorf("pod %s was replaced", pods[i].Name)
		}
	}
	for _, pod := range w.pods(t) {
		if pod.Annotations[desired.AnnotationSync] == "" {
			t.Errorf("pod %s was not urged", pod.Name)
		}
	}
	if notes := w.notes(t, "PodRestarted"); len(notes) > 0 {
		t.Errorf("pods were restarted: %q", notes)
	}
}

// A pod that never follows is restarted, and the next one only when its replacement serves. One that the
// PodDisruptionBudget protects is left for the time being.
func TestPodThatNeverFollowsIsRestarted(t *testing.T) {
	t.Parallel()
	w, gateways := renewableWorld(t, atOnce)
	w.class.Spec.Rotation.FollowWithin.Duration = soon
	w.connect(t)
	w.revision(t, 1)
	serial, old := w.connector.Status.Certificate.SerialNumber, uids(w.pods(t))
	gateways.follow(never)
	var tried atomic.Int32
	shared.operator.refuse(t, w.namespace, func(r *http.Request) *http.Response {
		if !strings.HasSuffix(r.URL.Path, "/eviction") {
			return nil
		}
		if tried.Add(1) == 1 {
			return tooMany()
		}
		return nil
	})
	few := w.fewest(t)
	asked := time.Now()
	w.ask(t, first)
	w.rotated(t, serial, v1alpha1.RotationRequested)
	w.revision(t, 2)
	if after := time.Since(asked); after < soon {
		t.Errorf("pods were restarted %s after the renewal was asked for, want %s at least", after, soon)
	}
	for uid := range uids(w.pods(t)) {
		if old[uid] {
			t.Errorf("pod %s serves, which was never to follow", uid)
		}
	}
	notes := w.told(t, "PodRestarted", 2)
	if notes[0] == notes[1] {
		t.Errorf("both Events name the same pod: %q", notes[0])
	}
	for _, note := range notes {
		if want := "still serves the certificate with serial " + serial + ", and did not take up what is new within 10s; it is restarted."; !strings.HasSuffix(note, want) {
			t.Errorf("the Event says %q, want it to end with %q", note, want)
		}
	}
	if least := few(); least < 1 {
		t.Error("for a moment, no pod was ready")
	}
	if tried.Load() < 3 {
		t.Errorf("%d evictions were tried, want one that is refused and two that are not", tried.Load())
	}
}

// tooMany is how the API server answers an eviction that the PodDisruptionBudget does not allow.
func tooMany() *http.Response {
	body := `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":429,` +
		`"message":"Cannot evict pod as it would violate the pod's disruption budget."}`
	return &http.Response{
		StatusCode: http.StatusTooManyRequests, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)),
	}
}

// fewest counts from now on how many pods were ready at the same time, and gives the least.
func (w *world) fewest(t *testing.T) func() int32 {
	t.Helper()
	watcher, err := shared.gateways.client.Watch(t.Context(), &appsv1.DeploymentList{}, client.InNamespace(w.namespace))
	if err != nil {
		t.Fatal(err)
	}
	var least atomic.Int32
	least.Store(*w.connector.Spec.Replicas)
	go func() {
		for e := range watcher.ResultChan() {
			if d, ok := e.Object.(*appsv1.Deployment); ok {
				least.Store(min(least.Load(), d.Status.ReadyReplicas))
			}
		}
	}()
	t.Cleanup(watcher.Stop)
	return least.Load
}

// A pod that says why it does not follow would not do better after a restart: it is left to serve the last good certificate.
func TestPodThatTellsAProblemIsLeft(t *testing.T) {
	t.Parallel()
	w, gateways := renewableWorld(t, atOnce)
	w.class.Spec.Rotation.FollowWithin.Duration = soon
	w.connect(t)
	w.revision(t, 1)
	pods := uids(w.pods(t))
	const problem = "tls.key does not fit tls.crt; the certificate before is still served."
	gateways.follow(following{never: true, problem: problem})
	w.ask(t, first)
	w.Eventually(t, func() error {
		message := w.expect(t, w.connector, v1alpha1.ConditionCertificateReady, metav1.ConditionTrue, "Spreading")
		if !strings.HasSuffix(message, "One says: "+problem) {
			return fmt.Errorf("the user reads %q", message)
		}
		return nil
	})
	issued := time.Now()
	w.Eventually(t, func() error {
		if left := soon + time.Second - time.Since(issued); left > 0 {
			return fmt.Errorf("the pods have %s left", left)
		}
		return nil
	})
	w.seen(t)
	if now := uids(w.pods(t)); len(now) != 2 || fmt.Sprint(now) != fmt.Sprint(pods) {
		t.Errorf("the pods are %v, want still %v", now, pods)
	}
	if notes := w.notes(t, "PodRestarted"); len(notes) > 0 {
		t.Errorf("pods were restarted: %q", notes)
	}
	gateways.follow(atOnce)
	w.revision(t, 2)
}

// A single pod is not evicted, because that would leave none: its Deployment makes another one first.
func TestSinglePodIsReplacedThroughItsDeployment(t *testing.T) {
	t.Parallel()
	w, gateways := renewableWorld(t, atOnce)
	w.connector.Spec.Replicas = new(int32(1))
	w.class.Spec.Rotation.FollowWithin.Duration = soon
	w.connect(t)
	w.revision(t, 1)
	old := w.pods(t)[0]
	gateways.follow(never)
	few := w.fewest(t)
	w.ask(t, first)
	w.revision(t, 2)
	if now := w.pods(t); now[0].UID == old.UID {
		t.Error("the pod that never follows serves")
	}
	if few() < 1 {
		t.Error("for a moment, no pod was ready")
	}
	if desired.RestartedFor(w.deployment(t).Spec.Template) == "" {
		t.Error("the Deployment does not say that its pods were restarted")
	}
	w.replicaSets(t, 2)
	if notes := w.notes(t, "PodRestarted"); len(notes) > 0 {
		t.Errorf("the pod was evicted: %q", notes)
	}
}

// replicaSets checks how many templates the Deployment has had.
func (w *world) replicaSets(t *testing.T, want int) {
	t.Helper()
	var list appsv1.ReplicaSetList
	if err := w.Client.List(t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != want {
		t.Errorf("the Deployment has had %d templates, want %d", len(list.Items), want)
	}
}

// An implementation that reads its files at its start only is restarted through the Deployment: once for each change, and in a
// maintenance window only.
func TestClassThatRestartsIsRestartedInAWindow(t *testing.T) {
	t.Parallel()
	w, _ := renewableWorld(t, never)
	w.class.Spec.Rotation.Method = v1alpha1.RotationRestart
	w.connect(t)
	w.revision(t, 1)
	few := w.fewest(t)
	w.ask(t, first)
	w.revision(t, 2)
	w.replicaSets(t, 2)

	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{closed()} })
	w.expectAny(t, v1alpha1.ConditionReady)
	w.change(t, w.hub, func() { w.hub.Spec.HealthPath = "/healthz" })
	w.expectMessage(t, w.connector, v1alpha1.ConditionMaintenanceHeld, metav1.ConditionTrue, "WaitsForWindow", held(
		"the pods are to be restarted, because they do not take up what is new while they run"))
	w.replicaSets(t, 2)
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.MaintenanceWindows = nil })
	w.Eventually(t, func() error {
		w.ready(t)
		if is(v1alpha1.ConditionMaintenanceHeld, metav1.ConditionTrue, "")(w.connector) {
			return fmt.Errorf("something is still held")
		}
		return nil
	})
	w.replicaSets(t, 3)
	if few() < 1 {
		t.Error("for a moment, no pod was ready")
	}
	for _, pod := range w.pods(t) {
		if pod.Annotations[desired.AnnotationSync] != "" {
			t.Errorf("pod %s was urged, though it cannot reload", pod.Name)
		}
	}
}
