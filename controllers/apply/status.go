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
