package agency

import (
	"slices"
	"strings"
	"testing"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// named is a plan that names its agencies, and has no place for all others.
func named(agencies ...string) *v1alpha1.RolloutPlan {
	p := plan("decision-28", 1)
	p.Spec.Cohorts[0] = v1alpha1.Cohort{Name: "all", Agencies: agencies}
	return &p
}

// The successor stands where its predecessor stood, with what that met: also through others, and also when those are gone.
func TestRecordsAreCarriedOver(t *testing.T) {
	old, _ := body("mpi")
	between, _ := body("mid")
	successor, _ := body("mof")
	into(old, "mid")
	into(between, "mof")
	r, _ := newReconciler(t, at(t, noon), old, between, successor, named("mpi"), metRecord(t, "mpi"))
	for range 2 {
		got := judged(t, r, "mof")
		if len(got) != 1 || got[0].State != v1alpha1.MilestoneMet || got[0].MetBy != "mpi" || !got[0].MetAt.Time.Equal(at(t, recorded)) {
			t.Fatalf("the successor's milestones are %+v", got)
		}
		if want := "Met on 2018-10-01 by Agency mpi, which was merged into this one, in time: it was due before 2018-12-31. " +
			"It no longer holds: No Connector to hub axis acts for the agency."; got[0].Message != want {
			t.Errorf("the successor's milestone says %q, want %q", got[0].Message, want)
		}
	}
	for _, merged := range []string{"mpi", "mid"} {
		if got := judged(t, r, merged); len(got) != 0 {
			t.Errorf("%s, which was merged, has the milestones %+v", merged, got)
		}
	}
	expectRecords(t, r, "mof decision-28 m0 "+recorded+" by mpi", "mpi decision-28 m0 "+recorded)

	// The plan names nobody any more who is there, so the successor is named in it. What was carried over is its own.
	for _, gone := range []client.Object{old, between, metRecord(t, "mpi")} {
		if err := r.Client.Delete(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
	}
	asked := named("mof")
	asked.Generation, asked.Status.Conditions[0].ObservedGeneration = 2, 2
	if err := r.Client.Delete(t.Context(), named()); err != nil {
		t.Fatal(err)
	}
	if got := judged(t, r, "mof"); len(got) != 0 {
		t.Errorf("without a plan there are milestones: %+v", got)
	}
	if err := r.Client.Create(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	if got := judged(t, r, "mof"); len(got) != 1 || got[0].MetBy != "mpi" || !got[0].MetAt.Time.Equal(at(t, recorded)) {
		t.Errorf("the successor's milestones are %+v", got)
	}
}

// Agencies that were merged into each other in a circle are in no cohort, are refused so that somebody sees it, and nobody asks for ever.
func TestMergersInACircle(t *testing.T) {
	a, _ := body("a")
	b, _ := body("b")
	r, _ := newReconciler(t, at(t, noon), into(a, "b"), into(b, "a"), named("a", "b"), metRecord(t, "a"))
	for _, name := range []string{"a", "b"} {
		if got := judged(t, r, name); len(got) != 0 {
			t.Errorf("%s has the milestones %+v", name, got)
		}
	}
	if got := names(r.relatives(t.Context(), a)); !slices.Contains(got, "b") {
		t.Errorf("a change of a asks for %v, want b among them", got)
	}
	s, err := r.read(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if got := accept(s); got.Reason != v1alpha1.ReasonSuccessorCycle || !strings.Contains(got.Message, "(a → b → a)") {
		t.Errorf("a is judged as %+v, want it refused for the circle", got)
	}
	if got, err := r.predecessors(t.Context(), "a"); err != nil || len(got) != 1 || got[0].Name != "b" {
		t.Errorf("merged into a are %v, %v; want b, once", got, err)
	}
}

func names(requests []ctrl.Request) []string {
	var all []string
	for _, r := range requests {
		all = append(all, r.Name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A change of an agency that was merged, and of a record of it, reaches all that it was merged into.
func TestMergersAreFollowed(t *testing.T) {
	old, _ := body("mpi")
	between, _ := body("mid")
	successor, _ := body("mof")
	into(old, "mid")
	into(between, "mof")
	r, _ := newReconciler(t, at(t, noon), old, between, successor)
	if got := names(r.relatives(t.Context(), old)); !slices.Contains(got, "mid") || !slices.Contains(got, "mof") {
		t.Errorf("a change of mpi asks for %v", got)
	}
	record := metRecord(t, "mpi")
	if got, want := names(r.ofMet(t.Context(), record)), []string{"mid", "mof", "mpi"}; !slices.Equal(got, want) {
		t.Errorf("a record of mpi asks for %v, want %v", got, want)
	}
	if err := r.Client.Delete(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if got, want := names(r.ofMet(t.Context(), record)), []string{"mpi"}; !slices.Equal(got, want) {
		t.Errorf("a record of mpi, which is gone, asks for %v, want %v", got, want)
	}
	if got := names(r.relatives(t.Context(), old)); !slices.Contains(got, "mof") {
		t.Errorf("the end of mpi asks for %v, want mof among them", got)
	}
}
