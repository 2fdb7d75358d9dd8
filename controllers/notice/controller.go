package notice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/notice/courier"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
)

// Courier brings what is pending to the sinks.
type Courier interface {
	// Offer says what is pending in a queue now.
	Offer(queue v1alpha1.NoticeSubject, letters []courier.Letter)
	// Report tells what was delivered since, and how the sinks are.
	Report(queue v1alpha1.NoticeSubject) (outbox.Acknowledged, map[string]outbox.Health)
	// Forget drops what is known of a queue that is gone.
	Forget(queue v1alpha1.NoticeSubject)
}

// Reconciler reconciles NoticeQueues.
type Reconciler struct {
	Client  client.Client
	Clock   clock.PassiveClock
	Courier Courier
}

// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=agencies;connectors;exchangehubs;rolloutplans,verbs=get;list;watch
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=noticequeues,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=lienthong.gov.vn,resources=noticequeues/status,verbs=patch

// Reconcile looks at one subject, and writes the status of its queue if there is something new to tell or something was told.
func (r *Reconciler) Reconcile(ctx context.Context, subject v1alpha1.NoticeSubject) (ctrl.Result, error) {
	s, err := r.read(ctx, subject)
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading what the notices of %s %s depend on: %w", subject.Kind, subject.Name, err)
	}
	if s.restored() {
		if err := r.adopt(ctx, s); err != nil {
			return ctrl.Result{}, err
		}
	}
	s.taken, s.healths = r.Courier.Report(subject)
	if s.queue != nil && !s.ours() {
		// Its end is an event of its own, after which another is made if one is needed.
		return ctrl.Result{}, r.remove(ctx, s)
	}
	status := decide(s)
	if !s.needed() && len(status.Pending) == 0 {
		return ctrl.Result{}, r.remove(ctx, s)
	}
	if s.queue == nil {
		s.queue = newQueue(s)
		if err := r.Client.Create(ctx, s.queue, client.FieldOwner(apply.FieldManager)); err != nil {
			return ctrl.Result{}, fmt.Errorf("making NoticeQueue %s: %w", s.queue.Name, err)
		}
		status.ObservedGeneration = s.queue.Generation
		status.Conditions = conditionsOf(s, &status)
	}
	before := s.queue.DeepCopy()
	s.queue.Status = status
	if err := apply.StatusLocked(ctx, r.Client, before, s.queue); err != nil {
		return ctrl.Result{}, err
	}
	r.Courier.Offer(subject, letters(s))
	return ctrl.Result{}, nil
}

// remove deletes the queue, if there is one.
func (r *Reconciler) remove(ctx context.Context, s *scope) error {
	if s.queue != nil && s.queue.DeletionTimestamp == nil {
		err := r.Client.Delete(ctx, s.queue, client.Preconditions{UID: &s.queue.UID})
		if client.IgnoreNotFound(err) != nil && !apierrors.IsConflict(err) {
			return fmt.Errorf("removing NoticeQueue %s: %w", s.queue.Name, err)
		}
	}
	r.Courier.Forget(s.subject)
	return nil
}

// newQueue is the queue of a subject, which goes with it.
func newQueue(s *scope) *v1alpha1.NoticeQueue {
	return &v1alpha1.NoticeQueue{
		ObjectMeta: metav1.ObjectMeta{
			Name: QueueName(s.subject), OwnerReferences: ownedBy(s),
		},
		Spec: v1alpha1.NoticeQueueSpec{Subject: s.subject},
	}
}

func ownedBy(s *scope) []metav1.OwnerReference {
	return []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: string(s.subject.Kind),
		Name: s.owner.GetName(), UID: s.owner.GetUID(), Controller: new(true),
	}}
}

// adopt makes a queue that came from a backup go with its subject, as every other.
func (r *Reconciler) adopt(ctx context.Context, s *scope) error {
	before := s.queue.DeepCopy()
	s.queue.OwnerReferences = ownedBy(s)
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, s.queue, patch, client.FieldOwner(apply.FieldManager)); err != nil {
		return fmt.Errorf("adopting NoticeQueue %s, which was restored: %w", s.queue.Name, err)
	}
	return nil
}

// QueueName is the name of the queue of a subject.
func QueueName(subject v1alpha1.NoticeSubject) string {
	name := strings.ToLower(string(subject.Kind)) + "-" + subject.Name
	const most = 253
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	tail := "-" + hex.EncodeToString(sum[:8])
	return strings.TrimRight(name[:most-len(tail)], ".-") + tail
}

// letters are what is pending, with the sinks as they are declared now.
func letters(s *scope) []courier.Letter {
	declared := map[string]outbox.Sink{}
	for _, sink := range s.sinks {
		declared[sink.Reference()] = sink
	}
	for i := range s.queue.Status.Sinks {
		told := &s.queue.Status.Sinks[i]
		if sink, ok := declared[told.Sink]; ok {
			sink.Failing = told.Failures > 0
			declared[told.Sink] = sink
		}
	}
	list := make([]courier.Letter, 0, len(s.queue.Status.Pending))
	for _, n := range s.queue.Status.Pending {
		letter := courier.Letter{}
		letter.Message.Queue, letter.Message.Subject, letter.Message.Notice = s.queue.UID, s.subject, n
		for _, reference := range n.Sinks {
			letter.To = append(letter.To, declared[reference])
		}
		list = append(list, letter)
	}
	return list
}

// reconcileTimeout bounds one pass, so that a cache that cannot catch up holds no worker for ever.
const reconcileTimeout = time.Minute
