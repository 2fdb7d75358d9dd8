package compliance

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
)

// kinds are those that the drawn profiles and records are of.
func kinds() []string { return []string{"PenetrationTest", "RestoreTest", "LogReview"} }

func anyDay(rt *rapid.T, label string, from civil.Date, days int) civil.Date {
	return from.AddDays(rapid.IntRange(0, days).Draw(rt, label))
}

func anyProfile(rt *rapid.T, regime string, level v1alpha1.SecurityLevel) *v1alpha1.SecurityProfile {
	p := profileOf(regime, level)
	for _, kind := range kinds()[:rapid.IntRange(1, 3).Draw(rt, "duties")] {
		duty(kind, rapid.SampledFrom([]int32{0, 1, 3, 12}).Draw(rt, "months"), rapid.SampledFrom([]int32{0, 1, 10, 45}).Draw(rt, "soon"))(p)
		p.Spec.Duties[len(p.Spec.Duties)-1].Independent = new(rapid.IntRange(0, 3).Draw(rt, "independent") == 0)
	}
	if rapid.Bool().Draw(rt, "approval") {
		approvedBy(p)
	}
	return p
}

func anyRecord(rt *rapid.T, name string, start civil.Date, days int) v1alpha1.ComplianceEvidence {
	kind := rapid.SampledFrom(append(kinds(), slices.Concat(kinds(), []string{"Juggling", determined, appraised, granted})...)).Draw(rt, "kind")
	r := record(name, kind, anyDay(rt, "performed", start, days).String())
	if isLevelStep(kind) {
		level(rapid.SampledFrom([]v1alpha1.SecurityLevel{2, 3}).Draw(rt, "level"))(&r)
	}
	for _, edit := range []func(*v1alpha1.ComplianceEvidence){failed, dependent, under(regime), under(earlier), byAgency("g13", "IT")} {
		if rapid.IntRange(0, 11).Draw(rt, "edited") == 0 {
			edit(&r)
		}
	}
	return r
}

// drawn is a case and its subjects around a day, in which time moves and records come.
type drawn struct {
	*Case
	subjects []Subject
}

// draw makes a case with records from well before today until so many days after.
func draw(rt *rapid.T, ahead int, corrections bool) drawn {
	start, _ := civil.Parse("2027-12-01")
	today := start.AddDays(400)
	var profiles []*v1alpha1.SecurityProfile
	for _, n := range []v1alpha1.SecurityLevel{2, 3} {
		profiles = append(profiles, anyProfile(rt, regime, n), anyProfile(rt, earlier, n))
	}
	d := drawn{Case: caseOf(today, profiles...)}
	for i := range rapid.IntRange(0, 8).Draw(rt, "records") {
		r := anyRecord(rt, fmt.Sprintf("r%d", i), start, 400+ahead)
		if corrections && i > 0 && rapid.IntRange(0, 3).Draw(rt, "corrects") == 0 {
			supersedes(fmt.Sprintf("r%d", rapid.IntRange(0, i-1).Draw(rt, "corrected")))(&r)
		}
		d.with(r)
	}
	d.subjects = []Subject{{Profile: profiles[2], Ruling: true, Level: 3}, {Profile: profiles[3], Level: 3}}
	return d
}

func (d drawn) states() map[string]v1alpha1.DutyState {
	states := map[string]v1alpha1.DutyState{}
	for _, s := range Judge(d.Case, d.subjects) {
		for _, duty := range s.Duties {
			if !isLevelStep(duty.Kind) {
				states[s.Regime+" "+duty.Kind] = duty.State
			}
		}
	}
	return states
}

// standingOf orders states from the worst. Missing and Overdue are the same: neither satisfies, and nothing was done in time.
func standingOf(state v1alpha1.DutyState) int {
	switch state {
	case v1alpha1.DutySatisfied:
		return 2
	case v1alpha1.DutyDueSoon:
		return 1
	default:
		return 0
	}
}

// One more record that corrects none makes no duty of a profile worse. (A newer approval of another level does take the place of the one
// before; that is what it is for.)
func TestMoreEvidenceNeverMakesADutyWorse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := draw(rt, 30, true)
		before := d.states()
		start, _ := civil.Parse("2027-12-01")
		d.with(anyRecord(rt, "more", start, 430))
		for duty, state := range d.states() {
			if standingOf(state) < standingOf(before[duty]) {
				rt.Fatalf("%s was %s, and is %s with one more record", duty, before[duty], state)
			}
		}
	})
}

// Without waivers, time makes no duty better, whatever days the records tell of.
func TestTimeAloneNeverMakesADutyBetter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := draw(rt, 30, true)
		before := d.states()
		d.Case = d.on(anyDay(rt, "later", d.Today, 1200))
		for duty, state := range d.states() {
			if standingOf(state) > standingOf(before[duty]) {
				rt.Fatalf("%s was %s, and is %s on %s", duty, before[duty], state, d.Today)
			}
		}
	})
}

// Judging every day of the next three years finds the first change where NextChange does.
func TestNextChangeMissesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := draw(rt, 60, true)
		for i := range rapid.IntRange(0, 3).Draw(rt, "waivers") {
			from := anyDay(rt, "from", d.Today.AddDays(-60), 120)
			until := from.AddDays(rapid.IntRange(1, 90).Draw(rt, "holds"))
			d.waive(fmt.Sprintf("w%d", i), from.String(), until.String(), rapid.SampledFrom(append(kinds(), "Juggling")).Draw(rt, "waived"))
		}
		for i := range d.subjects {
			if rapid.Bool().Draw(rt, "valid") {
				from := anyDay(rt, "in force", d.Today.AddDays(-60), 120)
				valid(v1alpha1.CivilDate(from.String()), v1alpha1.CivilDate(from.AddDays(90).String()))(d.subjects[i].Profile)
			}
		}
		next, changes := NextChange(d.Case, d.subjects)
		today := look(d.Case, d.subjects)
		for day := 1; day <= 3*366; day++ {
			then := d.Today.AddDays(day)
			changed := !reflect.DeepEqual(today, look(d.on(then), d.subjects))
			if due := changes && next.Compare(then) == 0; changed != due {
				rt.Fatalf("on %s something changes: %t; the next change was said to be on %s (%t)", then, changed, next, changes)
			}
			if changed {
				return
			}
		}
		if changes && d.Today.DaysUntil(next) <= 3*366 {
			rt.Fatalf("nothing changes, and the next change was said to be on %s", next)
		}
	})
}

// However the objects of a case come from the cache, the judgement is the same.
func TestJudgementDoesNotHangOnTheOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := draw(rt, 30, true)
		want := look(d.Case, d.subjects)
		d.Records = rapid.Permutation(d.Records).Draw(rt, "records in another order")
		d.Profiles = rapid.Permutation(d.Profiles).Draw(rt, "profiles in another order")
		if got := look(d.Case, rapid.Permutation(d.subjects).Draw(rt, "subjects in another order")); !reflect.DeepEqual(want, got) {
			rt.Fatalf("in another order the judgement is %+v, want %+v", got, want)
		}
	})
}
