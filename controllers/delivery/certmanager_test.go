package delivery

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

func certificateWith(conditions ...cmapi.CertificateCondition) *cmapi.Certificate {
	return &cmapi.Certificate{ObjectMeta: metav1.ObjectMeta{Generation: 1}, Status: cmapi.CertificateStatus{Revision: new(2), Conditions: conditions}}
}

func is(conditionType cmapi.CertificateConditionType, status cmmeta.ConditionStatus, reason string, generation int64) cmapi.CertificateCondition {
	return cmapi.CertificateCondition{Type: conditionType, Status: status, Reason: reason, ObservedGeneration: generation}
}

func TestFirstCertificate(t *testing.T) {
	connector := &v1alpha1.Connector{}
	ready := is(cmapi.CertificateConditionReady, cmmeta.ConditionTrue, "Ready", 1)
	if beingIssued(connector, certificateWith(ready)) {
		t.Error("a Certificate that is fulfilled is being issued")
	}
	ready.ObservedGeneration = 0
	if !beingIssued(connector, certificateWith(ready)) {
		t.Error("a Certificate that was never fulfilled is not being issued")
	}
	ready.ObservedGeneration = 1
	revisionMissing := certificateWith(ready, is(cmapi.CertificateConditionIssuing, cmmeta.ConditionTrue, "", 1))
	if !beingIssued(connector, revisionMissing) {
		t.Error("a Certificate whose revision is yet to be written is not being issued")
	}
	connector.Status.Certificate = &v1alpha1.CertificateStatus{Revision: 1}
	if beingIssued(connector, revisionMissing) {
		t.Error("a Certificate that is being replaced counts as the first one")
	}
}

// A Certificate of which cert-manager has said nothing yet may find its leaf in a Secret that is there already.
func TestExamined(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := errors.Join(cmapi.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	connector := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main", UID: "1"}}
	for name, tt := range map[string]struct {
		conditions []cmapi.CertificateCondition
		want       bool
	}{
		"nothing is said":  {nil, false},
		"there is none":    {[]cmapi.CertificateCondition{is(cmapi.CertificateConditionReady, cmmeta.ConditionFalse, "DoesNotExist", 1)}, true},
		"it is taken over": {[]cmapi.CertificateCondition{is(cmapi.CertificateConditionReady, cmmeta.ConditionTrue, "Ready", 1)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			certificate := certificateWith(tt.conditions...)
			certificate.Namespace, certificate.Name = "g12", desired.GatewayName("main")
			certificate.Annotations = map[string]string{desired.AnnotationConnectorUID: "1"}
			c := &CertManager{Client: fake.NewClientBuilder().WithScheme(scheme).WithObjects(certificate).Build()}
			got, err := c.Look(t.Context(), connector)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Asked || got.Examined != tt.want {
				t.Errorf("asked: %t, and examined: %t; want it asked, and examined: %t", got.Asked, got.Examined, tt.want)
			}
		})
	}
}

// The moment in which the Secret holds a new key and the revision is still the one before is no lack of a certificate, unless the
// key is to be another kind of key.
func TestBeingRenewed(t *testing.T) {
	leaf := &Leaf{Chain: []*x509.Certificate{{PublicKey: &ecdsa.PublicKey{Curve: elliptic.P256()}}}}
	mismatch := is(cmapi.CertificateConditionReady, cmmeta.ConditionFalse, secretMismatch, 1)
	tests := map[string]struct {
		condition cmapi.CertificateCondition
		leaf      *Leaf
		size      int
		want      bool
	}{
		"being renewed":                       {mismatch, leaf, 256, true},
		"by another kind of key":              {mismatch, leaf, 384, false},
		"a leaf that no request tells of":     {mismatch, &Leaf{}, 256, false},
		"no leaf yet":                         {mismatch, nil, 256, false},
		"something else is missing":           {is(cmapi.CertificateConditionReady, cmmeta.ConditionFalse, "Expired", 1), leaf, 256, false},
		"the condition is of an earlier spec": {is(cmapi.CertificateConditionReady, cmmeta.ConditionFalse, secretMismatch, 0), leaf, 256, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			certificate := certificateWith(tt.condition)
			certificate.Spec.PrivateKey = &cmapi.CertificatePrivateKey{Algorithm: cmapi.ECDSAKeyAlgorithm, Size: tt.size}
			if got := beingRenewed(certificate, tt.leaf); got != tt.want {
				t.Errorf("beingRenewed = %t, want %t", got, tt.want)
			}
		})
	}
}

// An issuer that refuses is left alone for longer each time, and never for ever.
func TestRetryAt(t *testing.T) {
	failed := metav1.NewTime(time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC))
	tests := map[string]struct {
		failed   *metav1.Time
		attempts *int
		want     time.Duration
	}{
		"never refused":      {nil, nil, 0},
		"refused, untold":    {&failed, nil, time.Minute},
		"refused once":       {&failed, new(1), time.Minute},
		"refused twice":      {&failed, new(2), 2 * time.Minute},
		"refused ever since": {&failed, new(1000), 64 * time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := retryAt(&cmapi.Certificate{Status: cmapi.CertificateStatus{LastFailureTime: tt.failed, FailedIssuanceAttempts: tt.attempts}})
			if tt.failed == nil && !got.IsZero() || tt.failed != nil && got.Sub(tt.failed.Time) != tt.want {
				t.Errorf("the issuer is asked again at %s, want %s after %v", got, tt.want, tt.failed)
			}
		})
	}
}
