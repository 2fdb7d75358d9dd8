package install

import (
	"context"
	"errors"
	"fmt"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// verdict says whether an object is as it is waited for; if not, why not yet.
type verdict func(object *unstructured.Unstructured) (done bool, why string, err error)

// WaitReady waits until every object is in force, in the words of kstatus: a Deployment is available, a definition is
// established, an object with conditions is ready for its present generation.
func (i *Installer) WaitReady(ctx context.Context, objects []*unstructured.Unstructured) error {
	var errs []error
	for _, object := range manifests.InInstallOrder(objects) {
		if err := i.waitOne(ctx, object, isCurrent); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// WaitGone waits until none of the objects is there.
func (i *Installer) WaitGone(ctx context.Context, objects []*unstructured.Unstructured) error {
	for _, object := range objects {
		err := poll(ctx, func(ctx context.Context) (bool, error) {
			seen := object.DeepCopy()
			err := i.client.Get(ctx, client.ObjectKeyFromObject(object), seen)
			if isGone(err) {
				return true, nil
			}
			return false, err
		})
		if err != nil {
			return fmt.Errorf("%s is still there; a finalizer may hold it: %w", title(object), err)
		}
	}
	return nil
}

func (i *Installer) waitOne(ctx context.Context, object *unstructured.Unstructured, is verdict) error {
	why := "it was not seen yet"
	err := poll(ctx, func(ctx context.Context) (bool, error) {
		seen := &unstructured.Unstructured{}
		seen.SetGroupVersionKind(object.GroupVersionKind())
		if err := i.client.Get(ctx, client.ObjectKeyFromObject(object), seen); err != nil {
			if isGone(err) {
				return false, nil
			}
			return false, err
		}
		done, reason, err := is(seen)
		why = reason
		return done, err
	})
	if err != nil {
		return fmt.Errorf("%s did not become ready (%s): %w", title(object), why, err)
	}
	return nil
}

func isEstablished(definition *unstructured.Unstructured) (done bool, why string, err error) {
	conditions, _, err := unstructured.NestedSlice(definition.Object, "status", "conditions")
	if err != nil {
		return false, "", err
	}
	for _, item := range conditions {
		condition, isMap := item.(map[string]any)
		if isMap && condition["type"] == "Established" && condition["status"] == "True" {
			return true, "", nil
		}
	}
	return false, "it is not established", nil
}

func isCurrent(object *unstructured.Unstructured) (done bool, why string, err error) {
	result, err := status.Compute(object)
	if err != nil {
		return false, "", err
	}
	if result.Status == status.FailedStatus {
		return false, result.Message, errors.New(result.Message)
	}
	return result.Status == status.CurrentStatus, result.Message, nil
}
