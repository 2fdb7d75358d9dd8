package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// FieldManager is the name under which objects are applied.
const FieldManager = "lienthong-install"

const (
	// pollEvery is how often a waiting installer looks.
	pollEvery = 250 * time.Millisecond
	// noLimit switches off the client's own brake; the API server has its own.
	noLimit = -1
)

// Options of an installer.
type Options struct {
	// Out is told one line per object.
	Out io.Writer
	// Force takes over fields that another manager owns.
	Force bool
	// DryRun sends everything to the API server and stores nothing.
	DryRun bool
}

// Installer applies objects to one cluster.
type Installer struct {
	client client.Client
	Options
}

// New returns an installer for the cluster that config reaches.
func New(config *rest.Config, options Options) (*Installer, error) {
	config = rest.CopyConfig(config)
	config.QPS = noLimit
	c, err := client.New(config, client.Options{})
	if err != nil {
		return nil, fmt.Errorf("cannot reach the cluster at %s: %w", config.Host, err)
	}
	return &Installer{client: c, Options: options}, nil
}

// Apply applies the objects in the order in which a cluster can take them. Definitions are waited for, because nothing of their
// kinds is accepted before they are established. All objects are tried; the errors are collected.
func (i *Installer) Apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	var errs []error
	for _, object := range manifests.InInstallOrder(objects) {
		if !manifests.IsFoundation(object) {
			if err := i.waitForDefinitions(ctx, objects); err != nil {
				return errors.Join(append(errs, err)...)
			}
		}
		if err := i.applyOne(ctx, object); err != nil {
			errs = append(errs, err)
			continue
		}
		if i.DryRun {
			i.sayf("%s would be applied", title(object))
			continue
		}
		i.sayf("%s applied", title(object))
	}
	return errors.Join(errs...)
}

func (i *Installer) applyOne(ctx context.Context, object *unstructured.Unstructured) error {
	options := []client.ApplyOption{client.FieldOwner(FieldManager)}
	if i.Force {
		options = append(options, client.ForceOwnership)
	}
	if i.DryRun {
		options = append(options, client.DryRunAll)
	}
	err := i.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object.DeepCopy()), options...)
	switch {
	case err == nil:
		return nil
	case apierrors.IsConflict(err):
		return fmt.Errorf("%s: %w; leave those fields to their manager, or take them over with --force-conflicts", title(object), err)
	case meta.IsNoMatchError(err):
		return fmt.Errorf("%s: the cluster does not know the kind %s; install its CustomResourceDefinition first: %w",
			title(object), object.GroupVersionKind().GroupKind(), err)
	default:
		return fmt.Errorf("%s was refused: %w", title(object), err)
	}
}

// waitForDefinitions waits for the CustomResourceDefinitions among the objects, which costs one read each once they stand.
func (i *Installer) waitForDefinitions(ctx context.Context, objects []*unstructured.Unstructured) error {
	if i.DryRun {
		return nil
	}
	for _, object := range objects {
		if object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		if err := i.waitOne(ctx, object, isEstablished); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes the objects in the reverse order. What is not there is no error: it is what was asked for.
func (i *Installer) Delete(ctx context.Context, objects []*unstructured.Unstructured) error {
	var errs []error
	ordered := manifests.InInstallOrder(objects)
	slices.Reverse(ordered)
	for _, object := range ordered {
		options := []client.DeleteOption{client.PropagationPolicy("Background")}
		if i.DryRun {
			options = append(options, client.DryRunAll)
		}
		err := i.client.Delete(ctx, object.DeepCopy(), options...)
		switch {
		case err == nil:
			i.sayf("%s deleted", title(object))
		case isGone(err):
			i.sayf("%s was not there", title(object))
		default:
			errs = append(errs, fmt.Errorf("%s could not be deleted: %w", title(object), err))
		}
	}
	return errors.Join(errs...)
}

// isGone tells whether an error says that an object is not there, or that not even its kind is.
func isGone(err error) bool {
	return apierrors.IsNotFound(err) || meta.IsNoMatchError(err)
}

// poll calls check until it is done, fails, or the context ends.
func poll(ctx context.Context, check wait.ConditionWithContextFunc) error {
	return wait.PollUntilContextCancel(ctx, pollEvery, true, check)
}

func (i *Installer) sayf(format string, args ...any) {
	// A line that cannot be written is no reason to stop half-way.
	_, _ = fmt.Fprintf(i.Out, format+"\n", args...)
}

// title names an object as a reader of the output would.
func title(object *unstructured.Unstructured) string {
	if object.GetNamespace() == "" {
		return object.GetKind() + " " + object.GetName()
	}
	return object.GetKind() + " " + object.GetNamespace() + "/" + object.GetName()
}
