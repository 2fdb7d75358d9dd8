package connector

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// sightings remember since when the pods of each Connector are expected to have the same in use, and which was evicted last. They only
// give pods a moment before they are urged, and keep an Event from being told twice: a restart of the operator does no harm.
type sightings struct {
	seen sync.Map // types.NamespacedName to sighting
	// evicted has the pod that was last evicted.
	evicted sync.Map // types.NamespacedName to types.UID
}

type sighting struct {
	mark  string
	since time.Time
}

// since gives when the mark was first seen for the Connector.
func (s *sightings) since(key types.NamespacedName, mark string, now time.Time) time.Time {
	if last, ok := s.seen.Load(key); ok {
		if l, ok := last.(sighting); ok && l.mark == mark {
			return l.since
		}
	}
	s.seen.Store(key, sighting{mark, now})
	return now
}

// evicts tells whether the pod is another one than was evicted last: one that is on its way out may still look as if it were not.
func (s *sightings) evicts(key types.NamespacedName, pod types.UID) bool {
	last, there := s.evicted.Swap(key, pod)
	return !there || last != pod
}

func (s *sightings) forget(key types.NamespacedName) {
	s.seen.Delete(key)
	s.evicted.Delete(key)
}
