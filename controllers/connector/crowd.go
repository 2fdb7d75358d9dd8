package connector

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// crowd knows the Connectors whose leaf is being replaced. It only tells how long the steps of each may stay untold, and how long what was issued
// may wait to be followed: after a restart of the operator it is learnt anew, as the news and the passes come.
type crowd struct {
	mu      sync.Mutex
	members map[types.NamespacedName]underWay
	// awaited counts the members whose next leaf is not issued yet.
	awaited int
}

// underWay is how far the replacement of a leaf is.
type underWay struct {
	// awaited tells that the next leaf is not issued yet.
	awaited bool
	// urgent tells that the leaf serves nobody any more, so that what comes of the replacement waits for nothing.
	urgent bool
	// postponed tells that a look waits until most of the others have their leaf as well.
	postponed bool
}

// with tells how many there are, this one counted as a pass has just seen it; nil where nothing is replaced.
func (c *crowd) with(key types.NamespacedName, seen *underWay) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(key, seen)
	return len(c.members)
}

// begins takes the news that a leaf is on its way.
func (c *crowd) begins(key types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(key, &underWay{awaited: true, urgent: c.members[key].urgent})
}

// pause is how long a step waits whose end will be news of its own.
func (c *crowd) pause() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return replacementPause(len(c.members))
}

// ends takes the news that a leaf is issued, or that there will be none, and tells how long it waits. When few are left that are still
// awaited, those whose look was postponed are let go.
func (c *crowd) ends(key types.NamespacedName) (wait time.Duration, released []types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, there := c.members[key]; there {
		m.awaited, m.postponed = false, false
		c.set(key, &m)
		wait = c.postpone(key)
	}
	if c.awaited > fewAtOnce {
		return wait, nil
	}
	for name, other := range c.members {
		if other.postponed {
			other.postponed = false
			c.members[name] = other
			released = append(released, name)
		}
	}
	return 0, released
}

func (c *crowd) forget(key types.NamespacedName) { c.with(key, nil) }

func (c *crowd) set(key types.NamespacedName, seen *underWay) {
	if c.members[key].awaited {
		c.awaited--
	}
	if seen == nil {
		delete(c.members, key)
		return
	}
	if c.members == nil {
		c.members = map[types.NamespacedName]underWay{}
	}
	c.members[key] = *seen
	if seen.awaited {
		c.awaited++
	}
}

// fewAtOnce are no crowd.
const fewAtOnce = 50

// patience is how long news of a leaf waits while many are awaited: following one to its pods, and telling of it, would take from the API server
// what the issuance of the others needs, each of which is nearer to its end. The lock is held.
func (c *crowd) patience() time.Duration {
	if c.awaited <= fewAtOnce {
		return 0
	}
	return replacementPause(c.awaited)
}

// answered takes the news that a pod said something else than before, and tells how long it waits.
func (c *crowd) answered(key types.NamespacedName) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.postpone(key)
}

// postpone has the look at a member wait, unless it is urgent or no crowd is there. The lock is held.
func (c *crowd) postpone(key types.NamespacedName) time.Duration {
	m, there := c.members[key]
	wait := c.patience()
	if !there || m.urgent || wait == 0 {
		return 0
	}
	m.postponed = true
	c.members[key] = m
	return wait
}

// patienceFor is how much longer than usual the pods of a Connector may take by themselves.
func (c *crowd) patienceFor(key types.NamespacedName) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, there := c.members[key]; !there || m.urgent {
		return 0
	}
	return c.patience()
}
