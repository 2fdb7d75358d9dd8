package apply

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// echoes tells the operator's own changes from those of others when the cache hears of them: what the operator itself has just
// written needs no repair. It keeps the version of the last change of each child, and what was wanted of it. A change that the cache hears of before its
// answer comes, or from before a restart, is not recognised and costs one pass that finds nothing to do.
type echoes struct {
	versions sync.Map // types.UID to string
	wishes   sync.Map // types.UID to wish
}

func (e *echoes) wrote(object client.Object) {
	e.versions.Store(object.GetUID(), object.GetResourceVersion())
}

// Wrote tells whether the object is exactly as Apply last changed it.
func (c *Children) Wrote(object client.Object) bool {
	version, ok := c.echoes.versions.Load(object.GetUID())
	return ok && version == object.GetResourceVersion()
}

// Forget drops what is known of a child that is gone.
func (c *Children) Forget(child types.UID) {
	c.echoes.versions.Delete(child)
	c.echoes.wishes.Delete(child)
}
