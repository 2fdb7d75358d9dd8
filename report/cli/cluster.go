package cli

import (
	"context"
	"fmt"
	"net/http"
	"os"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // The logins that kubeconfigs may ask for.
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Access is which cluster to read, and as whom.
type Access struct {
	Kubeconfig, Context, As string
	AsGroups                []string
	// UserAgent that the API server is told.
	UserAgent string
}

// Cluster is what commands read.
type Cluster interface {
	client.Reader
	// Follow keeps a copy of the kinds up to date until the context ends, and tells the follower what happens to it. A connection that is lost is
	// taken up again by itself.
	Follow(ctx context.Context, kinds []client.Object, f Follower) (client.Reader, error)
}

// Follower is told what happens to a copy.
type Follower struct {
	// Changed is called at every change.
	Changed func()
	// Lost and Back are called whenever the API server is not reached, and whenever it is.
	Lost func(error)
	Back func()
	// Refused is called when the API server does not let the reader watch.
	Refused func(error)
}

// Connect finds the cluster as kubectl does: by --kubeconfig, by KUBECONFIG, by the file in the home directory, or from within a pod.
func Connect(a Access) (Cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = a.Kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: a.Context}).ClientConfig()
	if clientcmd.IsEmptyConfig(err) && os.Getenv(clientcmd.RecommendedConfigPathEnvVar) != "" {
		// clientcmd passes files over that do not exist, and then knows of no cluster.
		err = &missingFilesError{rules.Precedence}
	}
	if err != nil {
		return nil, fmt.Errorf("finding the cluster: %w", err)
	}
	if a.As != "" || len(a.AsGroups) > 0 {
		config.Impersonate = rest.ImpersonationConfig{UserName: a.As, Groups: a.AsGroups}
	}
	config.UserAgent = a.UserAgent
	return NewCluster(config)
}

// NewCluster reads the cluster of a configuration.
func NewCluster(config *rest.Config) (Cluster, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("building the scheme: %w", err)
	}
	config = rest.CopyConfig(config)
	// A report of a country is a few dozen calls in a row; the API server's own fairness bounds them.
	config.QPS, config.Burst = 50, 100
	mapper := mapperOf(scheme)
	reader, err := client.New(config, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("making the client: %w", err)
	}
	return &cluster{Reader: reader, config: config, scheme: scheme, mapper: mapper}, nil
}

// mapperOf knows the resources of this project's kinds, so that nothing has to be asked for, and no right is needed, to find them.
func mapperOf(scheme *runtime.Scheme) meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper(nil)
	for kind := range scheme.KnownTypes(v1alpha1.GroupVersion) {
		mapper.Add(v1alpha1.GroupVersion.WithKind(kind), scopeOf(kind))
	}
	return mapper
}

func scopeOf(kind string) meta.RESTScope {
	switch kind {
	case "Connector", "ComplianceEvidence", "DutyWaiver":
		return meta.RESTScopeNamespace
	default:
		return meta.RESTScopeRoot
	}
}

type cluster struct {
	client.Reader
	config *rest.Config
	scheme *runtime.Scheme
	mapper meta.RESTMapper
}

// Follow is a cache of informers: they list, watch, and do both again with a back-off when the connection is lost.
func (c *cluster) Follow(ctx context.Context, kinds []client.Object, f Follower) (client.Reader, error) {
	config := rest.CopyConfig(c.config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &heard{next: next, follower: f} })
	copies, err := cache.New(config, cache.Options{
		Scheme: c.scheme, Mapper: c.mapper,
		DefaultWatchErrorHandler: func(_ context.Context, _ *toolscache.Reflector, err error) {
			if apierrors.IsForbidden(err) {
				f.Refused(err)
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("making the copy: %w", err)
	}
	go func() {
		if err := copies.Start(ctx); err != nil {
			f.Refused(err)
		}
	}()
	told := toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { f.Changed() }, UpdateFunc: func(_, _ any) { f.Changed() }, DeleteFunc: func(any) { f.Changed() },
	}
	for _, kind := range kinds {
		informer, err := copies.GetInformer(ctx, kind)
		if err != nil {
			return nil, fmt.Errorf("watching %T: %w", kind, err)
		}
		if _, err := informer.AddEventHandler(told); err != nil {
			return nil, fmt.Errorf("watching %T: %w", kind, err)
		}
	}
	return copies, nil
}

// heard tells of every request whether the API server was reached.
type heard struct {
	next     http.RoundTripper
	follower Follower
}

// RoundTrip sends the request.
func (h *heard) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := h.next.RoundTrip(request)
	switch {
	case err == nil:
		h.follower.Back()
	case request.Context().Err() == nil:
		h.follower.Lost(err)
	}
	return response, err
}
