package staging

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const namespace = "lienthong-system"

func profileOf(name string, change func(*v1alpha1.SecurityProfileSpec)) *v1alpha1.SecurityProfile {
	p := &v1alpha1.SecurityProfile{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: "uid-1", Generation: 4},
		Spec: v1alpha1.SecurityProfileSpec{
			Regime: "nd331-2026", Level: 3,
			TLS: v1alpha1.TLSRequirements{MinVersion: "VersionTLS12", KeyExchange: []v1alpha1.TLSKeyExchange{"X25519MLKEM768", "X25519"}},
			Certificate: v1alpha1.CertificateRequirements{
				KeyAlgorithm: v1alpha1.KeyAlgorithmECDSA, KeySize: 384,
				Duration: metav1.Duration{Duration: 2160 * time.Hour}, RenewBefore: metav1.Duration{Duration: 720 * time.Hour},
			},
			Workload: v1alpha1.WorkloadRequirements{MinReplicas: 2},
			Duties:   []v1alpha1.Duty{{}},
		},
	}
	if change != nil {
		change(&p.Spec)
	}
	return p
}

func TestRevision(t *testing.T) {
	base := Revision(profileOf("p", nil).Spec)
	if len(base) != digits || strings.Trim(base, "0123456789abcdef") != "" {
		t.Errorf("the revision is %q, want %d hexadecimal digits", base, digits)
	}
	same := map[string]func(*v1alpha1.SecurityProfileSpec){
		"duties":    func(s *v1alpha1.SecurityProfileSpec) { s.Duties = nil },
		"approval":  func(s *v1alpha1.SecurityProfileSpec) { s.Approval = &v1alpha1.ApprovalRequirements{} },
		"citations": func(s *v1alpha1.SecurityProfileSpec) { s.Citations = []v1alpha1.Citation{{Field: "spec.tls"}} },
		"rollout":   func(s *v1alpha1.SecurityProfileSpec) { s.Rollout.BatchSize = 3 },
		"validity":  func(s *v1alpha1.SecurityProfileSpec) { s.Validity = &v1alpha1.Validity{} },
		"system requirements": func(s *v1alpha1.SecurityProfileSpec) {
			s.SystemRequirements = []v1alpha1.SystemRequirement{{Name: "logRetention"}}
		},
	}
	for name, change := range same {
		if got := Revision(profileOf("p", change).Spec); got != base {
			t.Errorf("%s make another revision", name)
		}
	}
	other := map[string]func(*v1alpha1.SecurityProfileSpec){
		"tls":          func(s *v1alpha1.SecurityProfileSpec) { s.TLS.MinVersion = "VersionTLS13" },
		"cryptography": func(s *v1alpha1.SecurityProfileSpec) { s.Cryptography.FIPS140 = v1alpha1.FIPS140Enabled },
		"certificate":  func(s *v1alpha1.SecurityProfileSpec) { s.Certificate.Duration.Duration = time.Hour },
		"workload":     func(s *v1alpha1.SecurityProfileSpec) { s.Workload.MinReplicas = 3 },
		"network":      func(s *v1alpha1.SecurityProfileSpec) { s.Network.Egress = v1alpha1.EgressControlled },
		"logging":      func(s *v1alpha1.SecurityProfileSpec) { s.Logging.Destination = v1alpha1.LogToCollector },
	}
	seen := map[string]string{base: "nothing"}
	for name, change := range other {
		got := Revision(profileOf("p", change).Spec)
		if before, there := seen[got]; there {
			t.Errorf("%s and %s make the same revision", name, before)
		}
		seen[got] = name
	}
}

// What is stored must be found again by an operator whose types declare their fields in another order.
func TestOrderOfKeysDoesNotMatter(t *testing.T) {
	one, err := canonical([]byte(`{"tls":{"minVersion":"VersionTLS13"},"workload":{"minReplicas":2}}`))
	if err != nil {
		t.Fatal(err)
	}
	other, err := canonical([]byte(`{"workload":{"minReplicas":2}, "tls":{"minVersion":"VersionTLS13"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, other) {
		t.Errorf("%s and %s differ", one, other)
	}
}

func TestName(t *testing.T) {
	revision := strings.Repeat("0", digits)
	if got := Name("nd331-2026-3", revision); got != "nd331-2026-3-"+revision {
		t.Errorf("name = %s", got)
	}
	long := strings.Repeat("a", 252)
	one, other := Name(long+"b", revision), Name(long+"c", revision)
	if one == other || len(one) != maxName || !strings.HasSuffix(one, "-"+revision) {
		t.Errorf("names of profiles that begin in the same way are %s and %s", one, other)
	}
	if got := LabelValue(long); len(got) > maxLabel {
		t.Errorf("the label has %d characters", len(got))
	}
	if got := LabelValue("nd331-2026-3"); got != "nd331-2026-3" {
		t.Errorf("label = %s", got)
	}
}

// pickCase is a Connector under a profile that was changed from two replicas to three.
type pickCase struct {
	connector v1alpha1.ConnectorStatus
	rollout   *v1alpha1.RolloutProgress
	stored    []client.Object
	want      Staged // Profile aside
	replicas  int32
}

func TestPick(t *testing.T) {
	old := profileOf("p", nil)
	profile := profileOf("p", func(s *v1alpha1.SecurityProfileSpec) { s.Workload.MinReplicas, s.Duties = 3, nil })
	was, is := Revision(old.Spec), Revision(profile.Spec)
	stored, err := ProfileObject(old, namespace)
	if err != nil {
		t.Fatal(err)
	}
	other := old.DeepCopy()
	other.Name = "q"
	ofOther, err := ProfileObject(other, namespace)
	if err != nil {
		t.Fatal(err)
	}
	forged := stored.DeepCopy()
	forged.Data.Raw = []byte(strings.Replace(string(stored.Data.Raw), `"minReplicas":2`, `"minReplicas":1`, 1))
	unreadable := stored.DeepCopy()
	unreadable.Data.Raw = []byte(`[]`)
	batch := []v1alpha1.RolloutTurn{{Namespace: "g12", Name: "other"}, {Namespace: "g12", Name: "c"}}
	newest := Staged{Revision: is, Newest: true}
	for name, tt := range map[string]pickCase{
		"its turn has not come": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was}, nil, []client.Object{stored}, Staged{Revision: was}, 2},
		"the turn of others": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was},
			&v1alpha1.RolloutProgress{Revision: is, Batch: batch[:1]}, []client.Object{stored}, Staged{Revision: was}, 2},
		"its turn": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was},
			&v1alpha1.RolloutProgress{Revision: is, Batch: batch}, []client.Object{stored}, newest, 3},
		"a turn for an earlier change": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was},
			&v1alpha1.RolloutProgress{Revision: was, Batch: batch}, []client.Object{stored}, Staged{Revision: was}, 2},
		"it has the newest": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: is}, nil, nil, newest, 3},
		"it was never made": {v1alpha1.ConnectorStatus{}, nil, nil, newest, 3},
		"another profile made it, and its revision is stored for that": {
			v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "q", ProfileRevision: was}, nil, []client.Object{ofOther}, Staged{Revision: was}, 2},
		"its profile was changed for another, which its status tells already": {
			v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was}, nil, []client.Object{ofOther}, Staged{Revision: was}, 2},
		"what is stored was exchanged, and another profile has it as well": {
			v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was}, nil, []client.Object{forged, ofOther}, Staged{Revision: was}, 2},
		"another profile made it, and it is stored nowhere": {
			v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "q", ProfileRevision: was}, nil, nil, Staged{Revision: was, Lost: true}, 3},
		"another profile made it, and it has its turn": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "q", ProfileRevision: was},
			&v1alpha1.RolloutProgress{Revision: is, Batch: batch}, []client.Object{ofOther}, newest, 3},
		"it was made for another level": {
			v1alpha1.ConnectorStatus{SecurityLevel: 2, Profile: "q", ProfileRevision: was}, nil, []client.Object{ofOther}, newest, 3},
		"what it had is stored nowhere": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was}, nil, nil, Staged{Revision: was, Lost: true}, 3},
		"what is stored was exchanged":  {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was}, nil, []client.Object{forged}, Staged{Revision: was, Lost: true}, 3},
		"what is stored cannot be read": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was}, nil, []client.Object{unreadable}, Staged{Revision: was, Lost: true}, 3},
		"its turn, and nothing is stored": {v1alpha1.ConnectorStatus{SecurityLevel: 3, Profile: "p", ProfileRevision: was},
			&v1alpha1.RolloutProgress{Revision: is, Batch: batch}, nil, newest, 3},
	} {
		t.Run(name, func(t *testing.T) {
			p := profile.DeepCopy()
			p.Status.Rollout = tt.rollout
			connector := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "c"}, Status: tt.connector}
			reader := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).WithObjects(tt.stored...).Build()
			got, err := Pick(t.Context(), reader, namespace, p, connector)
			if err != nil {
				t.Fatal(err)
			}
			if got.Profile.Spec.Workload.MinReplicas != tt.replicas || got.Profile.Spec.Duties != nil {
				t.Errorf("it is made with %d replicas and %d duties, want %d and those of today, none",
					got.Profile.Spec.Workload.MinReplicas, len(got.Profile.Spec.Duties), tt.replicas)
			}
			if p.Spec.Workload.MinReplicas != 3 {
				t.Error("the profile that was handed in is changed")
			}
			got.Profile = nil
			if got != tt.want {
				t.Errorf("picked %+v, want %+v", got, tt.want)
			}
		})
	}
}

// Object is what a Connector's own revision is read from again.
func TestObject(t *testing.T) {
	profile := profileOf("p", nil)
	object, err := ProfileObject(profile, namespace)
	if err != nil {
		t.Fatal(err)
	}
	if object.Name != Name("p", Revision(profile.Spec)) || object.Namespace != namespace || object.Revision != 4 {
		t.Errorf("it is %s/%s with the number %d", object.Namespace, object.Name, object.Revision)
	}
	if len(object.OwnerReferences) > 0 || !Profiles().Ours(object) {
		t.Errorf("it belongs to %+v, want nobody but the operator, so that it outlives the profile", object.OwnerReferences)
	}
	if got := Revision(profile.Spec); RevisionOf(object) != got || object.Labels[LabelProfileRevision] != got {
		t.Errorf("it holds %s and is labelled %s, want %s", RevisionOf(object), object.Labels[LabelProfileRevision], got)
	}
	if !Profiles().Holds(object, "p") || Profiles().Holds(object, "q") {
		t.Error("it is not told what it holds")
	}
	object.Data = runtime.RawExtension{Raw: []byte(`{"workload":{"minReplicas":1}}`)}
	if Profiles().Holds(object, "p") {
		t.Error("other content holds the revision too")
	}
	back, err := decode[technical](mustEncode(t, profile.Spec), Revision(profile.Spec))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(technicalOf(&profile.Spec), *back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func mustEncode(t *testing.T, spec v1alpha1.SecurityProfileSpec) []byte {
	t.Helper()
	text, err := encodeProfile(spec)
	if err != nil {
		t.Fatal(err)
	}
	// As the API server gives it back.
	var raw json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	return raw
}

// What belongs to somebody else is neither used for staging nor removed.
func TestOurs(t *testing.T) {
	ownedBy := func(apiVersion, kind string) func(*appsv1.ControllerRevision) {
		return func(r *appsv1.ControllerRevision) {
			r.OwnerReferences = []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: "p", Controller: new(true)}}
		}
	}
	for name, tt := range map[string]struct {
		edit func(*appsv1.ControllerRevision)
		want bool
	}{
		"as it is stored":           {func(*appsv1.ControllerRevision) {}, true},
		"as it was stored before":   {ownedBy(v1alpha1.GroupVersion.String(), "SecurityProfile"), true},
		"of another workload":       {ownedBy("apps/v1", "StatefulSet"), false},
		"without labels":            {func(r *appsv1.ControllerRevision) { r.Labels = nil }, false},
		"with the operator's label": {func(r *appsv1.ControllerRevision) { delete(r.Labels, LabelProfile) }, false},
	} {
		object, err := ProfileObject(profileOf("p", nil), namespace)
		if err != nil {
			t.Fatal(err)
		}
		tt.edit(object)
		if got := Profiles().Ours(object); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
