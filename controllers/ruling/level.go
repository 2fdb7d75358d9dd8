package ruling

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// Floor is the highest level that is approved for another Connector of the Agency, one that was deleted included.
type Floor struct {
	Level     v1alpha1.SecurityLevel
	Connector types.NamespacedName
}

// Lowered is the floor that the Connector declares less than without an approval of its own; nil if it does not.
func (r *Ruling) Lowered() *Floor {
	if r.Approved != nil || r.Floor == nil || r.Case.Connector.Spec.SecurityLevel >= r.Floor.Level {
		return nil
	}
	return r.Floor
}

// approved is the level of the newest approval that counts under the regime of the hub or, if none does, under another one: a change of
// the regime forgets no level. It keeps to what was told while nobody can say who may approve, and while the approval is still recorded
// and neither corrected nor followed by another one: what a profile asks of approvals, once edited, lowers no level.
func approved(c *compliance.Case) *v1alpha1.SecurityLevel {
	told := c.Connector.Status.ApprovedLevel
	if c.Regime == "" || c.Agency == nil {
		return told
	}
	newest := compliance.ApprovalUnder(c, c.Regime)
	if newest == nil {
		newest = compliance.ApprovalUnderAny(c)
	}
	if told != nil && (newest == nil || *newest.Spec.Level < *told) {
		newest = compliance.Later(compliance.StandingApproval(c, *told), newest)
	}
	if newest == nil {
		return nil
	}
	level := *newest.Spec.Level
	return &level
}

// floor finds what is approved for the Agency's other Connectors, on the same hub or in the Agency's namespaces. A Connector is not split
// off from them, nor created in the place of one that was deleted, to lower the level; nil if nothing is approved for any.
func floor(ctx context.Context, reader client.Reader, c *compliance.Case) (*Floor, error) {
	var own v1alpha1.ConnectorList
	if err := reader.List(ctx, &own, client.MatchingFields{index.ConnectorByAgency: c.Agency.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing the Connectors of Agency %s: %w", c.Agency.Name, err)
	}
	self := client.ObjectKeyFromObject(c.Connector)
	var highest *Floor
	consider := func(level *v1alpha1.SecurityLevel, of types.NamespacedName) {
		if level != nil && of != self && (highest == nil || *level > highest.Level) {
			highest = &Floor{*level, of}
		}
	}
	for i := range own.Items {
		if o := &own.Items[i]; o.Spec.HubRef == c.Connector.Spec.HubRef || o.Namespace == self.Namespace {
			consider(o.Status.ApprovedLevel, client.ObjectKeyFromObject(o))
		}
	}
	namespaces := append([]string{self.Namespace}, c.Agency.Spec.Namespaces...)
	slices.Sort(namespaces)
	for _, namespace := range slices.Compact(namespaces) {
		cases, err := recorded(ctx, reader, c, namespace)
		if err != nil {
			return nil, err
		}
		for _, other := range cases {
			consider(approved(other), client.ObjectKeyFromObject(other.Connector))
		}
	}
	return highest, nil
}

// recorded are the cases of all Connectors of a namespace that the Agency's records tell of, in the order of their names. One that does
// not exist any more is judged as if it were the Agency's; what tells of the Connectors of other Agencies is left out.
func recorded(ctx context.Context, reader client.Reader, c *compliance.Case, namespace string) ([]*compliance.Case, error) {
	var records v1alpha1.ComplianceEvidenceList
	if err := reader.List(ctx, &records, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil || len(records.Items) == 0 {
		return nil, wrap(err, "ComplianceEvidence", namespace)
	}
	var there v1alpha1.ConnectorList
	if err := reader.List(ctx, &there, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, wrap(err, "Connectors", namespace)
	}
	byName := map[string]*compliance.Case{}
	for i := range there.Items {
		o := &there.Items[i]
		elsewhere := namespace != c.Connector.Namespace && o.Spec.HubRef != c.Connector.Spec.HubRef
		if elsewhere || o.Spec.AgencyRef != c.Connector.Spec.AgencyRef || client.ObjectKeyFromObject(o) == client.ObjectKeyFromObject(c.Connector) {
			byName[o.Name] = nil // known, and not to be considered
		}
	}
	for i := range records.Items {
		r := &records.Items[i]
		if by := r.Spec.PerformedBy.AgencyRef; by != nil && !slices.Contains(c.Owners, by.Name) {
			continue
		}
		other, known := byName[r.Spec.ConnectorRef.Name]
		if !known {
			gone := *c
			gone.Connector = &v1alpha1.Connector{Spec: c.Connector.Spec}
			gone.Connector.Namespace, gone.Connector.Name = namespace, r.Spec.ConnectorRef.Name
			gone.Records, gone.Waivers = nil, nil
			other = &gone
			byName[r.Spec.ConnectorRef.Name] = other
		}
		if other != nil {
			other.Records = append(other.Records, *r)
		}
	}
	return inOrder(byName), nil
}

func inOrder(byName map[string]*compliance.Case) []*compliance.Case {
	var names []string
	for name, one := range byName {
		if one != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	cases := make([]*compliance.Case, 0, len(names))
	for _, name := range names {
		cases = append(cases, byName[name])
	}
	return cases
}

func wrap(err error, what, namespace string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("listing the %s of namespace %s: %w", what, namespace, err)
}
