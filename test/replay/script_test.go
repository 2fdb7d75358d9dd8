package replay

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// step is a line of the script.
type step struct {
	at   time.Time
	what string
	args []string
}

func readScript(t *testing.T) []step {
	t.Helper()
	var script []step
	for _, line := range lines(t, "testdata/script.txt") {
		words := strings.Fields(line)
		script = append(script, step{moment(t, words[0]), words[1], words[2:]})
	}
	slices.SortStableFunc(script, func(a, b step) int { return a.at.Compare(b.at) })
	return script
}

// happen does what a step says, and lets the operator look at whom it concerns.
func (c *country) happen(t *testing.T, s step) {
	t.Helper()
	switch s.what {
	case "accept":
		each(t, s, func(name string) { c.accept(t, name) })
	case "connect":
		each(t, s, func(name string) { c.set(t, name, v1alpha1.ConditionHubConnected, metav1.ConditionTrue) })
	case "disconnect":
		each(t, s, func(name string) { c.set(t, name, v1alpha1.ConditionHubConnected, metav1.ConditionFalse) })
	case "ready":
		each(t, s, func(name string) { c.set(t, name, v1alpha1.ConditionReady, metav1.ConditionTrue) })
	case "record":
		c.record(t, s.args[0], s.args[1])
		s.args = s.args[:1]
	case "merge":
		c.merge(t, s.args[0], s.args[1])
	case "restore":
		each(t, s, func(name string) { c.restore(t, name) })
	default:
		c.edit(t, s)
		s.args = c.names
	}
	c.passOf(t, s.args...)
}

func each(t *testing.T, s step, do func(name string)) {
	t.Helper()
	if len(s.args) == 0 {
		t.Fatalf("%s of nobody at %s", s.what, s.at)
	}
	for _, name := range s.args {
		do(name)
	}
}

// accept creates the agency's Connector, which is accepted.
func (c *country) accept(t *testing.T, name string) {
	t.Helper()
	connector := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: name, Generation: 1}}
	connector.Spec.AgencyRef.Name, connector.Spec.HubRef.Name = name, c.plan.Spec.HubRef.Name
	c.create(t, connector)
	for _, condition := range []string{v1alpha1.ConditionHubConnected, v1alpha1.ConditionReady} {
		c.set(t, name, condition, metav1.ConditionFalse)
	}
	c.set(t, name, v1alpha1.ConditionAccepted, metav1.ConditionTrue)
}

func (c *country) set(t *testing.T, name, condition string, status metav1.ConditionStatus) {
	t.Helper()
	connector := &v1alpha1.Connector{}
	c.get(t, client.ObjectKey{Namespace: name, Name: name}, connector)
	meta.SetStatusCondition(&connector.Status.Conditions, metav1.Condition{Type: condition, Status: status, Reason: "Scripted", ObservedGeneration: 1})
	if err := c.client.Status().Update(t.Context(), connector); err != nil {
		t.Fatal(err)
	}
}

// record is a person's, and counts.
func (c *country) record(t *testing.T, name, kind string) {
	t.Helper()
	e := &v1alpha1.ComplianceEvidence{ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: strings.ToLower(kind), Generation: 1}}
	e.Spec.ConnectorRef.Name, e.Spec.Kind, e.Spec.Outcome.Result = name, kind, v1alpha1.EvidencePassed
	e.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionTrue, ObservedGeneration: 1}}
	c.create(t, e)
}

func (c *country) merge(t *testing.T, name, successor string) {
	t.Helper()
	merged := &v1alpha1.Agency{}
	c.get(t, client.ObjectKey{Name: name}, merged)
	merged.Generation++
	merged.Spec.Lifecycle, merged.Spec.SupersededBy = v1alpha1.AgencySuperseded, &v1alpha1.ObjectReference{Name: successor}
	if err := c.client.Update(t.Context(), merged); err != nil {
		t.Fatal(err)
	}
}

// restore deletes the Agency and creates it again, without its status.
func (c *country) restore(t *testing.T, name string) {
	t.Helper()
	lost := &v1alpha1.Agency{}
	c.get(t, client.ObjectKey{Name: name}, lost)
	if err := c.client.Delete(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	c.create(t, &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 1, Labels: lost.Labels}, Spec: lost.Spec})
}

// edit changes the plan as Git has it, and then the plan. One that was created again begins with generation 1.
func (c *country) edit(t *testing.T, s step) {
	t.Helper()
	switch s.what {
	case "delete-plan":
		if err := c.client.Delete(t.Context(), c.plan); err != nil {
			t.Fatal(err)
		}
		return
	case "create-plan":
		c.plan.Generation, c.plan.UID = 1, "created again"
		c.create(t, c.plan.DeepCopy())
		c.passOfPlan(t)
		return
	case "exempt":
		c.plan.Spec.Exceptions = append(c.plan.Spec.Exceptions, exception(s.args[0], s.args[1], nil))
	case "defer":
		deadline := &v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBoundary(s.args[2]), Date: v1alpha1.CivilDate(s.args[3])}
		c.plan.Spec.Exceptions = append(c.plan.Spec.Exceptions, exception(s.args[0], s.args[1], deadline))
	case "leave", "join":
		c.regroup(t, s)
	default:
		t.Fatalf("the script has no %q", s.what)
	}
	there := &v1alpha1.RolloutPlan{}
	c.get(t, client.ObjectKey{Name: planName}, there)
	there.Generation++
	c.plan.Spec.DeepCopyInto(&there.Spec)
	if err := c.client.Update(t.Context(), there); err != nil {
		t.Fatal(err)
	}
	c.passOfPlan(t)
}

func exception(agency, milestone string, deadline *v1alpha1.Deadline) v1alpha1.RolloutException {
	return v1alpha1.RolloutException{Agency: agency, Milestone: milestone, Reason: "scripted", Approver: "the script", Deadline: deadline}
}

// regroup takes an agency out of a cohort that names its agencies, or puts it in.
func (c *country) regroup(t *testing.T, s step) {
	t.Helper()
	at := slices.IndexFunc(c.plan.Spec.Cohorts, func(cohort v1alpha1.Cohort) bool { return cohort.Name == s.args[0] })
	if at < 0 {
		t.Fatalf("the plan has no cohort %s", s.args[0])
	}
	cohort := &c.plan.Spec.Cohorts[at]
	if s.what == "join" {
		cohort.Agencies = append(cohort.Agencies, s.args[1])
	} else {
		cohort.Agencies = slices.DeleteFunc(cohort.Agencies, func(name string) bool { return name == s.args[1] })
	}
}

func (c *country) create(t *testing.T, object client.Object) {
	t.Helper()
	object.SetResourceVersion("")
	if err := c.client.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func (c *country) get(t *testing.T, name client.ObjectKey, object client.Object) {
	t.Helper()
	if err := c.client.Get(t.Context(), name, object); err != nil {
		t.Fatal(fmt.Errorf("reading %T %s: %w", object, name, err))
	}
}
