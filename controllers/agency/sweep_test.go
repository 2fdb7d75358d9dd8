package agency

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

// whole is a plan as large as the API takes them: 64 milestones, all of one cohort, with a chain of requirements and two of other kinds each.
func whole() v1alpha1.RolloutPlan {
	p := plan("whole", 64)
	for i := range p.Spec.Milestones {
		m := &p.Spec.Milestones[i]
		m.Requires = []v1alpha1.MilestoneRequirement{{Condition: v1alpha1.ConditionReady}, {Evidence: "ContractSigned"}}
		if i > 0 {
			m.Requires = append(m.Requires, v1alpha1.MilestoneRequirement{Milestone: p.Spec.Milestones[i-1].Name})
		}
	}
	return p
}

// small is the plan of 2018 in outline: each agency has two milestones.
func small() v1alpha1.RolloutPlan {
	p := plan("small", 2)
	p.Spec.Milestones[1].Requires = append(p.Spec.Milestones[1].Requires, v1alpha1.MilestoneRequirement{Milestone: "m0"})
	return p
}

// nation is what is read of each of many agencies: two Connectors, one of which is not ready with every second agency, a record of each, and
// what was recorded of milestones before.
func nation(size int, now time.Time, plans ...v1alpha1.RolloutPlan) []*scope {
	compiled, all := &milestone.Compiled{}, make([]*scope, 0, size)
	for i := range size {
		name := fmt.Sprintf("a%04d", i)
		s := &scope{now: now, compiled: compiled, plans: plans, agency: &v1alpha1.Agency{
			ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 1}, Spec: v1alpha1.AgencySpec{Code: "A01." + name, Namespaces: []string{name}},
		}}
		for j, status := range []metav1.ConditionStatus{metav1.ConditionTrue, []metav1.ConditionStatus{metav1.ConditionTrue, metav1.ConditionFalse}[i%2]} {
			c, e := connector(fmt.Sprintf("site-%d", j), status, "Tested"), evidence(fmt.Sprintf("site-%d", j), metav1.ConditionTrue)
			c.Namespace, e.Namespace = name, name
			s.acting, s.records = append(s.acting, c), append(s.records, *e)
		}
		all = append(all, s)
	}
	return all
}

// BenchmarkDailySweep judges 5,000 agencies before all their milestones, once each, as a midnight does on which all of them change.
func BenchmarkDailySweep(b *testing.B) {
	now := at(b, "2018-12-16T23:59:59+07:00")
	for name, plans := range map[string][]v1alpha1.RolloutPlan{"2-milestones": {small()}, "64-milestones": {whole()}} {
		b.Run(name, func(b *testing.B) {
			agencies := nation(5000, now, plans...)
			for _, s := range agencies {
				s.agency.Status, _ = judge(s)
				s.now = now.Add(time.Second)
			}
			before := cpu(b)
			for b.Loop() {
				for _, s := range agencies {
					judge(s)
				}
			}
			b.ReportMetric(float64((cpu(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
		})
	}
}

// cpu is the processor time that the process has used, with what its garbage collection used beside it. Unlike the time on the clock, others on the
// machine hardly change it.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// At a midnight at which a deadline comes near, exactly those are judged anew who have not met the milestone, each once; at any other, nobody.
func TestOnlyWhoIsConcernedPassesAtMidnight(t *testing.T) {
	const size = 5000
	p := plan("decision-28", 1)
	p.Spec.AtRiskDays = ptr.To[int32](14)
	due := map[string]int{}
	for _, s := range nation(size, at(t, "2018-11-01T12:00:00+07:00"), p) {
		status, next := judge(s)
		for steps := 0; !next.IsZero(); steps++ {
			if steps > 2 {
				t.Fatalf("%s asks for a pass again and again, next at %s", s.agency.Name, next)
			}
			due[next.Format(time.RFC3339)]++
			s.now, s.agency.Status = next, status
			status, next = judge(s)
		}
	}
	want := map[string]int{"2018-12-17T00:00:00+07:00": size / 2, "2018-12-31T00:00:00+07:00": size / 2}
	if len(due) != len(want) {
		t.Errorf("passes are asked for at %v, want %v", due, want)
	}
	for at, count := range want {
		if due[at] != count {
			t.Errorf("%d agencies ask for a pass at %s, want %d", due[at], at, count)
		}
	}
}
