package integration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// approver is the reason by which the operator's decisions are known.
const approver = "lienthong.gov.vn"

// TestHonestRequestIsApproved follows the one request of a Connector: one write approves it, and the next issues.
func TestHonestRequestIsApproved(t *testing.T) {
	w := newWorld(t)
	watching, err := client.NewWithWatch(w.Admin, client.Options{Scheme: w.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	seen, err := watching.Watch(t.Context(), &cmapi.CertificateRequestList{}, client.InNamespace(w.namespace))
	if err != nil {
		t.Fatal(err)
	}
	defer seen.Stop()
	w.connect(t)
	w.settled(t)

	history := map[string][]string{}
	for len(history) == 0 || !issuedIn(history) {
		event, open := <-seen.ResultChan()
		request, ok := event.Object.(*cmapi.CertificateRequest)
		if !open || !ok || event.Type == watch.Deleted {
			t.Fatalf("the watch gives %s %T", event.Type, event.Object)
		}
		history[request.Name] = append(history[request.Name], conditionsIn(request))
	}
	want := []string{"", "Approved=" + approver, "Approved=" + approver + " Ready=Issued"}
	for name, states := range history {
		if !slices.Equal(states, want) {
			t.Errorf("the states of %s are %q, want %q", name, states, want)
		}
	}
	if len(history) != 1 {
		t.Errorf("there were %d requests, want 1", len(history))
	}
}

func issuedIn(history map[string][]string) bool {
	for _, states := range history {
		if !strings.HasSuffix(states[len(states)-1], "Ready=Issued") {
			return false
		}
	}
	return true
}

func conditionsIn(request *cmapi.CertificateRequest) string {
	var told []string
	for _, c := range request.Status.Conditions {
		told = append(told, fmt.Sprintf("%s=%s", c.Type, c.Reason))
	}
	slices.Sort(told)
	return strings.Join(told, " ")
}

// TestRequestThatSomebodyElseApproved has an administrator approve what the operator is about to deny.
func TestRequestThatSomebodyElseApproved(t *testing.T) {
	w := newWorld(t)
	w.platform(t)
	w.Create(t, foreignCertificate(w.namespace, "spiffe://lienthong.test/agency/G22/connector/g22/main"))
	request := w.requestOf(t, "foreign")
	before := request.DeepCopy()
	request.Status.Conditions = append(request.Status.Conditions, cmapi.CertificateRequestCondition{
		Type: cmapi.CertificateRequestConditionApproved, Status: cmmeta.ConditionTrue, Reason: "administrator", Message: "I know better.",
	})
	if err := w.Client.Status().Patch(t.Context(), request, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	note := w.event(t, "CertificateRequest", request.Name, "ApprovedByOther")
	if !strings.Contains(note, "was approved by administrator, and would have been denied: It does not come from a Certificate that the operator manages") {
		t.Errorf("the Event says %q", note)
	}
}

// foreignCertificate is one that somebody wrote by hand against the hub's issuer.
func foreignCertificate(namespace, spiffeID string) *cmapi.Certificate {
	return &cmapi.Certificate{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "foreign"},
		Spec: cmapi.CertificateSpec{
			SecretName: "foreign", URIs: []string{spiffeID}, Usages: []cmapi.KeyUsage{cmapi.UsageClientAuth},
			PrivateKey: &cmapi.CertificatePrivateKey{Algorithm: cmapi.ECDSAKeyAlgorithm, Size: 256, RotationPolicy: cmapi.RotationPolicyAlways},
			IssuerRef:  cmmeta.IssuerReference{Name: authority, Kind: cmapi.ClusterIssuerKind, Group: "cert-manager.io"},
		},
	}
}

func (w *world) requests(ctx context.Context) ([]cmapi.CertificateRequest, error) {
	var list cmapi.CertificateRequestList
	err := w.Client.List(ctx, &list, client.InNamespace(w.namespace))
	return list.Items, err
}

// requestOf waits for the request that cert-manager makes for a Certificate.
func (w *world) requestOf(t *testing.T, certificate string) *cmapi.CertificateRequest {
	t.Helper()
	var found *cmapi.CertificateRequest
	w.Eventually(t, func() error {
		requests, err := w.requests(t.Context())
		if err != nil {
			return err
		}
		for i := range requests {
			if requests[i].Annotations[cmapi.CertificateNameKey] == certificate {
				found = &requests[i]
				return nil
			}
		}
		return fmt.Errorf("there is no request for Certificate %s among %d", certificate, len(requests))
	})
	return found
}

// denied waits until the operator has denied a request that matches, and gives the request.
func (w *world) denied(t *testing.T, says string) *cmapi.CertificateRequest {
	t.Helper()
	var found *cmapi.CertificateRequest
	w.Eventually(t, func() error {
		requests, err := w.requests(t.Context())
		if err != nil {
			return err
		}
		var told []string
		for i := range requests {
			for _, c := range requests[i].Status.Conditions {
				told = append(told, fmt.Sprintf("%s %s: %s", c.Type, c.Reason, c.Message))
				if c.Type == cmapi.CertificateRequestConditionDenied && c.Reason == approver && strings.Contains(c.Message, says) {
					found = &requests[i]
					return nil
				}
			}
		}
		return fmt.Errorf("no request is denied with %q among %d:\n%s", says, len(requests), strings.Join(told, "\n"))
	})
	if len(found.Status.Certificate) > 0 {
		t.Errorf("the denied request %s has a certificate", found.Name)
	}
	note := w.event(t, "CertificateRequest", found.Name, "CertificateRequestDenied")
	if !strings.Contains(note, says) {
		t.Errorf("the Event says %q, want %q in it", note, says)
	}
	return found
}

// event waits for an Event about an object, and gives what it says.
func (w *world) event(t *testing.T, kind, name, reason string) string {
	t.Helper()
	var note string
	w.Eventually(t, func() error {
		var list eventsv1.EventList
		if err := w.Client.List(t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
			return err
		}
		for i := range list.Items {
			if e := &list.Items[i]; e.Regarding.Kind == kind && e.Regarding.Name == name && e.Reason == reason {
				note = e.Note
				return nil
			}
		}
		return fmt.Errorf("there is no Event %s about %s %s", reason, kind, name)
	})
	return note
}

// certificate is the operator's own, as it is in the cluster.
func (w *world) certificate(t *testing.T) *cmapi.Certificate {
	t.Helper()
	c := &cmapi.Certificate{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: desired.GatewayName(w.connector.Name)}}
	if err := w.get(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c
}
