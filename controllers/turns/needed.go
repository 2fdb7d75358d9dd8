package turns

import (
	"k8s.io/apimachinery/pkg/util/sets"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Needed are the newest revision and, while turns go on that were given for an earlier change, that of then: a Connector may be about to
// tell that it has it.
func Needed(before, now *v1alpha1.RolloutProgress) sets.Set[string] {
	revisions := sets.New(now.Revision)
	if before != nil && len(now.Batch) > 0 {
		revisions.Insert(before.Revision)
	}
	return revisions
}

// Current are the revision of an object as it is, and that which its status knows: the turns there may still bring somebody that.
func Current(revision string, told *v1alpha1.RolloutProgress) sets.Set[string] {
	revisions := sets.New(revision)
	if told != nil {
		revisions.Insert(told.Revision)
	}
	return revisions
}
