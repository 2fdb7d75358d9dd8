package connector

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// restored is a scope after a restore: of the leaf nothing tells but its dates and the last status, and no pod was asked yet.
func restored() *scope {
	s := observedOnce()
	s.bundle.Anchors = []v1alpha1.ObservedTrustAnchor{
		{SHA256: "f00d", State: v1alpha1.TrustAnchorTrusted}, {SHA256: "bad", State: v1alpha1.TrustAnchorDistrusted},
	}
	told := s.before.Status.Certificate
	told.Authority, told.IssuerRef, told.IssuedAt = "f00d", new(s.hub.Spec.IssuerRef), new(metav1.NewTime(noon().Add(-59*time.Minute)))
	s.leaf.Revision = 0
	s.leaf.Issued = &delivery.Leaf{NotBefore: s.leaf.Issued.NotBefore, NotAfter: s.leaf.Issued.NotAfter}
	s.pods = nil
	return s
}

// serves has one pod serve the leaf of those dates.
func serves(s *scope, serial string, selfs ...status.Reliance) {
	s.pods = []pod{servingPod("a")}
	s.pods[0].answer.Report.SerialNumber, s.pods[0].answer.Report.Reliances = serial, selfs
}

func TestLeafIsRememberedWhenNothingElseTells(t *testing.T) {
	type told struct{ Serial, Authority, Issuer, IssuedAt string }
	issuer := restored().hub.Spec.IssuerRef.Name
	whole := told{"abc", "f00d", issuer, "11:01"}
	tests := map[string]struct {
		change func(*scope)
		want   told
	}{
		"no pod serves it yet":                                 {func(*scope) {}, whole},
		"a pod serves it, and does not tell on what it relies": {func(s *scope) { serves(s, "abc") }, whole},
		"a pod that serves it says that it ends elsewhere": {
			func(s *scope) { serves(s, "abc", status.Reliance{Peer: "self", Anchors: []string{"bad"}}) }, told{"abc", "bad", issuer, "11:01"},
		},
		"a pod that serves it says that it ends in no anchor": {
			func(s *scope) { serves(s, "abc", status.Reliance{Peer: "self"}) }, told{"abc", "", "", "11:01"},
		},
		"a pod says that the leaf of these dates is another one": {func(s *scope) { serves(s, "abd") }, told{"abd", "", "", ""}},
		"the hub does not know its anchor any more":              {func(s *scope) { s.bundle.Anchors = nil }, told{"abc", "", "", "11:01"}},
		"another leaf was restored than the status tells of": {
			func(s *scope) { s.leaf.Issued.NotAfter = s.leaf.Issued.NotAfter.Add(time.Second) }, told{},
		},
		"the status that was restored told of none": {func(s *scope) { s.before.Status.Certificate = nil }, told{}},
		"what issued it tells of it": {
			func(s *scope) {
				s.leaf.Issued.Serial, s.leaf.Issued.IssuedAt = "abc", new(metav1.NewTime(noon()))
			}, told{"abc", "f00d", issuer, "12:00"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := restored()
			tt.change(s)
			is := certificateStatus(s, noon())
			got := told{Serial: is.SerialNumber, Authority: is.Authority}
			if is.IssuerRef != nil {
				got.Issuer = is.IssuerRef.Name
			}
			if is.IssuedAt != nil {
				got.IssuedAt = is.IssuedAt.UTC().Format("15:04")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("of the leaf, the status tells (-want +got):\n%s", diff)
			}
		})
	}
}

// What is remembered is judged like what is seen: a restored leaf that is as the hub wants it is not replaced, and one that is revoked, or whose
// authority is distrusted, is replaced before any pod serves it.
func TestRestoredLeafIsReplacedOnlyForAReason(t *testing.T) {
	tests := map[string]struct {
		change func(*scope)
		want   string
	}{
		"it is as the hub wants it":   {func(*scope) {}, ""},
		"it is revoked":               {func(s *scope) { s.revocations.List.SerialNumbers = []string{"abc"} }, "revoked/abc"},
		"its authority is distrusted": {func(s *scope) { s.before.Status.Certificate.Authority = "bad" }, "authority/abc"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := restored()
			turn("abc")(s)
			tt.change(s)
			token := ""
			if d := decideWhatToDo(s, noon()).demand; d != nil {
				token = d.token
			}
			if token != tt.want {
				t.Errorf("it is demanded %q, want %q", token, tt.want)
			}
		})
	}
}
