package requestlog

import (
	"context"
	"crypto/tls"
	"io"
	"sync"
	"sync/atomic"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
)

// Each destination's queue holds so much at most: minutes of a busy gateway, and little beside its memory.
const (
	maxLines = 10_000
	maxBytes = 8 << 20
)

// Options of a request log.
type Options struct {
	// Output gets every line; it is standard output.
	Output io.Writer
	// Host is the name of the pod, and Version that of the gateway, both for the collector.
	Host, Version string
	Metrics       *metrics.Metrics
	Clock         clock.Clock
	Log           logr.Logger
}

// Settings are what may change while the gateway runs.
type Settings struct {
	Log config.Log
	// Connector is <namespace>/<name>.
	Connector string
	// Floor and Certificate are for the connection to the collector. Without a certificate, lines for it wait.
	Floor       config.TLS
	Certificate *tls.Certificate
}

// Log takes entries to their destinations.
type Log struct {
	opts      Options
	output    *output
	collector *collector
	inUse     atomic.Pointer[inUse]
	tasks     sync.WaitGroup
	abort     context.CancelFunc
}

// inUse is what Write needs of the settings.
type inUse struct {
	fields    []field
	collector bool
}

// New makes a log and starts to bring out its lines; Close ends it. Until the first Update, lines have all fields.
func New(opts Options) *Log {
	ctx, abort := context.WithCancel(context.Background())
	l := &Log{opts: opts, abort: abort, output: newOutput(opts), collector: newCollector(opts)}
	l.inUse.Store(&inUse{fields: choose(nil)})
	l.tasks.Go(func() { l.output.run() })
	l.tasks.Go(func() { l.collector.run(ctx) })
	return l
}

// Update takes up changed settings.
func (l *Log) Update(s Settings) error {
	err := l.collector.update(s)
	l.inUse.Store(&inUse{fields: choose(s.Log.Fields), collector: s.Log.Collector != nil})
	return err
}

// Write puts the line of an entry into the queues. It never waits.
func (l *Log) Write(e Entry) {
	now := l.inUse.Load()
	it := item{at: e.At, line: render(&e, now.fields)}
	l.output.put(it)
	if now.collector {
		l.collector.put(it)
	}
}

// Close brings out what waits until ctx ends, and gives up the rest.
func (l *Log) Close(ctx context.Context) {
	l.output.close()
	l.collector.close()
	done := make(chan struct{})
	go func() {
		l.tasks.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	l.abort()
	<-l.collector.done // a writer to standard output that stands still cannot be ended, and is left to the end of the process
}

// destination is a queue with what is told of it.
type destination struct {
	name  string
	title string // in sentences
	opts  Options
	queue *queue
}

func newDestination(name, title string, opts Options) destination {
	d := destination{name: name, title: title, opts: opts, queue: newQueue(maxLines, maxBytes)}
	opts.Metrics.LogQueue(name, d.queue.length)
	return d
}

func (d *destination) put(it item) {
	taken, gapBegins := d.queue.put(it)
	if taken {
		return
	}
	d.dropped(1)
	if gapBegins {
		d.opts.Log.Info("The queue of lines for "+d.title+" is full; lines are dropped until it takes more.", "waiting", d.queue.length())
	}
}

func (d *destination) dropped(lines int) { d.opts.Metrics.LogDropped(d.name, lines) }
func (d *destination) sent(lines int)    { d.opts.Metrics.LogSent(d.name, lines) }
