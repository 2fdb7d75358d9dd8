package evidence

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

const (
	// concurrency is how many records are judged at once; each costs at most one write.
	concurrency = 4
	// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
	reconcileTimeout = time.Minute
)

// Reconciler reconciles ComplianceEvidence.
type Reconciler struct {
	Client   client.Client
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=complianceevidences;dutywaivers;connectors,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=agencies;exchangehubs;securityprofiles,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=complianceevidences/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	maps := func(requests handler.MapFunc, changed predicate.Predicate) (handler.EventHandler, builder.WatchesOption) {
		return handler.EnqueueRequestsFromMapFunc(requests), builder.WithPredicates(changed)
	}
	related, judged := maps(r.related, acceptanceChanged())
	ofConnector, madeOrGone := maps(r.ofConnector, existenceChanged())
	ofAgency, partiesChanged := maps(r.ofAgency, agencyChanged())
	ofHub, regimeChanged := maps(r.ofHub, hubChanged())
	ofProfile, approvalChanged := maps(r.ofProfile, profileChanged())
	err := ctrl.NewControllerManagedBy(mgr).
		Named("complianceevidence").
		For(&v1alpha1.ComplianceEvidence{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.ComplianceEvidence{}, related, judged).
		Watches(&v1alpha1.Connector{}, ofConnector, madeOrGone).
		Watches(&v1alpha1.Agency{}, ofAgency, partiesChanged).
		Watches(&v1alpha1.ExchangeHub{}, ofHub, regimeChanged).
		Watches(&v1alpha1.SecurityProfile{}, ofProfile, approvalChanged).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency, ReconciliationTimeout: reconcileTimeout}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of ComplianceEvidence: %w", err)
	}
	return nil
}

// Reconcile judges one record and writes its status.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.NamespacedName)
	if apierrors.IsNotFound(err) {
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what ComplianceEvidence %s depends on: %w", req, err)
	}
	before := s.record.DeepCopy()
	s.record.Status = judge(s)
	if err := apply.Status(ctx, r.Client, before, s.record); err != nil {
		if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, err
	}
	r.announce(before, s.record)
	return ctrl.Result{}, nil
}

// scope is what was read in one pass.
type scope struct {
	now    time.Time
	record *v1alpha1.ComplianceEvidence
	// of is the case of the record's Connector.
	of *compliance.Case
}

func (r *Reconciler) read(ctx context.Context, key types.NamespacedName) (*scope, error) {
	s := &scope{now: r.Clock.Now(), record: &v1alpha1.ComplianceEvidence{}}
	if err := r.Client.Get(ctx, key, s.record); err != nil {
		return nil, err
	}
	var err error
	connector := types.NamespacedName{Namespace: key.Namespace, Name: s.record.Spec.ConnectorRef.Name}
	s.of, err = dossier.Read(ctx, r.Client, connector, s.now)
	return s, err
}

// announce tells once when a record is refused, and when it is accepted after that.
func (r *Reconciler) announce(before, after *v1alpha1.ComplianceEvidence) {
	was := meta.FindStatusCondition(before.Status.Conditions, v1alpha1.ConditionAccepted)
	is := meta.FindStatusCondition(after.Status.Conditions, v1alpha1.ConditionAccepted)
	switch {
	case is.Status == metav1.ConditionFalse && (was == nil || was.Reason != is.Reason):
		r.Recorder.Eventf(after, nil, corev1.EventTypeWarning, is.Reason, "Refuse", "%s", is.Message)
	case is.Status == metav1.ConditionTrue && was != nil && was.Status == metav1.ConditionFalse:
		r.Recorder.Eventf(after, nil, corev1.EventTypeNormal, is.Reason, "Accept", "%s", is.Message)
	}
}
