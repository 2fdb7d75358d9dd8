package requestlog

import (
	"sync"
	"time"
)

// item is one line that waits.
type item struct {
	at   time.Time
	line []byte
}

// queue is where lines wait for one destination. It takes what fits, and never waits itself.
type queue struct {
	maxLines, maxBytes int
	// ready has something in it when there may be lines.
	ready chan struct{}

	mu    sync.Mutex
	items []item
	bytes int
	gap   bool // lines are being dropped
}

func newQueue(maxLines, maxBytes int) *queue {
	return &queue{maxLines: maxLines, maxBytes: maxBytes, ready: make(chan struct{}, 1)}
}

// put tells whether the line was taken, and whether it is the first that was not for a while.
func (q *queue) put(it item) (taken, gapBegins bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) >= q.maxLines || q.bytes+len(it.line) > q.maxBytes {
		gapBegins = !q.gap
		q.gap = true
		return false, gapBegins
	}
	q.items = append(q.items, it)
	q.bytes += len(it.line)
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true, false
}

// head is a copy of the first lines, which stay until they are taken away: up to so many bytes, but at least one line if there is any.
func (q *queue) head(bytes int) []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	var batch []item
	for _, it := range q.items {
		if bytes -= len(it.line); bytes < 0 && len(batch) > 0 {
			break
		}
		batch = append(batch, it)
	}
	return batch
}

// take away the first lines. A gap is over when half of the queue is free: at the brim, it would begin anew with every line.
func (q *queue) take(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, it := range q.items[:n] {
		q.bytes -= len(it.line)
	}
	kept := copy(q.items, q.items[n:])
	clear(q.items[kept:])
	q.items = q.items[:kept]
	if kept <= q.maxLines/2 && q.bytes <= q.maxBytes/2 {
		q.gap = false
	}
}

// clear takes all lines away, and tells how many there were.
func (q *queue) clear() int {
	n := q.length()
	q.take(n)
	return n
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}
