package delivery

import (
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// TestNewsOfCertificate takes the changes that cert-manager makes of a Certificate's status.
func TestNewsOfCertificate(t *testing.T) {
	later := metav1.NewTime(time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC))
	ready := is(cmapi.CertificateConditionReady, cmmeta.ConditionTrue, "Ready", 1)
	mismatch := is(cmapi.CertificateConditionReady, cmmeta.ConditionFalse, secretMismatch, 1)
	missing := is(cmapi.CertificateConditionReady, cmmeta.ConditionFalse, "DoesNotExist", 1)
	issuing := is(cmapi.CertificateConditionIssuing, cmmeta.ConditionTrue, "ManuallyTriggered", 1)
	issuing.LastTransitionTime = &later
	with := func(change func(*cmapi.CertificateStatus), conditions ...cmapi.CertificateCondition) *cmapi.Certificate {
		c := certificateWith(conditions...)
		if change != nil {
			change(&c.Status)
		}
		return c
	}
	first := func(s *cmapi.CertificateStatus) { s.Revision = nil }
	tests := map[string]struct {
		before, after *cmapi.Certificate
		want          News
	}{
		"the next key is named": {
			with(nil, ready, issuing), with(func(s *cmapi.CertificateStatus) { s.NextPrivateKeySecretName = new("x") }, ready, issuing), NoNews,
		},
		"an issuance begins":                         {with(nil, ready), with(nil, ready, issuing), Replacing},
		"the Secret is ahead of the revision":        {with(nil, ready, issuing), with(nil, mismatch, issuing), Replacing},
		"the revision has caught up with the Secret": {with(nil, mismatch), with(nil, ready), Aside},
		"the first issuance begins":                  {with(first, missing), with(first, missing, issuing), Progress},
		"the first certificate is ready":             {with(first, missing), with(first, ready), Outcome},
		"the first Secret does not fit":              {with(first, ready), with(first, mismatch), Outcome},
		"a certificate is gone":                      {with(nil, ready), with(nil, missing), Outcome},
		"another revision":                           {with(nil, ready, issuing), with(func(s *cmapi.CertificateStatus) { s.Revision = new(3) }, ready), Outcome},
		"another end":                                {with(nil, ready), with(func(s *cmapi.CertificateStatus) { s.NotAfter = &later }, ready), Outcome},
		"a refusal":                                  {with(nil, ready, issuing), with(func(s *cmapi.CertificateStatus) { s.FailedIssuanceAttempts, s.LastFailureTime = new(1), &later }, ready), Outcome},
		"another refusal of the same count": {
			with(func(s *cmapi.CertificateStatus) { s.FailedIssuanceAttempts = new(1) }, ready),
			with(func(s *cmapi.CertificateStatus) { s.FailedIssuanceAttempts, s.LastFailureTime = new(1), &later }, ready), Outcome,
		},
		"another time of renewal": {with(nil, ready), with(func(s *cmapi.CertificateStatus) { s.RenewalTime = &later }, ready), Aside},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := (&CertManager{}).News(tt.before, tt.after); got != tt.want {
				t.Errorf("News = %d, want %d", got, tt.want)
			}
		})
	}
}

// TestNewsOfRequest takes the changes that the operator, cert-manager and the issuer make of a request.
func TestNewsOfRequest(t *testing.T) {
	with := func(certificate string, conditions ...cmapi.CertificateRequestCondition) *cmapi.CertificateRequest {
		return &cmapi.CertificateRequest{Status: cmapi.CertificateRequestStatus{Certificate: []byte(certificate), Conditions: conditions}}
	}
	is := func(kind cmapi.CertificateRequestConditionType, status cmmeta.ConditionStatus, reason, message string) cmapi.CertificateRequestCondition {
		return cmapi.CertificateRequestCondition{Type: kind, Status: status, Reason: reason, Message: message}
	}
	approved := is(cmapi.CertificateRequestConditionApproved, cmmeta.ConditionTrue, v1alpha1.GroupName, "Yes.")
	issued := is(cmapi.CertificateRequestConditionReady, cmmeta.ConditionTrue, cmapi.CertificateRequestReasonIssued, "Signed.")
	pending := is(cmapi.CertificateRequestConditionReady, cmmeta.ConditionFalse, cmapi.CertificateRequestReasonPending, "No issuer.")
	failed := is(cmapi.CertificateRequestConditionReady, cmmeta.ConditionFalse, cmapi.CertificateRequestReasonFailed, "No.")
	denied := is(cmapi.CertificateRequestConditionDenied, cmmeta.ConditionTrue, v1alpha1.GroupName, "No.")
	moved := with("", approved)
	moved.OwnerReferences = []metav1.OwnerReference{{UID: "another"}}
	numbered := func(revision, certificate string) *cmapi.CertificateRequest {
		r := with(certificate, approved)
		r.Annotations = map[string]string{cmapi.CertificateRequestRevisionAnnotationKey: revision}
		return r
	}
	tests := map[string]struct {
		before, after client.Object
		want          News
	}{
		"it comes":                   {nil, with(""), Progress},
		"it comes after another":     {nil, numbered("2", ""), Aside},
		"it is the first and signed": {numbered("1", ""), numbered("1", "x"), Progress},
		"it is another and signed":   {numbered("2", ""), numbered("2", "x"), Aside},
		"it goes":                    {with("x", approved, issued), nil, Progress},
		"it is approved":             {with(""), with("", approved), NoNews},
		"it is denied":               {with(""), with("", denied), Outcome},
		"it waits for an issuer":     {with("", approved), with("", approved, pending), Outcome},
		"it waits no more":           {with("", approved, pending), with("", approved), Outcome},
		"it is signed":               {with("", approved), with("x", approved, issued), Progress},
		"it fails":                   {with("", approved), with("", approved, failed), Outcome},
		"it belongs to another":      {with("", approved), moved, Outcome},
		"it is for another revision": {numbered("6", ""), numbered("7", ""), Outcome},
		"something else":             {&cmapi.Issuer{}, &cmapi.Issuer{}, Outcome},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := (&CertManager{}).News(tt.before, tt.after); got != tt.want {
				t.Errorf("News = %d, want %d", got, tt.want)
			}
		})
	}
}
