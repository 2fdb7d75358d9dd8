package requestlog

import (
	"sync"
	"time"
)

// outputBatch is how much is written at once.
const outputBatch = 64 << 10

// gathering is how long lines are gathered for one write. To wake a writer for each line would cost a request more than the line itself.
const gathering = 20 * time.Millisecond

// output brings lines to standard output, many with one write when there are many.
type output struct {
	destination
	closing chan struct{}
	once    sync.Once
}

func newOutput(opts Options) *output {
	return &output{destination: newDestination("output", "standard output", opts), closing: make(chan struct{})}
}

// close lets run end when the queue is empty.
func (o *output) close() { o.once.Do(func() { close(o.closing) }) }

// rest waits until lines were gathered. It tells whether there may be any.
func (o *output) rest() bool {
	select {
	case <-o.queue.ready:
		select {
		case <-o.opts.Clock.After(gathering):
		case <-o.closing:
		}
		return true
	case <-o.closing:
		return o.queue.length() > 0
	}
}

func (o *output) run() {
	var text []byte
	broken := false
	for {
		batch := o.queue.head(outputBatch)
		if len(batch) == 0 {
			if !o.rest() {
				return
			}
			continue
		}
		text = text[:0]
		for _, it := range batch {
			text = append(append(text, it.line...), '\n')
		}
		_, err := o.opts.Output.Write(text)
		o.queue.take(len(batch))
		if err != nil {
			o.dropped(len(batch))
			if !broken {
				o.opts.Log.Error(err, "Lines could not be written to standard output; they are dropped.")
			}
		} else {
			o.sent(len(batch))
		}
		broken = err != nil
	}
}
