package staging

import (
	"encoding/json"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

func classOf(image, cpu string) *v1alpha1.ConnectorClass {
	c := &v1alpha1.ConnectorClass{ObjectMeta: metav1.ObjectMeta{Name: "gateway", Generation: 3}}
	c.Spec.Image, c.Spec.Rollout.BatchSize = image, 10
	c.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}
	return c
}

func TestClassRevision(t *testing.T) {
	base := classOf("a@sha256:1", "500m")
	same := classOf("a@sha256:1", "0.5")
	same.Spec.Rollout.BatchSize = 3
	if ClassRevision(base.Spec) != ClassRevision(same.Spec) {
		t.Error("the budget of the roll-out, or how a quantity is written, makes another revision")
	}
	for name, other := range map[string]*v1alpha1.ConnectorClass{"image": classOf("a@sha256:2", "500m"), "cpu": classOf("a@sha256:1", "1")} {
		if ClassRevision(base.Spec) == ClassRevision(other.Spec) {
			t.Errorf("another %s makes no other revision", name)
		}
	}
}

func TestPickClass(t *testing.T) {
	old, class := classOf("a@sha256:1", "500m"), classOf("a@sha256:2", "500m")
	was, is := ClassRevision(old.Spec), ClassRevision(class.Spec)
	stored, err := ClassObject(old, namespace)
	if err != nil {
		t.Fatal(err)
	}
	if !Classes().Holds(stored, "gateway") || !Classes().Ours(stored) || Profiles().Ours(stored) {
		t.Fatalf("what is stored is not known again: %+v", stored.ObjectMeta)
	}
	text, err := json.Marshal(builtClass{old.Spec, desired.Builder + 1})
	if err != nil {
		t.Fatal(err)
	}
	if text, err = canonical(text); err != nil {
		t.Fatal(err)
	}
	otherWay := Classes().object(old, text, namespace)
	built := v1alpha1.ConnectorStatus{ClassName: "gateway", ClassRevision: digest(text)}
	forged := stored.DeepCopy()
	forged.Data.Raw = slices.Concat([]byte(`{"args":["shell"],`), stored.Data.Raw[1:])
	behind := v1alpha1.ConnectorStatus{ClassName: "gateway", ClassRevision: was}
	turn := func(revision, name string) *v1alpha1.RolloutProgress {
		return &v1alpha1.RolloutProgress{Revision: revision, Batch: []v1alpha1.RolloutTurn{{Namespace: "g12", Name: name}}}
	}
	for name, tt := range map[string]struct {
		connector v1alpha1.ConnectorStatus
		rollout   *v1alpha1.RolloutProgress
		stored    *appsv1.ControllerRevision
		revision  string
		image     string
		lost      bool
	}{
		"its turn has not come":       {behind, nil, stored, was, "a@sha256:1", false},
		"the turn of another":         {behind, turn(is, "other"), stored, was, "a@sha256:1", false},
		"its turn":                    {behind, turn(is, "c"), stored, is, "a@sha256:2", false},
		"a turn for another change":   {behind, turn("r0", "c"), stored, was, "a@sha256:1", false},
		"it was never made":           {v1alpha1.ConnectorStatus{}, nil, stored, is, "a@sha256:2", false},
		"another class made it":       {v1alpha1.ConnectorStatus{ClassName: "other", ClassRevision: was}, nil, stored, is, "a@sha256:2", false},
		"what it has is not known":    {behind, nil, nil, was, "a@sha256:2", true},
		"what is stored is not it":    {behind, nil, forged, was, "a@sha256:2", true},
		"it was built in another way": {built, nil, otherWay, digest(text), "a@sha256:2", true},
		"it is not known in its turn": {behind, turn(is, "c"), nil, is, "a@sha256:2", false},
	} {
		t.Run(name, func(t *testing.T) {
			builder := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme)
			if tt.stored != nil {
				builder = builder.WithObjects(tt.stored.DeepCopy())
			}
			changed := class.DeepCopy()
			changed.Status.Rollout = tt.rollout
			changed.Spec.Rollout.BatchSize = 7
			connector := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "c"}, Status: tt.connector}
			got, err := PickClass(t.Context(), client.Reader(builder.Build()), namespace, changed, connector)
			if err != nil {
				t.Fatal(err)
			}
			if got.Revision != tt.revision || got.Class.Spec.Image != tt.image || got.Lost != tt.lost || got.Class.Spec.Rollout.BatchSize != 7 {
				t.Errorf("it is made by %s of revision %s (lost: %v)", got.Class.Spec.Image, got.Revision, got.Lost)
			}
			if changed.Spec.Image != "a@sha256:2" {
				t.Error("the class itself was changed")
			}
		})
	}
}
