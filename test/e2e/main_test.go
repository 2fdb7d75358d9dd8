//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
	_ "time/tzdata" // The plans' dates are civil dates in a named zone.

	"lienthong.gov.vn/connector-operator/hack/stage"
	"lienthong.gov.vn/connector-operator/test/e2e/suite"
	"lienthong.gov.vn/connector-operator/test/harness"
)

const (
	clusterName = "e2e"
	// setPatience bounds how long the 27 Connectors may take to become Ready on a machine that does other work too.
	setPatience = 10 * time.Minute
)

// shared is what TestMain hands to the scenarios.
var shared struct {
	stage   *stage.Stage
	checker *harness.Env
	// setTook is how long it took from the first object in the cluster until all Connectors were Ready.
	setTook time.Duration
	direct  bool
}

func TestMain(m *testing.M) {
	os.Exit(suite.Run(m, clusterName, prepare))
}

func prepare(ctx context.Context, options stage.Options) error {
	s, err := stage.New(ctx, options)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := s.Set(ctx); err != nil {
		return err
	}
	if err := s.AwaitConnectors(ctx, setPatience); err != nil {
		return err
	}
	shared.setTook = time.Since(begin)
	if err := s.AwaitPlans(ctx, setPatience); err != nil {
		return fmt.Errorf("waiting for the plans to be counted: %w", err)
	}
	shared.stage, shared.checker = s, &harness.Env{Client: s.Client}
	shared.direct = reachable(ctx, s)
	return nil
}

// TestRollout runs the scenarios in the order in which they are written here: those that only look come first.
func TestRollout(t *testing.T) {
	for _, scenario := range []struct {
		name string
		run  func(*testing.T)
		// direct scenarios connect to pods and Services from this machine, local ones kill parts of the control plane.
		direct, local bool
	}{
		{name: "ready", run: agenciesAreReady},
		{name: "pods", run: podsAreHardened},
		{name: "documents", run: documentsArrive},
		{name: "forgery", run: forgeryIsRefused, direct: true},
		{name: "tls", run: strangersAreRefused, direct: true},
		{name: "status-port", run: statusIsForTheOperator, direct: true},
		{name: "mistakes", run: mistakesAreNamed},
		{name: "restart", run: restartWritesNothing, direct: true},
		{name: "handover", run: handsOver},
		{name: "hub", run: hubFailsOver, direct: true},
		{name: "hub-slow", run: hubRefusesAndStalls, direct: true},
		{name: "drain", run: podsLeaveWithoutLoss, direct: true},
		{name: "control-plane", run: controlPlaneDies, direct: true, local: true},
		{name: "rotation", run: everyLeafRotates, direct: true},
		{name: "rotation-by-restart", run: leafOfRestartingPodsRotates, direct: true},
		{name: "revocation", run: revocationsReachEveryGateway, direct: true},
		{name: "unbinding", run: unboundNamespaceLosesItsIdentity, direct: true},
		{name: "rollover", run: authorityRollsOver, direct: true},
		{name: "removal", run: removalLeavesNothing},
	} {
		t.Run(scenario.name, func(t *testing.T) {
			if scenario.direct && !shared.direct {
				t.Skip("the pods of this cluster cannot be reached from this machine")
			}
			if scenario.local && shared.stage.Kubeconfig != localKubeconfig() {
				t.Skip("only the control plane of the local cluster is killed")
			}
			begin := time.Now()
			// Nested, so that what the scenario put up is taken down before the stage is looked at.
			t.Run("scenario", scenario.run)
			everythingIsReady(t)
			measuredf(t, "the scenario %s took %s", scenario.name, round(time.Since(begin)))
		})
	}
}
