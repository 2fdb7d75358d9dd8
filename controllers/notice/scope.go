package notice

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/notice/facts"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
)

// scope is what was read in one pass.
type scope struct {
	now     time.Time
	subject v1alpha1.NoticeSubject
	// owner is the subject; nil if there is none.
	owner client.Object
	// queue is nil if there is none.
	queue *v1alpha1.NoticeQueue
	// hubs that the subject, or what is pending, is concerned with, by name.
	hubs map[string]*v1alpha1.ExchangeHub
	// concerned are the names of those that the subject is concerned with now.
	concerned map[string]bool
	// sinks are those of the subject and then those of the hubs.
	sinks []outbox.Sink
	facts []facts.Fact
	// taken and healths are what the courier tells.
	taken   outbox.Acknowledged
	healths map[string]outbox.Health
}

// ours tells whether the queue is that of the subject as it exists now, and not of one of that name that is gone.
func (s *scope) ours() bool {
	return s.owner != nil && s.queue.Spec.Subject == s.subject && metav1.IsControlledBy(s.queue, s.owner)
}

// restored tells whether the queue is that of the subject and belongs to nobody: it came from a backup, in which an owner is known by an
// identity that it has no more.
func (s *scope) restored() bool {
	return s.owner != nil && s.queue != nil && s.queue.Spec.Subject == s.subject && s.queue.DeletionTimestamp == nil &&
		len(s.queue.OwnerReferences) == 0
}

// needed tells whether a sink is declared that changes of the subject go to.
func (s *scope) needed() bool {
	return slices.ContainsFunc(s.sinks, func(sink outbox.Sink) bool { return sink.Owner == s.subject || s.concerned[sink.Owner.Name] })
}

func (r *Reconciler) read(ctx context.Context, subject v1alpha1.NoticeSubject) (*scope, error) {
	s := &scope{now: r.Clock.Now(), subject: subject, hubs: map[string]*v1alpha1.ExchangeHub{}, concerned: map[string]bool{}}
	if err := r.readQueue(ctx, s); err != nil {
		return nil, err
	}
	if subject.Kind == v1alpha1.NoticeSubjectHub {
		return s, r.readHubSubject(ctx, s)
	}
	return s, r.readAgencySubject(ctx, s)
}

func (r *Reconciler) readQueue(ctx context.Context, s *scope) error {
	queue := &v1alpha1.NoticeQueue{}
	err := r.Client.Get(ctx, client.ObjectKey{Name: QueueName(s.subject)}, queue)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading its NoticeQueue: %w", err)
	}
	s.queue = queue
	return nil
}

func (r *Reconciler) readHubSubject(ctx context.Context, s *scope) error {
	hub, err := r.hub(ctx, s.subject.Name)
	if err != nil || hub == nil {
		return err
	}
	s.owner, s.facts = hub, facts.OfHub(hub)
	s.addSinks(s.subject, hub.Spec.NoticeSinks)
	return nil
}

func (r *Reconciler) readAgencySubject(ctx context.Context, s *scope) error {
	agency := &v1alpha1.Agency{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: s.subject.Name}, agency); err != nil {
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("reading the Agency: %w", err)
	}
	s.owner = agency
	s.addSinks(s.subject, agency.Spec.NoticeSinks)
	hubOfPlan, err := r.plans(ctx, agency)
	if err != nil {
		return err
	}
	s.facts = facts.OfMilestones(agency, hubOfPlan)
	for _, hub := range hubOfPlan {
		s.concerned[hub] = true
	}
	connectors, err := r.acting(ctx, agency)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for i := range connectors {
		s.facts = append(s.facts, facts.OfConnector(agency, &connectors[i])...)
		used[connectors[i].Spec.HubRef.Name] = true
	}
	maps.Copy(s.concerned, used)
	return r.readHubs(ctx, s, used)
}

// readHubs reads the hubs that are concerned, and those for whose sinks something is pending still. Of those that the agency's Connectors use,
// the agency is told as well.
func (r *Reconciler) readHubs(ctx context.Context, s *scope, used map[string]bool) error {
	names := maps.Clone(s.concerned)
	for _, name := range s.pendingHubs() {
		names[name] = true
	}
	own := len(s.sinks) > 0
	for _, name := range slices.Sorted(maps.Keys(names)) {
		hub, err := r.hub(ctx, name)
		if err != nil {
			return err
		}
		if hub == nil {
			continue
		}
		s.hubs[name] = hub
		s.addSinks(v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectHub, Name: name}, hub.Spec.NoticeSinks)
		if own && used[name] {
			s.facts = append(s.facts, facts.OfHub(hub)...)
		}
	}
	return nil
}

// pendingHubs are the hubs for whose sinks notices are pending.
func (s *scope) pendingHubs() []string {
	if s.queue == nil {
		return nil
	}
	var names []string
	for i := range s.queue.Status.Pending {
		for _, reference := range s.queue.Status.Pending[i].Sinks {
			if parts := strings.SplitN(reference, "/", 3); len(parts) == 3 && parts[0] == string(v1alpha1.NoticeSubjectHub) {
				names = append(names, parts[1])
			}
		}
	}
	return names
}

func (s *scope) addSinks(owner v1alpha1.NoticeSubject, sinks []v1alpha1.NoticeSink) {
	for _, sink := range sinks {
		if len(s.sinks) < outbox.MostSinks {
			s.sinks = append(s.sinks, outbox.Sink{Owner: owner, NoticeSink: sink})
		}
	}
}

func (r *Reconciler) hub(ctx context.Context, name string) (*v1alpha1.ExchangeHub, error) {
	hub := &v1alpha1.ExchangeHub{}
	err := r.Client.Get(ctx, client.ObjectKey{Name: name}, hub)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // there is none, and that is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("reading ExchangeHub %s: %w", name, err)
	}
	return hub, nil
}

// plans gives the hubs of the plans that the agency has milestones of.
func (r *Reconciler) plans(ctx context.Context, agency *v1alpha1.Agency) (map[string]string, error) {
	hubs := map[string]string{}
	for i := range agency.Status.Milestones {
		name := agency.Status.Milestones[i].Plan
		if _, known := hubs[name]; known {
			continue
		}
		plan := &v1alpha1.RolloutPlan{}
		err := r.Client.Get(ctx, client.ObjectKey{Name: name}, plan)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading RolloutPlan %s: %w", name, err)
		}
		hubs[name] = plan.Spec.HubRef.Name
	}
	return hubs, nil
}

// acting are the Connectors that act for the agency: those in the namespaces that it lists.
func (r *Reconciler) acting(ctx context.Context, agency *v1alpha1.Agency) ([]v1alpha1.Connector, error) {
	var list v1alpha1.ConnectorList
	if err := r.Client.List(ctx, &list, client.MatchingFields{index.ConnectorByAgency: agency.Name}); err != nil {
		return nil, fmt.Errorf("listing its Connectors: %w", err)
	}
	acting := slices.DeleteFunc(list.Items, func(c v1alpha1.Connector) bool { return !slices.Contains(agency.Spec.Namespaces, c.Namespace) })
	slices.SortFunc(acting, func(a, b v1alpha1.Connector) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return acting, nil
}
