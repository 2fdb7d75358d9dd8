package rollover

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	trusted    = v1alpha1.TrustAnchorTrusted
	held       = v1alpha1.TrustAnchorHeld
	distrusted = v1alpha1.TrustAnchorDistrusted
)

// member describes a Connector: its name, and what is other than in one that is through with the issuer "new".
func member(name string, others ...func(*Member)) Member {
	m := Member{
		Namespace: "g12", Name: name, Trusting: true, HasCertificate: true, Issuer: v1alpha1.IssuerReference{Name: "new"},
		Serial: "2" + name, Authority: "n", Served: true, Uses: []string{"n"}, Eligible: true,
	}
	for _, other := range others {
		other(&m)
	}
	return m
}

// old has a certificate of the issuer before.
func old(m *Member) {
	m.Issuer.Name, m.Serial, m.Authority, m.Uses = "old", "1"+m.Name, "o", []string{"o"}
}
func behind(m *Member)   { m.Trusting = false }
func unserved(m *Member) { m.Served = false }
func renewed(m *Member)  { m.Renewed = true }
func excluded(m *Member) { m.Excluded = true }
func closed(m *Member)   { m.Eligible = false }
func bare(m *Member)     { *m = Member{Namespace: m.Namespace, Name: m.Name} }
func broken(m *Member)   { m.Problem = "The hub is not reached." }
func uses(anchors string) func(*Member) {
	return func(m *Member) { m.Uses = strings.Split(anchors, "") }
}

// authority has the issuer sign by another anchor, or by none.
func authority(anchor string) func(*Member) {
	return func(m *Member) { m.Authority = anchor }
}

func anchors(o, n v1alpha1.TrustAnchorState) []Anchor {
	var list []Anchor
	for _, a := range []Anchor{
		{Fingerprint: "o", Name: "root-2026", State: o, Was: o}, {Fingerprint: "n", Name: "root-2031", State: n, Was: n},
	} {
		if a.State != "" {
			list = append(list, a)
		}
	}
	return list
}

// unused has the Held anchors ready to leave since some seconds ago.
func unused(ago int, anchors []Anchor) []Anchor {
	for i := range anchors {
		if anchors[i].State == held {
			anchors[i].UnusedSince = epoch.Add(-time.Duration(ago) * time.Second)
		}
	}
	return anchors
}

// was is what an anchor was before.
func was(fingerprint string, state v1alpha1.TrustAnchorState, anchors []Anchor) []Anchor {
	for i := range anchors {
		if anchors[i].Fingerprint == fingerprint {
			anchors[i].Was = state
		}
	}
	return anchors
}

// askedFor has the hub have asked for another issuer when its status was written.
func askedFor(issuer string, before *v1alpha1.RolloverStatus) *v1alpha1.RolloverStatus {
	before.IssuerRef = &v1alpha1.IssuerReference{Name: issuer}
	return before
}

// begun is the turn of a Connector that had a certificate of the issuer before, some seconds ago.
func begun(name string, ago int) v1alpha1.RolloverTurn {
	return v1alpha1.RolloverTurn{
		Namespace: "g12", Name: name, FromSerialNumber: "1" + name, Since: metav1.NewTime(epoch.Add(-time.Duration(ago) * time.Second)),
	}
}

func before(phase v1alpha1.RolloverPhase, trusting int32, batch ...v1alpha1.RolloverTurn) *v1alpha1.RolloverStatus {
	return &v1alpha1.RolloverStatus{Phase: phase, Trusting: &trusting, Batch: batch}
}

func policy(batch, failures int32) v1alpha1.RolloverPolicy {
	return v1alpha1.RolloverPolicy{BatchSize: batch, MaxFailures: failures, Timeout: metav1.Duration{Duration: 10 * time.Minute}}
}

type outcome struct {
	Phase, Reason, Message, Batch, Failed, Drop string
	Next                                        time.Duration
}

func outcomeOf(d Decision) outcome {
	o := outcome{Phase: string(d.Status.Phase), Reason: d.Condition.Reason, Message: d.Condition.Message, Drop: strings.Join(d.Drop, " "), Next: d.Next}
	var batch, failed []string
	for _, t := range d.Status.Batch {
		batch = append(batch, t.Name)
	}
	for _, f := range d.Status.Failed {
		failed = append(failed, f.Name+": "+f.Message)
	}
	o.Batch, o.Failed = strings.Join(batch, " "), strings.Join(failed, " ")
	return o
}

type planCase struct {
	anchors  []Anchor
	policy   v1alpha1.RolloverPolicy
	members  []Member
	before   *v1alpha1.RolloverStatus
	operator []string
	want     outcome
}

func judge(t *testing.T, tests map[string]planCase) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := Plan(Fleet{
				Now: epoch, Issuer: v1alpha1.IssuerReference{Name: "new", Kind: "ClusterIssuer", Group: "cert-manager.io"},
				Anchors: tt.anchors, Policy: tt.policy, Members: tt.members, Before: tt.before, Operator: tt.operator,
			})
			if diff := cmp.Diff(tt.want, outcomeOf(d)); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
			if complete := d.Status.Phase == v1alpha1.RolloverComplete; complete != (d.Condition.Status == metav1.ConditionTrue) {
				t.Errorf("the phase is %s and the condition %s", d.Status.Phase, d.Condition.Status)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	unusedOld := " Anchor root-2026 is used by nobody: remove it from trustAnchors, or, if it is the new one, change issuerRef."
	all := "2 of 2 Connectors serve a certificate from ClusterIssuer new in all pods."
	judge(t, map[string]planCase{
		"a hub without connectors": {anchors: anchors(trusted, trusted),
			want: outcome{Phase: "Complete", Reason: "Complete", Message: "No Connector has a certificate yet."}},
		"steady": {anchors: anchors("", trusted), members: []Member{member("a"), member("b")},
			want: outcome{Phase: "Complete", Reason: "Complete", Message: all}},
		"a new connector does not begin a rollover": {anchors: anchors("", trusted), members: []Member{member("a"), member("b", behind, unserved), member("c", bare)},
			before: before(v1alpha1.RolloverComplete, 1),
			want:   outcome{Phase: "Complete", Reason: "Complete", Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods."}},
		"nor does it beside an anchor that nobody uses": {anchors: anchors(trusted, trusted), members: []Member{member("a"), member("b", behind, unserved)},
			before: before(v1alpha1.RolloverComplete, 1),
			want:   outcome{Phase: "Complete", Reason: "Complete", Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods." + unusedOld}},
		"an anchor that nobody uses any more": {anchors: anchors(trusted, trusted), members: []Member{member("a"), member("b")},
			before: before(v1alpha1.RolloverReissuing, 2),
			want:   outcome{Phase: "Complete", Reason: "Complete", Message: all + unusedOld}},
		"the operator uses it": {anchors: anchors(trusted, trusted), members: []Member{member("a"), member("b")}, operator: []string{"o"},
			want: outcome{Phase: "Complete", Reason: "Complete", Message: all}},
		"who is paused with an old certificate holds up nothing": {anchors: anchors(trusted, trusted), members: []Member{member("a"), member("b", old, excluded)},
			want: outcome{Phase: "Complete", Reason: "Complete", Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods."}},
	})
}

func TestDistributing(t *testing.T) {
	judge(t, map[string]planCase{
		"nobody's turn begins while a gateway has not loaded the anchors": {anchors: anchors(trusted, trusted), policy: policy(10, 1),
			members: []Member{member("a", old), member("b", old, behind), member("c", old)},
			want: outcome{Phase: "Distributing", Reason: "Distributing", Message: "2 of 3 Connectors have loaded the trust anchors in all pods; this waits for g12/b. " +
				"No turn begins before. A Connector whose gateway cannot load them is left out while spec.paused is true."}},
		"turns that began go on": {anchors: anchors(trusted, trusted), policy: policy(10, 1),
			members: []Member{member("a", old), member("b", old, behind)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 60)),
			want: outcome{Phase: "Distributing", Reason: "Distributing", Batch: "a", Next: 9*time.Minute + time.Millisecond,
				Message: "1 of 2 Connectors have loaded the trust anchors in all pods; this waits for g12/b. " +
					"No turn begins before. A Connector whose gateway cannot load them is left out while spec.paused is true."}},
		"who is paused, has nothing yet or is cut off is not waited for": {anchors: anchors(distrusted, trusted), policy: policy(10, 1),
			members: []Member{member("a", old, behind, excluded), member("b", bare), member("c", old, behind, broken)},
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "c", Next: 10*time.Minute + time.Millisecond,
				Message: "0 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/c."}},
		"who is silent since its authority was distrusted is not waited for": {anchors: anchors(distrusted, trusted), policy: policy(10, 1),
			members: []Member{member("c", old, behind, unserved, func(m *Member) { m.Silent = true })},
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "c", Next: 10*time.Minute + time.Millisecond,
				Message: "0 of 1 Connector serves a certificate from ClusterIssuer new in all pods. It is the turn of g12/c."}},
		"a distrusted certificate that no pod serves yet cuts nobody off": {anchors: anchors(distrusted, trusted), policy: policy(10, 1),
			members: []Member{member("a", old, behind)},
			want: outcome{Phase: "Distributing", Reason: "Distributing", Message: "0 of 1 Connector has loaded the trust anchors in all pods; this waits for g12/a. " +
				"No turn begins before. A Connector whose gateway cannot load them is left out while spec.paused is true."}},
		"a new anchor alone": {anchors: anchors(trusted, trusted), before: before(v1alpha1.RolloverComplete, 4),
			members: []Member{member("a", behind), member("b", behind), member("c", behind), member("d", behind), member("e", bare)},
			want: outcome{Phase: "Distributing", Reason: "Distributing",
				Message: "0 of 4 Connectors have loaded the trust anchors in all pods; this waits for g12/a, g12/b, g12/c and 1 more. Change issuerRef when all have."}},
		"a new anchor that takes the bundle from gateways that had it": {anchors: anchors(trusted, trusted), before: before(v1alpha1.RolloverComplete, 2),
			members: []Member{member("a"), member("b", behind, unserved)},
			want: outcome{Phase: "Distributing", Reason: "Distributing",
				Message: "1 of 2 Connectors have loaded the trust anchors in all pods; this waits for g12/b. Change issuerRef when all have."}},
		"a new anchor that a gateway at work lacks": {anchors: anchors(trusted, trusted), before: before(v1alpha1.RolloverComplete, 1),
			members: []Member{member("a"), member("b", behind)},
			want: outcome{Phase: "Distributing", Reason: "Distributing",
				Message: "1 of 2 Connectors have loaded the trust anchors in all pods; this waits for g12/b. Change issuerRef when all have."}},
		"a new anchor while no gateway can be asked": {anchors: anchors(trusted, trusted), before: before(v1alpha1.RolloverComplete, 0),
			members: []Member{member("a", behind, unserved)},
			want: outcome{Phase: "Distributing", Reason: "Distributing",
				Message: "0 of 1 Connector has loaded the trust anchors in all pods; this waits for g12/a. Change issuerRef when all have."}},
		"renewed by the next authority before it has the anchor": {anchors: anchors(trusted, trusted), before: before(v1alpha1.RolloverDistributing, 2),
			members: []Member{member("a", authority("o"), uses("o")), member("b", authority("o"), uses("o")), member("c", behind, unserved, uses("no"))},
			want: outcome{Phase: "Distributing", Reason: "Distributing",
				Message: "2 of 3 Connectors have loaded the trust anchors in all pods; this waits for g12/c. Change issuerRef when all have."}},
		"a renewed one that was paused while the anchor was new": {anchors: anchors(trusted, trusted), before: before(v1alpha1.RolloverComplete, 1),
			members: []Member{member("a"), member("b", behind, unserved, renewed)},
			want: outcome{Phase: "Distributing", Reason: "Distributing",
				Message: "1 of 2 Connectors have loaded the trust anchors in all pods; this waits for g12/b. Change issuerRef when all have."}},
		"a pod that restarts where there is one anchor only lacks nothing": {anchors: anchors("", trusted), before: before(v1alpha1.RolloverComplete, 2),
			members: []Member{member("a"), member("b", behind, unserved)},
			want:    outcome{Phase: "Complete", Reason: "Complete", Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods."}},
		"until the last has it": {anchors: anchors(trusted, trusted), before: before(v1alpha1.RolloverDistributing, 1),
			members: []Member{member("a"), member("b", behind, unserved)},
			want: outcome{Phase: "Distributing", Reason: "Distributing",
				Message: "1 of 2 Connectors have loaded the trust anchors in all pods; this waits for g12/b. Change issuerRef when all have."}},
	})
}

func TestReissuing(t *testing.T) {
	start := 10*time.Minute + time.Millisecond
	judge(t, map[string]planCase{
		"by name, as many as the batch": {anchors: anchors(trusted, trusted), policy: policy(2, 1),
			members: []Member{member("d", old), member("c", old), member("b"), member("a", old)},
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "a c", Next: start,
				Message: "1 of 4 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/a, g12/c. 1 Connector waits for a turn."}},
		"without defaults one at a time, and no time runs out": {anchors: anchors(trusted, trusted),
			members: []Member{member("a", old), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("b", 100000)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "b",
				Message: "0 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/b. 1 Connector waits for a turn."}},
		"who is done makes room": {anchors: anchors(trusted, trusted), policy: policy(1, 1),
			members: []Member{member("a"), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 5)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "b", Next: start,
				Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/b."}},
		"who does not serve it yet does not": {anchors: anchors(trusted, trusted), policy: policy(1, 1),
			members: []Member{member("a", unserved), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 300)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "a", Next: 5*time.Minute + time.Millisecond,
				Message: "0 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/a. 1 Connector waits for a turn."}},
		"who vanished, was paused or begins anew has no turn": {anchors: anchors(trusted, trusted), policy: policy(1, 1),
			members: []Member{member("b", old, excluded), member("c", bare), member("d", old)},
			before:  before(v1alpha1.RolloverReissuing, 2, begun("a", 5), begun("b", 5), begun("c", 5)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "d", Next: start,
				Message: "0 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/d."}},
		"the authority behind the same issuer was replaced": {anchors: anchors(held, trusted), policy: policy(2, 1),
			members: []Member{member("a", authority("o"), uses("no")), member("b")},
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "a", Next: start,
				Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/a."}},
		"maintenance windows": {anchors: anchors(trusted, trusted), policy: policy(2, 1),
			members: []Member{member("a", old, closed), member("b", old)},
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "b", Next: start,
				Message: "0 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/b. 1 Connector waits for a maintenance window: g12/a."}},
		"who is distrusted goes first and through a closed window, and within the batch": {anchors: anchors(distrusted, trusted), policy: policy(2, 1),
			members: []Member{member("a", authority("x")), member("b", old, closed, broken), member("c", old, closed)},
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "b c", Next: start,
				Message: "0 of 3 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/b, g12/c. 1 Connector waits for a turn."}},
		"changed back: a certificate may still be on its way": {anchors: anchors(trusted, trusted), policy: policy(1, 1),
			members: []Member{member("a", func(m *Member) { m.Serial = "1a" }), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 20)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "a", Next: 10 * time.Second,
				Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/a. 1 Connector waits for a turn."}},
		"changed back: the turn is over when that has settled": {anchors: anchors(trusted, trusted), policy: policy(1, 1),
			members: []Member{member("a", broken, func(m *Member) { m.Serial = "1a" }), member("b", old)},
			before:  before(v1alpha1.RolloverReissuing, 2, begun("a", 30)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "b", Next: start,
				Message: "0 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/b."}},
	})
}

// What is asked for may change long after a turn began. A certificate that was asked of the issuer before may come all the same, so the
// turn lasts until that would be known, and whoever has to move after all has its whole time for it.
func TestTurnBeginsAnew(t *testing.T) {
	otherwise := func(m *Member) { m.Serial = "9a" }
	tests := map[string]struct {
		anchors []Anchor
		a       Member
		before  *v1alpha1.RolloverStatus
		// want is the turn of a: how long ago it began, and from which certificate; no serial number for none.
		wantAgo  int
		wantFrom string
	}{
		"nothing changed":                {anchors(trusted, trusted), member("a", old), askedFor("new", before("", 2, begun("a", 300))), 300, "1a"},
		"its issuer was not told before": {anchors(trusted, trusted), member("a", old), before("", 2, begun("a", 300)), 300, "1a"},
		"the issuer was changed back, and it got nothing": {
			anchors(trusted, trusted), member("a"), askedFor("old", before("", 2, begun("a", 300))), 0, "2a",
		},
		"the issuer was changed back, and that has settled": {
			anchors(trusted, trusted), member("a"), askedFor("new", before("", 2, v1alpha1.RolloverTurn{
				Namespace: "g12", Name: "a", FromSerialNumber: "2a", Since: metav1.NewTime(epoch.Add(-settling)),
			})), 0, "",
		},
		"there, back and there again: the certificate of between may be followed by another": {
			anchors(trusted, trusted), member("a", otherwise), askedFor("old", before("", 2, begun("a", 300))), 0, "9a",
		},
		"another issuer, of which it has no certificate either": {
			anchors(trusted, trusted), member("a", old), askedFor("third", before("", 2, begun("a", 300))), 0, "1a",
		},
		"it was right, and has to move back": {
			anchors(trusted, trusted), member("a", old, unserved, otherwise), askedFor("old", before("", 2, begun("a", 300))), 0, "9a",
		},
		"the anchor was put back into the list": {
			was("n", held, anchors(trusted, trusted)), member("a"), askedFor("new", before("", 2, begun("a", 300))), 0, "2a",
		},
		"another anchor was put into the list": {
			was("o", "", anchors(trusted, trusted)), member("a", unserved), askedFor("new", before("", 2, begun("a", 300))), 300, "1a",
		},
		"it got through before the change was seen": {
			anchors(trusted, trusted), member("a"), askedFor("new", before("", 2, begun("a", 300))), 0, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Plan(Fleet{
				Now: epoch, Issuer: v1alpha1.IssuerReference{Name: "new"}, Anchors: tt.anchors, Policy: policy(1, 1),
				Members: []Member{tt.a, member("b", old)}, Before: tt.before,
			}).Status
			if got.IssuerRef == nil || got.IssuerRef.Name != "new" {
				t.Errorf("the turns are for the issuer %v, want new", got.IssuerRef)
			}
			want := []v1alpha1.RolloverTurn{{
				Namespace: "g12", Name: "a", FromSerialNumber: tt.wantFrom, Since: metav1.NewTime(epoch.Add(-time.Duration(tt.wantAgo) * time.Second)),
			}}
			if tt.wantFrom == "" {
				want = []v1alpha1.RolloverTurn{{Namespace: "g12", Name: "b", FromSerialNumber: "1b", Since: metav1.NewTime(epoch)}}
			}
			if diff := cmp.Diff(want, got.Batch); diff != "" {
				t.Errorf("batch (-want +got):\n%s", diff)
			}
		})
	}
}
