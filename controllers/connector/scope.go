package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/controllers/revocations"
	"lienthong.gov.vn/connector-operator/controllers/ruling"
	"lienthong.gov.vn/connector-operator/controllers/staging"
	"lienthong.gov.vn/connector-operator/controllers/window"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// scope is what was read in one pass, and what the phases concluded from it.
type scope struct {
	// connector is the object to write the status of; before is as it was read. Both are always set.
	connector, before *v1alpha1.Connector

	// What the spec refers to; nil where it does not exist.
	agency *v1alpha1.Agency
	hub    *v1alpha1.ExchangeHub
	class  *v1alpha1.ConnectorClass
	// stagedClass is by which revision of the class, which is then that of class, the Connector is to be made now.
	stagedClass staging.StagedClass
	// twins are all Agencies with the agency's code, itself included.
	twins []v1alpha1.Agency
	// ruling is by what the Connector is made and judged, and profile what of it is enforced; the latter is nil if there is none.
	ruling  *ruling.Ruling
	profile *v1alpha1.SecurityProfile
	// bundle of the hub's anchors; nil with unreadable set if a person has to act.
	bundle     *anchors.Bundle
	unreadable *anchors.UnreadableError
	// revocations of the hub; nil without a hub.
	revocations *revocations.Published
	// windows of the Connector; empty with neverOpens set if one can never open.
	windows    window.Set
	neverOpens error

	// leaf is what is known of the Connector's certificate, deployment what runs (nil if nothing does), and pods what each said.
	// The first two are read again after the children were applied.
	leaf       delivery.State
	deployment *appsv1.Deployment
	pods       []pod
	targets    []observe.Target
	// seen is set once the three were read.
	seen bool

	// refusal is set by decide if the spec cannot be honoured.
	refusal *refusal
	// children are set by prepare, unless the Connector is refused.
	children []client.Object
	// expected is what the pods should have in use; nil if nothing is provisioned.
	expected *expected
	// plan is what is to be done beside applying the children.
	plan plan
	// heldBack is set by act if a child waits for a maintenance window.
	heldBack bool
	// foreign is set by act for each object in the way.
	foreign []*apply.ForeignObjectError
	// written is what was last written of the parts whose change disturbs: from the last status, and by act.
	written written
	// unapplied is set by act if an object could not be written; rejected says so of each that the API server will not have.
	unapplied error
	rejected  []string
	// askedBefore and restartedBefore are what the Certificate and the Deployment asked for before this pass.
	askedBefore     *desired.Replacement
	issuerBefore    v1alpha1.IssuerReference
	restartedBefore string
	// traced is where the newest leaf ends.
	traced traced
	// patience is how much longer than usual pods may take by themselves, because leaves of many are replaced at once.
	patience time.Duration
	// replacedAtOnce is how many Connectors have their leaf replaced now.
	replacedAtOnce int
	// retryAt is set by follow: how long until something is tried again that is not possible now; 0 for never.
	retryAt time.Duration
}

// pod is one gateway pod and what it said.
type pod struct {
	name string
	uid  types.UID
	// host and zone are where it runs; empty where that is not known.
	host, zone string
	// created is when the pod was made.
	created time.Time
	ready   bool
	// sync is the annotation by which the pod was urged to take up what is new.
	sync string
	// readySince is set if ready is.
	readySince time.Time
	// asked is false for a pod that was not asked yet although it can be.
	asked bool
	// answer is nil for a pod that cannot be asked: it is not ready or has no address.
	answer *observe.Observation
}

// report is what the pod said; nil if it could not be asked.
func (p pod) report() *status.Report {
	if p.answer == nil {
		return nil
	}
	return p.answer.Report
}

func (r *Reconciler) inputs(s *scope) desired.Inputs {
	return desired.Inputs{
		Connector: s.connector, Agency: s.agency, Hub: s.hub, Class: s.class, Profile: s.profile,
		Delivery: r.Delivery, Issuer: s.issuer(), Replacement: s.replacement(), Windows: s.windows, RestartedFor: s.plan.restartFor,
		TrustBundle: s.bundle.PEM, Revocations: s.revocations.Rendered, OperatorNamespace: r.OperatorNamespace,
		Render:          r.renderings.of(client.ObjectKeyFromObject(s.connector)),
		FIPS140Withheld: s.plan.closed && !s.plan.restartUrgent && s.deployment != nil && !desired.StartsInFIPS140Mode(s.deployment.Spec.Template),
	}
}

// spiffeID is the Connector's identity; empty while its agency or its hub is not known.
func (s *scope) spiffeID() string {
	if s.agency == nil || s.hub == nil {
		return ""
	}
	return desired.SPIFFEID(s.hub, s.agency, s.connector)
}

// stopped tells that the children are not made, because the spec cannot be honoured.
func (s *scope) stopped() bool { return s.refusal != nil && !s.refusal.enforced }

// provisioned tells that children of the Connector were made once. The status tells so, where tenants cannot write.
func (s *scope) provisioned() bool {
	return s.before.Status.Written != nil || s.before.Status.ProfileRevision != ""
}

func (s *scope) paused() bool { return s.connector.Spec.Paused != nil && *s.connector.Spec.Paused }

// awaitsTurn tells that by which revision of the profile, or of the class, the children were made is not known any more: they stay as they
// are until it is the Connector's turn to take up the newest.
func (s *scope) awaitsTurn() bool { return s.ruling.Staged.Lost || s.stagedClass.Lost }

// awaitsAnswer tells that a pod has been asked for the first time and will answer, or be silent, in a moment.
func (s *scope) awaitsAnswer() bool {
	for _, p := range s.pods {
		if p.ready && !p.asked {
			return true
		}
	}
	return false
}

func (r *Reconciler) read(ctx context.Context, key types.NamespacedName) (*scope, error) {
	s := &scope{before: &v1alpha1.Connector{}}
	if err := r.Client.Get(ctx, key, s.before); err != nil {
		return nil, fmt.Errorf("reading Connector %s: %w", key, err)
	}
	s.connector = s.before.DeepCopy()
	if told := s.before.Status.Written; told != nil {
		s.written = written(*told)
	}
	spec := s.connector.Spec
	var err error
	if s.agency, err = find(ctx, r.Client, spec.AgencyRef.Name, &v1alpha1.Agency{}); err != nil {
		return nil, err
	}
	if s.hub, err = find(ctx, r.Client, spec.HubRef.Name, &v1alpha1.ExchangeHub{}); err != nil {
		return nil, err
	}
	s.windows, s.neverOpens = window.Parse(spec.MaintenanceWindows)
	if err := errors.Join(r.readTwins(ctx, s), r.readHub(ctx, s), r.readClass(ctx, s), r.readRuling(ctx, s)); err != nil {
		return nil, err
	}
	return s, nil
}

func (r *Reconciler) readTwins(ctx context.Context, s *scope) error {
	if s.agency == nil {
		return nil
	}
	var list v1alpha1.AgencyList
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.AgencyByCode: s.agency.Spec.Code}); err != nil {
		return fmt.Errorf("listing Agencies with code %s: %w", s.agency.Spec.Code, err)
	}
	s.twins = list.Items
	return nil
}

func (r *Reconciler) readHub(ctx context.Context, s *scope) error {
	if s.hub == nil {
		return nil
	}
	var err error
	if s.revocations, err = revocations.Resolve(ctx, r.Client, s.hub, r.Clock.Now()); err != nil {
		return err
	}
	bundle, err := anchors.Resolve(ctx, r.Client, s.hub, r.OperatorNamespace)
	if errors.As(err, &s.unreadable) {
		return nil
	}
	s.bundle = bundle
	return err
}

func (r *Reconciler) readClass(ctx context.Context, s *scope) error {
	class, err := find(ctx, r.Client, s.connector.Spec.ClassName, &v1alpha1.ConnectorClass{})
	if err != nil || class == nil {
		return err
	}
	s.stagedClass, err = staging.PickClass(ctx, r.Client, r.OperatorNamespace, class, s.before)
	s.class = s.stagedClass.Class
	return err
}

func (r *Reconciler) readRuling(ctx context.Context, s *scope) (err error) {
	if s.ruling, err = ruling.Resolve(ctx, r.Client, r.OperatorNamespace, s.connector, r.Clock.Now()); err == nil {
		s.profile = s.ruling.Profile
	}
	return err
}

// find reads a cluster-scoped object, or gives nil if there is none of that name.
func find[T client.Object](ctx context.Context, reader client.Reader, name string, into T) (T, error) {
	var none T
	err := reader.Get(ctx, types.NamespacedName{Name: name}, into)
	if apierrors.IsNotFound(err) {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("reading %T %s: %w", into, name, err)
	}
	return into, nil
}

// readiness tells whether a pod is ready, and since when.
func readiness(p *corev1.Pod) (ready bool, since time.Time) {
	if p.DeletionTimestamp != nil {
		return false, time.Time{}
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
			return true, c.LastTransitionTime.Time
		}
	}
	return false, time.Time{}
}
