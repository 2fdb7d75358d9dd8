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
}
