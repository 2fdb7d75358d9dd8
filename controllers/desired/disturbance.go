package desired

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// AnnotationRestartedAt is what "kubectl rollout restart" writes into a pod template. It is a person's request, not drift.
const AnnotationRestartedAt = "kubectl.kubernetes.io/restartedAt"

// disturbing is the part of an object whose change restarts pods or replaces the leaf; nil where no change does.
func disturbing(object client.Object) any {
	switch o := object.(type) {
	case *appsv1.Deployment:
		template := o.Spec.Template.DeepCopy()
		template.Annotations = maps.Clone(template.Annotations)
		delete(template.Annotations, AnnotationRestartedAt)
		if len(template.Annotations) == 0 {
			template.Annotations = nil
		}
		return template
	case *cmapi.Certificate:
		spec := o.Spec.DeepCopy()
		spec.Renewal, spec.RenewBefore, spec.SecretTemplate, spec.RevisionHistoryLimit = nil, nil, nil, nil
		return spec
	}
	return nil
}

// Disturbance is the digest of the disturbing part of an object; empty where there is none.
func Disturbance(object client.Object) (string, error) {
	part := disturbing(object)
	if part == nil {
		return "", nil
	}
	text, err := json.Marshal(part)
	if err != nil {
		return "", fmt.Errorf("digesting %T %s: %w", object, object.GetName(), err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// HoldBack gives the object to apply while nothing may be disturbed: want, with the disturbing part of live if that is still as the
// operator wrote it, which written tells. It tells whether anything is held back. What somebody else changed is not: it is put
// back at once. The digest of what was written must come from where only the operator writes.
func HoldBack(want, live client.Object, written string) (object client.Object, held bool) {
	is, errIs := Disturbance(live)
	wanted, errWanted := Disturbance(want)
	if errIs != nil || errWanted != nil || is == "" || is != written || is == wanted {
		return want, false
	}
	switch w := want.(type) {
	case *appsv1.Deployment:
		l, ok := live.(*appsv1.Deployment)
		if !ok {
			return want, false
		}
		result := w.DeepCopy()
		l.Spec.Template.DeepCopyInto(&result.Spec.Template)
		return result, true
	case *cmapi.Certificate:
		l, ok := live.(*cmapi.Certificate)
		if !ok {
			return want, false
		}
		result := w.DeepCopy()
		l.Spec.DeepCopyInto(&result.Spec)
		result.Spec.Renewal, result.Spec.RenewBefore = w.Spec.Renewal, w.Spec.RenewBefore
		result.Spec.SecretTemplate, result.Spec.RevisionHistoryLimit = w.Spec.SecretTemplate, w.Spec.RevisionHistoryLimit
		return result, true
	}
	return want, false
}

// RestartedFor reads why the pods of a Deployment were last restarted; empty if they never had to be.
func RestartedFor(template corev1.PodTemplateSpec) string {
	return template.Annotations[AnnotationRestartedFor]
}
