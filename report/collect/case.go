package collect

import (
	"context"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/explain"
)

const (
	kindAgency    = "Agency"
	kindConnector = "Connector"
)

// Agency reads an agency, by the name of its object or by either of its codes, with everything that it hangs on. What may not be read beside
// the agency itself is named in the case.
func Agency(ctx context.Context, reader client.Reader, o Options, nameOrCode string) (*explain.Case, error) {
	agencies, err := agenciesOf(ctx, reader, o)
	if err != nil {
		return nil, err
	}
	found := find(agencies, nameOrCode)
	if found == nil {
		return nil, &NotFoundError{Kind: kindAgency, Name: nameOrCode, Near: meant(nameOrCode, namesOf(agencies))}
	}
	b := &beside{ctx: ctx, reader: reader, options: o}
	c := &explain.Case{Now: o.Now, Agency: found}
	c.Plans = optional(b, resourcePlans, func() ([]*v1alpha1.RolloutPlan, error) { return plansOf(ctx, reader, o) })
	connectors := optional(b, resourceConnectors, func() ([]*v1alpha1.Connector, error) { return connectorsOf(ctx, reader, o) })
	for _, connector := range connectors {
		if connector.Spec.AgencyRef.Name == found.Name {
			c.Links = append(c.Links, b.link(connector))
		}
	}
	c.Unread = b.unread
	return c, b.err
}

// Connector reads a Connector with everything that it hangs on. What may not be read beside the Connector itself is named in the case.
func Connector(ctx context.Context, reader client.Reader, o Options, key client.ObjectKey) (*explain.Case, error) {
	connector := &v1alpha1.Connector{}
	err := reader.Get(ctx, key, connector)
	switch {
	case apierrors.IsNotFound(err):
		return nil, noConnector(ctx, reader, o, key)
	case err != nil:
		return nil, explained(err, verbGet, resourceConnectors, key.Namespace)
	}
	b := &beside{ctx: ctx, reader: reader, options: o}
	c := &explain.Case{Now: o.Now, Agency: get(b, resourceAgencies, connector.Spec.AgencyRef.Name, &v1alpha1.Agency{})}
	c.Links = []explain.Link{b.link(connector)}
	c.Unread = b.unread
	return c, b.err
}

// noConnector names Connectors that may have been meant: those of the namespace, or of all of them if the reader may see them.
func noConnector(ctx context.Context, reader client.Reader, o Options, key client.ObjectKey) error {
	connectors, err := connectorsOf(ctx, reader, o)
	if isRight(err) {
		connectors, err = connectorsOf(ctx, reader, o, client.InNamespace(key.Namespace))
	}
	if err != nil {
		return err
	}
	var names []candidate
	for _, c := range connectors {
		name := c.Namespace + "/" + c.Name
		names = append(names, candidate{name: name, words: []string{name, c.Name, c.Namespace}})
	}
	return &NotFoundError{Kind: kindConnector, Name: key.String(), Near: meant(key.String(), names)}
}

func find(agencies []*v1alpha1.Agency, nameOrCode string) *v1alpha1.Agency {
	for _, matches := range []func(*v1alpha1.Agency) bool{
		func(a *v1alpha1.Agency) bool { return a.Name == nameOrCode },
		func(a *v1alpha1.Agency) bool { return strings.EqualFold(a.Spec.Code, nameOrCode) },
		func(a *v1alpha1.Agency) bool {
			return nameOrCode != "" && strings.EqualFold(a.Spec.LegacyCode, nameOrCode)
		},
	} {
		if i := slices.IndexFunc(agencies, matches); i >= 0 {
			return agencies[i]
		}
	}
	return nil
}

// beside reads what an explanation is fuller with. A missing right is remembered, and any other error stops the reading.
type beside struct {
	ctx      context.Context //nolint:containedctx // it lives as long as one reading
	reader   client.Reader
	options  Options
	unread   []string
	err      error
	profiles []*v1alpha1.SecurityProfile
	asked    bool
}

func (b *beside) link(connector *v1alpha1.Connector) explain.Link {
	if !b.asked {
		b.asked = true
		b.profiles = optional(b, resourceProfiles, func() ([]*v1alpha1.SecurityProfile, error) {
			return all[*v1alpha1.SecurityProfile](b.ctx, b.reader, b.options,
				func() client.ObjectList { return &v1alpha1.SecurityProfileList{} }, resourceProfiles)
		})
	}
	in := client.InNamespace(connector.Namespace)
	evidence := optional(b, resourceEvidence, func() ([]*v1alpha1.ComplianceEvidence, error) {
		return all[*v1alpha1.ComplianceEvidence](b.ctx, b.reader, b.options,
			func() client.ObjectList { return &v1alpha1.ComplianceEvidenceList{} }, resourceEvidence, in)
	})
	waivers := optional(b, resourceWaivers, func() ([]*v1alpha1.DutyWaiver, error) {
		return all[*v1alpha1.DutyWaiver](b.ctx, b.reader, b.options, func() client.ObjectList { return &v1alpha1.DutyWaiverList{} }, resourceWaivers, in)
	})
	return explain.Link{
		Connector: connector, Profiles: b.profiles,
		Hub: get(b, resourceHubs, connector.Spec.HubRef.Name, &v1alpha1.ExchangeHub{}),
		Evidence: slices.DeleteFunc(evidence, func(e *v1alpha1.ComplianceEvidence) bool {
			return e.Spec.ConnectorRef.Name != connector.Name
		}),
		Waivers: slices.DeleteFunc(waivers, func(w *v1alpha1.DutyWaiver) bool { return w.Spec.ConnectorRef.Name != connector.Name }),
	}
}

// optional reads, unless an error stopped the reading before.
func optional[T any](b *beside, resource string, read func() ([]T, error)) []T {
	if b.err != nil {
		return nil
	}
	items, err := read()
	b.note(resource, err)
	return items
}

// get reads one cluster-scoped object; nil if there is none.
func get[T client.Object](b *beside, resource, name string, into T) T {
	var none T
	if b.err != nil {
		return none
	}
	err := b.reader.Get(b.ctx, client.ObjectKey{Name: name}, into)
	if apierrors.IsNotFound(err) {
		return none
	}
	b.note(resource, explained(err, verbGet, resource, ""))
	if err != nil {
		return none
	}
	return into
}

func (b *beside) note(resource string, err error) {
	switch {
	case err == nil:
	case !isRight(err):
		b.err = err
	case !slices.Contains(b.unread, resource):
		b.unread = append(b.unread, resource)
	}
}
