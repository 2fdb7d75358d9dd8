package staging

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// StagedClass is the class that a Connector is to be made by now.
type StagedClass struct {
	// Class is a copy whose spec is that of Revision; the rest is as it is today.
	Class *v1alpha1.ConnectorClass
	// Revision that the Connector has, or is to take up if it is the newest.
	Revision string
	// Newest tells that Revision is that of the class as it is.
	Newest bool
	// Lost tells that the revision that the Connector has is stored nowhere, or was built in a way that this version of the operator does not
	// know any more: its objects stay as they are until its turn comes. The spec is then the newest, which does not hold for the Connector yet.
	Lost bool
}

// PickClass gives a Connector its class: as it is, if the Connector has its turn to take that up, or was not made yet, or by another class;
// and otherwise with the spec by which the Connector's objects were last made.
func PickClass(
	ctx context.Context, reader client.Reader, operatorNamespace string, class *v1alpha1.ConnectorClass, connector *v1alpha1.Connector,
) (StagedClass, error) {
	newest := ClassRevision(class.Spec)
	staged := StagedClass{Class: class.DeepCopy(), Revision: newest, Newest: true}
	told := connector.Status
	if told.ClassRevision == "" || told.ClassRevision == newest || told.ClassName != class.Name ||
		hasTurn(turnsFor(class.Status.Rollout, newest), connector) {
		return staged, nil
	}
	staged.Revision, staged.Newest = told.ClassRevision, false
	stored, err := find[builtClass](ctx, reader, operatorNamespace, Classes(), class.Name, told.ClassRevision)
	if err != nil {
		return StagedClass{}, fmt.Errorf("reading revision %s of ConnectorClass %s, by which Connector %s/%s was made: %w",
			told.ClassRevision, class.Name, connector.Namespace, connector.Name, err)
	}
	if stored == nil || stored.Builder != desired.Builder {
		staged.Lost = true
		return staged, nil
	}
	stored.Rollout = staged.Class.Spec.Rollout
	staged.Class.Spec = stored.ConnectorClassSpec
	return staged, nil
}
