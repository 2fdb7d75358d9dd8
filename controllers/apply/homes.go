package apply

import (
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// homes know which children each owner has had, so that one that is made for the second time is known as such. After a restart they know those
// that were found.
type homes struct {
	all sync.Map // types.NamespacedName of the children to *home
}

// home is where the children of one owner lie, which all have one name.
type home struct {
	owner types.UID
	kinds sync.Map // string to nothing
}

// seen remembers a child, and tells whether it was known before.
func (h *homes) seen(owner metav1.Object, child client.Object) bool {
	key, fresh := client.ObjectKeyFromObject(child), &home{owner: owner.GetUID()}
	found, _ := h.all.LoadOrStore(key, fresh)
	here, ok := found.(*home)
	if !ok || here.owner != owner.GetUID() {
		// Another owner of the same name has had nothing yet.
		h.all.Store(key, fresh)
		here = fresh
	}
	_, before := here.kinds.LoadOrStore(kindOf(child), nil)
	return before
}

// Leave drops what is known of the children of that name, whose owner is gone.
func (c *Children) Leave(children types.NamespacedName) { c.homes.all.Delete(children) }
