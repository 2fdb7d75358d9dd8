package rollover

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func pausedMessage(count, maxFailures, failures string) string {
	return fmt.Sprintf("No turn begins, because %s not get through (rollover.maxFailures is %s). It goes on by itself once they work; "+
		"help them, pause them, or raise maxFailures. %s", count, maxFailures, failures)
}

func TestFailures(t *testing.T) {
	const noAnchor = "Its new certificate from ClusterIssuer new ends in no anchor of trustAnchors. Replace the certification authority behind the issuer " +
		"and renew the Connector by the annotation lienthong.gov.vn/renew-requested-at, or put the authority's anchor into trustAnchors."
	const late = "It has no certificate from ClusterIssuer new after 10m0s. Look at its Certificate, and at the issuer."
	const unloaded = "Not all its pods serve the new certificate after 10m0s. Look at its pods."
	const lost = "The hub is not reached."
	judge(t, map[string]planCase{
		"a problem stops those who have not begun": {anchors: anchors(trusted, trusted), policy: policy(3, 1),
			members: []Member{member("a", old, broken), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 5)),
			want: outcome{Phase: "Reissuing", Reason: "RolloverPaused", Batch: "a", Failed: "a: " + lost,
				Message: pausedMessage("1 Connector does", "1", "g12/a: "+lost)}},
		"also once it has its certificate": {anchors: anchors(trusted, trusted), policy: policy(3, 1),
			members: []Member{member("a", broken), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 5)),
			want: outcome{Phase: "Reissuing", Reason: "RolloverPaused", Batch: "a", Failed: "a: " + lost,
				Message: pausedMessage("1 Connector does", "1", "g12/a: "+lost)}},
		"as many as the policy bears": {anchors: anchors(trusted, trusted), policy: policy(3, 2),
			members: []Member{member("a", old, broken), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 5)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "a b", Failed: "a: " + lost, Next: 10*time.Minute + time.Millisecond,
				Message: "0 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/a, g12/b."}},
		"who did not work before goes last, and no more of them than may fail": {anchors: anchors(trusted, trusted), policy: policy(5, 1),
			members: []Member{member("a", old, broken), member("b", old, broken), member("c", old)},
			want: outcome{Phase: "Reissuing", Reason: "RolloverPaused", Batch: "c a", Failed: "a: " + lost, Next: 10*time.Minute + time.Millisecond,
				Message: pausedMessage("1 Connector does", "1", "g12/a: "+lost)}},
		"no certificate in time": {anchors: anchors(trusted, trusted), policy: policy(3, 1),
			members: []Member{member("a", old), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 601)),
			want: outcome{Phase: "Reissuing", Reason: "RolloverPaused", Batch: "a", Failed: "a: " + late,
				Message: pausedMessage("1 Connector does", "1", "g12/a: "+conditionsCut(late))}},
		"pods that do not serve it in time": {anchors: anchors(trusted, trusted), policy: policy(3, 1),
			members: []Member{member("a", unserved)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 601)),
			want: outcome{Phase: "Reissuing", Reason: "RolloverPaused", Batch: "a", Failed: "a: " + unloaded,
				Message: pausedMessage("1 Connector does", "1", "g12/a: "+unloaded)}},
		"at the very end of its time it has not failed": {anchors: anchors(trusted, trusted), policy: policy(1, 1),
			members: []Member{member("a", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 600)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "a", Next: time.Millisecond,
				Message: "0 of 1 Connector serves a certificate from ClusterIssuer new in all pods. It is the turn of g12/a."}},
		"the authority behind the issuer was not replaced": {anchors: anchors(held, trusted), policy: policy(3, 1),
			members: []Member{member("a", authority("o")), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 5)),
			want: outcome{Phase: "Reissuing", Reason: "RolloverPaused", Batch: "a", Failed: "a: " + noAnchor,
				Message: pausedMessage("1 Connector does", "1", "g12/a: "+conditionsCut(noAnchor))}},
		"a certificate that the issuer before renewed is no failure": {anchors: anchors(held, trusted), policy: policy(1, 1),
			members: []Member{member("a", old, func(m *Member) { m.Serial = "9" })}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 60)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "a", Next: 9*time.Minute + time.Millisecond,
				Message: "0 of 1 Connector serves a certificate from ClusterIssuer new in all pods. It is the turn of g12/a."}},
		"healed, it goes on": {anchors: anchors(trusted, trusted), policy: policy(1, 1),
			members: []Member{member("a"), member("b", old)}, before: before(v1alpha1.RolloverReissuing, 2, begun("a", 6000)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "b", Next: 10*time.Minute + time.Millisecond,
				Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/b."}},
	})
}

// conditionsCut is how much of one failure stands in the condition.
func conditionsCut(message string) string {
	if len(message) <= 170 {
		return message
	}
	return message[:167] + "…"
}

func TestFailedIsBounded(t *testing.T) {
	f := Fleet{Now: epoch, Issuer: v1alpha1.IssuerReference{Name: "new"}, Anchors: anchors(trusted, trusted), Policy: policy(20, 20)}
	for _, letter := range strings.Split("abcdefghijklmnopqrst", "") {
		f.Members = append(f.Members, member(letter, old, func(m *Member) { m.Problem = strings.Repeat("é", 400) }))
	}
	got := Plan(f).Status
	if len(got.Batch) != 20 || len(got.Failed) != 16 {
		t.Fatalf("%d turns and %d failures, want 20 and 16", len(got.Batch), len(got.Failed))
	}
	if n := len(got.Failed[0].Message); n > 512 || n < 500 {
		t.Errorf("the message has %d bytes, want at most 512", n)
	}
}

func TestRetiring(t *testing.T) {
	heldBy := "Anchor root-2026 was removed from trustAnchors and stays in force, because "
	own := " The newest certificates of these Connectors are of other authorities: see that the hub's own certificate is, too, and wait until rollover.quietPeriod has passed."
	soon := "Anchor root-2026 was removed from trustAnchors and nobody is known to rely on it; it leaves when that has been so for 30s."
	done := "1 of 1 Connector serves a certificate from ClusterIssuer new in all pods."
	judge(t, map[string]planCase{
		"gateways see it at the hub": {anchors: anchors(held, trusted), members: []Member{member("a", uses("no")), member("b", uses("no")), member("c")},
			want: outcome{Phase: "Retiring", Reason: "Retiring", Message: heldBy + "2 Connectors rely on it (g12/a, g12/b)." + own}},
		"a paused one has a certificate of it": {anchors: anchors(held, trusted), members: []Member{member("a"), member("b", old, excluded)},
			want: outcome{Phase: "Retiring", Reason: "Retiring", Message: heldBy + "1 Connector relies on it (g12/b)."}},
		"the operator": {anchors: anchors(held, trusted), members: []Member{member("a")}, operator: []string{"o"},
			want: outcome{Phase: "Retiring", Reason: "Retiring",
				Message: heldBy + "the operator's own certificate ends in it. Give the operator a certificate of an authority in trustAnchors."}},
		"the operator has another": {anchors: unused(30, anchors(held, trusted)), members: []Member{member("a")}, operator: []string{"o", "n"},
			want: outcome{Phase: "Complete", Reason: "Complete", Drop: "o", Message: done}},
		"nobody": {anchors: unused(30, anchors(held, trusted)), members: []Member{member("a")},
			want: outcome{Phase: "Complete", Reason: "Complete", Drop: "o", Message: done}},
		"nobody is left at all": {anchors: unused(30, anchors(held, trusted)),
			want: outcome{Phase: "Complete", Reason: "Complete", Drop: "o", Message: "No Connector has a certificate yet."}},
		"nobody, as of now: what was issued a moment ago may not be known yet": {anchors: anchors(held, trusted), members: []Member{member("a")},
			want: outcome{Phase: "Retiring", Reason: "Retiring", Message: soon, Next: 30 * time.Second}},
		"nor a paused one whose renewal may not be known": {anchors: unused(1, anchors(held, trusted)), members: []Member{member("a"), member("b", excluded, unserved)},
			want: outcome{Phase: "Retiring", Reason: "Retiring", Message: soon, Next: 29 * time.Second}},
		"somebody again: its time begins anew": {anchors: unused(30, anchors(held, trusted)), members: []Member{member("a"), member("b", uses("no"), excluded)},
			want: outcome{Phase: "Retiring", Reason: "Retiring", Message: heldBy + "1 Connector relies on it (g12/b)." + own}},
		"a gateway was not seen lately": {anchors: anchors(held, trusted), members: []Member{member("a"), member("b", behind), member("c", bare)}, before: before(v1alpha1.RolloverRetiring, 1),
			want: outcome{Phase: "Retiring", Reason: "Retiring", Message: "Anchor root-2026 was removed from trustAnchors and nobody is known to rely on it; " +
				"it leaves when all gateways have told what they rely on, and this waits for g12/b, g12/c."}},
		"nobody can tell what the hub shows": {anchors: anchors(held, trusted), members: []Member{member("a", broken)},
			want: outcome{Phase: "Retiring", Reason: "Retiring", Message: "Anchor root-2026 was removed from trustAnchors and nobody is known to rely on it; " +
				"it leaves when a Connector is linked to the hub again, and so sees what the hub shows."}},
		"not while somebody has to move": {anchors: anchors(held, trusted), policy: policy(1, 1), members: []Member{member("a"), member("b", authority("x"))},
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "b", Next: 10*time.Minute + time.Millisecond,
				Message: "1 of 2 Connectors serve a certificate from ClusterIssuer new in all pods. It is the turn of g12/b."}},
		"nor while a turn is open": {anchors: anchors(held, trusted), policy: policy(1, 1), members: []Member{member("a", unserved)},
			before: before(v1alpha1.RolloverReissuing, 1, begun("a", 60)),
			want: outcome{Phase: "Reissuing", Reason: "Reissuing", Batch: "a", Next: 9*time.Minute + time.Millisecond,
				Message: "0 of 1 Connector serves a certificate from ClusterIssuer new in all pods. It is the turn of g12/a."}},
	})
}

func TestCounts(t *testing.T) {
	d := Plan(Fleet{
		Now: epoch.Add(700 * time.Millisecond), Issuer: v1alpha1.IssuerReference{Name: "new"}, Anchors: anchors(held, trusted), Policy: policy(1, 1),
		Members: []Member{
			member("a"), member("b", old), member("c", old), member("d", old, excluded, behind), member("e", bare), member("f", uses("nox"), unserved),
		},
		Operator: []string{"o", "x"},
	})
	want := v1alpha1.RolloverStatus{
		Phase: v1alpha1.RolloverReissuing, IssuerRef: &v1alpha1.IssuerReference{Name: "new"}, Trusting: new(int32(4)), Reissued: new(int32(1)), Waiting: new(int32(1)),
		Batch: []v1alpha1.RolloverTurn{{Namespace: "g12", Name: "b", FromSerialNumber: "1b", Since: metav1.NewTime(epoch)}},
	}
	if diff := cmp.Diff(want, d.Status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int32{"o": 5, "n": 2}, d.Uses); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

func TestTurn(t *testing.T) {
	hub := &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Generation: 3}}
	hub.Status.ObservedGeneration = 3
	if Turn(hub, "g12", "a") != nil {
		t.Error("a hub without a rollover gives a turn")
	}
	hub.Status.Rollover = before(v1alpha1.RolloverReissuing, 1, begun("b", 5), begun("a", 5))
	if got := Turn(hub, "g12", "a"); got == nil || got.FromSerialNumber != "1a" {
		t.Errorf("the turn of a is %v", got)
	}
	for _, other := range []string{"c", "B"} {
		if got := Turn(hub, "g12", other); got != nil {
			t.Errorf("the turn of %s is %v", other, got)
		}
	}
	if Turn(hub, "h29", "a") != nil {
		t.Error("the turn counts in another namespace")
	}
	hub.Generation = 4
	if Turn(hub, "g12", "a") != nil {
		t.Error("a status of the spec before gives a turn")
	}
}

// Issuers that differ in what the API would have filled in are the same.
func TestSameIssuer(t *testing.T) {
	whole := v1alpha1.IssuerReference{Name: "new", Kind: "ClusterIssuer", Group: "cert-manager.io"}
	for other, want := range map[v1alpha1.IssuerReference]bool{
		{Name: "new"}:                        true,
		{Name: "old"}:                        false,
		{Name: "new", Kind: "AWSPCAIssuer"}:  false,
		{Name: "new", Group: "awspca.io"}:    false,
		{Name: "new", Kind: "ClusterIssuer"}: true,
	} {
		if got := same(whole, other); got != want {
			t.Errorf("%v is the same: %v", other, got)
		}
	}
	if got := describe(v1alpha1.IssuerReference{Name: "x", Kind: "AWSPCAClusterIssuer"}); got != "AWSPCAClusterIssuer x" {
		t.Errorf("it is called %s", got)
	}
}
