// Package outbox keeps the status of a NoticeQueue: which notices are pending for which sinks, and what is given up when too many are.
//
// It runs in every pass over a queue, between reading and the one write of its status. It is pure. What it puts into the status is all that
// there is to know: after a restart the pending notices are taken from there and sent, some of them perhaps for the second time.
package outbox

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/notice/facts"
)

// Bounds of one queue. The first that is exceeded makes the oldest notice be dropped.
const (
	// MostPending is how many notices may be pending.
	MostPending = 256
	// MostBytes is how long they may be together, so that the object stays far below what the API server takes.
	MostBytes = 512 * 1024
	// MostSinks is how many sinks one queue serves.
	MostSinks = 128
)

// Sink is one that notices of a queue may go to.
type Sink struct {
	// Owner declares the sink.
	Owner v1alpha1.NoticeSubject
	v1alpha1.NoticeSink
	// Failing tells that the sink did not take what it was last sent, as the status says, so that it need not be found out again.
	Failing bool
}

// Reference names a sink among those of all owners.
func (s *Sink) Reference() string { return Reference(s.Owner, s.Name) }

// Reference names the sink of an owner.
func Reference(owner v1alpha1.NoticeSubject, sink string) string {
	return string(owner.Kind) + "/" + owner.Name + "/" + sink
}

// Acknowledged tells which notices, by their sequence, a sink has taken.
type Acknowledged map[string][]int64

// Health is what is known of the attempts to reach a sink.
type Health struct {
	Failures    int32
	LastError   string
	NextAttempt time.Time
}

// Acknowledge takes the sinks that have a notice off it, and the notice off the queue when no sink lacks it any more.
func Acknowledge(status *v1alpha1.NoticeQueueStatus, taken Acknowledged, now time.Time) {
	for i := range status.Pending {
		n := &status.Pending[i]
		n.Sinks = slices.DeleteFunc(slices.Clone(n.Sinks), func(sink string) bool {
			if !slices.Contains(taken[sink], n.Sequence) {
				return false
			}
			s := sinkStatus(status, sink)
			s.Delivered++
			s.LastSuccess = &metav1.Time{Time: now.Truncate(time.Second)}
			return true
		})
	}
	forgetDelivered(status)
}

// Retain takes off sinks that nobody declares any more.
func Retain(status *v1alpha1.NoticeQueueStatus, sinks []Sink) {
	declared := map[string]bool{}
	for i := range sinks {
		declared[sinks[i].Reference()] = true
	}
	for i := range status.Pending {
		n := &status.Pending[i]
		n.Sinks = slices.DeleteFunc(slices.Clone(n.Sinks), func(sink string) bool { return !declared[sink] })
	}
	forgetDelivered(status)
	status.Sinks = slices.DeleteFunc(status.Sinks, func(s v1alpha1.NoticeSinkStatus) bool { return !declared[s.Sink] })
}

func forgetDelivered(status *v1alpha1.NoticeQueueStatus) {
	status.Pending = slices.DeleteFunc(status.Pending, func(n v1alpha1.PendingNotice) bool { return len(n.Sinks) == 0 })
}

// Append puts notices at the end of the queue for the sinks that want them. One that no sink wants is not kept.
func Append(status *v1alpha1.NoticeQueueStatus, subject v1alpha1.NoticeSubject, notices []facts.Notice, sinks []Sink, now time.Time) {
	for _, n := range notices {
		var lacking []string
		for i := range sinks {
			if s := &sinks[i]; addressed(subject, s, n) && s.Wants(n.Type) {
				lacking = append(lacking, s.Reference())
			}
		}
		if len(lacking) == 0 {
			continue
		}
		status.Sequence++
		status.Pending = append(status.Pending, v1alpha1.PendingNotice{
			Sequence: status.Sequence, Type: n.Type, Time: metav1.NewTime(now.Truncate(time.Second)),
			Subject: n.Subject, Hub: n.Hub, Data: n.Data, Sinks: lacking,
		})
	}
}

// addressed tells whether the owner of a sink is to be told: the subject itself of everything, and a hub of what its agencies do there. What
// changes of a hub itself, it is told of by its own queue.
func addressed(subject v1alpha1.NoticeSubject, s *Sink, n facts.Notice) bool {
	if s.Owner == subject {
		return true
	}
	return !OfHub(n.Type) && s.Owner == v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectHub, Name: n.Hub}
}

// OfHub tells whether notices of the type tell of a hub rather than of an agency.
func OfHub(t v1alpha1.NoticeType) bool {
	switch t {
	case v1alpha1.NoticeHubEndpointsChanged, v1alpha1.NoticeHubIdentitiesChanged, v1alpha1.NoticeHubTrustChanged:
		return true
	default:
		return false
	}
}

// Bound drops the oldest notices until the queue is within its bounds, and counts them.
func Bound(status *v1alpha1.NoticeQueueStatus, now time.Time) {
	size, drop := 0, 0
	for i := range status.Pending {
		size += length(&status.Pending[i])
	}
	for len(status.Pending)-drop > MostPending || size > MostBytes {
		size -= length(&status.Pending[drop])
		drop++
	}
	if drop == 0 {
		return
	}
	status.Pending = slices.Clone(status.Pending[drop:])
	status.Dropped += int64(drop)
	status.LastDropped = &metav1.Time{Time: now.Truncate(time.Second)}
}

// length is about how long a notice is in the object.
func length(n *v1alpha1.PendingNotice) int {
	const names = 200
	total := names + len(n.Subject) + len(n.Hub) + len(n.Data)
	for _, s := range n.Sinks {
		total += len(s) + len(`"",`)
	}
	return total
}

// Tell brings the counts of the sinks up to date, and what is known of their health.
func Tell(status *v1alpha1.NoticeQueueStatus, sinks []Sink, healths map[string]Health) {
	pending := map[string]int32{}
	for i := range status.Pending {
		for _, s := range status.Pending[i].Sinks {
			pending[s]++
		}
	}
	for i := range sinks {
		s := sinkStatus(status, sinks[i].Reference())
		s.Pending = new(pending[s.Sink])
		if h, known := healths[s.Sink]; known {
			s.Failures, s.LastError, s.NextAttempt = h.Failures, h.LastError, nil
			if h.Failures > 0 {
				s.NextAttempt = &metav1.Time{Time: h.NextAttempt.Truncate(time.Second)}
			}
		}
	}
	status.Waiting = new(int32(len(status.Pending)))
}

// sinkStatus finds what is told of a sink, or begins it.
func sinkStatus(status *v1alpha1.NoticeQueueStatus, sink string) *v1alpha1.NoticeSinkStatus {
	i, found := slices.BinarySearchFunc(status.Sinks, sink, func(s v1alpha1.NoticeSinkStatus, sink string) int {
		switch {
		case s.Sink < sink:
			return -1
		case s.Sink > sink:
			return 1
		}
		return 0
	})
	if !found {
		status.Sinks = slices.Insert(status.Sinks, i, v1alpha1.NoticeSinkStatus{Sink: sink})
	}
	return &status.Sinks[i]
}
