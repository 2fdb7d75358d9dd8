package collect

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	verbGet  = "get"
	verbList = "list"
)

// DefaultPageSize is how many objects are asked for at once from an API server.
const DefaultPageSize = 500

// Options of a reading.
type Options struct {
	// Now is the time that the reading is of.
	Now time.Time
	// PageSize is how many objects are asked for at once; 0 for all, which is what a cache needs.
	PageSize int64
	// Progress, if set, is told of every page that was read.
	Progress func(Progress)
}

// Progress is how far the reading of one kind is.
type Progress struct {
	// Resource that is read.
	Resource string
	// Read is how many were read, and Remaining how many the API server says are left; -1 if it does not say.
	Read, Remaining int64
}

// all lists everything of one kind, a page at a time. A list that expires while it is paged is read again in one piece.
func all[T client.Object](ctx context.Context, reader client.Reader, o Options, newList func() client.ObjectList, resource string,
	scope ...client.ListOption,
) ([]T, error) {
	read := int64(0)
	pages := pager.New(func(ctx context.Context, raw metav1.ListOptions) (runtime.Object, error) {
		list := newList()
		scope := append(append([]client.ListOption(nil), scope...), client.Limit(raw.Limit), client.Continue(raw.Continue))
		if err := reader.List(ctx, list, scope...); err != nil {
			return nil, err
		}
		if o.PageSize == 0 {
			// A cache gives everything, and a token that it would not take.
			list.SetContinue("")
		}
		if raw.Continue == "" {
			read = 0
		}
		read += int64(meta.LenList(list))
		o.tell(Progress{Resource: resource, Read: read, Remaining: remaining(list)})
		return list, nil
	})
	pages.PageSize = o.PageSize
	list, _, err := pages.List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, explained(err, verbList, resource, namespaceOf(scope))
	}
	var items []T
	err = meta.EachListItem(list, func(object runtime.Object) error {
		item, ok := object.(T)
		if !ok {
			return fmt.Errorf("reading %s: the API server gave a %T", resource, object)
		}
		items = append(items, item)
		return nil
	})
	return items, err
}

func (o Options) tell(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

func remaining(list client.ObjectList) int64 {
	if left := list.GetRemainingItemCount(); left != nil {
		return *left
	}
	if list.GetContinue() == "" {
		return 0
	}
	return -1
}

func namespaceOf(scope []client.ListOption) string {
	return (&client.ListOptions{}).ApplyOptions(scope).Namespace
}
