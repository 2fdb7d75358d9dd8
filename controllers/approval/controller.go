package approval

import (
	"context"
	"fmt"
	"sync"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// patience is how old a request may grow while the cache catches up, or while the operator rewrites a Certificate.
	patience = 10 * time.Second
	// glance is how soon such a request is looked at again.
	glance = 500 * time.Millisecond
	// alarming is how long after its creation a request that somebody else approved is worth a warning; what was signed
	// long ago, under another profile, is history.
	alarming = 10 * time.Minute
	// forbiddenRetry is how soon a decision is written again that the operator was not allowed to write: nothing tells when a
	// person has mended the permission.
	forbiddenRetry = 15 * time.Second
)

// Reconciler decides CertificateRequests.
type Reconciler struct {
	Client   client.Client
	Clock    clock.PassiveClock
	Recorder events.EventRecorder
	// Requesters are the users that cert-manager makes its requests as.
	Requesters []string
	// OperatorNamespace is where the revisions of profiles are stored.
	OperatorNamespace string

	counters *counters
	// told names the requests of which a warning was given already, so that each look does not repeat it. A restart may.
	told sync.Map // types.NamespacedName to nothing
}

// +kubebuilder:rbac:groups=cert-manager.io,resources=certificaterequests;certificates,verbs=get;list;watch
// +kubebuilder:rbac:groups=cert-manager.io,resources=certificaterequests/status,verbs=patch
// +kubebuilder:rbac:groups=cert-manager.io,resources=signers,resourceNames=clusterissuers.cert-manager.io/*,verbs=approve
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=connectors;agencies;exchangehubs;securityprofiles,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=complianceevidences;dutywaivers,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile decides one request.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	s, err := r.read(ctx, req.NamespacedName)
	if err != nil || s == nil {
		return ctrl.Result{}, err
	}
	objection := decide(s)
	switch {
	case objection != nil && objection.waits && s.young:
		if objection.differs {
			r.withhold(s, objection)
		}
		return ctrl.Result{RequeueAfter: glance}, nil
	case s.otherApprover != "":
		if objection != nil {
			r.alarm(ctx, s, objection)
		}
		return ctrl.Result{}, nil
	case objection != nil:
		err = r.deny(ctx, s, objection)
	default:
		err = r.approve(ctx, s)
	}
	switch {
	case apierrors.IsConflict(err):
		// Somebody wrote in the same moment; the cache will have seen it by then.
		return ctrl.Result{RequeueAfter: glance}, nil
	case apierrors.IsNotFound(err):
		return ctrl.Result{}, nil
	case apierrors.IsForbidden(err):
		ctrl.LoggerFrom(ctx).Error(err, "The operator may not decide requests for this issuer; grant it the verb approve on the signer.",
			"issuer", nameOf(s.request.Spec.IssuerRef))
		return ctrl.Result{RequeueAfter: forbiddenRetry}, nil
	case err != nil:
		return ctrl.Result{}, fmt.Errorf("deciding CertificateRequest %s: %w", req, err)
	}
	return ctrl.Result{}, nil
}

// approvedBy is the reason that the approver of a request gave, which is a name of his own; empty if nobody has approved.
func approvedBy(request *cmapi.CertificateRequest) string {
	c := condition(request, cmapi.CertificateRequestConditionApproved)
	switch {
	case c == nil:
		return ""
	case c.Reason == "":
		return "somebody"
	}
	return c.Reason
}
