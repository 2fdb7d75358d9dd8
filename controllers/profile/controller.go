package profile

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/coalesce"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

const (
	// coalesceWait is how long the changes of Connectors are gathered before a profile is counted again.
	coalesceWait = 2 * time.Second
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = time.Minute
)

// Reconciler reconciles SecurityProfiles.
type Reconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=securityprofiles;connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=securityprofiles/status,verbs=patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	changed := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(mgr).
		Named("securityprofile").
		For(&v1alpha1.SecurityProfile{}, changed).
		Watches(&v1alpha1.SecurityProfile{}, handler.EnqueueRequestsFromMapFunc(r.rivals), changed).
		Watches(&v1alpha1.Connector{}, coalesce.Handler(coalesceWait, ofConnector), builder.WithPredicates(tally.Changed(profileOf))).
		WithOptions(controller.Options{ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of SecurityProfiles: %w", err)
	}
	return nil
}

// Reconcile judges one profile and writes its status.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what SecurityProfile %s depends on: %w", req.Name, err)
	}
	before := s.profile.DeepCopy()
	s.profile.Status = judge(s)
	return ctrl.Result{}, apply.Status(ctx, r.Client, before, s.profile)
}

// rivals asks for the profiles for the same regime and level.
func (r *Reconciler) rivals(ctx context.Context, obj client.Object) []ctrl.Request {
	profile, ok := obj.(*v1alpha1.SecurityProfile)
	if !ok {
		return nil
	}
	var same v1alpha1.SecurityProfileList
	key := index.RegimeAndLevel(profile.Spec.Regime, profile.Spec.Level)
	if err := r.Client.List(ctx, &same, client.MatchingFields{index.ProfileByRegimeAndLevel: key}, client.UnsafeDisableDeepCopy); err != nil {
		log.FromContext(ctx).Error(err, "listing SecurityProfiles", "regimeAndLevel", key)
		return nil
	}
	requests := make([]ctrl.Request, 0, len(same.Items))
	for i := range same.Items {
		requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&same.Items[i])})
	}
	return requests
}

func ofConnector(_ context.Context, obj client.Object) []ctrl.Request {
	connector, ok := obj.(*v1alpha1.Connector)
	if !ok || connector.Status.Profile == "" {
		return nil
	}
	return []ctrl.Request{{NamespacedName: client.ObjectKey{Name: connector.Status.Profile}}}
}

func profileOf(c *v1alpha1.Connector) string {
	return c.Status.Profile
}
