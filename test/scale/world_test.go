package scale

import (
	"context"
	"testing"

	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

// world is the fleet and the operator that runs it.
type world struct {
	*harness.Env
	fleet    *fleet.Fleet
	lookout  *fleet.Lookout
	gateways *fleet.Gateways
	operator trial.Operator
	// life is as long as the whole test; steps have contexts of their own.
	life func() context.Context
}

func newWorld(t *testing.T) *world {
	t.Helper()
	env := shared.env
	w := &world{Env: env, life: t.Context, fleet: fleet.New("scale", authority, shared.anchor, fleet.Size{Agencies: 30, Sites: 10})}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx := context.Background()
		if err := w.fleet.DeletePlatform(ctx, env.Client); err != nil {
			t.Error(err)
		}
		if err := fleet.KeepAddresses(ctx, env.Client); err != nil {
			t.Error(err)
		}
	})
	if err := w.fleet.LendAddresses(t.Context(), env.Client); err != nil {
		t.Fatal(err)
	}
	if err := w.fleet.CreatePlatform(t.Context(), env.Client); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.lookout, err = fleet.Watch(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	w.gateways = &fleet.Gateways{Lookout: w.lookout}
	w.start(t)
	t.Cleanup(func() { w.stop(t) })
	return w
}

func (w *world) start(t *testing.T) {
	t.Helper()
	recorder := calls.NewRecorder(w.Scheme, calls.OfConnector)
	recorder.KeepPatches = true
	operator, err := trial.StartInProcess(w.life(), w.OperatorConfig(), recorder, w.gateways, timing())
	if err != nil {
		t.Fatal(err)
	}
	w.operator = operator
}

// timing is the operator's own but for its patience: real gateways become ready only with a certificate, and simulated ones at once, so their
// silence until then means nothing here.
func timing() observe.Timing {
	timing := observe.DefaultTiming()
	timing.Patience = 1 << 20
	return timing
}

func (w *world) stop(t *testing.T) {
	t.Helper()
	if w.operator == nil {
		return
	}
	if err := w.operator.Stop(); err != nil {
		t.Errorf("the operator ended with %v", err)
	}
	w.operator = nil
}

func (w *world) calls(t *testing.T) []calls.Call {
	t.Helper()
	list, err := w.operator.Calls()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (w *world) settle(t *testing.T) {
	t.Helper()
	if err := trial.Settle(t.Context(), w.operator, patience); err != nil {
		t.Fatal(err)
	}
}

func (w *world) await(t *testing.T, check func(context.Context) error) {
	t.Helper()
	if err := fleet.Await(t.Context(), patience, func() error { return check(t.Context()) }); err != nil {
		t.Fatal(err)
	}
}
