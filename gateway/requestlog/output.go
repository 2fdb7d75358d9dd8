package requestlog

import (
	"sync"
)

// outputBatch is how much is written at once.
const outputBatch = 64 << 10

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

func (o *output) run() {
	var text []byte
	broken := false
	for {
		batch := o.queue.head(outputBatch)
		if len(batch) == 0 {
			select {
			case <-o.queue.ready:
				continue
			case <-o.closing:
			}
			if o.queue.length() == 0 {
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
