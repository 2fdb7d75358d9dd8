package apply

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Status writes the status of obj if it differs from before, the object as it was read. The operator is the only writer of
// its statuses, so the patch carries no resourceVersion and cannot conflict with a person who edits the spec meanwhile.
func Status(ctx context.Context, c client.Client, before, obj client.Object) error {
	if equality.Semantic.DeepEqual(before, obj) {
		return nil
	}
	if err := client.IgnoreNotFound(c.Status().Patch(ctx, obj, client.MergeFrom(before))); err != nil {
		return fmt.Errorf("writing the status of %s: %w", client.ObjectKeyFromObject(obj), err)
	}
	return nil
}

// StatusLocked writes like Status, but only if the object is still as it was read: for a status that grants something, such as a
// turn, on the strength of what was granted before. The error is a conflict if it is not; the next pass decides anew.
func StatusLocked(ctx context.Context, c client.Client, before, obj client.Object) error {
	if equality.Semantic.DeepEqual(before, obj) {
		return nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := client.IgnoreNotFound(c.Status().Patch(ctx, obj, patch)); err != nil {
		return fmt.Errorf("writing the status of %s: %w", client.ObjectKeyFromObject(obj), err)
	}
	return nil
}
