package scale

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

const (
	// budget is how many calls a Connector may cost at its creation: one per child, two for its status, and one to approve its
	// certificate.
	budget = desired.Children + 3
	// idle is how long nothing may be written when nothing happens.
	idle = 60 * time.Second
	// afterRestart is how long nothing may be written once a restarted operator has looked at everything.
	afterRestart = 10 * time.Second
	// deletions is how many children are deleted in each storm: each kind at least once.
	deletions = 10
	// Times that are promised. They are compared with the median of several tries, because the machine that runs tests may be
	// busy with others; each try is printed.
	repairWithin, serveWithin = time.Second, 2 * time.Second
	// patience is far more than anything takes on a busy machine.
	patience = 5 * time.Minute
	// decision is the call by which the operator approves or denies a request.
	decision = "patch certificaterequests.cert-manager.io/status"
)

// TestScale takes a fleet through its life with one operator after the other; each step begins where the one before ended.
func TestScale(t *testing.T) {
	w := newWorld(t)
	for _, step := range []struct {
		name string
		run  func(*testing.T, *world)
	}{
		{"Create", create},
		{"Idle", rest},
		{"Renew", renew},
		{"RepairWhileConnectorsAreEdited", func(t *testing.T, w *world) { repair(t, w, trial.EditConnectors(w.Client, w.lookout, w.fleet)) }},
		{"RepairWhileHubIsEdited", func(t *testing.T, w *world) { repair(t, w, trial.EditHub(w.Client, w.lookout, w.fleet)) }},
		{"Restart", restart},
		{"ServeAfterRestart", serve},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(t, w) }) {
			t.Fatal("the next step needs this one")
		}
	}
}

func create(t *testing.T, w *world) {
	// The platform is settled before the first Connector comes, so that what is counted is the Connectors' doing.
	w.settle(t)
	before := len(w.calls(t))
	begin := time.Now()
	if err := w.fleet.CreateConnectors(t.Context(), w.Client); err != nil {
		t.Fatal(err)
	}
	n := w.fleet.Connectors()
	w.await(t, func(ctx context.Context) error { return w.lookout.Provisioned(ctx, n) })
	_, last := w.lookout.Children()
	w.await(t, func(ctx context.Context) error { return w.lookout.Ready(ctx, n) })
	took := time.Since(begin)
	w.settle(t)

	made := w.calls(t)[before:]
	t.Logf("%d Connectors: last child after %s, all ready after %s; calls:\n%s", n, last.Sub(begin), took, calls.Format(calls.ByClass(made)))
	checkBudget(t, w, made, n)
	checkReads(t, made)
	checkCounters(t, w, made)
}

// checkBudget checks the calls of each single Connector.
func checkBudget(t *testing.T, w *world, made []calls.Call, n int) {
	t.Helper()
	owned := calls.ByOwner(made)
	if len(owned) != n {
		t.Errorf("there were calls about %d Connectors, want %d", len(owned), n)
	}
	distribution, over := map[int]int{}, []string(nil)
	for connector, own := range owned {
		distribution[len(own)]++
		if len(own)-repeatedRequests(t, w, own) > budget {
			over = append(over, fmt.Sprintf("Connector %s cost %d calls, want at most %d:%s", connector, len(own), budget, list(own)))
		}
	}
	t.Logf("calls per Connector (budget %d): %v", budget, distribution)
	if len(over) > 0 {
		t.Errorf("%d Connectors cost too many calls, the first of them:\n%s", len(over), strings.Join(over[:min(len(over), 3)], "\n"))
	}
}

// repeatedRequests counts what the requests beyond the first cost that cert-manager made for a Connector: under load it asks for one
// twice now and then, with nobody's doing, by another name or, after it deleted the one before, by the same. Each is approved or, if it
// is for the key of the one before, denied, once; and a denial is told in two Events, about the request and about the Connector.
func repeatedRequests(t *testing.T, w *world, own []calls.Call) int {
	t.Helper()
	decided, sum, events := map[types.NamespacedName]int{}, 0, 0
	for i := range own {
		if c := &own[i]; c.Class() == decision && c.Code < http.StatusBadRequest {
			decided[types.NamespacedName{Namespace: c.Namespace, Name: c.Name}]++
			sum++
		} else if c.Class() == "create events.events.k8s.io" {
			events++
		}
	}
	for key, n := range decided {
		if made := w.lookout.Requests(key); n > made {
			t.Errorf("CertificateRequest %s, of which there were %d, was decided %d times", key, made, n)
		}
	}
	repeated := max(sum-1, 0)
	return repeated + min(events, 2*repeated)
}

// unprovoked leaves out the Connectors for which cert-manager asked for a certificate in that time without having been told to: what it asks for
// twice may come late.
func unprovoked(writes []calls.Call) []calls.Call {
	provoked := map[types.NamespacedName]bool{}
	for connector, own := range calls.ByOwner(writes) {
		provoked[connector] = slices.ContainsFunc(own, func(c calls.Call) bool { return c.Class() == decision }) &&
			!slices.ContainsFunc(own, func(c calls.Call) bool { return c.Resource == "certificates.cert-manager.io" })
	}
	return slices.DeleteFunc(slices.Clone(writes), func(c calls.Call) bool {
		return c.Owner != "" && provoked[types.NamespacedName{Namespace: c.Namespace, Name: c.Owner}]
	})
}

// list writes calls, one per line, with what patches said.
func list(made []calls.Call) string {
	var text strings.Builder
	for i := range made {
		fmt.Fprintf(&text, "\n\t%s %s %s", made[i].Start.Format("15:04:05.000"), made[i].String(), made[i].Patch)
	}
	return text.String()
}

// checkReads checks that nothing was read but through watches. Discovery is no read of a resource.
func checkReads(t *testing.T, made []calls.Call) {
	t.Helper()
	for _, c := range calls.Reads(made) {
		t.Errorf("the operator read from the API server: %s", c.String())
	}
}

// checkCounters bounds the writes of those that count Connectors. Each of them gathers events for at least a second before it
// reconciles an object, so it cannot write that object more often than once a second, and two more for the ends. An Agency
// has nothing to write but what its own Connectors brought about, each of which changes at most three times.
func checkCounters(t *testing.T, w *world, made []calls.Call) {
	t.Helper()
	seconds := int(made[len(made)-1].End.Sub(made[0].Start)/time.Second) + 2
	perAgency := min(3*w.fleet.Sites+2, seconds)
	counts := calls.ByClass(made)
	for resource, most := range map[string]int{
		"agencies": w.fleet.Agencies * perAgency, "exchangehubs": seconds, "rolloutplans": seconds,
		"securityprofiles": seconds, "connectorclasses": seconds,
	} {
		class := "patch " + resource + ".lienthong.gov.vn/status"
		if counts[class] > most {
			t.Errorf("%d times %s, want at most %d", counts[class], class, most)
		}
	}
}

// rest also runs past the questions that the operator asks every pod, about each quarter of a minute.
func rest(t *testing.T, w *world) {
	w.gateways.Forget()
	made, err := trial.Observe(t.Context(), w.operator, idle)
	if err != nil {
		t.Fatal(err)
	}
	if writes := unprovoked(calls.Writes(made)); len(writes) > 0 {
		t.Errorf("an idle operator wrote: %s", list(writes))
	}
	if pods := w.fleet.Connectors() * fleet.Replicas; w.gateways.Asked(1) != pods {
		t.Errorf("of %d pods %d were asked meanwhile", pods, w.gateways.Asked(1))
	}
	t.Logf("%s idle: %d writes, %d calls in all", idle, len(calls.Writes(made)), len(made))
}

func repair(t *testing.T, w *world, storm trial.Storm) {
	repairs, err := trial.Repairs(t.Context(), w.operator, w.Client, w.lookout, w.fleet, storm, deletions)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range repairs {
		t.Logf("%-20s back after %8s (asked for after %s, created after %s) while %3d Connectors were still to be changed",
			r.Kind, r.Took.Round(time.Millisecond), r.Asked.Round(time.Millisecond), r.Answered.Round(time.Millisecond), r.Pending)
		if r.Pending == 0 {
			t.Errorf("%s came back only when the change had reached every Connector", r.Kind)
		}
	}
	took := trial.Took(repairs)
	t.Logf("%s: median %s, slowest %s", storm.Name, trial.Median(took), slices.Max(took))
	if median := trial.Median(took); median > repairWithin {
		t.Errorf("%s: half of the children took more than %s to come back, want at most %s", storm.Name, median, repairWithin)
	}
	n := w.fleet.Connectors()
	w.await(t, func(ctx context.Context) error { return w.lookout.Provisioned(ctx, n) })
	w.await(t, func(ctx context.Context) error { return w.lookout.Ready(ctx, n) })
	w.settle(t)
}

func restart(t *testing.T, w *world) {
	w.stop(t)
	before, err := trial.Versions(t.Context(), w.Client)
	if err != nil {
		t.Fatal(err)
	}
	w.gateways.Forget()
	begin := time.Now()
	w.start(t)
	got, err := trial.Watch(t.Context(), w.operator, w.fleet.Size, begin, afterRestart)
	if err != nil {
		t.Fatal(err)
	}
	if writes := calls.Writes(got.Calls); len(writes) > 0 {
		t.Errorf("a restarted operator wrote: %s", list(writes))
	}
	if pods := w.fleet.Connectors() * fleet.Replicas; w.gateways.Asked(1) != pods {
		t.Errorf("of %d pods %d were asked after the restart", pods, w.gateways.Asked(1))
	}
	after, err := trial.Versions(t.Context(), w.Client)
	if err != nil {
		t.Fatal(err)
	}
	for object, version := range before {
		if after[object] != version {
			t.Errorf("%s went from version %s to %q", object, version, after[object])
		}
	}
	t.Logf("%d objects unchanged; looked at everything after %s; calls:\n%s", len(before), got.Looked, calls.Format(calls.ByClass(got.Calls)))
}

func serve(t *testing.T, w *world) {
	var took []time.Duration
	for i := range 3 {
		w.stop(t)
		w.start(t)
		d, err := trial.Serve(t.Context(), w.Client, w.lookout, w.fleet.Extra(fmt.Sprintf("new-%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		looked := "while the fleet was still looked at"
		if w.operator.Looked(w.fleet.Size) == nil {
			looked = "when the fleet had been looked at"
		}
		t.Logf("a new Connector has all its children after %s, %s", d, looked)
		took = append(took, d)
	}
	if median := trial.Median(took); median > serveWithin {
		t.Errorf("a new Connector was served %s after a restart, want at most %s", median, serveWithin)
	}
}
