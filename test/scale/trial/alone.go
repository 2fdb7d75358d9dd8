package trial

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/cert-manager/cert-manager/pkg/api/util"
	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

// Alone is as many Certificates as a fleet has, with the same specs, that cert-manager looks after and nobody else: they bear no label
// of the operator, and belong to nothing.
type Alone struct {
	namespaces []string
	env        *harness.Env
	seen       cache.Cache
	count      int
}

// NewAlone creates namespaces whose names begin with that name, each with an Issuer, which the copy of an authority's Secret makes sign as the
// fleet's issuer does, and in them, evenly, a Certificate for each of these: cert-manager goes through all requests of a namespace at each step, so
// there must not be more in one than the fleet has. What it watches it watches until the context ends.
func NewAlone(ctx context.Context, env *harness.Env, name string, namespaces int, authority *corev1.Secret, like []*cmapi.Certificate) (*Alone, error) {
	a := &Alone{env: env, count: len(like)}
	for n := range namespaces {
		a.namespaces = append(a.namespaces, fmt.Sprintf("%s-%02d", name, n))
		if err := a.makeIssuer(ctx, a.namespaces[n], authority); err != nil {
			return nil, err
		}
	}
	if err := a.watch(ctx); err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fleet.Concurrency)
	for i, c := range like {
		namespace := a.namespaces[i%namespaces]
		certificate := &cmapi.Certificate{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("alone-%04d", i)}, Spec: *c.Spec.DeepCopy(),
		}
		certificate.Spec.SecretName, certificate.Spec.SecretTemplate = certificate.Name, nil
		certificate.Spec.IssuerRef = cmmeta.IssuerReference{Name: namespace, Kind: cmapi.IssuerKind, Group: c.Spec.IssuerRef.Group}
		group.Go(func() error { return env.Client.Create(ctx, certificate) })
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("creating Certificates: %w", err)
	}
	return a, nil
}

func (a *Alone) makeIssuer(ctx context.Context, name string, authority *corev1.Secret) error {
	issuer := &cmapi.Issuer{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: name},
		Spec:       cmapi.IssuerSpec{IssuerConfig: cmapi.IssuerConfig{CA: &cmapi.CAIssuer{SecretName: name}}},
	}
	secret := &corev1.Secret{ObjectMeta: *issuer.ObjectMeta.DeepCopy(), Type: authority.Type, Data: maps.Clone(authority.Data)}
	// With the label by which cert-manager keeps it in its cache, as it does the authority's: otherwise it would read it for every signature.
	secret.Labels = maps.Clone(authority.Labels)
	for _, object := range []client.Object{&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, secret, issuer} {
		if err := a.env.Client.Create(ctx, object); err != nil {
			return fmt.Errorf("creating %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}

func (a *Alone) watch(ctx context.Context) error {
	own := map[string]cache.Config{}
	for _, namespace := range a.namespaces {
		own[namespace] = cache.Config{}
	}
	seen, err := cache.New(rest.CopyConfig(a.env.Admin), cache.Options{
		Scheme: a.env.Scheme, DefaultTransform: cache.TransformStripManagedFields(), DefaultNamespaces: own,
	})
	if err != nil {
		return fmt.Errorf("making a cache of Certificates: %w", err)
	}
	// The other two are watched as well where the fleet is looked at, and by whatever mounts a Secret.
	for _, kind := range []client.Object{&cmapi.Certificate{}, &cmapi.CertificateRequest{}, &corev1.Secret{}} {
		if _, err := seen.GetInformer(ctx, kind, cache.BlockUntilSynced(false)); err != nil {
			return fmt.Errorf("watching %T: %w", kind, err)
		}
	}
	go func() { _ = seen.Start(ctx) }() // Start ends with the context, and gives no error then.
	if !seen.WaitForCacheSync(ctx) {
		return errors.New("the cache of Certificates could not be filled")
	}
	a.seen = seen
	return nil
}

// Issued says what is missing until every Certificate is ready, and has at least that revision.
func (a *Alone) Issued(ctx context.Context, revision int) error {
	list, err := a.list(ctx)
	if err != nil {
		return err
	}
	issued := 0
	for i := range list {
		c := &list[i]
		if c.Status.Revision != nil && *c.Status.Revision >= revision && is(c, cmapi.CertificateConditionReady) && !is(c, cmapi.CertificateConditionIssuing) {
			issued++
		}
	}
	if issued != a.count {
		return fmt.Errorf("%d of %d Certificates have revision %d", issued, a.count, revision)
	}
	return nil
}

func is(c *cmapi.Certificate, conditionType cmapi.CertificateConditionType) bool {
	return util.CertificateHasCondition(c, cmapi.CertificateCondition{Type: conditionType, Status: cmmeta.ConditionTrue})
}

func (a *Alone) list(ctx context.Context) ([]cmapi.Certificate, error) {
	var list cmapi.CertificateList
	if err := a.seen.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Certificates: %w", err)
	}
	return list.Items, nil
}

// Renew has every Certificate issued once more.
func (a *Alone) Renew(ctx context.Context) error {
	list, err := a.list(ctx)
	if err != nil {
		return err
	}
	return Renew(ctx, a.env.Client, list)
}

// Renew has every one of these Certificates issued once more, as cert-manager's command line has it: by the condition Issuing. As many
// are asked for at once as the operator works on.
func Renew(ctx context.Context, c client.Client, list []cmapi.Certificate) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fleet.Concurrency)
	for i := range list {
		key := client.ObjectKeyFromObject(&list[i])
		group.Go(func() error {
			return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
				var certificate cmapi.Certificate
				if err := c.Get(ctx, key, &certificate); err != nil {
					return err
				}
				const message = "Renewed by a benchmark."
				util.SetCertificateCondition(&certificate, certificate.Generation, cmapi.CertificateConditionIssuing, cmmeta.ConditionTrue,
					"ManuallyTriggered", message)
				return c.Status().Update(ctx, &certificate)
			})
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("asking cert-manager for renewals: %w", err)
	}
	return nil
}

// Delete deletes the namespaces, and with them everything in them.
func (a *Alone) Delete(ctx context.Context) error {
	var errs []error
	for _, name := range a.namespaces {
		err := a.env.Client.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		if err = client.IgnoreNotFound(err); err != nil {
			errs = append(errs, fmt.Errorf("deleting namespace %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
