package connector

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// sightings remember since when the pods of each Connector are expected to have the same in use. They are only to give pods a moment
// before they are urged: after a restart of the operator that moment begins anew.
type sightings struct {
	seen sync.Map // types.NamespacedName to sighting
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

func (s *sightings) forget(key types.NamespacedName) { s.seen.Delete(key) }
