package controllers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/agency"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/approval"
	"lienthong.gov.vn/connector-operator/controllers/class"
	"lienthong.gov.vn/connector-operator/controllers/connector"
	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/controllers/evidence"
	"lienthong.gov.vn/connector-operator/controllers/hub"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/metrics"
	"lienthong.gov.vn/connector-operator/controllers/notice"
	"lienthong.gov.vn/connector-operator/controllers/notice/courier"
	"lienthong.gov.vn/connector-operator/controllers/notice/post"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/controllers/profile"
	"lienthong.gov.vn/connector-operator/controllers/report"
	"lienthong.gov.vn/connector-operator/controllers/rollout"
	"lienthong.gov.vn/connector-operator/controllers/waiver"
)

// NewScheme knows every kind that the operator reads or writes.
func NewScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, cmapi.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("building the scheme: %w", err)
		}
	}
	return scheme, nil
}

// Dependencies are what tests replace.
type Dependencies struct {
	// Clock of all logic.
	Clock clock.WithTicker
	// Fetcher asks gateways what they serve.
	Fetcher observe.Fetcher
	// Timing of those questions.
	Timing observe.Timing
	// OwnIdentity reads the operator's own certificate on a hub and its intermediates; without it, the operator has none.
	OwnIdentity func(hub string) ([]*x509.Certificate, error)
	// Identity reads the same with its key, to sign notices; without it, none is sent.
	Identity func(hub string) (tls.Certificate, error)
}

// Setup registers every controller with the manager.
func Setup(ctx context.Context, mgr ctrl.Manager, o Options, d Dependencies) error {
	if err := index.Register(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	// The buffer only spares a goroutine a wait: what was learned lies in the Observer, and the channel carries names.
	answers := make(chan event.TypedGenericEvent[types.NamespacedName], 1024)
	observer := observe.New(d.Fetcher, d.Timing, d.Clock, mgr.GetLogger().WithName("observer"), func(key types.NamespacedName) {
		select {
		case answers <- event.TypedGenericEvent[types.NamespacedName]{Object: key}:
		case <-ctx.Done():
		}
	})
	if err := mgr.Add(observer); err != nil {
		return fmt.Errorf("adding the observer of gateways: %w", err)
	}
	if err := metrics.SetupWithManager(mgr); err != nil {
		return err
	}
	if err := serveReports(ctx, mgr, o, d.Clock); err != nil {
		return err
	}
	recorder := mgr.GetEventRecorder("connector-operator")
	connectors := &connector.Reconciler{
		Client: mgr.GetClient(),
		Children: &apply.Children{
			Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Reverted: recordReversion(recorder), Recreated: recordRecreation(recorder),
		},
		Delivery: &delivery.CertManager{Client: mgr.GetClient(), Requesters: o.Requesters()},
		Observer: observer, Clock: d.Clock, Recorder: recorder,
		OperatorNamespace: o.Namespace, Concurrency: o.Concurrency,
	}
	if err := connectors.SetupWithManager(mgr, answers); err != nil {
		return err
	}
	for _, c := range []interface{ SetupWithManager(ctrl.Manager) error }{
		&hub.Reconciler{
			Client: mgr.GetClient(), Children: connectors.Children, Clock: d.Clock,
			Recorder: recorder, OperatorNamespace: o.Namespace, OwnIdentity: d.OwnIdentity,
		},
		&approval.Reconciler{
			Client: mgr.GetClient(), Clock: d.Clock, Recorder: recorder, Requesters: o.Requesters(),
			OperatorNamespace: o.Namespace,
		},
		&agency.Reconciler{Client: mgr.GetClient(), Clock: d.Clock},
		&rollout.Reconciler{Client: mgr.GetClient(), Clock: d.Clock},
		&report.Reconciler{
			Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Clock: d.Clock, Recorder: recorder, Limits: report.DefaultLimits(),
		},
		&profile.Reconciler{Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Clock: d.Clock, Recorder: recorder, OperatorNamespace: o.Namespace},
		&class.Reconciler{Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Clock: d.Clock, Recorder: recorder, OperatorNamespace: o.Namespace},
		&evidence.Reconciler{Client: mgr.GetClient(), Clock: d.Clock, Recorder: recorder},
		&waiver.Reconciler{Client: mgr.GetClient(), Clock: d.Clock, Recorder: recorder},
	} {
		if err := c.SetupWithManager(mgr); err != nil {
			return err
		}
	}
	return setupNotices(ctx, mgr, o, d)
}

// setupNotices registers what tells focal points of changes. The courier is one of the leader's tasks.
func setupNotices(ctx context.Context, mgr ctrl.Manager, o Options, d Dependencies) error {
	if err := metrics.SetupNotices(mgr); err != nil {
		return err
	}
	guard, err := o.noticeGuard(mgr.GetConfig().Host)
	if err != nil {
		return err
	}
	// The buffer only spares a worker a wait: what is to be written lies in the courier, and the channel carries names.
	told := make(chan event.TypedGenericEvent[v1alpha1.NoticeSubject], 1024)
	sender := &post.Sender{Guard: guard, Identity: d.Identity, Clock: d.Clock}
	if sender.Identity == nil {
		sender.Identity = func(string) (tls.Certificate, error) { return tls.Certificate{}, observe.ErrNoIdentity }
	}
	runner := courier.New(sender, courier.DefaultTiming(), d.Clock, func(queue v1alpha1.NoticeSubject) {
		select {
		case told <- event.TypedGenericEvent[v1alpha1.NoticeSubject]{Object: queue}:
		case <-ctx.Done():
		}
	})
	if err := mgr.Add(runner); err != nil {
		return fmt.Errorf("adding the courier of notices: %w", err)
	}
	return (&notice.Reconciler{Client: mgr.GetClient(), Clock: d.Clock, Courier: runner}).SetupWithManager(mgr, told)
}

// recordReversion leaves a trace of what somebody changed of what is the operator's, for whoever looks for an attack.
func recordReversion(recorder events.EventRecorder) func(metav1.Object, apply.Reversion) {
	return func(owner metav1.Object, r apply.Reversion) {
		if regarding, ok := owner.(runtime.Object); ok {
			// Events about one object in one short time are counted together, unless they are related to different ones.
			related := &corev1.ObjectReference{Kind: r.Kind, Namespace: r.Namespace, Name: r.Name}
			recorder.Eventf(regarding, related, corev1.EventTypeWarning, "ForeignChangeReverted", "Repair",
				"Somebody else changed %s %s/%s, which the operator manages, in %s. It was put back; find out who may write there.",
				r.Kind, r.Namespace, r.Name, strings.Join(r.Parts, ", "))
		}
	}
}

// recordRecreation leaves a trace of what somebody deleted of what is the operator's.
func recordRecreation(recorder events.EventRecorder) func(metav1.Object, string, types.NamespacedName) {
	return func(owner metav1.Object, kind string, child types.NamespacedName) {
		if regarding, ok := owner.(runtime.Object); ok {
			related := &corev1.ObjectReference{Kind: kind, Namespace: child.Namespace, Name: child.Name}
			recorder.Eventf(regarding, related, corev1.EventTypeWarning, "ChildRecreated", "Repair",
				"Somebody else deleted %s %s, which the operator manages. It was made again; find out who may delete there.", kind, child)
		}
	}
}
