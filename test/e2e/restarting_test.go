//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// restartingClass is the class of programs that read their files only when they start.
const restartingClass = "gateway-that-restarts"

// leafOfRestartingPodsRotates replaces the certificate of an agency whose class cannot reload: its pods are replaced one after the other, and no
// document is lost meanwhile.
func leafOfRestartingPodsRotates(t *testing.T) {
	const agency, correspondent = "g04", "g05"
	before := must(connector(t.Context(), agency))(t)
	class := &v1alpha1.ConnectorClass{}
	if err := shared.stage.Client.Get(t.Context(), client.ObjectKey{Name: before.Spec.ClassName}, class); err != nil {
		t.Fatal(err)
	}
	restarting := &v1alpha1.ConnectorClass{ObjectMeta: metav1.ObjectMeta{Name: restartingClass}, Spec: *class.Spec.DeepCopy()}
	restarting.Spec.Rotation.Method = v1alpha1.RotationRestart
	if err := shared.stage.Client.Create(t.Context(), restarting); err != nil {
		t.Fatal(err)
	}
	takeClass := func(name string) {
		c := before.DeepCopy()
		if err := editAgain(t, c, func() { c.Spec.ClassName = name }); err != nil {
			t.Errorf("giving Connector %s the class %s: %v", agency, name, err)
		}
	}
	t.Cleanup(func() {
		takeClass(class.Name)
		if err := shared.stage.Client.Delete(context.WithoutCancel(t.Context()), restarting); err != nil {
			t.Errorf("removing the class %s: %v", restartingClass, err)
		}
	})
	takeClass(restartingClass)
	isServed(t, agency, "")
	pods := map[string]bool{}
	for _, p := range must(gatewayPods(t.Context(), agency))(t) {
		pods[string(p.UID)] = true
	}

	documents := startStream(t, agency, correspondent)
	serial, begin := must(connector(t.Context(), agency))(t).Status.Certificate.SerialNumber, time.Now()
	c := before.DeepCopy()
	err := editAgain(t, c, func() {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.AnnotationRenewRequestedAt, begin.UTC().Format(time.RFC3339Nano))
	})
	if err != nil {
		t.Fatal(err)
	}
	isServed(t, agency, serial)
	measuredf(t, "the pods of a class that cannot reload were replaced, and served the next certificate, after %s", round(time.Since(begin)))
	for _, p := range must(gatewayPods(t.Context(), agency))(t) {
		if pods[string(p.UID)] {
			t.Errorf("pod %s/%s was not replaced", p.Namespace, p.Name)
		}
		if p.Annotations[desired.AnnotationSync] != "" {
			t.Errorf("pod %s/%s was urged to reload, which it cannot", p.Namespace, p.Name)
		}
	}
	documents.flows(t, 1)
	if n := documents.report(t, "while the pods were replaced"); n > 0 {
		t.Errorf("%d documents failed while the pods were replaced", n)
	}
}

// isServed waits until every pod of an agency serves its newest certificate, which is another one than before.
func isServed(t *testing.T, agency, before string) {
	t.Helper()
	ask := newAsker(t)
	eventually(t, func() error {
		c, err := connector(t.Context(), agency)
		if err != nil {
			return err
		}
		serial := c.Status.Certificate.SerialNumber
		if serial == before {
			return fmt.Errorf("the newest certificate of Connector %s is still %s", agency, serial)
		}
		if err := errors.Join(isReady(c), allCurrent(c)); err != nil {
			return err
		}
		if r := c.Status.Rotation; before != "" && (r == nil || r.FromSerialNumber != before || r.ServedAt == nil) {
			return fmt.Errorf("Connector %s does not say that the next certificate is served: %+v", agency, r)
		}
		return serves(t, ask, agency, serial)
	})
}
