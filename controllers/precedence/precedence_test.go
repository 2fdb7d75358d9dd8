package precedence

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestPrecedes(t *testing.T) {
	agency := func(name string, second int64) *v1alpha1.Agency {
		return &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(second, 0))}}
	}
	older, newer, sibling := agency("z", 1), agency("a", 2), agency("b", 2)
	if !Precedes(older, newer) || Precedes(newer, older) {
		t.Error("the older one does not come first")
	}
	if !Precedes(newer, sibling) || Precedes(sibling, newer) {
		t.Error("within the same second, the name does not decide")
	}
	if Precedes(older, older) {
		t.Error("an object comes before itself")
	}
	if recorded := Recorded(older); recorded == nil || recorded.Unix() != 1 || Recorded(&v1alpha1.Agency{}) != nil {
		t.Errorf("of an object made at 1, %v is recorded", recorded)
	}
}

// A restore makes objects anew, in whatever order; what their statuses recorded decides. Nothing is made older by being told to be younger.
func TestPrecedesAfterARestore(t *testing.T) {
	restored := func(name string, created, recorded int64) *v1alpha1.Agency {
		a := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(created, 0))}}
		a.Status.RecordedAt = new(metav1.NewTime(time.Unix(recorded, 0)))
		return a
	}
	older, newer := restored("z", 101, 1), restored("a", 100, 2)
	if !Precedes(older, newer) || Precedes(newer, older) {
		t.Error("the one that was older before the restore does not come first")
	}
	if recorded := Recorded(older); recorded.Unix() != 1 {
		t.Errorf("%v is recorded after the restore", recorded)
	}
	if postdated := restored("b", 1, 200); !Precedes(postdated, newer) {
		t.Error("a time after the creation is taken for it")
	}
}
