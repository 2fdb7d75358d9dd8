package connector

import (
	"sync"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/types"
)

// crowd counts the Connectors whose leaf is being replaced. It only tells how long the steps of each may stay untold: after a restart of the
// operator it is counted anew, as the passes come.
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
