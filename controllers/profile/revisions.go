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

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
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

// sweep removes revisions that nobody needs.
func (r *Reconciler) sweep(ctx context.Context, s *scope) error {
	has := make([]string, 0, len(s.connectors))
	for i := range s.connectors {
		has = append(has, s.connectors[i].Status.ProfileRevision)
	}
	names := sets.New[string]()
	for revision := range needed(s.before.Status.Rollout, &s.decision.status, has) {
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

// needed are the newest revision and those that Connectors have. While turns go on that were given for an earlier change, a Connector may
// be about to tell that it has the revision of that.
func needed(before, now *v1alpha1.ProfileRolloutStatus, has []string) sets.Set[string] {
	revisions := sets.New(has...).Insert(now.Revision)
	if before != nil && len(now.Batch) > 0 {
		revisions.Insert(before.Revision)
	}
	return revisions
}
