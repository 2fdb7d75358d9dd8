package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

// issuers is the namespace in which cert-manager looks for the keys of ClusterIssuers.
const issuers = "cert-manager"

// renewals is the part of the benchmark in which every certificate of a fleet is renewed at once: by the operator for its Connectors,
// and by cert-manager alone for as many Certificates with the same specs. Both lie in the same cluster, and they take turns.
type renewals struct {
	*harness.Env
	fleet    *fleet.Fleet
	lookout  *fleet.Lookout
	gateways *fleet.Gateways
	alone    *trial.Alone
}

// measureRenewals has each of the two begin every other turn, so that what else the machine does, and how full the cluster is, meets both.
func measureRenewals(ctx context.Context, env *harness.Env, o options) (report *RenewalReport, err error) {
	r, err := newRenewals(ctx, env, o.renewed)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.clear(ctx)) }()
	if err := r.create(ctx); err != nil {
		return nil, err
	}
	report = &RenewalReport{
		At: time.Now().UTC().Truncate(time.Second), CPUs: runtime.NumCPU(), Go: runtime.Version(),
		Certificates: o.renewed.Connectors(), Replicas: fleet.Replicas,
	}
	for round := range o.rounds {
		turn := RenewalTurn{OperatorFirst: round%2 == 1}
		steps := []func(context.Context, int, *RenewalTurn) error{r.renewAlone, r.renewFleet, r.requestFleet}
		if turn.OperatorFirst {
			slices.Reverse(steps)
		}
		for _, step := range steps {
			if err := step(ctx, round, &turn); err != nil {
				return nil, err
			}
		}
		report.Turns = append(report.Turns, turn)
	}
	return report, nil
}

func newRenewals(ctx context.Context, env *harness.Env, size fleet.Size) (*renewals, error) {
	anchor, err := env.Authority(ctx, authority)
	if err != nil {
		return nil, err
	}
	r := &renewals{Env: env, fleet: fleet.New("renewal", authority, anchor, size)}
	if err := r.fleet.LendAddresses(ctx, env.Client); err != nil {
		return nil, err
	}
	if err := r.fleet.CreatePlatform(ctx, env.Client); err != nil {
		return nil, err
	}
	if r.lookout, err = fleet.Watch(ctx, env); err != nil {
		return nil, err
	}
	r.gateways = &fleet.Gateways{Lookout: r.lookout}
	return r, nil
}

// create has the operator create the fleet, and then cert-manager the Certificates that are like the fleet's.
func (r *renewals) create(ctx context.Context) error {
	n := r.fleet.Connectors()
	progressf("creating %d Connectors to renew", n)
	operator, err := r.start(ctx)
	if err != nil {
		return err
	}
	err = r.fleet.CreateConnectors(ctx, r.Client)
	if err == nil {
		err = fleet.Await(ctx, patience, func() error { return r.lookout.Ready(ctx, n) })
	}
	if err := errors.Join(err, operator.Stop()); err != nil {
		return err
	}
	var secret corev1.Secret
	if err := r.Client.Get(ctx, types.NamespacedName{Namespace: issuers, Name: authority}, &secret); err != nil {
		return fmt.Errorf("reading the authority's Secret: %w", err)
	}
	var list cmapi.CertificateList
	if err := r.lookout.List(ctx, &list); err != nil {
		return fmt.Errorf("listing the fleet's Certificates: %w", err)
	}
	var like []*cmapi.Certificate
	for i := range list.Items {
		like = append(like, &list.Items[i])
	}
	progressf("creating %d Certificates for cert-manager alone", n)
	if r.alone, err = trial.NewAlone(ctx, r.Env, "renewal-alone", r.fleet.Agencies, &secret, like); err != nil {
		return err
	}
	return fleet.Await(ctx, patience, func() error { return r.alone.Issued(ctx, 1) })
}

// start starts an operator in this process, for which simulated gateways answer, and waits until it has seen all of the fleet that there is.
func (r *renewals) start(ctx context.Context) (*trial.InProcess, error) {
	timing := observe.DefaultTiming()
	// Simulated pods are ready before they have a certificate, so their silence until then means nothing.
	timing.Patience = 1 << 20
	recorder := calls.NewRecorder(r.Scheme, calls.OfConnector)
	operator, err := trial.StartInProcess(ctx, r.OperatorConfig(), recorder, r.gateways, timing)
	if err != nil {
		return nil, err
	}
	return operator, trial.Settle(ctx, operator, patience)
}

// renewAlone has cert-manager renew its own Certificates; no operator runs.
func (r *renewals) renewAlone(ctx context.Context, round int, turn *RenewalTurn) error {
	if err := settle(ctx, r.Admin); err != nil {
		return err
	}
	before, err := servedSoFar(ctx, r.Admin)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := r.alone.Renew(ctx); err != nil {
		return err
	}
	if err := fleet.Await(ctx, patience, func() error { return r.alone.Issued(ctx, round+2) }); err != nil {
		return err
	}
	turn.Alone.Seconds = time.Since(begin).Seconds()
	progressf("cert-manager alone: all renewed after %.1f s", turn.Alone.Seconds)
	turn.Alone.Requests, err = servedSince(ctx, r.Admin, before)
	turn.Alone.Conflicts = turn.Alone.Requests.conflicts()
	return err
}

// renewFleet has the fleet's certificates renewed in the very way in which those of cert-manager alone are, until every pod serves the new
// one.
func (r *renewals) renewFleet(ctx context.Context, _ int, turn *RenewalTurn) error {
	return r.renew(ctx, &turn.Operator, func(ctx context.Context) error {
		var list cmapi.CertificateList
		if err := r.lookout.List(ctx, &list); err != nil {
			return fmt.Errorf("listing the fleet's Certificates: %w", err)
		}
		return trial.Renew(ctx, r.Client, list.Items)
	})
}

// requestFleet asks the operator for a renewal of each of its Connectors, by their annotation.
func (r *renewals) requestFleet(ctx context.Context, _ int, turn *RenewalTurn) error {
	return r.renew(ctx, &turn.Requested, func(ctx context.Context) error { return r.fleet.RequestRenewal(ctx, r.Client, time.Now()) })
}

func (r *renewals) renew(ctx context.Context, into *RenewedFleet, begin func(context.Context) error) (err error) {
	operator, err := r.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, operator.Stop()) }()
	serials, err := r.lookout.Serials(ctx)
	if err != nil {
		return err
	}
	revisions, err := r.lookout.Revisions(ctx)
	if err != nil {
		return err
	}
	list, err := operator.Calls()
	if err != nil {
		return err
	}
	if err := settle(ctx, r.Admin); err != nil {
		return err
	}
	before, err := servedSoFar(ctx, r.Admin)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := begin(ctx); err != nil {
		return err
	}
	if err := r.issued(ctx, revisions); err != nil {
		return err
	}
	into.IssuedSeconds = time.Since(begun).Seconds()
	if err := fleet.Await(ctx, patience, func() error { return r.lookout.Renewed(ctx, serials) }); err != nil {
		return err
	}
	into.Seconds = time.Since(begun).Seconds()
	progressf("operator: all issued after %.1f s, all served after %.1f s", into.IssuedSeconds, into.Seconds)
	if into.Requests, err = servedSince(ctx, r.Admin, before); err != nil {
		return err
	}
	into.Conflicts = into.Requests.conflicts()
	all, err := operator.Calls()
	if err != nil {
		return err
	}
	into.count(all[len(list):])
	return trial.Settle(ctx, operator, patience)
}

// issued waits until each Certificate of the fleet has another revision.
func (r *renewals) issued(ctx context.Context, before map[types.NamespacedName]int) error {
	return fleet.Await(ctx, patience, func() error {
		now, err := r.lookout.Revisions(ctx)
		if err != nil {
			return err
		}
		for connector, revision := range before {
			if now[connector] <= revision {
				return fmt.Errorf("the Certificate of Connector %s has revision %d still", connector, now[connector])
			}
		}
		return nil
	})
}

func (r *renewals) clear(ctx context.Context) error {
	errs := []error{fleet.KeepAddresses(ctx, r.Client), r.fleet.DeletePlatform(ctx, r.Client)}
	if r.alone != nil {
		errs = append(errs, r.alone.Delete(ctx))
	}
	return errors.Join(errs...)
}
