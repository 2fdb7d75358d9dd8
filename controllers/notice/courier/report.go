package courier

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
	"lienthong.gov.vn/connector-operator/controllers/notice/post"
)

// report is what the status of one queue is yet to say.
type report struct {
	// queue is the UID of the queue that taken is about.
	queue   types.UID
	taken   map[string]map[int64]bool
	healths map[string]outbox.Health
}

func (r *report) has(sink string, m post.Message) bool {
	return r.queue == m.Queue && r.taken[sink][m.Notice.Sequence]
}

func (r *report) take(sink string, m post.Message) {
	if r.queue != m.Queue {
		r.queue, r.taken = m.Queue, map[string]map[int64]bool{}
	}
	if r.taken[sink] == nil {
		r.taken[sink] = map[int64]bool{}
	}
	r.taken[sink][m.Notice.Sequence] = true
}

// forgetUnless forgets what was taken by sinks that the status does not say to lack it any more.
func (r *report) forgetUnless(letters []Letter) {
	lacking := map[string]map[int64]bool{}
	for _, letter := range letters {
		for i := range letter.To {
			sink, sequence := letter.To[i].Reference(), letter.Message.Notice.Sequence
			if r.has(sink, letter.Message) {
				if lacking[sink] == nil {
					lacking[sink] = map[int64]bool{}
				}
				lacking[sink][sequence] = true
			}
		}
	}
	r.taken = lacking
}

func (r *report) copy() (outbox.Acknowledged, map[string]outbox.Health) {
	taken := outbox.Acknowledged{}
	for sink, sequences := range r.taken {
		taken[sink] = slices.Sorted(maps.Keys(sequences))
	}
	return taken, maps.Clone(r.healths)
}
