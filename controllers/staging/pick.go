package staging

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
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
	// Lost tells that the revision that the Connector has is stored nowhere: its objects stay as they are until its turn comes. The
	// technical part of Profile is then the newest, which does not hold for the Connector yet.
	Lost bool
}

// Pick gives a Connector the profile that rules it: as it is, if the Connector has its turn to take that up or has nothing of this
// profile yet, and as it was when the Connector's objects were last made, otherwise.
func Pick(
	ctx context.Context, reader client.Reader, operatorNamespace string,
	profile *v1alpha1.SecurityProfile, connector *v1alpha1.Connector,
) (Staged, error) {
	newest := Revision(profile.Spec)
	staged := Staged{Profile: profile.DeepCopy(), Revision: newest, Newest: true}
	has := connector.Status.ProfileRevision
	if connector.Status.Profile != profile.Name || has == "" || has == newest || hasTurn(profile, newest, connector) {
		return staged, nil
	}
	staged.Revision, staged.Newest = has, false
	var stored appsv1.ControllerRevision
	key := client.ObjectKey{Namespace: operatorNamespace, Name: Name(profile.Name, has)}
	switch err := reader.Get(ctx, key, &stored); {
	case apierrors.IsNotFound(err):
		staged.Lost = true
		return staged, nil
	case err != nil:
		return Staged{}, fmt.Errorf("reading ControllerRevision %s, which holds SecurityProfile %s as Connector %s/%s has it: %w",
			key, profile.Name, connector.Namespace, connector.Name, err)
	}
	t, err := decode(stored.Data.Raw, has)
	if err != nil {
		// Somebody else's object of that name, which the controller of profiles tells of: as good as none.
		staged.Lost = true
		return staged, nil //nolint:nilerr // what cannot be used is lost, and that is an answer
	}
	t.writeInto(&staged.Profile.Spec)
	return staged, nil
}

func hasTurn(profile *v1alpha1.SecurityProfile, newest string, connector *v1alpha1.Connector) bool {
	for _, key := range turnsFor(profile, newest) {
		if key.Namespace == connector.Namespace && key.Name == connector.Name {
			return true
		}
	}
	return false
}

// Turns are the Connectors whose turn it is to take up the profile as it is. A status that tells of an earlier revision gives none.
func Turns(profile *v1alpha1.SecurityProfile) []types.NamespacedName {
	return turnsFor(profile, Revision(profile.Spec))
}

func turnsFor(profile *v1alpha1.SecurityProfile, newest string) []types.NamespacedName {
	rollout := profile.Status.Rollout
	if rollout == nil || rollout.Revision != newest {
		return nil
	}
	keys := make([]types.NamespacedName, 0, len(rollout.Batch))
	for _, t := range rollout.Batch {
		keys = append(keys, types.NamespacedName{Namespace: t.Namespace, Name: t.Name})
	}
	return keys
}
