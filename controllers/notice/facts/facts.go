package facts

import (
	"cmp"
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Most is how many facts of one subject are kept.
const Most = 1024

// Notice is one change to tell.
type Notice struct {
	Type v1alpha1.NoticeType
	// Subject tells what of the source has changed.
	Subject string
	// Hub that the change concerns.
	Hub string
	// Data as JSON.
	Data string
}

// Fact is one thing as it is now.
type Fact struct {
	Key, Value string
	// Weak tells that a value of before, if there is one, is better than this.
	Weak bool
	// tell makes the notice of the value having become what it is; nil if that is nothing to tell. known is false if there was no value.
	tell func(before string, known bool) *Notice
}

// Diff compares the facts with what was last observed. It gives what is to be kept, and the notices of what has changed, in the order of the
// facts; none at the baseline. Facts that are not there now stay as they were, as long as there is room.
func Diff(observed []v1alpha1.ObservedFact, now []Fact, baseline bool) (keep []v1alpha1.ObservedFact, notices []Notice) {
	if len(now) > Most {
		now = now[:Most]
	}
	before := make(map[string]string, len(observed))
	for _, o := range observed {
		before[o.Key] = o.Value
	}
	keep = make([]v1alpha1.ObservedFact, 0, len(now))
	for _, f := range now {
		was, known := before[f.Key]
		delete(before, f.Key)
		if known && (f.Weak || was == f.Value) {
			keep = append(keep, v1alpha1.ObservedFact{Key: f.Key, Value: was})
			continue
		}
		keep = append(keep, v1alpha1.ObservedFact{Key: f.Key, Value: f.Value})
		if baseline {
			continue
		}
		if n := f.tell(was, known); n != nil {
			notices = append(notices, *n)
		}
	}
	for _, o := range observed {
		if _, unseen := before[o.Key]; unseen && len(keep) < Most {
			keep = append(keep, o)
		}
	}
	slices.SortFunc(keep, func(a, b v1alpha1.ObservedFact) int { return cmp.Compare(a.Key, b.Key) })
	return keep, notices
}
