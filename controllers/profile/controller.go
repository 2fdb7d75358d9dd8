package profile

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
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
	"lienthong.gov.vn/connector-operator/controllers/staging/shelf"
	"lienthong.gov.vn/connector-operator/controllers/tally"
	"lienthong.gov.vn/connector-operator/controllers/turns"
)

const (
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = time.Minute
	// afterConflict is how long after a write that came too late the profile is read again.
	afterConflict = 300 * time.Millisecond
)

// Reconciler reconciles SecurityProfiles.
type Reconciler struct {
	Client client.Client
	// Live reads from the API server; it is asked only when a ControllerRevision is in the way that the cache does not hold.
	Live     client.Reader
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
	// OperatorNamespace is where revisions are stored.
	OperatorNamespace string
}

// ControllerRevisions are written in the operator's own namespace only, so their permissions are a Role: config/rbac/revisions_role.yaml.

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=securityprofiles;connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=securityprofiles/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	changed := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(mgr).
		Named("securityprofile").
		For(&v1alpha1.SecurityProfile{}, changed).
		Watches(&appsv1.ControllerRevision{}, handler.EnqueueRequestsFromMapFunc(r.shelf().Owners), shelf.Matters()).
		Watches(&v1alpha1.SecurityProfile{}, handler.EnqueueRequestsFromMapFunc(r.rivals), changed).
		Watches(&v1alpha1.Connector{}, coalesce.Paced(r.pace, ofConnector), builder.WithPredicates(matters())).
		WithOptions(controller.Options{ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of SecurityProfiles: %w", err)
	}
	return nil
}

// Reconcile stores the newest revision of one profile, decides whose turn it is to take it up, and writes the status.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.Name)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, r.shelf().Sweep(ctx, nil)
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what SecurityProfile %s depends on: %w", req.Name, err)
	}
	if s.profile.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	if err := r.store(ctx, s); err != nil {
		return ctrl.Result{}, fmt.Errorf("reconciling SecurityProfile %s: %w", req.Name, err)
	}
	s.decision = turns.Decide(s.fleet())
	s.profile.Status = judge(s)
	switch err := apply.StatusLocked(ctx, r.Client, s.before, s.profile); {
	case apierrors.IsConflict(err):
		// Somebody wrote in the same moment: the turns that were to be given out rest on a status, or a spec, that is not the latest.
		log.FromContext(ctx).V(1).Info("Somebody else wrote in the same moment.", "error", err.Error())
		return ctrl.Result{RequeueAfter: afterConflict}, nil
	case err != nil:
		return ctrl.Result{}, err
	}
	r.announce(s)
	if err := r.shelf().Sweep(ctx, turns.Needed(s.before.Status.Rollout, &s.decision.Status)); err != nil {
		return ctrl.Result{}, fmt.Errorf("reconciling SecurityProfile %s: %w", req.Name, err)
	}
	return ctrl.Result{RequeueAfter: s.decision.Next}, nil
}

// pace is how long news of the Connectors of a profile is gathered.
func (r *Reconciler) pace(ctx context.Context, request ctrl.Request) time.Duration {
	var profile v1alpha1.SecurityProfile
	if err := r.Client.Get(ctx, request.NamespacedName, &profile); err != nil {
		return turns.Pace(nil)
	}
	return turns.Pace(profile.Status.Rollout)
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

// matters lets pass the events of Connectors that can change the status of their profile.
func matters() predicate.Predicate {
	return predicate.Or[client.Object](turns.Matters(turns.Profile()), tally.Changed(func(c *v1alpha1.Connector) string { return c.Status.Profile }))
}
