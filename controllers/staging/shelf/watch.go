package shelf

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// Owners asks for the objects that a ControllerRevision was stored for: those of which it bears the label.
func (s *Shelf) Owners(ctx context.Context, stored client.Object) []ctrl.Request {
	objects, err := s.Kind.Objects(ctx, s.Client)
	if err != nil {
		log.FromContext(ctx).Error(err, "Nobody is told of a change of a revision.", "controllerRevision", client.ObjectKeyFromObject(stored))
		return nil
	}
	var requests []ctrl.Request
	for _, o := range objects {
		if s.Kind.Of(stored, o.Name) {
			requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKey{Name: o.Name}})
		}
	}
	return requests
}

// Matters lets pass the events of ControllerRevisions that somebody else may be behind. That one is created is the operator's own doing or, at a
// restart, followed by a look at every object anyway.
func Matters() builder.Predicates {
	return builder.WithPredicates(predicate.Funcs{CreateFunc: func(event.CreateEvent) bool { return false }})
}
