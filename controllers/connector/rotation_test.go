package connector

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// A rotation is told from the moment at which another leaf is seen to that at which the last pod serves it, and never again.
func TestRotationIsToldFromPodToPod(t *testing.T) {
	s := observedOnce()
	if got := rotationStatus(s, noon()); got != nil {
		t.Fatalf("the first certificate is told as the rotation %+v", got)
	}
	issuedAt := metav1.NewTime(noon().Add(-3 * time.Second))
	s.leaf.Issued.Serial, s.leaf.Issued.IssuedAt = "abd", &issuedAt
	s.pods[0].answer.Report.SerialNumber = "abd"
	got := rotationStatus(s, noon())
	if got == nil || got.FromSerialNumber != "abc" || got.ToSerialNumber != "abd" || got.ServedAt != nil {
		t.Fatalf("while one pod lags, the rotation is %+v", got)
	}
	s.before.Status.Rotation, s.before.Status.Certificate.SerialNumber = got, "abd"
	s.pods[1].answer.Report.SerialNumber = "abd"
	got = rotationStatus(s, noon())
	if got.ServedAt == nil || !got.ServedAt.Time.Equal(noon()) || got.Duration.Duration != 3*time.Second || got.FromSerialNumber != "abc" {
		t.Fatalf("once all pods serve it, the rotation is %+v", got)
	}
	s.before.Status.Rotation = got
	if again := rotationStatus(s, noon().Add(time.Hour)); !again.ServedAt.Equal(got.ServedAt) {
		t.Errorf("an hour later, the rotation was served at %s", again.ServedAt)
	}
	s.pods = append(s.pods, servingPod("c"))
	s.before.Status.Rotation.ServedAt = nil
	if early := rotationStatus(s, noon()); early.ServedAt != nil {
		t.Error("a rotation is complete while an old pod is left")
	}
}

func TestRotationReason(t *testing.T) {
	renewal := metav1.NewTime(noon().Add(-2 * time.Hour))
	later := metav1.NewTime(noon().Add(48 * time.Hour))
	tests := map[string]struct {
		change func(*scope)
		want   v1alpha1.RotationReason
	}{
		"renewal": {func(s *scope) { s.before.Status.Certificate.RenewalTime = &renewal }, v1alpha1.RotationRenewal},
		"changed spec": {func(s *scope) {
			s.before.Status.Certificate.RenewalTime, s.before.Status.Certificate.RequestGeneration, s.leaf.Generation = &later, 3, 4
		}, v1alpha1.RotationSpecChanged},
		"a spec that changed before generations were told": {func(s *scope) {
			s.before.Status.Certificate.RenewalTime, s.leaf.Generation = &later, 1
		}, v1alpha1.RotationSpecChanged},
		"a lost Secret": {func(s *scope) {
			s.before.Status.Certificate.RenewalTime, s.before.Status.Certificate.RequestGeneration, s.leaf.Generation = &later, 4, 4
		}, v1alpha1.RotationReissued},
		"another issuer": {func(s *scope) { s.before.Status.Certificate.IssuerRef = &v1alpha1.IssuerReference{Name: "before"} }, v1alpha1.RotationAuthorityRollover},
		"requested":      {replaced("requested/" + requestedAt), v1alpha1.RotationRequested},
		"revoked":        {replaced("revoked/abc"), v1alpha1.RotationRevoked},
		"its turn":       {replaced("authority/abc"), v1alpha1.RotationAuthorityRollover},
		"no window":      {replaced("expiring/abc"), v1alpha1.RotationRenewal},
		"revoked, and the next one is asked for already": {func(s *scope) {
			s.askedBefore = &desired.Replacement{Token: "revoked/abc", FromRevision: 1}
			s.leaf.Replacement = &desired.Replacement{Token: "requested/" + requestedAt, FromRevision: 2}
		}, v1alpha1.RotationRevoked},
		"requested, and issued twice before it was seen": {func(s *scope) {
			replaced("requested/" + requestedAt)(s)
			s.before.Status.Certificate.Revision, s.leaf.Revision = 1, 3
		}, v1alpha1.RotationRequested},
		"issued once more after what was requested was seen": {func(s *scope) {
			replaced("requested/" + requestedAt)(s)
			s.before.Status.Certificate.Revision, s.leaf.Revision = 2, 3
			s.before.Status.Certificate.RenewalTime, s.before.Status.Certificate.RequestGeneration, s.leaf.Generation = &later, 4, 4
		}, v1alpha1.RotationReissued},
		"requested, of a status that does not tell of revisions": {func(s *scope) {
			replaced("requested/" + requestedAt)(s)
			s.before.Status.Certificate.Revision = 0
		}, v1alpha1.RotationRequested},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := observedOnce()
			tt.change(s)
			if got := s.rotationReason(); got != tt.want {
				t.Errorf("the reason is %s, want %s", got, tt.want)
			}
		})
	}
}

func replaced(token string) func(*scope) {
	return func(s *scope) { s.leaf.Replacement = &desired.Replacement{Token: token, FromRevision: 1} }
}
