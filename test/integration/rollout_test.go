package integration

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// twice is a plan with a milestone that was due long ago and one that is due when we are all gone; both ask for an accepted
// Connector.
func (w *world) twice(agencies ...string) *v1alpha1.RolloutPlan {
	plan := planOf(w.namespace, agencies...)
	official := plan.Spec.Milestones[0]
	official.Name = "official"
	official.Deadline = v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: "2999-12-30"}
	plan.Spec.Milestones = append(plan.Spec.Milestones, official)
	return plan
}

// standing waits until the agency stands before the milestones of the plan as wanted, and gives the records.
func (w *world) standing(t *testing.T, agency *v1alpha1.Agency, want map[string]v1alpha1.MilestoneState) map[string]v1alpha1.AgencyMilestone {
	t.Helper()
	records := map[string]v1alpha1.AgencyMilestone{}
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), agency); err != nil {
			return err
		}
		clear(records)
		states := map[string]v1alpha1.MilestoneState{}
		for _, m := range agency.Status.Milestones {
			if m.Plan == w.namespace {
				records[m.Milestone], states[m.Milestone] = m, m.State
			}
		}
		if diff := cmp.Diff(want, states); diff != "" {
			return fmt.Errorf("milestones of Agency %s (-want +got):\n%s", agency.Name, diff)
		}
		return nil
	})
	return records
}

type states = map[string]v1alpha1.MilestoneState

func TestPlanTellsWhereAgenciesStand(t *testing.T) {
	w := newWorld(t)
	idle := w.another("b")
	plan := w.twice(w.agency.Name, idle.Name, w.namespace+"-later")
	w.connect(t)
	w.Create(t, idle, plan)

	met := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMetLate, "official": v1alpha1.MilestoneMet})
	w.standing(t, idle, states{"pilot": v1alpha1.MilestoneOverdue, "official": v1alpha1.MilestonePending})
	w.expectMessage(t, plan, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonUnknownAgency, fmt.Sprintf(
		"The plan is accepted. It names agencies that do not exist: %s-later; create them, or correct the names.", w.namespace))
	w.expectMessage(t, plan, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		"1 of 2 agencies is overdue; next deadline is on or before 2999-12-30.")
	pilot := plan.Status.Milestones[0]
	if *plan.Status.Agencies != 2 || *pilot.MetLate != 1 || *pilot.Overdue != 1 || *pilot.Pending != 0 {
		t.Errorf("the plan counts %d agencies and for the pilot %+v", *plan.Status.Agencies, pilot)
	}

	// What was met stays met, with its time, when it is lost again.
	w.remove(t, w.connector)
	w.Eventually(t, func() error {
		lost := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMetLate, "official": v1alpha1.MilestoneMet})
		for name, m := range lost {
			if !m.MetAt.Equal(met[name].MetAt) {
				t.Fatalf("metAt of %s moved from %s to %s", name, met[name].MetAt, m.MetAt)
			}
			if want := "It no longer holds: No Connector to hub " + w.namespace + " acts for the agency."; !strings.HasSuffix(m.Message, want) {
				return fmt.Errorf("%s says %q, want it to end with %q", name, m.Message, want)
			}
		}
		return nil
	})
}

func TestMetAtCannotBeMoved(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.Create(t, w.twice(w.agency.Name))
	w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMetLate, "official": v1alpha1.MilestoneMet})
	before := w.agency.DeepCopy()
	w.agency.Status.Milestones[0].MetAt = &metav1.Time{Time: before.Status.Milestones[0].MetAt.AddDate(-10, 0, 0)}
	err := w.Client.Status().Patch(t.Context(), w.agency, client.MergeFrom(before))
	if err == nil || !strings.Contains(err.Error(), "metAt is recorded once and never moves.") {
		t.Errorf("moving metAt was answered with: %v", err)
	}
}

// A plan that cannot be honoured changes nothing that was recorded before.
func TestRefusedPlanChangesNothing(t *testing.T) {
	w := newWorld(t)
	plan := w.twice(w.agency.Name)
	w.connect(t)
	w.Create(t, plan)
	records := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMetLate, "official": v1alpha1.MilestoneMet})
	w.expect(t, plan, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	counts := plan.Status.Milestones

	w.change(t, plan, func() {
		plan.Spec.Cohorts = append(plan.Spec.Cohorts, v1alpha1.Cohort{Name: "remaining", Agencies: []string{w.agency.Name}})
		plan.Spec.Milestones[0].Deadline.Date = "2998-01-01"
	})
	w.expectMessage(t, plan, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonOverlappingCohorts,
		fmt.Sprintf("Agency %s is in the cohorts ready-2018 and remaining; leave each agency in one.", w.agency.Name))
	w.change(t, plan, func() { plan.Spec.Cohorts = plan.Spec.Cohorts[:1]; plan.Spec.TimeZone = "Asia/Hanoi" })
	w.expectMessage(t, plan, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidTimeZone,
		`timeZone "Asia/Hanoi" is not in the IANA time zone database; write a name such as Asia/Ho_Chi_Minh or UTC.`)
	if diff := cmp.Diff(counts, plan.Status.Milestones); diff != "" {
		t.Errorf("counts of the refused plan (-before +after):\n%s", diff)
	}
	kept := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMetLate, "official": v1alpha1.MilestoneMet})
	if diff := cmp.Diff(records, kept); diff != "" {
		t.Errorf("records of the refused plan (-before +after):\n%s", diff)
	}

	// Corrected, with the later deadline, the plan takes the same moment as in time.
	w.change(t, plan, func() { plan.Spec.TimeZone = "Asia/Ho_Chi_Minh" })
	corrected := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneMet, "official": v1alpha1.MilestoneMet})
	if !corrected["pilot"].MetAt.Equal(records["pilot"].MetAt) {
		t.Errorf("metAt moved from %s to %s", records["pilot"].MetAt, corrected["pilot"].MetAt)
	}
	w.expect(t, plan, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)

	w.remove(t, plan)
	w.standing(t, w.agency, states{})
}

func TestPlanFollowsItsHubAndItsAgencies(t *testing.T) {
	w := newWorld(t)
	plan := w.twice()
	plan.Spec.Cohorts[0].Agencies = nil
	plan.Spec.Cohorts[0].Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"plan": w.namespace}}
	w.Create(t, w.agency, plan)
	w.expectMessage(t, plan, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonHubNotFound,
		fmt.Sprintf("hubRef names ExchangeHub %s, which does not exist; create it, or correct hubRef.", w.hub.Name))

	w.Create(t, w.hub)
	w.expectMessage(t, plan, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		"No agency is in a cohort; next deadline is on or before 2999-12-30.")

	w.change(t, w.agency, func() { w.agency.Labels = map[string]string{"plan": w.namespace} })
	w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneOverdue, "official": v1alpha1.MilestonePending})
	w.expectMessage(t, plan, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		"1 of 1 agencies is overdue; next deadline is on or before 2999-12-30.")

	w.change(t, plan, func() {
		plan.Spec.Exceptions = []v1alpha1.RolloutException{{Agency: w.agency.Name, Milestone: "pilot", Reason: "the data centre moves", Approver: "VPCP"}}
	})
	exempt := w.standing(t, w.agency, states{"pilot": v1alpha1.MilestoneExempt, "official": v1alpha1.MilestonePending})
	if want := "Exempt, approved by VPCP: the data centre moves"; exempt["pilot"].Message != want {
		t.Errorf("the exemption says %q, want %q", exempt["pilot"].Message, want)
	}
}

// writes counts how often an object is written from now on.
func (w *world) writes(t *testing.T, list client.ObjectList, name string) func() int {
	t.Helper()
	watcher, err := client.NewWithWatch(w.Admin, client.Options{Scheme: w.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	events, err := watcher.Watch(context.Background(), list, client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector("metadata.name", name)})
	if err != nil {
		t.Fatal(err)
	}
	var lock sync.Mutex
	count, done := 0, make(chan struct{})
	go func() {
		defer close(done)
		for e := range events.ResultChan() {
			if e.Type == watch.Modified {
				lock.Lock()
				count++
				lock.Unlock()
			}
		}
	}()
	t.Cleanup(func() { events.Stop(); <-done })
	return func() int {
		lock.Lock()
		defer lock.Unlock()
		return count
	}
}

// crowd is agencies with Connectors that the operator refuses, because their class does not exist, and so looks at no more. What they refer to has
// come to rest before they are created: after a second look at a Connector that comes up, the operator would look at it once more up to
// twenty seconds later, and write over what becomeReady has written.
func (w *world) crowd(t *testing.T, agencies, each int) (names []string, connectors []*v1alpha1.Connector) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.get(t.Context(), w.hub); err != nil {
			return err
		}
		if told := w.hub.Status; told.TrustDigest == "" || told.RevocationDigest == "" {
			return fmt.Errorf("hub %s does not tell yet what it hands out: %+v", w.hub.Name, told)
		}
		return nil
	})
	w.connector.Spec.ClassName = "none"
	for i := range agencies {
		agency := w.another(fmt.Sprintf("n%d", i))
		agency.Spec.Namespaces = []string{w.namespace}
		w.Create(t, agency)
		w.expect(t, agency, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
		names = append(names, agency.Name)
	}
	for i, name := range names {
		for j := range each {
			c := w.connector.DeepCopy()
			c.Name, c.Spec.AgencyRef.Name = fmt.Sprintf("c%d-%d", i, j), name
			w.Create(t, c)
			connectors = append(connectors, c)
		}
	}
	for _, c := range connectors {
		w.expect(t, c, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonClassNotFound)
	}
	return names, connectors
}

// becomeReady writes what the operator would write if each Connector were ready, from several sides at once.
func (w *world) becomeReady(t *testing.T, connectors []*v1alpha1.Connector) {
	t.Helper()
	var sides errgroup.Group
	sides.SetLimit(8)
	for _, c := range connectors {
		sides.Go(func() error {
			before := c.DeepCopy()
			c.Status.Profile = w.profile.Name
			c.Status.Conditions = []metav1.Condition{{
				Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady, Message: "The connector is ready.",
				ObservedGeneration: c.Generation, LastTransitionTime: metav1.Now(),
			}}
			return w.Client.Status().Patch(t.Context(), c, client.MergeFrom(before))
		})
	}
	if err := sides.Wait(); err != nil {
		t.Fatal(err)
	}
}

// Three hundred Connectors of thirty agencies become ready at once. The plan, the profile and each agency are written about
// once a second while that lasts, however slow the machine is, and end with the right counts.
func TestManyConnectorsAreFewWrites(t *testing.T) {
	const agencies, each = 30, 10
	w := newWorld(t)
	w.Create(t, w.hub, w.profile)
	names, connectors := w.crowd(t, agencies, each)
	plan := planOf(w.namespace, names...)
	plan.Spec.Milestones[0].Requires[0].Condition = v1alpha1.ConditionReady
	w.Create(t, plan)
	w.expectMessage(t, plan, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		"30 of 30 agencies are overdue; the last deadline has passed.")

	ofPlan := w.writes(t, &v1alpha1.RolloutPlanList{}, plan.Name)
	ofProfile := w.writes(t, &v1alpha1.SecurityProfileList{}, w.profile.Name)
	ofAgency := w.writes(t, &v1alpha1.AgencyList{}, names[0])
	began := time.Now()
	w.becomeReady(t, connectors)
	w.expectMessage(t, plan, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		"None of 30 agencies is overdue or at risk; the last deadline has passed.")
	if got := *plan.Status.Milestones[0].MetLate; got != agencies {
		t.Errorf("%d agencies met the milestone late, want %d", got, agencies)
	}
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.profile); err != nil {
			return err
		}
		if got := w.profile.Status.Connectors; *got.Total != agencies*each || *got.Ready != agencies*each {
			return fmt.Errorf("the profile counts %d Connectors, %d of them ready", *got.Total, *got.Ready)
		}
		return nil
	})
	handful := int(time.Since(began)/time.Second) + 3
	for of, count := range map[string]int{"plan": ofPlan(), "profile": ofProfile(), "agency": ofAgency()} {
		t.Logf("%d writes of the %s, at most %d expected", count, of, handful)
		if count > handful {
			t.Errorf("%d writes of the %s, want at most %d", count, of, handful)
		}
	}
}
