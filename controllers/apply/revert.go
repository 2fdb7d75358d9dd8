package apply

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Reversion tells that somebody else had changed a child, and that it was put back. Values are left out: they may be anything.
type Reversion struct {
	Kind, Namespace, Name string
	// Parts of the object that were put back, such as data.trust.pem, sorted.
	Parts []string
}

// reversion tells what somebody else changed of a child of which nothing else is wanted than before; nil if the change is the operator's own.
// After a restart that is known from the first pass on that finds the child as it should be.
func (c *Children) reversion(want, live, merged client.Object) (*Reversion, error) {
	if again, err := c.echoes.wishesAgain(live.GetUID(), want); err != nil || !again {
		return nil, err
	}
	parts, err := differences(live, merged)
	if err != nil {
		return nil, err
	}
	return &Reversion{Kind: kindOf(want), Namespace: want.GetNamespace(), Name: want.GetName(), Parts: parts}, nil
}

// wish identifies what is wanted of a child.
type wish [sha256.Size]byte

func wishOf(want client.Object) (wish, error) {
	bare, ok := want.DeepCopyObject().(client.Object)
	if !ok {
		return wish{}, fmt.Errorf("a %s is no object of the API but a %T", kindOf(want), want)
	}
	// What the API server adds is no part of what is wanted.
	bare.SetResourceVersion("")
	bare.SetGeneration(0)
	bare.SetUID("")
	bare.SetCreationTimestamp(metav1.Time{})
	text, err := json.Marshal(bare)
	if err != nil {
		return wish{}, fmt.Errorf("writing %s %s: %w", kindOf(want), client.ObjectKeyFromObject(want), err)
	}
	return sha256.Sum256(text), nil
}

// wished remembers what is wanted of a child that is as it should be, unless it is known already.
func (e *echoes) wished(child types.UID, want client.Object) error {
	if _, known := e.wishes.Load(child); known {
		return nil
	}
	w, err := wishOf(want)
	if err == nil {
		e.wishes.Store(child, w)
	}
	return err
}

// wishesAgain remembers what is wanted of a child from now on, and tells whether it is what was wanted of it before.
func (e *echoes) wishesAgain(child types.UID, want client.Object) (bool, error) {
	w, err := wishOf(want)
	if err != nil {
		return false, err
	}
	before, known := e.wishes.Swap(child, w)
	return known && before == any(w), nil
}

// differences names the parts in which two versions of an object differ: of what is a map, the keys.
func differences(live, merged client.Object) ([]string, error) {
	a, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
	if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", kindOf(merged), client.ObjectKeyFromObject(live), err)
	}
	b, err := runtime.DefaultUnstructuredConverter.ToUnstructured(merged)
	if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", kindOf(merged), client.ObjectKeyFromObject(merged), err)
	}
	for _, object := range []map[string]any{a, b} {
		delete(object, "kind")
		delete(object, "apiVersion")
	}
	var parts []string
	for _, top := range keys(a, b) {
		x, y := asMap(a[top]), asMap(b[top])
		for _, key := range keys(x, y) {
			if !equality.Semantic.DeepEqual(x[key], y[key]) {
				parts = append(parts, top+"."+key)
			}
		}
	}
	return parts, nil
}

func asMap(value any) map[string]any {
	m, _ := value.(map[string]any)
	return m
}

func keys(a, b map[string]any) []string {
	var all []string
	for _, m := range []map[string]any{a, b} {
		for key := range m {
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
