package turns

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// of describes a Connector: its name, and what is other than in one that has the newest revision, r2, and works.
func of(name string, others ...func(*member)) member {
	m := member{namespace: "g12", name: name, revision: "r2", ready: true, settled: true, opens: epoch}
	for _, other := range others {
		other(&m)
	}
	return m
}

func old(m *member)      { m.revision = "r1" }
func bare(m *member)     { m.revision, m.ready, m.settled = "", false, false }
func paused(m *member)   { m.paused = true }
func refused(m *member)  { m.refused, m.ready = true, false }
func short(m *member)    { m.short = true }
func spreads(m *member)  { m.settled = false }
func closed(m *member)   { m.opens = epoch.Add(time.Hour) }
func held(m *member)     { m.held = true; closed(m) }
func unlinked(m *member) { unready("NoEndpoint")(m) }

func unready(reason string) func(*member) {
	return func(m *member) {
		m.ready, m.settled, m.reason, m.message = false, false, reason, "It lacks something."
	}
}

// begun is a turn of one that had r1, some seconds ago.
func begun(name string, ago int, others ...func(*v1alpha1.RolloutTurn)) v1alpha1.RolloutTurn {
	turn := v1alpha1.RolloutTurn{Namespace: "g12", Name: name, FromRevision: "r1", Since: metav1.NewTime(epoch.Add(-time.Duration(ago) * time.Second))}
	for _, other := range others {
		other(&turn)
	}
	return turn
}

func wasUnready(reason string) func(*v1alpha1.RolloutTurn) {
	return func(t *v1alpha1.RolloutTurn) { t.NotReadyReason = reason }
}

func from(revision string) func(*v1alpha1.RolloutTurn) {
	return func(t *v1alpha1.RolloutTurn) { t.FromRevision = revision }
}

func told(revision string, batch ...v1alpha1.RolloutTurn) *v1alpha1.RolloutProgress {
	return &v1alpha1.RolloutProgress{Phase: v1alpha1.RolloutUnderWay, Revision: revision, Batch: batch}
}

func refusedIn(revision string, turns ...v1alpha1.RolloutTurn) *v1alpha1.RolloutProgress {
	return &v1alpha1.RolloutProgress{Phase: v1alpha1.RolloutUnderWay, Revision: revision, Refused: turns}
}

// failedIn is a status in which these have failed, some of whom may still have their turn.
func failedIn(revision string, failed []string, batch ...v1alpha1.RolloutTurn) *v1alpha1.RolloutProgress {
	status := told(revision, batch...)
	for _, name := range failed {
		status.Failed = append(status.Failed, v1alpha1.RolloutFailure{Namespace: "g12", Name: name, Message: "It did not work."})
	}
	return status
}

func policyOf(batch, failures int32) v1alpha1.RolloutPolicy {
	return v1alpha1.RolloutPolicy{BatchSize: batch, MaxFailures: failures, Timeout: metav1.Duration{Duration: 10 * time.Minute}}
}

// outcome is a decision in short. A turn is a name, with the seconds since it was given unless it was just now.
type outcome struct {
	Phase, Reason, Batch, Refused, Failed, Message string
	Updated, Waiting                               int32
	Next                                           time.Duration
}

func outcomeOf(d *decision) outcome {
	o := outcome{Phase: string(d.status.Phase), Reason: d.condition.Reason, Message: d.condition.Message, Updated: *d.status.Updated,
		Waiting: *d.status.Waiting, Next: d.next}
	var batch, refused, failed []string
	for _, t := range d.status.Batch {
		text := t.Name
		if age := epoch.Sub(t.Since.Time); age != 0 {
			text += age.String()
		}
		if t.NotReadyReason != "" {
			text += "(" + t.NotReadyReason + ")"
		}
		batch = append(batch, text)
	}
	for _, t := range d.status.Refused {
		refused = append(refused, t.Name)
	}
	for _, f := range d.status.Failed {
		failed = append(failed, f.Name)
	}
	o.Batch, o.Refused, o.Failed = strings.Join(batch, " "), strings.Join(refused, " "), strings.Join(failed, " ")
	return o
}

type planCase struct {
	policy   v1alpha1.RolloutPolicy
	members  []member
	before   *v1alpha1.RolloutProgress
	obstacle string
	want     outcome
}

func judgePlans(t *testing.T, tests map[string]planCase) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := plan(fleet{of: Profile(), now: epoch, revision: "r2", policy: tt.policy, members: tt.members, before: tt.before, obstacle: tt.obstacle})
			if d.status.Revision != "r2" || *d.status.Total != int32(len(tt.members)) {
				t.Errorf("the status tells of %d under %s", *d.status.Total, d.status.Revision)
			}
			got := outcomeOf(&d)
			if tt.want.Message == "" {
				got.Message = ""
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

const whole = 10*time.Minute + time.Millisecond

func TestTurns(t *testing.T) {
	judgePlans(t, map[string]planCase{
		"nobody": {want: outcome{Phase: "Complete", Reason: "Complete", Message: "The profile rules no Connector."}},
		"all have it, and whether they work does not matter": {members: []member{of("a"), of("b", unlinked)},
			want: outcome{Phase: "Complete", Reason: "Complete", Updated: 1, Message: "No Connector has an earlier revision than r2."}},
		"one that comes up needs no turn": {members: []member{of("a", bare)}, want: outcome{Phase: "Complete", Reason: "Complete"}},
		"by name, as many as the batch": {policy: policyOf(2, 1), members: []member{of("d", old), of("c", old), of("b"), of("a", old)},
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a c", Updated: 1, Waiting: 1, Next: whole,
				Message: "1 of 4 Connectors are ready under revision r2. It is the turn of g12/a, g12/c. 1 Connector waits for a turn."}},
		"without defaults one at a time, and no time runs out": {members: []member{of("a", old), of("b", old)}, before: told("r2", begun("b", 100000)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b27h46m40s", Waiting: 1}},
		"who is through makes room": {policy: policyOf(1, 1), members: []member{of("a"), of("b", old)}, before: told("r2", begun("a", 5)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Updated: 1, Next: whole}},
		"who is not ready under it does not": {policy: policyOf(1, 1), members: []member{of("a", unlinked), of("b", old)},
			before: told("r2", begun("a", 300)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a5m0s", Waiting: 1, Next: 5*time.Minute + time.Millisecond}},
		"nor whose pods do not all use it": {policy: policyOf(1, 1), members: []member{of("a", spreads), of("b", old)}, before: told("r2", begun("a", 300)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a5m0s", Updated: 1, Waiting: 1, Next: 5*time.Minute + time.Millisecond}},
		"nor who may be about to get another certificate": {policy: policyOf(1, 1), members: []member{of("a", short), of("b", old)},
			before: told("r2", begun("a", 5)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a5s", Updated: 1, Waiting: 1, Next: 25 * time.Second}},
		"but an issuer that gives another is not waited for": {policy: policyOf(1, 1), members: []member{of("a", short), of("b", old)},
			before: told("r2", begun("a", 30)), want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Updated: 1, Next: whole}},
		"Connectors of another profile come to a new one a batch at a time": {policy: policyOf(1, 1), members: []member{of("a", old), of("b", old)},
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a", Waiting: 1, Next: whole}},
		"who vanished, was paused or begins anew has no turn": {policy: policyOf(1, 1),
			members: []member{of("b", old, paused), of("c", bare), of("d", old)}, before: told("r2", begun("a", 5), begun("b", 5), begun("c", 5)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "d", Waiting: 1, Next: whole,
				Message: "0 of 3 Connectors are ready under revision r2. It is the turn of g12/d. " +
					"1 Connector gets no turn while paused or not accepted: g12/b."}},
		"who is refused gets none": {policy: policyOf(2, 1), members: []member{of("a", old, refused), of("b", old, paused)},
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Waiting: 2,
				Message: "0 of 2 Connectors are ready under revision r2. 2 Connectors get no turn while paused or not accepted: g12/a, g12/b."}},
		"who is refused in its turn has it no more, and its place is kept for a moment": {policy: policyOf(1, 1),
			members: []member{of("a", old, refused), of("b", old)}, before: told("r2", begun("a", 60)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Refused: "a", Waiting: 2, Next: 30 * time.Second,
				Message: "0 of 2 Connectors are ready under revision r2. 1 Connector waits for a turn. " +
					"1 Connector gets no turn while paused or not accepted: g12/a."}},
		"who is refused, and does not work since its turn, keeps it": {policy: policyOf(1, 1),
			members: []member{of("a", old, unlinked, refused), of("b", old)}, before: told("r2", begun("a", 60)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a1m0s", Waiting: 1, Next: 9*time.Minute + time.Millisecond}},
		"who is refused, and works with what was made all the same, is through": {policy: policyOf(1, 1),
			members: []member{of("a", refused), of("b", old)}, before: told("r2", begun("a", 601)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Next: whole}},
		"accepted again without its turn it goes not to and fro": {policy: policyOf(1, 1),
			members: []member{of("a", old), of("b", old)}, before: refusedIn("r2", begun("a", 30)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Refused: "a", Waiting: 1, Next: 570 * time.Second}},
		"but is tried again after the timeout": {policy: policyOf(1, 1), members: []member{of("a", old)},
			before: refusedIn("r2", begun("a", 600)), want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a", Next: whole}},
		"after all who had no turn": {policy: policyOf(1, 1), members: []member{of("a", old), of("b", old, unlinked)},
			before: refusedIn("r2", begun("a", 600)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b(NoEndpoint)", Refused: "a", Waiting: 1, Next: whole}},
		"or under another change": {policy: policyOf(1, 1), members: []member{of("a", old), of("b", old)},
			before: refusedIn("r0", begun("a", 60)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a", Waiting: 1, Next: whole}},
		"accepted and moved in the moment it has its turn back": {policy: policyOf(1, 1),
			members: []member{of("a", unlinked), of("b", old)}, before: refusedIn("r2", begun("a", 10)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a10s", Waiting: 1, Next: 590*time.Second + time.Millisecond}},
		"a tenant that is refused holds up nobody for long": {policy: policyOf(1, 1), members: []member{of("a", old, refused), of("b", old)},
			before: refusedIn("r2", begun("a", 100000)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Waiting: 1, Next: whole,
				Message: "0 of 2 Connectors are ready under revision r2. It is the turn of g12/b. " +
					"1 Connector gets no turn while paused or not accepted: g12/a."}},
		"a smaller batch takes nobody's turn": {policy: policyOf(1, 1), members: []member{of("a", old), of("b", old), of("c", old)},
			before: told("r2", begun("a", 60), begun("b", 60)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a1m0s b1m0s", Waiting: 1, Next: 9*time.Minute + time.Millisecond}},
		"nothing begins before the newest revision is stored": {policy: policyOf(1, 1), members: []member{of("a", old), of("b", old)},
			before: told("r1"), obstacle: "Something is in the way.",
			want: outcome{Phase: "RollingOut", Reason: "ForeignObject", Waiting: 2, Next: 15 * time.Second, Message: "Something is in the way."}},
	})
}

func TestChangedAgain(t *testing.T) {
	judgePlans(t, map[string]planCase{
		"turns of before go on, and begin anew": {policy: policyOf(2, 1), before: told("r0", begun("a", 300, from("r1")), begun("b", 900, from("r1"))),
			members: []member{of("a", old), of("b", unlinked, func(m *member) { m.revision = "r0" }), of("c", old)},
			want:    outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a b", Waiting: 1, Next: whole}},
		"changed back: who has not moved is updated, and one that may be moving is waited for": {policy: policyOf(1, 1),
			members: []member{of("a"), of("b"), of("c", func(m *member) { m.revision = "r3" })}, before: told("r3", begun("a", 5, from("r2"))),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a", Updated: 2, Waiting: 1, Next: 30 * time.Second}},
		"changed back: until that has settled": {policy: policyOf(1, 1), before: told("r2", begun("a", 30, from("r2"))),
			members: []member{of("a"), of("b"), of("c", func(m *member) { m.revision = "r3" })},
			want:    outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "c", Updated: 2, Next: whole}},
	})
}

func TestFailures(t *testing.T) {
	const help = "It goes on by itself once they are ready; help them, allow more, or change the profile again."
	judgePlans(t, map[string]planCase{
		"at the very end of its time it has not failed": {policy: policyOf(2, 1), members: []member{of("a", unlinked)}, before: told("r2", begun("a", 600)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a10m0s", Next: time.Millisecond}},
		"not ready in time: no further turn, and those begun go on": {policy: policyOf(3, 1), before: told("r2", begun("a", 601), begun("b", 5)),
			members: []member{of("a", unlinked), of("b", old), of("c", old)},
			want: outcome{Phase: "Paused", Reason: "RolloutPaused", Batch: "a10m1s b5s", Failed: "a", Waiting: 1, Next: 595*time.Second + time.Millisecond,
				Message: "0 of 3 Connectors are ready under revision r2. No further turn begins, because 1 Connector did not get through " +
					"(rollout.maxFailures is 1), and 1 Connector waits. " + help +
					" g12/a: It is not ready under the changed profile after 10m0s. It lacks something."}},
		"not taken up in time": {policy: policyOf(3, 2), members: []member{of("a", old, unlinked), of("b", old)}, before: told("r2", begun("a", 601)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a10m1s b", Failed: "a", Next: whole,
				Message: "0 of 2 Connectors are ready under revision r2. It is the turn of g12/a, g12/b. " +
					"g12/a: It has not taken up the change after 10m0s. It lacks something."}},
		"not taken up because it is refused is no failure": {policy: policyOf(3, 1), members: []member{of("a", old, refused), of("b", old)},
			before: failedIn("r2", []string{"a"}, begun("a", 601)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Refused: "a", Waiting: 1, Next: 30 * time.Second}},
		"refused when its time had run out: that its window is closed now excuses nothing": {policy: policyOf(2, 1),
			members: []member{of("a", old, unlinked, refused, closed), of("b", old)}, before: failedIn("r2", []string{"a"}, begun("a", 601)),
			want: outcome{Phase: "Paused", Reason: "RolloutPaused", Batch: "a10m1s", Failed: "a", Waiting: 1, Next: time.Hour}},
		"nor does something else that waits for its window": {policy: policyOf(2, 1),
			members: []member{of("a", old, unlinked, refused, held), of("b", old)}, before: failedIn("r2", []string{"a"}, begun("a", 601)),
			want: outcome{Phase: "Paused", Reason: "RolloutPaused", Batch: "a10m1s", Failed: "a", Waiting: 1, Next: time.Hour}},
		"what waits for a closed window is not late": {policy: policyOf(2, 1),
			members: []member{of("a", old, unlinked, closed), of("b", old)}, before: told("r2", begun("a", 601)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a10m1s b", Next: whole}},
		"pods that do not use it in time": {policy: policyOf(3, 1), members: []member{of("a", spreads)}, before: told("r2", begun("a", 601)),
			want: outcome{Phase: "Paused", Reason: "RolloutPaused", Batch: "a10m1s", Failed: "a", Updated: 1,
				Message: "1 of 1 Connector is ready under revision r2. No further turn begins, because 1 Connector did not get through " +
					"(rollout.maxFailures is 1), and 0 Connectors wait. " + help +
					" g12/a: Not all its pods use what the changed profile asks for after 10m0s. Look at its pods."}},
		"mended, it goes on": {policy: policyOf(1, 1), members: []member{of("a"), of("b", old)}, before: told("r2", begun("a", 1000)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Updated: 1, Next: whole}},
		"paused by a person who looks at it, nobody else begins": {policy: policyOf(1, 1),
			members: []member{of("a", unlinked, paused), of("b", old)}, before: told("r2", begun("a", 1000)),
			want: outcome{Phase: "Paused", Reason: "RolloutPaused", Batch: "a16m40s", Failed: "a", Waiting: 1}},
		"paused, but it works": {policy: policyOf(1, 1), members: []member{of("a", paused), of("b", old)}, before: told("r2", begun("a", 1000)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Updated: 1, Next: whole}},
		"deleted, nobody else begins": {policy: policyOf(3, 1), members: []member{of("b", old)}, before: failedIn("r2", []string{"a"}, begun("a", 1000)),
			want: outcome{Phase: "Paused", Reason: "RolloutPaused", Failed: "a", Waiting: 1,
				Message: "0 of 1 Connector is ready under revision r2. No further turn begins, because 1 Connector did not get through " +
					"(rollout.maxFailures is 1), and 1 Connector waits. " + help + " g12/a: " + Profile().deleted() + "It did not work."}},
		"deleted long ago": {policy: policyOf(3, 1), members: []member{of("b", old)}, before: failedIn("r2", []string{"a"}),
			want: outcome{Phase: "Paused", Reason: "RolloutPaused", Failed: "a", Waiting: 1}},
		"deleted, and more failures are allowed": {policy: policyOf(1, 2), members: []member{of("b", old)}, before: failedIn("r2", []string{"a"}),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Failed: "a", Next: whole}},
		"deleted, and another change": {policy: policyOf(1, 1), members: []member{of("b", old)}, before: failedIn("r0", []string{"a"}),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Next: whole}},
		"deleted and made anew it has not mended anything": {policy: policyOf(1, 1), members: []member{of("a", unlinked), of("b", old)},
			before: failedIn("r2", []string{"a"}), want: outcome{Phase: "Paused", Reason: "RolloutPaused", Failed: "a", Waiting: 1}},
		"even in one moment": {policy: policyOf(1, 1), members: []member{of("a", bare), of("b", old)},
			before: failedIn("r2", []string{"a"}, begun("a", 1000)), want: outcome{Phase: "Paused", Reason: "RolloutPaused", Failed: "a", Waiting: 1}},
		"deleted and made anew it works": {policy: policyOf(1, 1), members: []member{of("a"), of("b", old)}, before: failedIn("r2", []string{"a"}),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Updated: 1, Next: whole}},
		"deleted when all others have it": {policy: policyOf(1, 1), members: []member{of("b")}, before: failedIn("r2", []string{"a"}),
			want: outcome{Phase: "Complete", Reason: "Complete", Updated: 1}},
		"failures that leave no room pause, too": {policy: policyOf(1, 5), members: []member{of("a", unlinked), of("b", old)},
			before: told("r2", begun("a", 1000)),
			want: outcome{Phase: "Paused", Reason: "RolloutPaused", Batch: "a16m40s", Failed: "a", Waiting: 1,
				Message: "0 of 2 Connectors are ready under revision r2. No further turn begins, because 1 Connector did not get through " +
					"(rollout.batchSize is 1), and 1 Connector waits. " + help +
					" g12/a: It is not ready under the changed profile after 10m0s. It lacks something."}},
	})
}

func TestNotReadyBefore(t *testing.T) {
	judgePlans(t, map[string]planCase{
		"who did not work before goes last": {policy: policyOf(2, 1), members: []member{of("a", old, unlinked), of("b", old), of("c", old, unlinked)},
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b a(NoEndpoint)", Waiting: 1, Next: whole}},
		"it is through when it does not work for the same reason": {policy: policyOf(1, 1), members: []member{of("a", unlinked)},
			before: told("r2", begun("a", 5, wasUnready("NoEndpoint"))), want: outcome{Phase: "Complete", Reason: "Complete"}},
		"not yet while it does not for another": {policy: policyOf(1, 1), members: []member{of("a", unready("Progressing"))},
			before: told("r2", begun("a", 60, wasUnready("NoEndpoint"))),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a1m0s(NoEndpoint)", Next: 9*time.Minute + time.Millisecond}},
		"nor if the reason of before is that of every change": {policy: policyOf(1, 1), members: []member{of("a", unready("Progressing"))},
			before: told("r2", begun("a", 60, wasUnready("Progressing"))),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a1m0s(Progressing)", Next: 9*time.Minute + time.Millisecond}},
		"but it holds up nobody for longer than the timeout": {policy: policyOf(1, 1), members: []member{of("a", unready("PodsStuck"))},
			before: told("r2", begun("a", 601, wasUnready("NoEndpoint"))), want: outcome{Phase: "Complete", Reason: "Complete"}},
		"it has to take the change up all the same": {policy: policyOf(1, 1), members: []member{of("a", old, unlinked)},
			before: told("r2", begun("a", 601, wasUnready("NoEndpoint"))),
			want:   outcome{Phase: "Paused", Reason: "RolloutPaused", Batch: "a10m1s(NoEndpoint)", Failed: "a"}},
	})
}

func TestWindows(t *testing.T) {
	judgePlans(t, map[string]planCase{
		"no turn before it opens": {policy: policyOf(1, 1), members: []member{of("a", old, closed)},
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Waiting: 1, Next: time.Hour,
				Message: "0 of 1 Connector is ready under revision r2. 1 Connector waits for a maintenance window: g12/a."}},
		"it closed before anything was done: others go first": {policy: policyOf(1, 1), members: []member{of("a", old, held), of("b", old)},
			before: told("r2", begun("a", 60)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "b", Waiting: 1, Next: whole}},
		"not in the very moment": {policy: policyOf(1, 1), members: []member{of("a", old, held), of("b", old)}, before: told("r2", begun("a", 10)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a10s", Waiting: 1, Next: 20 * time.Second}},
		"nor if it opens again in a moment": {policy: policyOf(1, 1), before: told("r2", begun("a", 60)),
			members: []member{of("a", old, held, func(m *member) { m.opens = epoch.Add(5 * time.Second) }), of("b", old)},
			want:    outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a-5s", Waiting: 1, Next: 5 * time.Second}},
		"it closed in the middle: the time stands still until it opens": {policy: policyOf(1, 1), members: []member{of("a", unlinked, held)},
			before: told("r2", begun("a", 599)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a-1h0m0s", Next: 70*time.Minute + time.Millisecond}},
		"it was opened ahead of time": {policy: policyOf(1, 1), members: []member{of("a", unlinked)}, before: told("r2", begun("a", -3600)),
			want: outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a", Next: whole}},
		"one that is in trouble since its turn keeps it": {policy: policyOf(1, 1), members: []member{of("a", old, unlinked, held), of("b", old)},
			before: told("r2", begun("a", 60)),
			want:   outcome{Phase: "RollingOut", Reason: "RollingOut", Batch: "a-1h0m0s", Waiting: 1, Next: time.Hour}},
	})
}

func TestNeeded(t *testing.T) {
	now := told("r2")
	if got := Needed(told("r1", begun("a", 5)), now); got.Len() != 1 || !got.Has("r2") {
		t.Errorf("needed are %v", got.UnsortedList())
	}
	now.Batch = []v1alpha1.RolloutTurn{begun("a", 5)}
	if got := Needed(told("r1"), now); !got.HasAll("r1", "r2") {
		t.Errorf("while turns go on, needed are %v", got.UnsortedList())
	}
	if got := Needed(nil, now); got.Len() != 1 || !got.Has("r2") {
		t.Errorf("at first, needed are %v", got.UnsortedList())
	}
}
