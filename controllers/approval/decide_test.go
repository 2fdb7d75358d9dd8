package approval

import (
	"crypto/elliptic"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/ruling"
)

// TestDecide spoils one thing after the other of a request that is approved.
func TestDecide(t *testing.T) {
	tests := map[string]struct {
		spoil   func(*testing.T, *trial)
		reason  string
		says    string
		waits   bool
		differs bool
	}{
		"as the operator asked for": {},
		"made by a person": {
			spoil:  func(_ *testing.T, s *trial) { s.request.Spec.Username = "mallory" },
			reason: reasonForeignRequester, says: `user "mallory"`,
		},
		"made by nobody": {
			spoil: func(_ *testing.T, s *trial) { s.request.Spec.Username = "" }, reason: reasonForeignRequester,
		},
		"no Certificate": {
			spoil: func(_ *testing.T, s *trial) { s.certificate, s.connector = nil, nil }, reason: reasonForeignRequest, waits: true,
		},
		"no Connector": {
			spoil: func(_ *testing.T, s *trial) { s.connector = nil }, reason: reasonForeignCertificate, waits: true,
		},
		"another Certificate of the Connector": {
			spoil: func(_ *testing.T, s *trial) { s.certificate.Name = "second" }, reason: reasonForeignCertificate, waits: true,
		},
		"agency not in the cache": {
			spoil: func(_ *testing.T, s *trial) { s.agency, s.wanted = nil, nil }, reason: v1alpha1.ReasonAgencyNotFound, waits: true,
		},
		"namespace not listed": {
			spoil:  func(_ *testing.T, s *trial) { s.agency.Spec.Namespaces = []string{"other"} },
			reason: v1alpha1.ReasonNamespaceNotListed, says: "Namespace g12 may not act for Agency g12",
		},
		"agency not listed by the hub": {
			spoil:  func(_ *testing.T, s *trial) { s.hub.Spec.AgencyRefs = []v1alpha1.ObjectReference{{Name: "g13"}} },
			reason: v1alpha1.ReasonAgencyNotListed,
		},
		"agency revoked": {
			spoil: func(_ *testing.T, s *trial) {
				s.hub.Spec.Revocations = []v1alpha1.Revocation{{AgencyRef: &v1alpha1.ObjectReference{Name: "g12"}}}
			},
			reason: v1alpha1.ReasonAgencyRevoked,
		},
		"a level below that of the agency's other Connectors": {
			spoil:  func(_ *testing.T, s *trial) { s.splitOff() },
			reason: reasonLevel, says: "level 4 is approved for Connector g12/first of the same Agency", waits: true,
		},
		"a level below that of the agency's other Connectors, written before that was approved": {
			spoil: func(t *testing.T, s *trial) {
				s.splitOff()
				digest, err := desired.Disturbance(s.certificate)
				if err != nil {
					t.Fatal(err)
				}
				s.connector.Status.Written = &v1alpha1.WrittenDigests{Certificate: digest}
			},
		},
		"no profile": {
			spoil: func(_ *testing.T, s *trial) { s.profile, s.wanted = nil, nil }, reason: v1alpha1.ReasonProfileNotFound, waits: true,
		},
		"host name of somebody else": {
			spoil: func(t *testing.T, s *trial) {
				s.connector.Spec.Hostnames = []string{"lienthong.g13.example.vn"}
				s.want()
				s.sign(t, s.ask())
			},
			reason: v1alpha1.ReasonHostnameOutsideDomains, says: "lienthong.g13.example.vn",
		},
		"another issuer": {
			spoil:  func(_ *testing.T, s *trial) { s.request.Spec.IssuerRef.Name = "other-ca" },
			reason: reasonIssuer, says: "ClusterIssuer other-ca", waits: true, differs: true,
		},
		"the issuer before, while it signed the present certificate": {
			spoil: func(_ *testing.T, s *trial) {
				s.hub.Spec.IssuerRef.Name = "new-ca"
				s.connector.Status.Certificate = &v1alpha1.CertificateStatus{IssuerRef: &v1alpha1.IssuerReference{Name: "hub-ca"}}
			},
		},
		"a life that the profile has just ceased to ask for": {
			spoil: func(_ *testing.T, s *trial) {
				s.request.Spec.Duration = &metav1.Duration{Duration: time.Hour}
				s.certificate.Spec.Duration = &metav1.Duration{Duration: time.Hour}
			},
			reason: reasonLife, says: "a life of 1h0m0s, but SecurityProfile level-2 asks for 24h0m0s", waits: true, differs: true,
		},
		"a life that nobody asked for": {
			spoil:  func(_ *testing.T, s *trial) { s.request.Spec.Duration = &metav1.Duration{Duration: 8760 * time.Hour} },
			reason: reasonLife, differs: true,
		},
		"no life": {
			spoil: func(_ *testing.T, s *trial) { s.request.Spec.Duration = nil }, reason: reasonLife, differs: true,
		},
		"a life that the operator wrote and leaves as it is": {
			spoil: func(t *testing.T, s *trial) { s.hold(t, time.Hour, 256) },
		},
		"a life that the operator wrote and is about to change": {
			spoil: func(t *testing.T, s *trial) {
				s.hold(t, time.Hour, 256)
				s.young = true
			},
			reason: reasonLife, waits: true,
		},
		"a life that somebody wrote into what the operator wrote": {
			spoil: func(t *testing.T, s *trial) {
				s.hold(t, time.Hour, 256)
				year := &metav1.Duration{Duration: 8760 * time.Hour}
				s.certificate.Spec.Duration, s.request.Spec.Duration = year, year
			},
			reason: reasonLife, waits: true, differs: true,
		},
		"a life beside the one that the operator wrote": {
			spoil: func(t *testing.T, s *trial) {
				s.hold(t, time.Hour, 256)
				s.request.Spec.Duration = &metav1.Duration{Duration: 8760 * time.Hour}
			},
			reason: reasonLife, differs: true,
		},
		"a key that the operator wrote and leaves as it is": {
			spoil: func(t *testing.T, s *trial) {
				s.hold(t, 24*time.Hour, 384)
				s.key = ecKey(t, elliptic.P384())
				s.sign(t, s.ask())
			},
		},
		"a key beside the one that the operator wrote": {
			spoil: func(t *testing.T, s *trial) {
				s.hold(t, time.Hour, 384)
				s.key = ecKey(t, elliptic.P521())
				s.sign(t, s.ask())
			},
			reason: reasonKey, waits: true, differs: true,
		},
		"usages in the request": {
			spoil: func(_ *testing.T, s *trial) {
				s.request.Spec.Usages = append(s.request.Spec.Usages, cmapi.UsageCodeSigning)
			},
			reason: reasonUsages, differs: true,
		},
		"usages in another order": {
			spoil: func(_ *testing.T, s *trial) {
				s.request.Spec.Usages = []cmapi.KeyUsage{cmapi.UsageServerAuth, cmapi.UsageDigitalSignature, cmapi.UsageClientAuth}
			},
		},
		"an authority by the request": {
			spoil: func(_ *testing.T, s *trial) { s.request.Spec.IsCA = true }, reason: reasonUsages, says: "certification authority", differs: true,
		},
		"a key of an issued certificate": {
			spoil: func(t *testing.T, s *trial) {
				s.others = []cmapi.CertificateRequest{s.issued(t, "main-gateway-1", s.key)}
			},
			reason: reasonKeyReused, says: "CertificateRequest main-gateway-1", waits: true,
		},
		"the request itself, issued": {
			spoil: func(t *testing.T, s *trial) {
				own := s.issued(t, s.request.Name, s.key)
				own.UID = s.request.UID
				s.others = []cmapi.CertificateRequest{own, s.issued(t, "main-gateway-1", ecKey(t, elliptic.P256()))}
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newTrial(t)
			if tt.spoil != nil {
				tt.spoil(t, s)
			}
			check(t, decide(s.scope), tt.reason, tt.says)
			if o := decide(s.scope); o != nil && (o.waits != tt.waits || o.differs != tt.differs) {
				t.Errorf("waits = %t and differs = %t, want %t and %t", o.waits, o.differs, tt.waits, tt.differs)
			}
		})
	}
}

// hold has a Certificate with that life and key be the one that the operator wrote last, and cert-manager ask for it.
func (s *trial) hold(t *testing.T, life time.Duration, size int) {
	t.Helper()
	s.certificate.Spec.Duration, s.request.Spec.Duration = &metav1.Duration{Duration: life}, &metav1.Duration{Duration: life}
	key := *s.certificate.Spec.PrivateKey
	key.Size = size
	s.certificate.Spec.PrivateKey = &key
	digest, err := desired.Disturbance(s.certificate)
	if err != nil {
		t.Fatal(err)
	}
	s.connector.Status.Written = &v1alpha1.WrittenDigests{Certificate: digest}
}

// splitOff has a higher level be approved for another Connector of the Agency.
func (s *trial) splitOff() {
	s.connector.Spec.SecurityLevel = 3
	s.ruling = &ruling.Ruling{
		Case: &compliance.Case{Connector: s.connector}, Level: 3,
		Floor: &ruling.Floor{Level: 4, Connector: types.NamespacedName{Namespace: "g12", Name: "first"}},
	}
}
