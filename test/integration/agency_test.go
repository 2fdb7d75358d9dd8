package integration

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// another is an Agency beside that of the world, with a code of its own.
func (w *world) another(suffix string) *v1alpha1.Agency {
	a := w.agency.DeepCopy()
	a.Name += "-" + suffix
	a.Spec.Code += "." + strings.ToUpper(suffix)
	a.Spec.Namespaces = nil
	return a
}

// change edits a spec as a person would, whatever the operator writes meanwhile.
func (w *world) change(t *testing.T, object client.Object, edit func()) {
	t.Helper()
	if err := w.get(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	before, ok := object.DeepCopyObject().(client.Object)
	if !ok {
		t.Fatalf("%T is no object", object)
	}
	edit()
	if err := w.Client.Patch(t.Context(), object, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

func (w *world) remove(t *testing.T, object client.Object) {
	t.Helper()
	if err := w.Client.Delete(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func (w *world) expectMessage(t *testing.T, object client.Object, conditionType string, status metav1.ConditionStatus, reason, want string) {
	t.Helper()
	w.Eventually(t, func() error {
		if got := w.expect(t, object, conditionType, status, reason); got != want {
			return fmt.Errorf("%s says %q, want %q", conditionType, got, want)
		}
		return nil
	})
}

func TestCodeBelongsToTheOlderAgency(t *testing.T) {
	w := newWorld(t)
	second := w.another("b")
	second.Spec.Code = w.agency.Spec.Code
	w.Create(t, w.agency, second)
	w.expect(t, w.agency, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.expectMessage(t, second, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonDuplicateCode, fmt.Sprintf(
		"code %s is already that of Agency %s, which is older; delete this Agency and create it with its own code, or delete the other one.",
		w.agency.Spec.Code, w.agency.Name))

	w.remove(t, w.agency)
	w.expect(t, second, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
}

func TestLegacyCodeBelongsToTheOlderAgency(t *testing.T) {
	w := newWorld(t)
	second := w.another("b")
	w.agency.Spec.LegacyCode = fmt.Sprintf("%03d.01.02.X%02d", rand.IntN(1000), rand.IntN(100)) // no other test has it
	w.Create(t, w.agency, second)
	w.expect(t, second, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.change(t, second, func() { second.Spec.LegacyCode = w.agency.Spec.LegacyCode })
	w.expectMessage(t, second, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonDuplicateCode, fmt.Sprintf(
		"legacyCode %s is already that of Agency %s, which is older; delete this Agency and create it with its own legacyCode, or delete the other one.",
		w.agency.Spec.LegacyCode, w.agency.Name))
}

func TestParentsFormATree(t *testing.T) {
	w := newWorld(t)
	ministry, tax := w.another("a"), w.another("b")
	tax.Spec.ParentRef = &v1alpha1.ObjectReference{Name: ministry.Name}
	w.Create(t, tax)
	w.expectMessage(t, tax, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonParentNotFound,
		fmt.Sprintf("parentRef names Agency %s, which does not exist; create it, or correct parentRef.", ministry.Name))

	w.Create(t, ministry)
	w.expect(t, tax, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)

	w.change(t, ministry, func() { ministry.Spec.ParentRef = &v1alpha1.ObjectReference{Name: tax.Name} })
	w.expect(t, ministry, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonParentCycle)
	w.expectMessage(t, tax, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonParentCycle, fmt.Sprintf(
		"parentRef leads back to the agency itself (%[1]s → %[2]s → %[1]s); correct the parentRef of one of them.", tax.Name, ministry.Name))

	w.change(t, ministry, func() { ministry.Spec.ParentRef = nil })
	w.expect(t, ministry, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.expect(t, tax, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
}

func TestSuccessorHasToExist(t *testing.T) {
	w := newWorld(t)
	successor := w.another("b")
	w.agency.Spec.Lifecycle = v1alpha1.AgencySuperseded
	w.agency.Spec.SupersededBy = &v1alpha1.ObjectReference{Name: successor.Name}
	w.Create(t, w.agency)
	w.expectMessage(t, w.agency, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonSuccessorNotFound,
		fmt.Sprintf("supersededBy names Agency %s, which does not exist; create it, or correct supersededBy.", successor.Name))
	w.Create(t, successor)
	w.expect(t, w.agency, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)

	// Merged into each other, neither would be anywhere; each is refused until one of them is corrected.
	w.change(t, successor, func() {
		successor.Spec.Lifecycle, successor.Spec.SupersededBy = v1alpha1.AgencySuperseded, &v1alpha1.ObjectReference{Name: w.agency.Name}
	})
	w.expect(t, successor, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonSuccessorCycle)
	w.expect(t, w.agency, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonSuccessorCycle)
	w.change(t, successor, func() { successor.Spec.Lifecycle, successor.Spec.SupersededBy = v1alpha1.AgencyActive, nil })
	w.expect(t, successor, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.expect(t, w.agency, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
}

// Anybody can write a Connector that names an Agency; only where the Agency lists the namespace does it count.
func TestAgencyCountsWhoActsForIt(t *testing.T) {
	w := newWorld(t)
	w.agency.Spec.Namespaces = nil
	w.connector.Spec.ClassName = "none"
	w.Create(t, w.agency, w.connector)
	w.expectMessage(t, w.agency, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonNoConnectors, fmt.Sprintf(
		"No Connector acts for the agency yet. Connector %[1]s/main names the agency, but spec.namespaces does not list %[1]s.", w.namespace))

	w.change(t, w.agency, func() { w.agency.Spec.Namespaces = []string{w.namespace} })
	w.expect(t, w.agency, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonConnectorsNotReady)
	if got := w.agency.Status.Connectors; *got.Total != 1 || *got.Ready != 0 {
		t.Errorf("%d Connectors, %d ready; want 1 and 0", *got.Total, *got.Ready)
	}
}
