package shelf

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

const namespace = "lienthong-system"

func shelfWith(t *testing.T, objects ...client.Object) *Shelf {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	// The fake API server sets a resourceVersion on what it is given, and the cases share their objects.
	var stored []client.Object
	for _, object := range objects {
		stored = append(stored, object.DeepCopyObject().(client.Object))
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(stored...).
		WithIndex(&v1alpha1.Connector{}, index.ConnectorByClassRevision, func(o client.Object) []string {
			return []string{o.(*v1alpha1.Connector).Status.ClassRevision}
		}).Build()
	return &Shelf{Client: c, Live: c, Kind: staging.Classes(), Namespace: namespace}
}

func revision(t *testing.T, image string) *appsv1.ControllerRevision {
	t.Helper()
	class := &v1alpha1.ConnectorClass{ObjectMeta: metav1.ObjectMeta{Name: "gateway"}, Spec: v1alpha1.ConnectorClassSpec{Image: image}}
	object, err := staging.ClassObject(class, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return object
}

func TestPut(t *testing.T) {
	want := revision(t, "a")
	foreign := want.DeepCopy()
	foreign.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "StatefulSet", Name: "s", Controller: new(true)}}
	forged := want.DeepCopy()
	forged.Data.Raw = []byte(`{"image":"b"}`)
	bare := want.DeepCopy()
	delete(bare.Labels, staging.LabelClassRevision)
	for name, tt := range map[string]struct {
		there    []client.Object
		obstacle string
	}{
		"nothing is there":       {nil, ""},
		"it is there":            {[]client.Object{want}, ""},
		"it lacks a label":       {[]client.Object{bare}, ""},
		"it is somebody else's":  {[]client.Object{foreign}, "belongs to StatefulSet s"},
		"it holds another thing": {[]client.Object{forged}, "does not hold the revision"},
	} {
		t.Run(name, func(t *testing.T) {
			s := shelfWith(t, tt.there...)
			obstacle, err := s.Put(t.Context(), "gateway", want.DeepCopy())
			if err != nil || !strings.Contains(obstacle, tt.obstacle) || (obstacle == "") != (tt.obstacle == "") {
				t.Fatalf("the obstacle is %q (%v), want %q", obstacle, err, tt.obstacle)
			}
			var live appsv1.ControllerRevision
			if err := s.Client.Get(t.Context(), client.ObjectKeyFromObject(want), &live); err != nil {
				t.Fatal(err)
			}
			if tt.obstacle == "" && live.Labels[staging.LabelClassRevision] == "" {
				t.Errorf("it is stored with the labels %v", live.Labels)
			}
		})
	}
}

// TestSweep keeps what is to be kept, what an object has or its status knows, what a Connector has, and what is of another kind.
func TestSweep(t *testing.T) {
	kept, had, current, told, unneeded := revision(t, "kept"), revision(t, "had"), revision(t, "current"), revision(t, "told"), revision(t, "unneeded")
	profile, err := staging.ProfileObject(&v1alpha1.SecurityProfile{ObjectMeta: metav1.ObjectMeta{Name: "p"}}, namespace)
	if err != nil {
		t.Fatal(err)
	}
	connector := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "c"}}
	connector.Status.ClassRevision = staging.RevisionOf(had)
	class := &v1alpha1.ConnectorClass{ObjectMeta: metav1.ObjectMeta{Name: "gateway"}, Spec: v1alpha1.ConnectorClassSpec{Image: "current"}}
	class.Status.Rollout = &v1alpha1.RolloutProgress{Revision: staging.RevisionOf(told)}
	s := shelfWith(t, kept, had, current, told, unneeded, profile, connector, class)
	if err := s.Sweep(t.Context(), sets.New(staging.RevisionOf(kept))); err != nil {
		t.Fatal(err)
	}
	var left appsv1.ControllerRevisionList
	if err := s.Client.List(t.Context(), &left); err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range left.Items {
		names = append(names, left.Items[i].Name)
	}
	want := []string{kept.Name, had.Name, current.Name, told.Name, profile.Name}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("left are %v, want %v", names, want)
	}
}

// TestOwners finds the classes whose label a ControllerRevision bears, be what it holds known or not.
func TestOwners(t *testing.T) {
	class := func(name string) *v1alpha1.ConnectorClass {
		return &v1alpha1.ConnectorClass{ObjectMeta: metav1.ObjectMeta{Name: name}}
	}
	s := shelfWith(t, class("gateway"), class("other"), &v1alpha1.SecurityProfile{ObjectMeta: metav1.ObjectMeta{Name: "gateway"}})
	stored := revision(t, "of-before")
	if got := s.Owners(t.Context(), stored); len(got) != 1 || got[0].Name != "gateway" || got[0].Namespace != "" {
		t.Errorf("of class gateway, it is stored for %v", got)
	}
	stored.Labels = nil
	if got := s.Owners(t.Context(), stored); len(got) != 0 {
		t.Errorf("without a label, it is stored for %v", got)
	}
}
