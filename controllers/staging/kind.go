package staging

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// Kind is what revisions are stored of. A revision of one kind is none of the other.
type Kind struct {
	// Connectors is the index by which the Connectors with a revision are found.
	Connectors string
	// Objects are all that there are of the kind.
	Objects func(context.Context, client.Reader) ([]Object, error)

	// of and revision are the labels of its ControllerRevisions.
	of, revision string
	// owner is the kind of object that owned one that an earlier version of the operator stored; empty if it owned none.
	owner string
	// read tells whether what is stored can be used.
	read func(text []byte, revision string) error
}

// Object is a SecurityProfile or a ConnectorClass, as far as its revisions go.
type Object struct {
	Name string
	// Revision of the object as it is.
	Revision string
	// Told is what its status tells of how that reaches Connectors; nil at first.
	Told *v1alpha1.RolloutProgress
}

// Profiles are stored with their technical part.
func Profiles() Kind {
	return Kind{
		Connectors: index.ConnectorByRevision, Objects: listProfiles, of: LabelProfile, revision: LabelProfileRevision, owner: "SecurityProfile",
		read: func(text []byte, revision string) error {
			_, err := decode[technical](text, revision)
			return err
		},
	}
}

// Classes are stored with their whole spec, apart from how it is rolled out, and with the way in which the operator builds by it.
func Classes() Kind {
	return Kind{
		Connectors: index.ConnectorByClassRevision, Objects: listClasses, of: LabelClass, revision: LabelClassRevision,
		read: func(text []byte, revision string) error {
			_, err := decode[builtClass](text, revision)
			return err
		},
	}
}

func listProfiles(ctx context.Context, reader client.Reader) ([]Object, error) {
	var list v1alpha1.SecurityProfileList
	if err := reader.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing SecurityProfiles: %w", err)
	}
	return objects(list.Items, func(p *v1alpha1.SecurityProfile) Object { return Object{p.Name, Revision(p.Spec), p.Status.Rollout} }), nil
}

func listClasses(ctx context.Context, reader client.Reader) ([]Object, error) {
	var list v1alpha1.ConnectorClassList
	if err := reader.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing ConnectorClasses: %w", err)
	}
	return objects(list.Items, func(c *v1alpha1.ConnectorClass) Object {
		return Object{c.Name, ClassRevision(c.Spec), c.Status.Rollout}
	}), nil
}

func objects[T any](items []T, of func(*T) Object) []Object {
	all := make([]Object, 0, len(items))
	for i := range items {
		all = append(all, of(&items[i]))
	}
	return all
}
