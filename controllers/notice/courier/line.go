package courier

import (
	"slices"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/notice/post"
)

// line is all that goes to one sink.
type line struct {
	reference string
	owner     v1alpha1.NoticeSubject
	target    post.Target
	boxes     map[v1alpha1.NoticeSubject]*box
	// turns are the queues in the order in which they come next.
	turns []v1alpha1.NoticeSubject
	busy  bool
	// failures in a row to reach the sink at all, and when to try again.
	failures int32
	next     time.Time
}

// box is what goes to the sink from one queue, in order.
type box struct {
	letters []post.Message
	// refusals in a row of the first, and until when it is held.
	refusals int32
	held     time.Time
}

func (l *line) add(queue v1alpha1.NoticeSubject, message post.Message) {
	b := l.boxes[queue]
	if b == nil {
		b = &box{}
		l.boxes[queue] = b
		l.turns = append(l.turns, queue)
	}
	b.letters = append(b.letters, message)
}

// tidy forgets queues from which nothing goes to the sink, and tells whether any is left.
func (l *line) tidy() bool {
	l.turns = slices.DeleteFunc(l.turns, func(queue v1alpha1.NoticeSubject) bool {
		if len(l.boxes[queue].letters) > 0 {
			return false
		}
		delete(l.boxes, queue)
		return true
	})
	return len(l.turns) > 0
}

// pick gives what the sink is to get now, from each queue in turn.
func (l *line) pick(now time.Time) (v1alpha1.NoticeSubject, post.Message, bool) {
	if l.failures > 0 && now.Before(l.next) {
		return v1alpha1.NoticeSubject{}, post.Message{}, false
	}
	for i, queue := range l.turns {
		if b := l.boxes[queue]; len(b.letters) > 0 && !now.Before(b.held) {
			l.turns = append(slices.Delete(l.turns, i, i+1), queue)
			return queue, b.letters[0], true
		}
	}
	return v1alpha1.NoticeSubject{}, post.Message{}, false
}

// due is when the sink can get something; false if there is nothing for it.
func (l *line) due(now time.Time) (time.Time, bool) {
	var due time.Time
	for _, b := range l.boxes {
		if len(b.letters) == 0 {
			continue
		}
		at := b.held
		if at.Before(now) {
			at = now
		}
		if due.IsZero() || at.Before(due) {
			due = at
		}
	}
	if due.IsZero() {
		return due, false
	}
	if l.failures > 0 && l.next.After(due) {
		due = l.next
	}
	return due, true
}

// moved is the line to another address, where nothing has failed yet.
func (l *line) moved(target post.Target) *line {
	after := &line{reference: l.reference, owner: l.owner, target: target, boxes: map[v1alpha1.NoticeSubject]*box{}, turns: slices.Clone(l.turns)}
	for queue, b := range l.boxes {
		after.boxes[queue] = &box{letters: b.letters}
	}
	return after
}

func sameNotice(a, b post.Message) bool {
	return a.Queue == b.Queue && a.Notice.Sequence == b.Notice.Sequence
}
