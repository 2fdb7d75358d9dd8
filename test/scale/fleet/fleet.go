// Package fleet is a country's connectors for tests at scale: a platform (hub, class, profile, plan), agencies with one namespace
// each, and the Connectors of their sites; and a Lookout that sees what becomes of them without asking the API server.
package fleet

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// Concurrency is how many calls at once whoever creates a fleet sends: as many as the operator by default reconciles.
const Concurrency = 16

// labelFleet marks the namespaces of a fleet with its name.
const labelFleet = "test.lienthong.gov.vn/fleet"

// Size of a fleet.
type Size struct{ Agencies, Sites int }

// Connectors is how many there are in all.
func (s Size) Connectors() int { return s.Agencies * s.Sites }

// Fleet is what was declared.
type Fleet struct {
	Size
	// Name of the hub, the class, the profile and the plan, and the beginning of each agency's.
	Name string
	Hub  *v1alpha1.ExchangeHub
	// Class is nil if somebody else declares it.
	Class   *v1alpha1.ConnectorClass
	Profile *v1alpha1.SecurityProfile
	Plan    *v1alpha1.RolloutPlan
	Members []*v1alpha1.Agency
}

// New declares a fleet whose identities the ClusterIssuer signs; anchor is the certificate of that authority. Nothing is in
// the cluster yet.
func New(name, issuer, anchor string, size Size) *Fleet {
	f := &Fleet{Size: size, Name: name, Class: class(name), Profile: profile(name), Plan: plan(name)}
	for i := range size.Agencies {
		f.Members = append(f.Members, agency(fmt.Sprintf("%s-%02d", name, i), i))
	}
	f.Hub = hub(name, f.Members[0].Name, issuer, anchor)
	return f
}

// CreatePlatform creates everything but the Connectors.
func (f *Fleet) CreatePlatform(ctx context.Context, c client.Client) error {
	objects := []client.Object{f.Profile, f.Hub}
	if f.Class != nil {
		objects = append(objects, f.Class)
	}
	for _, a := range f.Members {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: a.Name, Labels: map[string]string{labelFleet: f.Name}}}
		objects = append(objects, namespace, a)
	}
	for _, object := range append(objects, f.Plan) {
		if err := c.Create(ctx, object); err != nil {
			return fmt.Errorf("creating %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}

// DeletePlatform deletes what CreatePlatform created, and with the namespaces everything in them.
func (f *Fleet) DeletePlatform(ctx context.Context, c client.Client) error {
	objects := []client.Object{f.Plan, f.Hub, f.Class, f.Profile}
	for _, a := range f.Members {
		objects = append(objects, a, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: a.Name}})
	}
	var errs []error
	for _, object := range objects {
		errs = append(errs, client.IgnoreNotFound(c.Delete(ctx, object)))
	}
	return errors.Join(errs...)
}

// Connector gives the one of a number, as it is declared: those of one agency come one after the other.
func (f *Fleet) Connector(number int) *v1alpha1.Connector {
	a := f.Members[number/f.Sites%len(f.Members)]
	return connector(f.Name, a.Name, fmt.Sprintf("site-%02d", number%f.Sites))
}

// Extra gives a Connector that is not one of the fleet's.
func (f *Fleet) Extra(name string) *v1alpha1.Connector {
	return connector(f.Name, f.Members[0].Name, name)
}

// Each calls do for every Connector, Concurrency of them at once.
func (f *Fleet) Each(ctx context.Context, do func(context.Context, *v1alpha1.Connector) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(Concurrency)
	for i := range f.Connectors() {
		group.Go(func() error { return do(ctx, f.Connector(i)) })
	}
	return group.Wait()
}

// CreateConnectors creates all Connectors.
func (f *Fleet) CreateConnectors(ctx context.Context, c client.Client) error {
	return f.Each(ctx, func(ctx context.Context, connector *v1alpha1.Connector) error {
		if err := c.Create(ctx, connector); err != nil {
			return fmt.Errorf("creating Connector %s: %w", client.ObjectKeyFromObject(connector), err)
		}
		return nil
	})
}

// DeleteConnectors deletes all Connectors; the garbage collector of the cluster removes what they consist of.
func (f *Fleet) DeleteConnectors(ctx context.Context, c client.Client) error {
	return f.Each(ctx, func(ctx context.Context, connector *v1alpha1.Connector) error {
		if err := client.IgnoreNotFound(c.Delete(ctx, connector)); err != nil {
			return fmt.Errorf("deleting Connector %s: %w", client.ObjectKeyFromObject(connector), err)
		}
		return nil
	})
}

// Objects builds what a Connector that is in the cluster consists of, by the operator's own builders.
func (f *Fleet) Objects(ctx context.Context, reader client.Reader, connector *v1alpha1.Connector) ([]client.Object, error) {
	bundle, err := anchors.Resolve(ctx, reader, f.Hub, controllers.DefaultNamespace)
	if err != nil {
		return nil, err
	}
	for _, a := range f.Members {
		if a.Name == connector.Spec.AgencyRef.Name {
			return desired.All(desired.Inputs{
				Connector: connector, Agency: a, Hub: f.Hub, Class: f.Class, Profile: f.Profile,
				TrustBundle: bundle.PEM, OperatorNamespace: controllers.DefaultNamespace,
			})
		}
	}
	return nil, fmt.Errorf("the fleet has no Agency %s", connector.Spec.AgencyRef.Name)
}
