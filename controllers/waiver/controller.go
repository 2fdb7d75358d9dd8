package waiver

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/compliance/dossier"
)

// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
const reconcileTimeout = time.Minute

// Reconciler reconciles DutyWaivers.
type Reconciler struct {
	Client   client.Client
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=complianceevidences;dutywaivers;connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=agencies;exchangehubs;securityprofiles,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=dutywaivers/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("dutywaiver").
		For(&v1alpha1.DutyWaiver{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.Connector{}, handler.EnqueueRequestsFromMapFunc(r.ofConnector), builder.WithPredicates(levelChanged())).
		Watches(&v1alpha1.Agency{}, handler.EnqueueRequestsFromMapFunc(r.ofAgency), builder.WithPredicates(zoneChanged())).
		Watches(&v1alpha1.SecurityProfile{}, handler.EnqueueRequestsFromMapFunc(r.all), builder.WithPredicates(dutiesChanged())).
		WithOptions(controller.Options{ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of DutyWaivers: %w", err)
	}
	return nil
}

// Reconcile judges one waiver and writes its status.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.NamespacedName)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what DutyWaiver %s depends on: %w", req, err)
	}
	before := s.waiver.DeepCopy()
	status, again := judge(s)
	s.waiver.Status = status
	if err := apply.Status(ctx, r.Client, before, s.waiver); err != nil {
		if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, err
	}
	r.announce(before, s.waiver)
	if again.IsZero() {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: again.Sub(s.now)}, nil
}

// scope is what was read in one pass.
type scope struct {
	now    time.Time
	waiver *v1alpha1.DutyWaiver
	// of is the case of the waiver's Connector.
	of *compliance.Case
}

func (r *Reconciler) read(ctx context.Context, key types.NamespacedName) (*scope, error) {
	s := &scope{now: r.Clock.Now(), waiver: &v1alpha1.DutyWaiver{}}
	if err := r.Client.Get(ctx, key, s.waiver); err != nil {
		return nil, err
	}
	var err error
	connector := types.NamespacedName{Namespace: key.Namespace, Name: s.waiver.Spec.ConnectorRef.Name}
	s.of, err = dossier.Read(ctx, r.Client, connector, s.now)
	return s, err
}

// announce tells once when a waiver is refused, and when it has ended.
func (r *Reconciler) announce(before, after *v1alpha1.DutyWaiver) {
	was := meta.FindStatusCondition(before.Status.Conditions, v1alpha1.ConditionReady)
	is := meta.FindStatusCondition(after.Status.Conditions, v1alpha1.ConditionReady)
	if was != nil && was.Reason == is.Reason || is.Status == metav1.ConditionTrue || is.Reason == v1alpha1.ReasonNotYetInForce {
		return
	}
	action := "Refuse"
	if is.Reason == v1alpha1.ReasonExpired {
		action = "End"
	}
	r.Recorder.Eventf(after, nil, corev1.EventTypeWarning, is.Reason, action, "%s", is.Message)
}
