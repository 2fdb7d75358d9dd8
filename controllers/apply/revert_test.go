package apply

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// owned is a ConfigMap as the operator wants it.
func owned(data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "g12", Name: "main-gateway", Labels: map[string]string{desired.LabelManagedBy: desired.ManagedBy},
			Annotations: map[string]string{desired.AnnotationConnectorUID: "1"},
		},
		Data: data,
	}
}

func TestReversionsAreTold(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	owner := &metav1.ObjectMeta{UID: "1"}
	first, second := map[string]string{"trust.pem": "a", "gateway.yaml": "x"}, map[string]string{"trust.pem": "b", "gateway.yaml": "x"}
	c := fake.NewClientBuilder().WithScheme(scheme).Build()
	var told []Reversion
	begin := func() *Children {
		return &Children{Client: c, Live: c, Reverted: func(_ metav1.Object, r Reversion) { told = append(told, r) }}
	}
	children := begin()
	apply := func(data map[string]string) {
		t.Helper()
		if _, err := children.Apply(t.Context(), owner, owned(data), false); err != nil {
			t.Fatal(err)
		}
	}
	tamper := func(change func(*corev1.ConfigMap)) {
		t.Helper()
		live := &corev1.ConfigMap{}
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(owned(nil)), live); err != nil {
			t.Fatal(err)
		}
		change(live)
		if err := c.Update(t.Context(), live); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(why string, parts ...string) {
		t.Helper()
		var want []Reversion
		if len(parts) > 0 {
			want = []Reversion{{Kind: "ConfigMap", Namespace: "g12", Name: "main-gateway", Parts: parts}}
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("%s (-want +got):\n%s", why, diff)
		}
		told = nil
	}

	apply(first)
	apply(first)
	apply(second)
	expect("the operator's own changes are no reversions")
	tamper(func(m *corev1.ConfigMap) { m.Data["trust.pem"] = "evil" })
	apply(second)
	expect("a changed key", "data.trust.pem")
	tamper(func(m *corev1.ConfigMap) { m.Data["extra"] = "x"; m.Labels[desired.LabelManagedBy] = "me" })
	apply(second)
	expect("a key more and another label", "data.extra", "metadata.labels")
	tamper(func(m *corev1.ConfigMap) { m.Data["trust.pem"] = "evil" })
	apply(first)
	expect("a change that meets one of the operator's own, of which it cannot be told")

	// A restarted operator knows what it wants once it has found it.
	children = begin()
	apply(first)
	tamper(func(m *corev1.ConfigMap) { delete(m.Data, "gateway.yaml") })
	apply(first)
	expect("a lost key after a restart", "data.gateway.yaml")
}

// Labels that are taken off take the object out of the cache: it is found when it cannot be created.
func TestReversionOfWhatLeftTheCache(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	bare := owned(map[string]string{"trust.pem": "evil"})
	bare.Labels, bare.UID = nil, "2"
	live := fake.NewClientBuilder().WithScheme(scheme).WithObjects(bare).Build()
	var told []Reversion
	children := &Children{Client: blind{live}, Live: live, Reverted: func(_ metav1.Object, r Reversion) { told = append(told, r) }}
	if _, err := children.Apply(t.Context(), &metav1.ObjectMeta{UID: "1"}, owned(map[string]string{"trust.pem": "a"}), false); err != nil {
		t.Fatal(err)
	}
	want := []Reversion{{Kind: "ConfigMap", Namespace: "g12", Name: "main-gateway", Parts: []string{"data.trust.pem", "metadata.labels"}}}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("reversions (-want +got):\n%s", diff)
	}
}

// blind is a cache that holds nothing.
type blind struct{ client.Client }

// Get finds nothing.
func (blind) Get(_ context.Context, key client.ObjectKey, _ client.Object, _ ...client.GetOption) error {
	return apierrors.NewNotFound(schema.GroupResource{Resource: "configmaps"}, key.Name)
}

// A child that somebody deletes is told of when it is made again; one that is made for the first time is not, for whichever owner.
func TestRecreationsAreTold(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).Build()
	told := 0
	begin := func() *Children {
		return &Children{Client: c, Live: c, Recreated: func(_ metav1.Object, kind string, child types.NamespacedName) {
			if kind != "ConfigMap" || child != client.ObjectKeyFromObject(owned(nil)) {
				t.Errorf("told of %s %s", kind, child)
			}
			told++
		}}
	}
	children := begin()
	apply := func(owner types.UID, want int) {
		t.Helper()
		if _, err := children.Apply(t.Context(), &metav1.ObjectMeta{UID: owner}, owned(nil), false); err != nil {
			t.Fatal(err)
		}
		if told != want {
			t.Errorf("told %d times, want %d", told, want)
		}
	}
	remove := func() {
		t.Helper()
		if err := c.Delete(t.Context(), owned(nil)); err != nil {
			t.Fatal(err)
		}
	}
	apply("1", 0)
	apply("1", 0)
	remove()
	apply("1", 1)
	// A restarted operator knows what it has found.
	children = begin()
	apply("1", 1)
	remove()
	apply("1", 2)
	remove()
	apply("2", 2)
	remove()
	children.Leave(client.ObjectKeyFromObject(owned(nil)))
	apply("2", 2)
}
