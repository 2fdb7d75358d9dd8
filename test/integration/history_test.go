package integration

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"sigs.k8s.io/controller-runtime/pkg/client"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// history is every state of the world's Connector that was written since it began, so that a test can tell what was there for
// a moment, and what never was.
type history struct {
	mu     sync.Mutex
	states []*v1alpha1.Connector
}

// record begins a history.
func (w *world) record(t *testing.T) *history {
	t.Helper()
	events, err := shared.gateways.client.Watch(context.Background(), &v1alpha1.ConnectorList{},
		client.InNamespace(w.namespace), client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector("metadata.name", w.connector.Name)})
	if err != nil {
		t.Fatal(err)
	}
	h, done := &history{}, make(chan struct{})
	go func() {
		defer close(done)
		for e := range events.ResultChan() {
			if c, ok := e.Object.(*v1alpha1.Connector); ok {
				h.mu.Lock()
				h.states = append(h.states, c)
				h.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() { events.Stop(); <-done })
	return h
}

// saw tells whether the Connector ever was like that.
func (h *history) saw(like func(*v1alpha1.Connector) bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.states, like)
}

// is tells of Connectors with that condition.
func is(conditionType string, status metav1.ConditionStatus, reason string) func(*v1alpha1.Connector) bool {
	return func(c *v1alpha1.Connector) bool {
		condition := meta.FindStatusCondition(c.Status.Conditions, conditionType)
		return condition != nil && condition.Status == status && (reason == "" || condition.Reason == reason)
	}
}

// staysReady fails the test if the Connector was anything but ready.
func (h *history) staysReady(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.states {
		if ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady); ready == nil || ready.Status != metav1.ConditionTrue {
			t.Errorf("for a moment, the Connector was not ready: %+v", c.Status.Conditions)
			return
		}
	}
}

// notes are what the Events of that reason say of the world's Connector, one for each time that it was told.
func (w *world) notes(t *testing.T, reason string) []string {
	t.Helper()
	var list eventsv1.EventList
	if err := w.Client.List(t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		t.Fatal(err)
	}
	var notes []string
	for i := range list.Items {
		e := &list.Items[i]
		if e.Reason != reason || e.Regarding.UID != w.connector.UID {
			continue
		}
		notes = append(notes, e.Note)
		for again := int32(1); e.Series != nil && again < e.Series.Count; again++ {
			notes = append(notes, e.Note)
		}
	}
	return notes
}

// told waits until that many Events of the reason were written, and gives what they say.
func (w *world) told(t *testing.T, reason string, times int) []string {
	t.Helper()
	var notes []string
	w.Eventually(t, func() error {
		if notes = w.notes(t, reason); len(notes) != times {
			return fmt.Errorf("%d Events %s, want %d: %q", len(notes), reason, times, notes)
		}
		return nil
	})
	return notes
}

// seen waits until the operator has seen the Connector as it is now, by a change of its spec that changes nothing else. What the operator
// had to do about anything before, it has done by then.
func (w *world) seen(t *testing.T) {
	t.Helper()
	w.edit(t, func(c *v1alpha1.Connector) {
		if c.Spec.Site += "x"; len(c.Spec.Site) > 60 {
			c.Spec.Site = ""
		}
	})
	w.expectAny(t, v1alpha1.ConditionReady)
}

// expectAny waits until the status tells of the present spec, whatever it says.
func (w *world) expectAny(t *testing.T, conditionType string) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		c := meta.FindStatusCondition(w.connector.Status.Conditions, conditionType)
		if c == nil || c.ObservedGeneration != w.connector.Generation {
			return fmt.Errorf("the status tells of generation %d, not of %d", w.connector.Status.ObservedGeneration, w.connector.Generation)
		}
		return nil
	})
}

// ready waits until the Connector is, and every pod serves what was last handed out.
func (w *world) ready(t *testing.T) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		c, pods := w.connector, w.connector.Status.ObservedPods
		if !is(v1alpha1.ConditionReady, metav1.ConditionTrue, "")(c) || c.Status.ObservedGeneration != c.Generation {
			return fmt.Errorf("the Connector is not ready: %+v", c.Status.Conditions)
		}
		if pods == nil || *pods.Current != *pods.Total {
			return fmt.Errorf("not every pod serves what was handed out: %+v", pods)
		}
		return nil
	})
}

// revision waits until the Connector's newest certificate is that revision, and all its pods serve it, and checks that no other was asked for.
func (w *world) revision(t *testing.T, want int) {
	t.Helper()
	w.Eventually(t, func() error {
		w.ready(t)
		if got := int(w.connector.Status.Certificate.Revision); got != want {
			return fmt.Errorf("the newest certificate is revision %d, want %d", got, want)
		}
		return nil
	})
	w.staysAt(t, want)
}

// staysAt checks that no certificate beyond that revision was issued or asked for.
func (w *world) staysAt(t *testing.T, revision int) {
	t.Helper()
	var list cmapi.CertificateRequestList
	if err := w.Client.List(t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		if number := list.Items[i].Annotations[cmapi.CertificateRequestRevisionAnnotationKey]; number > fmt.Sprint(revision) {
			t.Errorf("revision %s was asked for, want none beyond %d", number, revision)
		}
	}
}

// deployment is the operator's own, as it is in the cluster, and so is configMap.
func (w *world) deployment(t *testing.T) *appsv1.Deployment {
	t.Helper()
	d := &appsv1.Deployment{ObjectMeta: w.childName()}
	if err := w.get(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) configMap(t *testing.T) *corev1.ConfigMap {
	t.Helper()
	c := &corev1.ConfigMap{ObjectMeta: w.childName()}
	if err := w.get(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) childName() metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: desired.GatewayName(w.connector.Name)}
}

// ask writes the annotation by which a renewal is asked for; the empty value takes it off.
func (w *world) ask(t *testing.T, value string) {
	t.Helper()
	w.edit(t, func(c *v1alpha1.Connector) {
		if c.Annotations == nil {
			c.Annotations = map[string]string{}
		}
		c.Annotations[v1alpha1.AnnotationRenewRequestedAt] = value
		if value == "" {
			delete(c.Annotations, v1alpha1.AnnotationRenewRequestedAt)
		}
	})
}
