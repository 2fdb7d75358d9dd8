package connector

import (
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// crowd counts the Connectors whose leaf is being replaced. It only tells how long the steps of each may stay untold, and how long what was issued
// may wait to be followed: after a restart of the operator it is counted anew, as the news and the passes come.
type crowd struct {
	members sync.Map // types.NamespacedName to nothing
	count   atomic.Int64
}

// with tells how many there are, this one counted as it is now.
func (c *crowd) with(key types.NamespacedName, isMember bool) int {
	if !isMember {
		c.forget(key)
	} else if _, there := c.members.LoadOrStore(key, struct{}{}); !there {
		c.count.Add(1)
	}
	return int(c.count.Load())
}

func (c *crowd) forget(key types.NamespacedName) {
	if _, there := c.members.LoadAndDelete(key); there {
		c.count.Add(-1)
	}
}

const (
	// fewAtOnce are no crowd.
	fewAtOnce = 50
	// shareOfPatience is what each beyond these adds, and mostPatience the most that all of them add.
	shareOfPatience = 30 * time.Millisecond
	mostPatience    = 30 * time.Second
)

// patience is how long news of a leaf waits while many are issued: following one to its pods, and telling of it, would take from the API server
// what the issuance of the others needs, each of which is nearer to its end.
func (c *crowd) patience() time.Duration {
	beyond := max(c.count.Load()-fewAtOnce, 0)
	return min(time.Duration(beyond*int64(shareOfPatience)), mostPatience)
}
