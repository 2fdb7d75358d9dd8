package hub

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	testclock "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// storage is an API server in memory that knows the indexes which the controller asks by.
func storage(t *testing.T, functions interceptor.Funcs, objects ...client.Object) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&v1alpha1.ExchangeHub{}).
		WithIndex(&v1alpha1.Connector{}, index.ConnectorByHub, func(o client.Object) []string {
			return []string{o.(*v1alpha1.Connector).Spec.HubRef.Name}
		}).
		WithInterceptorFuncs(functions).Build()
}

func declaredHub(t *testing.T) *v1alpha1.ExchangeHub {
	t.Helper()
	ca, err := pki.NewCA("root")
	if err != nil {
		t.Fatal(err)
	}
	return &v1alpha1.ExchangeHub{
		ObjectMeta: metav1.ObjectMeta{Name: "axis", Generation: 1},
		Spec: v1alpha1.ExchangeHubSpec{
			OwnerAgencyRef: v1alpha1.ObjectReference{Name: "g22"}, TrustAnchors: []v1alpha1.TrustAnchor{{Name: "root", PEM: string(ca.PEM())}},
		},
	}
}

func reconciler(c client.Client) *Reconciler {
	return &Reconciler{
		Client: c, Children: &apply.Children{Client: c, Live: c}, Clock: testclock.NewFakePassiveClock(time.Now()),
		Recorder: events.NewFakeRecorder(16),
	}
}

// TestAStatusThatIsNotTheLatestIsNotWrittenOver has somebody give out a turn between the reading and the writing.
func TestAStatusThatIsNotTheLatestIsNotWrittenOver(t *testing.T) {
	turn := v1alpha1.RolloverTurn{Namespace: "g12", Name: "main", Since: metav1.NewTime(noon())}
	patches := 0
	c := storage(t, interceptor.Funcs{SubResourcePatch: func(
		ctx context.Context, c client.Client, subResource string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption,
	) error {
		patches++
		if patches == 1 {
			var hub v1alpha1.ExchangeHub
			if err := c.Get(ctx, client.ObjectKeyFromObject(object), &hub); err != nil {
				return err
			}
			hub.Status.Rollover = &v1alpha1.RolloverStatus{Phase: v1alpha1.RolloverReissuing, Batch: []v1alpha1.RolloverTurn{turn}}
			if err := c.Status().Update(ctx, &hub); err != nil {
				return err
			}
		}
		return c.SubResource(subResource).Patch(ctx, object, patch, options...)
	}}, declaredHub(t))
	r, request := reconciler(c), ctrl.Request{NamespacedName: client.ObjectKey{Name: "axis"}}

	result, err := r.Reconcile(t.Context(), request)
	if err != nil || result.RequeueAfter != settling {
		t.Fatalf("a write that came too late ends with %v, %v, want another pass after %s", result, err, settling)
	}
	var hub v1alpha1.ExchangeHub
	if err := c.Get(t.Context(), request.NamespacedName, &hub); err != nil {
		t.Fatal(err)
	}
	if hub.Status.Rollover == nil || len(hub.Status.Rollover.Batch) != 1 || len(hub.Status.Conditions) != 0 {
		t.Errorf("the status that was written meanwhile is lost: %+v", hub.Status)
	}

	if _, err := r.Reconcile(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if err := c.Get(t.Context(), request.NamespacedName, &hub); err != nil {
		t.Fatal(err)
	}
	if !meta.IsStatusConditionTrue(hub.Status.Conditions, v1alpha1.ConditionTrustResolved) {
		t.Errorf("the next pass does not write the status: %+v", hub.Status)
	}
}

func TestAnIdleHubIsNotWritten(t *testing.T) {
	writes := 0
	c := storage(t, interceptor.Funcs{SubResourcePatch: func(
		ctx context.Context, c client.Client, subResource string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption,
	) error {
		writes++
		return c.SubResource(subResource).Patch(ctx, object, patch, options...)
	}}, declaredHub(t), &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "g22"}})
	r := reconciler(c)
	for range 3 {
		if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "axis"}}); err != nil {
			t.Fatal(err)
		}
	}
	if writes != 1 {
		t.Errorf("three passes over one hub cost %d writes, want 1", writes)
	}
}

func TestNextLook(t *testing.T) {
	two := func() *scope {
		s := hubWith(anchor("new", 48*time.Hour), anchor("old", 24*time.Hour))
		s.bundle.Parsed.Anchors = make([]*x509.Certificate, 2)
		return s
	}
	tests := map[string]struct {
		change func(*scope)
		want   time.Duration
	}{
		"the next anchor that expires": {func(*scope) {}, 24 * time.Hour},
		"the next turn that runs out":  {func(s *scope) { s.decision.Next = time.Hour }, time.Hour},
		"the next entry that is forgotten": {func(s *scope) {
			s.hub.Status.RevokedIdentities = append(s.hub.Status.RevokedIdentities, known(0, time.Hour))
		}, time.Hour},
		"somebody else's object in the way": {func(s *scope) { s.unpublished = &apply.ForeignObjectError{} }, foreignRetry},
		"a window that nobody waits for":    {waitsForAfternoon(0), 24 * time.Hour},
		"a window that somebody waits for":  {waitsForAfternoon(1), 2 * time.Hour},
		"an own identity":                   {func(s *scope) { s.identity = make([]*x509.Certificate, 1) }, identityLook},
		"an own identity, and one anchor": {func(s *scope) {
			s.identity, s.bundle.Parsed.Anchors = make([]*x509.Certificate, 1), s.bundle.Parsed.Anchors[:1]
		}, 24 * time.Hour},
		"an anchor held for the operator": {func(s *scope) {
			s.identity, s.operatorsOwn = make([]*x509.Certificate, 1), []string{"old"}
			s.bundle.Anchors[1].State = v1alpha1.TrustAnchorHeld
		}, identityRecheck},
		"an identity that cannot be read": {func(s *scope) { s.identityProblem = errors.New("cut short") }, identityRecheck},
		"an anchor that is still published": {func(s *scope) {
			s.hub.Spec.PublishTo = &v1alpha1.ConfigMapReference{}
			s.kept = &anchors.Bundle{Anchors: s.bundle.Anchors[:1], Parsed: &trust.Bundle{Digest: "sha256:less"}}
		}, settling},
		"anchors that cannot be read": {func(s *scope) { s.bundle = nil }, 24 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := two()
			s.hub.Status.TrustAnchors = s.bundle.Anchors
			tt.change(s)
			if got := nextLook(s, noon()); got != tt.want {
				t.Errorf("the hub is looked at again in %s, want %s", got, tt.want)
			}
		})
	}
}

// waitsForAfternoon gives the hub a Connector whose window opens in two hours, and so many who wait.
func waitsForAfternoon(waiting int32) func(*scope) {
	return func(s *scope) {
		s.connectors = []v1alpha1.Connector{*wellConnected()}
		s.connectors[0].Spec.MaintenanceWindows = afternoon()
		s.decision.Status.Waiting = &waiting
	}
}
