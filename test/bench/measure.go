package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

const (
	authority = "bench-authority"
	// patience is far more than anything takes on a busy machine.
	patience = 15 * time.Minute
	// deletions is how many children are deleted in each storm, and restarts how often a new Connector is created after one.
	deletions, restarts = 10, 3
	// afterRestart is how long a restarted operator is watched once it has looked at everything.
	afterRestart = 10 * time.Second
)

// stage is where it is measured.
type stage struct {
	*harness.Env
	options
	fleet   *fleet.Fleet
	lookout *fleet.Lookout
	// hands has the operator's permissions and creates what the operator would.
	hands client.Client
}

// measure lets the bare client and the operator take turns, so that what else the machine does meets both, and then puts the
// operator of the last turn through the rest of its life.
func measure(ctx context.Context, env *harness.Env, o options) (report *Report, err error) {
	s, err := newStage(ctx, env, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.fleet.DeletePlatform(ctx, env.Client)) }()
	report = newReport(o)
	for round := range o.rounds {
		bare, err := s.bare(ctx)
		if err != nil {
			return nil, fmt.Errorf("measuring the bare client: %w", err)
		}
		report.Bare = append(report.Bare, bare)
		operator, err := startChild(ctx, env.Kubeconfig, o.size)
		if err != nil {
			return nil, err
		}
		created, err := s.create(ctx, operator)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("measuring the operator: %w", err), operator.Stop())
		}
		report.Operator = append(report.Operator, created)
		if round == o.rounds-1 {
			// The children that it starts and stops are its own affair.
			return report, s.live(ctx, operator, report)
		}
		if err := errors.Join(operator.Stop(), s.clear(ctx)); err != nil {
			return nil, err
		}
	}
	return report, nil
}

func newStage(ctx context.Context, env *harness.Env, o options) (*stage, error) {
	anchor, err := env.Authority(ctx, authority)
	if err != nil {
		return nil, err
	}
	s := &stage{Env: env, options: o, fleet: fleet.New("bench", authority, anchor, o.size)}
	if err := s.fleet.CreatePlatform(ctx, env.Client); err != nil {
		return nil, err
	}
	if s.lookout, err = fleet.Watch(ctx, env); err != nil {
		return nil, err
	}
	config := rest.CopyConfig(env.OperatorConfig())
	if s.hands, err = client.New(config, client.Options{Scheme: env.Scheme}); err != nil {
		return nil, fmt.Errorf("making the bare client: %w", err)
	}
	return s, nil
}

func progressf(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

// bare creates the fleet by a client that does nothing else. What a person creates it creates too, the Connectors, because the clock of the
// operator's turn runs while a person creates those: so both turns end with the same objects. No operator runs meanwhile. As the operator does, it
// works on fleet.Concurrency Connectors at once, with the same permissions, encoding and builders; it looks at nothing, but approves what comes, and
// reports nothing.
func (s *stage) bare(ctx context.Context) (turn Turn, err error) {
	approving, stop := context.WithCancel(ctx)
	approved := make(chan error, 1)
	go func() { approved <- s.approve(approving) }()
	defer func() {
		stop()
		err = errors.Join(err, <-approved)
	}()
	begin := time.Now()
	err = s.fleet.Each(ctx, func(ctx context.Context, connector *v1alpha1.Connector) error {
		if err := s.Client.Create(ctx, connector); err != nil {
			return fmt.Errorf("creating Connector %s: %w", client.ObjectKeyFromObject(connector), err)
		}
		objects, err := s.fleet.Objects(ctx, s.Client, connector)
		if err != nil {
			return err
		}
		for _, object := range objects {
			if err := s.hands.Create(ctx, object); err != nil {
				return fmt.Errorf("creating %T %s: %w", object, client.ObjectKeyFromObject(object), err)
			}
		}
		return nil
	})
	if err != nil {
		return Turn{}, err
	}
	if turn, err = s.await(ctx, begin); err != nil {
		return Turn{}, err
	}
	progressf("bare client: last child after %.1f s, all issued and available after %.1f s", turn.LastChild, turn.Provisioned)
	return turn, s.clear(ctx)
}

// create lets a person create the Connectors, fleet.Concurrency at once, and the running operator the rest.
func (s *stage) create(ctx context.Context, operator *child) (OperatorTurn, error) {
	var turn OperatorTurn
	if err := trial.Settle(ctx, operator, patience); err != nil {
		return turn, err
	}
	before, err := operator.Calls()
	if err != nil {
		return turn, err
	}
	idle, _, err := operator.usage()
	if err != nil {
		return turn, err
	}
	begin := time.Now()
	if err := s.fleet.CreateConnectors(ctx, s.Client); err != nil {
		return turn, err
	}
	if turn.Turn, err = s.await(ctx, begin); err != nil {
		return turn, err
	}
	if err := trial.Settle(ctx, operator, patience); err != nil {
		return turn, err
	}
	list, err := operator.Calls()
	if err != nil {
		return turn, err
	}
	cpu, peak, err := operator.usage()
	if err != nil {
		return turn, err
	}
	turn.count(list[len(before):], s.size.Connectors())
	turn.CPU, turn.PeakMiB = (cpu - idle).Seconds(), peak
	progressf("operator: last child after %.1f s, all issued and available after %.1f s", turn.LastChild, turn.Provisioned)
	return turn, nil
}

func (s *stage) await(ctx context.Context, begin time.Time) (Turn, error) {
	n := s.size.Connectors()
	if err := fleet.Await(ctx, patience, func() error { return s.lookout.Provisioned(ctx, n) }); err != nil {
		return Turn{}, err
	}
	provisioned := time.Since(begin)
	_, last := s.lookout.Children()
	return Turn{LastChild: last.Sub(begin).Seconds(), Provisioned: provisioned.Seconds()}, nil
}

// clear deletes the fleet, and waits until nothing of it is left.
func (s *stage) clear(ctx context.Context) error {
	if err := s.fleet.DeleteConnectors(ctx, s.Client); err != nil {
		return err
	}
	return fleet.Await(ctx, patience, func() error { return s.lookout.Empty(ctx) })
}

// live takes the operator through idleness, storms and restarts. It stops the operator.
func (s *stage) live(ctx context.Context, operator *child, report *Report) (err error) {
	// Whichever is the last one that runs.
	defer func() { err = errors.Join(err, operator.Stop()) }()
	progressf("watching an idle operator for %s", s.idle)
	made, err := trial.Observe(ctx, operator, s.idle)
	if err != nil {
		return err
	}
	report.Idle = Quiet{Seconds: s.idle.Seconds(), Writes: len(calls.Writes(made))}
	for _, storm := range []trial.Storm{
		trial.EditConnectors(s.Client, s.lookout, s.fleet), trial.EditHub(s.Client, s.lookout, s.fleet),
	} {
		progressf("deleting children: %s", storm.Name)
		repairs, err := trial.Repairs(ctx, operator, s.Client, s.lookout, s.fleet, storm, deletions)
		if err != nil {
			return err
		}
		report.Repairs = append(report.Repairs, newRepairs(storm.Name, repairs))
		if err := trial.Settle(ctx, operator, patience); err != nil {
			return err
		}
	}
	cpu, peak, err := operator.usage()
	if err != nil {
		return err
	}
	report.LifeCPU, report.LifePeakMiB = cpu.Seconds(), peak
	progressf("restarting the operator")
	begin := time.Now()
	if operator, err = s.restart(ctx, operator); err != nil {
		return err
	}
	restarted, err := trial.Watch(ctx, operator, s.size, begin, afterRestart)
	if err != nil {
		return err
	}
	report.Restart = Quiet{Seconds: (restarted.Looked + afterRestart).Seconds(), Writes: len(calls.Writes(restarted.Calls))}
	for i := range restarts {
		if operator, err = s.restart(ctx, operator); err != nil {
			return err
		}
		took, err := trial.Serve(ctx, s.Client, s.lookout, s.fleet.Extra(fmt.Sprintf("new-%d", i)))
		if err != nil {
			return err
		}
		report.Served = append(report.Served, took.Seconds())
	}
	return nil
}

func (s *stage) restart(ctx context.Context, running *child) (*child, error) {
	if err := running.Stop(); err != nil {
		return running, err
	}
	return startChild(ctx, s.Kubeconfig, s.size)
}
