package staging

import (
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Staged is the profile that a Connector is to be made by now.
type Staged struct {
	// Profile is a copy whose technical part is that of Revision; the rest is as it is today.
	Profile *v1alpha1.SecurityProfile
	// Revision that the Connector has, or is to take up if it is the newest.
	Revision string
	// Newest tells that Revision is that of the profile as it is.
	Newest bool
	// Lost tells that the revision that the Connector has is stored nowhere, for no profile: its objects stay as they are until its turn comes. The
	// technical part of Profile is then the newest, which does not hold for the Connector yet.
	Lost bool
}

// Pick gives a Connector the profile that rules it: as it is, if the Connector has its turn to take that up, or was not made yet, or for
// another level; and with the technical part by which the Connector's objects were last made, otherwise, whichever profile that was of.
func Pick(
	ctx context.Context, reader client.Reader, operatorNamespace string,
	profile *v1alpha1.SecurityProfile, connector *v1alpha1.Connector,
) (Staged, error) {
	newest := Revision(profile.Spec)
	staged := Staged{Profile: profile.DeepCopy(), Revision: newest, Newest: true}
	has := connector.Status.ProfileRevision
	otherLevel := connector.Status.SecurityLevel != profile.Spec.Level
	if has == "" || has == newest || otherLevel || hasTurn(turnsFor(profile.Status.Rollout, newest), connector) {
		return staged, nil
	}
	staged.Revision, staged.Newest = has, false
	t, err := find[technical](ctx, reader, operatorNamespace, Profiles(), profile.Name, has)
	if err != nil {
		return Staged{}, fmt.Errorf("reading revision %s, by which Connector %s/%s was made: %w", has, connector.Namespace, connector.Name, err)
	}
	if t == nil {
		staged.Lost = true
		return staged, nil
	}
	t.writeInto(&staged.Profile.Spec)
	return staged, nil
}

// find reads a revision as it is stored for this object or, if it is not, for any other of its kind; nil if it is stored nowhere. What
// somebody else wrote under such a name, which the controller that stores it tells of, is as good as nothing.
func find[T any](ctx context.Context, reader client.Reader, operatorNamespace string, kind Kind, name, revision string) (*T, error) {
	var stored appsv1.ControllerRevision
	key := client.ObjectKey{Namespace: operatorNamespace, Name: Name(name, revision)}
	switch err := reader.Get(ctx, key, &stored); {
	case client.IgnoreNotFound(err) != nil:
		return nil, fmt.Errorf("reading ControllerRevision %s: %w", key, err)
	case err == nil:
		if t, err := decode[T](stored.Data.Raw, revision); err == nil {
			return t, nil
		}
	}
	var all appsv1.ControllerRevisionList
	if err := reader.List(ctx, &all, client.InNamespace(operatorNamespace), client.MatchingLabels{kind.revision: revision}); err != nil {
		return nil, fmt.Errorf("listing ControllerRevisions in %s: %w", operatorNamespace, err)
	}
	for i := range all.Items {
		if t, err := decode[T](all.Items[i].Data.Raw, revision); err == nil {
			return t, nil
		}
	}
	return nil, nil //nolint:nilnil // there is none, and that is an answer
}

func hasTurn(turns []types.NamespacedName, connector *v1alpha1.Connector) bool {
	return slices.Contains(turns, types.NamespacedName{Namespace: connector.Namespace, Name: connector.Name})
}

// Turns are the Connectors whose turn it is to take up the profile as it is. A status that tells of an earlier revision gives none.
func Turns(profile *v1alpha1.SecurityProfile) []types.NamespacedName {
	return turnsFor(profile.Status.Rollout, Revision(profile.Spec))
}

// ClassTurns are the Connectors whose turn it is to take up the class as it is.
func ClassTurns(class *v1alpha1.ConnectorClass) []types.NamespacedName {
	return turnsFor(class.Status.Rollout, ClassRevision(class.Spec))
}

func turnsFor(rollout *v1alpha1.RolloutProgress, newest string) []types.NamespacedName {
	if rollout == nil || rollout.Revision != newest {
		return nil
	}
	keys := make([]types.NamespacedName, 0, len(rollout.Batch))
	for _, t := range rollout.Batch {
		keys = append(keys, types.NamespacedName{Namespace: t.Namespace, Name: t.Name})
	}
	return keys
}
