package crds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// FieldManager is the name under which definitions are applied.
	FieldManager = "connector-operator-crds"
	// pollEvery is how often a definition is looked at until it is served.
	pollEvery = 250 * time.Millisecond
)

// Apply brings the definitions of a cluster up to those that are wanted, and says on out what became of each. Either all of them may be applied, or
// none is.
func Apply(ctx context.Context, c client.Client, wanted []*apiextensionsv1.CustomResourceDefinition, out io.Writer) error {
	before := map[string]string{}
	var refusals []error
	for _, definition := range wanted {
		live := &apiextensionsv1.CustomResourceDefinition{}
		err := c.Get(ctx, client.ObjectKeyFromObject(definition), live)
		switch {
		case apierrors.IsNotFound(err):
			continue
		case err != nil:
			return fmt.Errorf("reading the definition %s: %w", definition.Name, err)
		}
		before[definition.Name] = live.ResourceVersion
		refusals = append(refusals, judge(live, definition))
	}
	if err := errors.Join(refusals...); err != nil {
		return fmt.Errorf("no definition was changed: %w", err)
	}
	for _, definition := range wanted {
		after, err := applyOne(ctx, c, definition)
		if err != nil {
			return err
		}
		// A line that cannot be written is no reason to stop half-way.
		_, _ = fmt.Fprintln(out, definition.Name, outcome(before[definition.Name], after))
	}
	for _, definition := range wanted {
		if err := awaitServed(ctx, c, definition); err != nil {
			return err
		}
	}
	return nil
}

func outcome(before, after string) string {
	switch before {
	case "":
		return "was made"
	case after:
		return "was up to date"
	default:
		return "was brought up to date"
	}
}

// applyOne applies a definition, and gives the version of the object that came of it. What another manager has of it, as Helm or kubectl has after
// the installation, is taken over: the fields of a definition are nobody's to choose.
func applyOne(ctx context.Context, c client.Client, definition *apiextensionsv1.CustomResourceDefinition) (string, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(definition)
	if err != nil {
		return "", fmt.Errorf("reading the definition %s: %w", definition.Name, err)
	}
	delete(content, "status") // The API server writes it.
	object := &unstructured.Unstructured{Object: content}
	unstructured.RemoveNestedField(object.Object, "metadata", "creationTimestamp")
	err = c.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(FieldManager), client.ForceOwnership)
	if err != nil {
		return "", fmt.Errorf("applying the definition %s: %w", definition.Name, err)
	}
	return object.GetResourceVersion(), nil
}

func awaitServed(ctx context.Context, c client.Client, definition *apiextensionsv1.CustomResourceDefinition) error {
	why := "it was not seen yet"
	err := wait.PollUntilContextCancel(ctx, pollEvery, true, func(ctx context.Context) (bool, error) {
		live := &apiextensionsv1.CustomResourceDefinition{}
		if err := c.Get(ctx, client.ObjectKeyFromObject(definition), live); err != nil {
			return false, err
		}
		done, reason := served(live)
		why = reason
		return done, nil
	})
	if err != nil {
		return fmt.Errorf("the API server does not serve %s (%s): %w", definition.Name, why, err)
	}
	return nil
}
