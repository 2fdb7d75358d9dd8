package rollout

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// merged is an agency that was merged into another.
func merged(a v1alpha1.Agency, successor string) v1alpha1.Agency {
	a.Spec.Lifecycle, a.Spec.SupersededBy = v1alpha1.AgencySuperseded, &v1alpha1.ObjectReference{Name: successor}
	return a
}

// country has many agencies in the cohort of all others, each connected.
func country(size int) []v1alpha1.Agency {
	all := make([]v1alpha1.Agency, 0, size)
	for i := range size {
		all = append(all, agency(fmt.Sprintf("a%04d", i), "remaining", states{"connected": v1alpha1.MilestoneMet}))
	}
	return all
}

// One agency that changes costs one look, a merger one more, however many agencies there are.
func TestAChangeIsALookAtWhatChanged(t *testing.T) {
	const size = 5000
	l := adding(observed(t), country(size)...).ledger
	if l.visits != size {
		t.Errorf("a new ledger looked at %d agencies, want each of %d once", l.visits, size)
	}
	late := agency("a0007", "remaining", states{"connected": v1alpha1.MilestoneMetLate})
	into := merged(late, "a0008")
	through := merged(agency("a0008", "remaining", nil), "a0009")
	for _, tt := range []struct {
		what   string
		name   string
		agency *v1alpha1.Agency
		visits int
	}{
		{"another state", "a0007", &late, 1},
		{"a merger", "a0007", &into, 2},
		{"a merger of a merger", "a0008", &through, 2},
		{"a change of one that was merged twice", "a0007", &into, 3},
		{"the end of it", "a0007", nil, 2},
		{"a new one", "new", &mof, 1},
		{"the end of the new one", "new", nil, 0},
	} {
		before := l.visits
		l.update(tt.name, tt.agency)
		if got := l.visits - before; got != tt.visits {
			t.Errorf("%s costs %d looks, want %d", tt.what, got, tt.visits)
		}
	}
	if got := l.totals.agencies; got != size-2 {
		t.Errorf("%d agencies are counted, want %d", got, size-2)
	}
}

// anyAgency has any place and any standing; many names are those of the plan, and mergers often lead to an agency that is there, or round in a circle.
func anyAgency(rt *rapid.T) v1alpha1.Agency {
	name := rapid.SampledFrom([]string{"mof", "moj", "a", "b", "c", "d"})
	records := states{}
	for _, m := range []string{"pilot", "official", "connected", "dropped"} {
		if rapid.Bool().Draw(rt, m) {
			records[m] = rapid.SampledFrom([]v1alpha1.MilestoneState{
				v1alpha1.MilestonePending, v1alpha1.MilestoneAtRisk, v1alpha1.MilestoneOverdue, v1alpha1.MilestoneMet, v1alpha1.MilestoneExempt,
			}).Draw(rt, "state")
		}
	}
	a := agency(name.Draw(rt, "name"), rapid.SampledFrom([]string{"ready", "remaining", "dropped"}).Draw(rt, "cohort"), records)
	if rapid.Bool().Draw(rt, "old") {
		for i := range a.Status.Milestones {
			a.Status.Milestones[i].PlanGeneration = 1
		}
	}
	if rapid.IntRange(0, 2).Draw(rt, "labelled") == 0 {
		a.Labels = map[string]string{"region": "north"}
	}
	if rapid.IntRange(0, 2).Draw(rt, "merged") == 0 {
		a = merged(a, name.Draw(rt, "successor"))
	}
	return a
}

// Whatever comes, changes and goes, in whatever order: a ledger that was kept up to date says the same as one that is filled anew.
func TestLedgerIsAsIfNew(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		labelled := func(s *scope) {
			s.plan.Spec.Cohorts = slices.Insert(s.plan.Spec.Cohorts, 1, v1alpha1.Cohort{
				Name: "north", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"region": "north"}},
			})
		}
		there := map[string]v1alpha1.Agency{}
		kept := adding(observed(t, labelled))
		for range rapid.IntRange(1, 20).Draw(rt, "events") {
			a := anyAgency(rt)
			if rapid.IntRange(0, 3).Draw(rt, "gone") == 0 {
				delete(there, a.Name)
				kept.ledger.update(a.Name, nil)
			} else {
				there[a.Name] = a
				kept.ledger.update(a.Name, &a)
			}
			fresh := adding(observed(t, labelled), slices.Collect(maps.Values(there))...)
			want, _ := judge(fresh)
			got, _ := judge(kept)
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("after %s (-new +kept):\n%s", a.Name, diff)
			}
		}
	})
}

// A merged agency is counted once, where its successor is, and everybody is in one cohort: the counts add up through every merger.
func TestMergersAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		there := map[string]v1alpha1.Agency{}
		for range rapid.IntRange(1, 10).Draw(rt, "agencies") {
			a := anyAgency(rt)
			a.Labels = nil
			there[a.Name] = a
		}
		active := 0
		for _, a := range there {
			if a.Spec.Lifecycle != v1alpha1.AgencySuperseded {
				active++
			}
		}
		status, _ := judge(adding(observed(t), slices.Collect(maps.Values(there))...))
		if int(*status.Agencies) != active {
			rt.Errorf("%d agencies are counted, and %d are not merged into another", *status.Agencies, active)
		}
		for _, m := range status.Milestones {
			at := slices.IndexFunc(status.Cohorts, func(c v1alpha1.CohortStatus) bool { return c.Name == m.Cohort })
			sum := *m.Pending + *m.OnTrack + *m.AtRisk + *m.Overdue + *m.Met + *m.MetLate + *m.Exempt
			if sum != *status.Cohorts[at].Agencies {
				rt.Errorf("the counts of %s add up to %d, and its cohort has %d", m.Name, sum, *status.Cohorts[at].Agencies)
			}
		}
	})
}

// The largest plan that the API takes has a status that is far from what a write may have, however many agencies there are.
func TestStatusIsBounded(t *testing.T) {
	s := observed(t)
	s.plan.Spec.Cohorts, s.plan.Spec.Milestones = nil, nil
	long := func(prefix string, i int) string {
		return fmt.Sprintf("%s%02d-%s", prefix, i, strings.Repeat("x", 63-len(prefix)-3))
	}
	for i := range 32 {
		s.plan.Spec.Cohorts = append(s.plan.Spec.Cohorts, v1alpha1.Cohort{Name: long("c", i), Agencies: []string{fmt.Sprintf("gone-%d", i)}})
	}
	s.plan.Spec.Cohorts[0] = v1alpha1.Cohort{Name: long("c", 0), AllOthers: &v1alpha1.AllOthers{}}
	for i := range 64 {
		s.plan.Spec.Milestones = append(s.plan.Spec.Milestones, v1alpha1.Milestone{
			Name: long("m", i), Cohort: long("c", i%32), Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineInForceFrom, Date: "2019-01-01"},
		})
	}
	status, _ := judge(adding(s, country(5000)...))
	for i := range status.Milestones {
		m := &status.Milestones[i]
		for _, count := range []*int32{m.Pending, m.OnTrack, m.AtRisk, m.Overdue, m.Met, m.MetLate, m.Exempt} {
			*count = 5000
		}
		m.Slack = &v1alpha1.MilestoneSlack{
			Agency: strings.Repeat("a", 253), LatestStart: "2019-01-01", WorkingDays: new(int32(-10000)), AsOf: "2019-01-01",
		}
	}
	text, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the status has %d bytes", len(text))
	if *status.Agencies != 5000 || len(status.Milestones) != 64 || len(text) >= 64<<10 {
		t.Errorf("the status of %d agencies and %d milestones has %d bytes, want less than 64 KiB", *status.Agencies, len(status.Milestones), len(text))
	}
}
