package controllers

import (
	"context"
	"fmt"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	ctrlcache "sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/approval"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/controllers/report"
)

// shutdownPatience is how long running work may take to end. It is less than the pod has (terminationGracePeriodSeconds), so that the lease is given
// back before the pod is killed, and another replica takes over at once.
const shutdownPatience = 10 * time.Second

// leaderElectionID names the Lease by which one of several replicas is elected.
const leaderElectionID = "connector-operator.lienthong.gov.vn"

// Run runs the manager until the context ends.
func Run(ctx context.Context, config *rest.Config, o Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	mgr, err := NewManager(config, o)
	if err != nil {
		return err
	}
	wall := clock.RealClock{}
	own := &observe.IdentityFetcher{Dir: o.IdentityDir, Clock: wall}
	dependencies := Dependencies{Clock: wall, Fetcher: own, Timing: observe.DefaultTiming(), OwnIdentity: own.Own, Identity: own.Identity}
	if err := Setup(ctx, mgr, o, dependencies); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running the manager: %w", err)
	}
	return nil
}

// NewManager makes a manager with the operator's cache and health checks, and no controllers yet.
func NewManager(config *rest.Config, o Options) (ctrl.Manager, error) {
	scheme, err := NewScheme()
	if err != nil {
		return nil, err
	}
	config = rest.CopyConfig(config)
	// The API server's priority and fairness share out its capacity; a limit here would only add to every wait.
	config.QPS = -1
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         CacheOptions(o.Namespace),
		Client:                        client.Options{Cache: &client.CacheOptions{EnableReadYourWritesConsistency: new(true)}},
		Metrics:                       metricsOptions(o),
		HealthProbeBindAddress:        o.ProbeAddress,
		LeaderElection:                o.LeaderElection,
		LeaderElectionID:              leaderElectionID,
		LeaderElectionNamespace:       o.Namespace,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       new(shutdownPatience),
		Controller:                    ctrlconfig.Controller{SkipNameValidation: &o.SkipNameValidation},
	})
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return nil, fmt.Errorf("adding the health check: %w", err)
	}
	if err := mgr.AddReadyzCheck("ping", healthz.Ping); err != nil {
		return nil, fmt.Errorf("adding the readiness check: %w", err)
	}
	return mgr, nil
}

// metricsOptions serve metrics over TLS, to those whom the API server knows and allows. The certificate is that of the directory, read
// anew when it changes; where there is none at the start, one that nobody can check.
func metricsOptions(o Options) metricsserver.Options {
	return metricsserver.Options{
		BindAddress: o.MetricsAddress, SecureServing: true, CertDir: o.MetricsCertDir, FilterProvider: filters.WithAuthenticationAndAuthorization,
	}
}

// CacheOptions keep out of memory what the operator does not need: of the kinds that everybody uses, only the objects that
// bear its label, and of ConfigMaps also those in its own namespace, where trust anchors lie. ControllerRevisions are read in its own
// namespace only, where it stores those of profiles. Of ReadinessReports, their place in the chain is kept and not their content.
// CertificateRequests are all there, because anybody may make one for a hub's issuer.
func CacheOptions(operatorNamespace string) ctrlcache.Options {
	own := labels.SelectorFromSet(labels.Set{desired.LabelManagedBy: desired.ManagedBy})
	byLabel := ctrlcache.ByObject{Label: own}
	return ctrlcache.Options{
		DefaultTransform: dropManagedFields(),
		ByObject: map[client.Object]ctrlcache.ByObject{
			&corev1.ServiceAccount{}:        byLabel,
			&corev1.Service{}:               byLabel,
			&appsv1.Deployment{}:            byLabel,
			&networkingv1.NetworkPolicy{}:   byLabel,
			&policyv1.PodDisruptionBudget{}: byLabel,
			&cmapi.Certificate{}:            byLabel,
			&cmapi.CertificateRequest{}:     {Transform: keepWhatIsJudged},
			&v1alpha1.ReadinessReport{}:     {Transform: report.WithoutContent},
			&corev1.Pod{}:                   {Label: own, Transform: keepPodSummary},
			&appsv1.ControllerRevision{}: {
				Namespaces: map[string]ctrlcache.Config{operatorNamespace: {LabelSelector: own}},
			},
			&corev1.ConfigMap{}: {Namespaces: map[string]ctrlcache.Config{
				operatorNamespace:       {},
				ctrlcache.AllNamespaces: {LabelSelector: own},
			}},
		},
	}
}

func dropManagedFields() cache.TransformFunc { return ctrlcache.TransformStripManagedFields() }

// keepWhatIsJudged drops what is to be signed as soon as that is settled, or if it is not the operator's to settle.
func keepWhatIsJudged(object any) (any, error) {
	if request, ok := object.(*cmapi.CertificateRequest); ok {
		request.ManagedFields = nil
		request.Status.CA = nil
		if !approval.Concerns(request) {
			request.Spec.Request = nil
		}
	}
	return object, nil
}

// keepPodSummary keeps who a pod is, where it is, whether it is ready, and how it was urged to take up what is new.
func keepPodSummary(object any) (any, error) {
	if pod, ok := object.(*corev1.Pod); ok {
		pod.ManagedFields = nil
		if sync, ok := pod.Annotations[desired.AnnotationSync]; ok {
			pod.Annotations = map[string]string{desired.AnnotationSync: sync}
		} else {
			pod.Annotations = nil
		}
		pod.Spec = corev1.PodSpec{NodeName: pod.Spec.NodeName}
		pod.Status = corev1.PodStatus{
			Phase: pod.Status.Phase, PodIP: pod.Status.PodIP, PodIPs: pod.Status.PodIPs, Conditions: pod.Status.Conditions,
		}
	}
	return object, nil
}
