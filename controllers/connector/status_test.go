package connector

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

func noon() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }

// running is a scope in which everything was seen and all is well.
func running() *scope {
	s := acceptable()
	s.bundle = &anchors.Bundle{Parsed: &trust.Bundle{Digest: "sha256:trust"}}
	s.leaf = delivery.State{
		Asked: true, Issuer: s.hub.Spec.IssuerRef, Revision: 2, Fulfilled: true,
		Issued: &delivery.Leaf{
			Revision: 2, Serial: "abc", NotBefore: noon().Add(-time.Hour), NotAfter: noon().Add(24 * time.Hour), Issuer: &s.hub.Spec.IssuerRef,
		},
	}
	s.expected = &expected{leaf: s.leaf.Issued, trust: "sha256:trust", config: "sha256:config", revocations: "sha256:revocations"}
	s.deployment = &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Generation: 1},
		Spec:       appsv1.DeploymentSpec{Replicas: new(int32(2))},
		Status:     appsv1.DeploymentStatus{ObservedGeneration: 1, UpdatedReplicas: 2, AvailableReplicas: 2},
	}
	s.pods = []pod{servingPod("a"), servingPod("b")}
	s.seen = true
	return s
}

func servingPod(name string) pod {
	return pod{name: name, ready: true, asked: true, answer: &observe.Observation{Report: &status.Report{
		SerialNumber: "abc", NotBefore: noon().Add(-time.Hour), NotAfter: noon().Add(24 * time.Hour), TrustDigest: "sha256:trust", ConfigDigest: "sha256:config", RevocationDigest: "sha256:revocations",
		ActiveEndpoint: "primary", Endpoints: []status.Endpoint{{Name: "primary", Healthy: true}},
	}}}
}

func TestStatusTellsTheTruth(t *testing.T) {
	silent := &observe.Observation{Problem: "asking pod g12/b: connection refused"}
	tests := map[string]struct {
		change    func(*scope)
		condition string
		want      metav1.ConditionStatus
		reason    string
		says      string
	}{
		"all is well": {func(*scope) {}, "Ready", "True", "Ready", "linked to the hub"},
		"not issued yet": {
			func(s *scope) { s.leaf.Issued = nil }, "CertificateReady", "False", "Issuing", "has not issued",
		},
		"issuer refused": {
			func(s *scope) { s.leaf.Refused, s.leaf.Issued = "policy forbids it", nil }, "CertificateReady", "False", "RequestRefused", "policy forbids it",
		},
		"issuer refused what is to be": {
			func(s *scope) { s.leaf.Refused, s.leaf.Fulfilled = "policy forbids it", false },
			"CertificateReady", "False", "RequestRefused", "policy forbids it",
		},
		"issuer refused the next one": {
			func(s *scope) { s.leaf.Refused = "policy forbids it" }, "CertificateReady", "True", "RenewalRefused", "refused the next one: policy forbids it",
		},
		"expired": {
			func(s *scope) { s.leaf.Issued.NotAfter = noon() }, "CertificateReady", "False", "Expired", "expired on 2026-06-01",
		},
		"being replaced": {
			func(s *scope) { s.leaf.Fulfilled = false }, "CertificateReady", "False", "Reissuing", "is replacing",
		},
		"being moved to another issuer": {
			func(s *scope) { s.leaf.Fulfilled, s.leaf.Issuer.Name = false, "other" }, "CertificateReady", "True", "Served", "serial abc",
		},
		"revoked": {
			func(s *scope) { s.revocations.List.SerialNumbers = []string{"abc"} }, "CertificateReady", "False", "Revoked", "is revoked",
		},
		"a pod serves a revoked one": {
			func(s *scope) {
				s.revocations.List.SerialNumbers, s.pods[1].answer.Report.SerialNumber = []string{"abb"}, "abb"
			}, "CertificateReady", "False", "RevokedOnPod", "that is revoked",
		},
		"revoked, as a pod tells of a leaf that no request tells of": {
			func(s *scope) { s.leaf.Issued.Serial, s.revocations.List.SerialNumbers = "", []string{"abc"} },
			"CertificateReady", "False", "Revoked", "is revoked",
		},
		"withdrawn": {
			func(s *scope) {
				s.refusal, s.deployment.Spec.Replicas = &refusal{reason: "NamespaceNotListed", message: "No.", lost: true}, new(int32)
			}, "WorkloadAvailable", "False", "Withdrawn", "lost the right to its identity: No.",
		},
		"a pod serves an expired one": {
			func(s *scope) { s.pods[1].answer.Report.NotAfter = noon().Add(-time.Second) }, "CertificateReady", "False", "ExpiredOnPod", "has expired",
		},
		"a pod still serves the one before": {
			func(s *scope) { s.pods[1].answer.Report.SerialNumber = "abb" }, "CertificateReady", "True", "Spreading", "yet to reach",
		},
		"a leaf that no request tells of is known by its dates": {
			func(s *scope) { s.leaf.Issued.Serial = "" }, "CertificateReady", "True", "Served", "serial abc",
		},
		"another leaf is known by its dates": {
			func(s *scope) { s.leaf.Issued.Serial, s.leaf.Issued.NotAfter = "", noon().Add(48*time.Hour) },
			"CertificateReady", "True", "Spreading", "yet to reach",
		},
		"a silent pod is unknown, not true": {
			func(s *scope) { s.pods[1].answer = silent }, "CertificateReady", "Unknown", "NotObserved", "connection refused",
		},
		"no pods are unknown, not true": {
			func(s *scope) { s.pods = nil }, "HubConnected", "Unknown", "NotObserved", "no answer yet",
		},
		"a pod that cannot be asked is unknown, not true": {
			func(s *scope) { s.pods[0].answer = nil }, "HubConnected", "Unknown", "NotObserved", "no answer yet",
		},
		"a pod reaches no endpoint": {
			func(s *scope) {
				s.pods[0].answer.Report.ActiveEndpoint = ""
				s.pods[0].answer.Report.Endpoints = []status.Endpoint{{Name: "primary", Error: "timeout"}}
			},
			"HubConnected", "False", "NoEndpoint", "primary: timeout",
		},
		"pods roll out": {
			func(s *scope) { s.deployment.Status.UpdatedReplicas = 1 }, "WorkloadAvailable", "False", "Progressing", "Not all of the 2",
		},
		"deployment not seen by its controller": {
			func(s *scope) { s.deployment.Generation = 2 }, "WorkloadAvailable", "False", "Progressing", "Not all of the 2",
		},
		"pods refused": {
			func(s *scope) {
				s.deployment.Status.AvailableReplicas = 0
				s.deployment.Status.Conditions = []appsv1.DeploymentCondition{
					{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Message: "exceeded quota"},
				}
			},
			"WorkloadAvailable", "False", "PodsRefused", "exceeded quota",
		},
		"object in the way": {
			func(s *scope) {
				s.foreign = []*apply.ForeignObjectError{{Kind: "Service", Namespace: "g12", Name: "main-gateway", Owner: "somebody else"}}
			},
			"Accepted", "False", "ForeignObject", "Service g12/main-gateway already exists",
		},
		"object that the cluster does not allow": {
			func(s *scope) { s.rejected = []string{"creating Service g12/main-gateway: IPv6 is not configured"} },
			"Accepted", "False", "ObjectRejected", "IPv6 is not configured",
		},
		"issuer that does not exist": {
			func(s *scope) { s.leaf.Issued, s.leaf.Pending = nil, `Referenced "ClusterIssuer" not found` }, "CertificateReady", "False", "Issuing", "not found",
		},
		"object not written": {
			func(s *scope) { s.unapplied = errUnapplied{} }, "Compliant", "False", "NotEnforced", "Not every object",
		},
		"refused": {
			func(s *scope) { s.refusal = &refusal{reason: "NamespaceNotListed", message: "No."} }, "Ready", "False", "NamespaceNotListed", "No.",
		},
		"paused": {
			func(s *scope) { s.connector.Spec.Paused = new(true) }, "Paused", "True", "Paused", "holds every write",
		},
		"paused is not compliant for sure": {
			func(s *scope) { s.connector.Spec.Paused = new(true) }, "Compliant", "Unknown", "Paused", "not held to",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := running()
			tt.change(s)
			got := observedStatus(s, noon())
			c := meta.FindStatusCondition(got.Conditions, tt.condition)
			if c == nil {
				t.Fatalf("there is no condition %s in %+v", tt.condition, got.Conditions)
			}
			if c.Status != tt.want || c.Reason != tt.reason || !strings.Contains(c.Message, tt.says) {
				t.Errorf("%s is %s, %s, %q; want %s, %s and a message that says %q", tt.condition, c.Status, c.Reason, c.Message, tt.want, tt.reason, tt.says)
			}
			if ready := meta.FindStatusCondition(got.Conditions, "Ready"); name != "all is well" && ready.Status == metav1.ConditionTrue && tt.want != "True" {
				t.Errorf("Ready is True while %s is %s", tt.condition, c.Status)
			}
		})
	}
}

type errUnapplied struct{}

func (errUnapplied) Error() string { return "conflict" }

func TestCountPods(t *testing.T) {
	tests := map[string]struct {
		change func(*status.Report)
		want   int32
	}{
		"current":             {func(*status.Report) {}, 2},
		"older certificate":   {func(r *status.Report) { r.SerialNumber = "abb" }, 1},
		"older trust":         {func(r *status.Report) { r.TrustDigest = "sha256:old" }, 1},
		"older revocations":   {func(r *status.Report) { r.RevocationDigest = "sha256:old" }, 1},
		"older configuration": {func(r *status.Report) { r.ConfigDigest = "sha256:old" }, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := running()
			tt.change(s.pods[0].answer.Report)
			if got := s.countPods(); *got.Current != tt.want || *got.Total != 2 {
				t.Errorf("countPods = %d of %d, want %d of 2", *got.Current, *got.Total, tt.want)
			}
		})
	}
}

func TestPodsThatLeaveDoNotCount(t *testing.T) {
	now := metav1.NewTime(noon())
	tests := map[string]struct {
		pod  corev1.Pod
		want bool
	}{
		"running":     {corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodRunning}}, false},
		"starting":    {corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodPending}}, false},
		"evicted":     {corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted"}}, true},
		"ended":       {corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodSucceeded}}, true},
		"terminating": {corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &now}}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := leaves(&tt.pod); got != tt.want {
				t.Errorf("leaves = %t, want %t", got, tt.want)
			}
		})
	}
}

// What a pod says, or somebody wrote on it, must not keep the status from being written.
func TestPodsCannotSpoilTheStatus(t *testing.T) {
	s := running()
	s.pods[0].answer.Report.ActiveEndpoint = strings.Repeat("x", 5000)
	if got := observedStatus(s, noon()).ActiveEndpoint; len(got) > maxEndpoints {
		t.Errorf("the status tells an endpoint of %d characters", len(got))
	}
	for _, value := range []string{"", "x", "d.-5.0", "d.0.0", "d.11.0", "d.1.x", "d.1.0.0"} {
		if got, ok := parseSync(value); ok {
			t.Errorf("the annotation %q is read as %+v", value, got)
		}
	}
}

func TestCertificateIsNotForgottenWithItsObject(t *testing.T) {
	s := observedOnce()
	s.leaf = delivery.State{}
	if got := observedStatus(s, noon()).Certificate; got == nil || got.SerialNumber != "abc" {
		t.Errorf("once the Certificate is deleted, the status tells of %+v", got)
	}
	s.leaf.Asked = true
	if got := observedStatus(s, noon()).Certificate; got == nil || got.SerialNumber != "abc" {
		t.Errorf("before cert-manager has looked at the next Certificate, the status tells of %+v", got)
	}
	s.leaf.Examined = true
	if got := observedStatus(s, noon()).Certificate; got != nil {
		t.Errorf("while another one is issued, the status tells of %+v", got)
	}
}
