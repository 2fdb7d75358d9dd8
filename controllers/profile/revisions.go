package profile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// store keeps the newest revision, before anybody gets a turn: once the profile is changed again, it could not be known any more.
func (r *Reconciler) store(ctx context.Context, s *scope) error {
	object, err := staging.Object(s.profile, r.OperatorNamespace)
	if err != nil {
		return err
	}
	_, err = r.Children.Apply(ctx, s.profile, object, blocked(s.before))
	var foreign *apply.ForeignObjectError
	switch {
	case errors.As(err, &foreign):
		s.obstacle = inTheWay(object, "belongs to "+foreign.Owner)
	case err != nil:
		return fmt.Errorf("storing the newest revision: %w", err)
	}
	i := slices.IndexFunc(s.revisions, func(stored appsv1.ControllerRevision) bool { return stored.Name == object.Name })
	if s.obstacle == "" && i >= 0 && !staging.Holds(&s.revisions[i], s.profile.Name) {
		s.obstacle = inTheWay(object, "does not hold the revision that it is named after")
	}
	return nil
}

func inTheWay(object *appsv1.ControllerRevision, problem string) string {
	return fmt.Sprintf("ControllerRevision %s/%s already exists and %s. It is left as it is, and no Connector takes up the change before "+
		"the newest revision is stored there; delete it.", object.Namespace, object.Name, problem)
}

// sweep removes revisions that nobody needs: not the newest, and none that a Connector was made by. While turns were given for an
// earlier change, a Connector may be about to tell that it has the revision of that.
func (r *Reconciler) sweep(ctx context.Context, s *scope) error {
	needed := sets.New(s.decision.status.Revision)
	for i := range s.connectors {
		needed.Insert(s.connectors[i].Status.ProfileRevision)
	}
	if before := s.before.Status.Rollout; before != nil && len(s.decision.status.Batch) > 0 {
		needed.Insert(before.Revision)
	}
	names := sets.New[string]()
	for revision := range needed {
		names.Insert(staging.Name(s.profile.Name, revision))
	}
	var errs []error
	for i := range s.revisions {
		stored := &s.revisions[i]
		if names.Has(stored.Name) || stored.DeletionTimestamp != nil || !metav1.IsControlledBy(stored, s.profile) {
			continue
		}
		if err := client.IgnoreNotFound(r.Client.Delete(ctx, stored, client.Preconditions{UID: &stored.UID})); err != nil {
			errs = append(errs, fmt.Errorf("removing ControllerRevision %s/%s, which nobody needs: %w", stored.Namespace, stored.Name, err))
		}
	}
	return errors.Join(errs...)
}
