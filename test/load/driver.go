package load

import (
	"context"
	"sync"
	"time"
)

const (
	// requestTimeout is the patience of a client.
	requestTimeout = 30 * time.Second
	// mostAtOnce bounds the requests of one flow that are under way; then the flow waits.
	mostAtOnce = 64
)

// Driver runs flows until it is stopped.
type Driver struct {
	*Ledger

	ctx     context.Context //nolint:containedctx // it is that of all flows, and ends with the driver
	end     context.CancelFunc
	flows   sync.WaitGroup
	clients []sender
}

// sender sends the requests of one flow.
type sender interface {
	// send gives an error unless the receiver confirmed the whole body.
	send(ctx context.Context, to Target, size int64) error
	close()
}

// Start begins all flows, in a period of that name.
func Start(period string, flows ...Flow) (*Driver, error) {
	d := &Driver{Ledger: newLedger(period)}
	d.ctx, d.end = context.WithCancel(context.Background())
	for _, f := range flows {
		if err := f.check(); err != nil {
			d.Stop()
			return nil, err
		}
		client, err := d.client(f)
		if err != nil {
			d.Stop()
			return nil, err
		}
		d.clients = append(d.clients, client)
		d.flows.Go(func() { d.run(f, client) })
	}
	return d, nil
}

func (d *Driver) client(f Flow) (sender, error) {
	reset := func() { d.connectionReset(f.Name) }
	if f.Program == Curl {
		return newCurlClient(f)
	}
	return newHTTPClient(f, reset), nil
}

// Stop ends the flows after the requests that are under way. It may be called again.
func (d *Driver) Stop() {
	d.end()
	d.flows.Wait()
	for _, c := range d.clients {
		c.close()
	}
}

func (d *Driver) run(f Flow, client sender) {
	tick := time.NewTicker(f.Every)
	defer tick.Stop()
	slots := make(chan struct{}, mostAtOnce)
	var underWay sync.WaitGroup
	defer underWay.Wait()
	for n := 0; ; n++ {
		select {
		case <-d.ctx.Done():
			return
		case <-tick.C:
		}
		slots <- struct{}{}
		underWay.Go(func() {
			defer func() { <-slots }()
			d.one(f, client, n)
		})
	}
}

// one sends the flow's n-th request. It is not cut off when the driver stops, since that would look like a failure.
func (d *Driver) one(f Flow, client sender, n int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), requestTimeout)
	defer cancel()
	period, begin := d.period(), time.Now()
	to, size := f.Targets[n%len(f.Targets)], f.Sizes[n%len(f.Sizes)]
	err := client.send(ctx, to, size)
	d.record(period, f.Name, sample{to: to.Host, size: size, begin: begin, took: time.Since(begin), err: err})
}
