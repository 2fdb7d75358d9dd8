package integration

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/noticesink/receiver"
	"lienthong.gov.vn/connector-operator/test/pki"
)

const noticeSigner = "spiffe://lienthong.test/operator"

// noticed is a world with a sink of the agency and one of the hub, and what they receive.
type noticed struct {
	*world
	focal, owner *receiver.Receiver
}

func newNoticed(t *testing.T) *noticed {
	t.Helper()
	w := &noticed{world: newWorld(t)}
	ca, err := pki.NewCA("root")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue(pki.Request{SPIFFEID: noticeSigner})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(shared.identities, w.hub.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"tls.crt": pair.Certificate, "tls.key": pair.Key} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.focal, w.agency.Spec.NoticeSinks = listen(t, ca, "focal-point")
	w.owner, w.hub.Spec.NoticeSinks = listen(t, ca, "operations")
	return w
}

func listen(t *testing.T, ca *pki.CA, name string) (*receiver.Receiver, []v1alpha1.NoticeSink) {
	t.Helper()
	authorities := x509.NewCertPool()
	authorities.AddCert(ca.Certificate)
	r := &receiver.Receiver{Authorities: authorities, Operator: noticeSigner, Now: time.Now}
	server := httptest.NewUnstartedServer(r)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return r, []v1alpha1.NoticeSink{{Name: name, URL: server.URL + "/notices", CAPEM: string(own)}}
}

// queueOf is the queue of the world's Agency or of its hub.
func (w *noticed) queueOf(kind string) *v1alpha1.NoticeQueue {
	return &v1alpha1.NoticeQueue{ObjectMeta: metav1.ObjectMeta{Name: kind + "-" + w.namespace}}
}

// begins waits until things are taken as they are, with whatever the Agency's queue is to know before it goes on.
func (w *noticed) begins(t *testing.T, known ...string) *v1alpha1.NoticeQueue {
	t.Helper()
	queue := w.queueOf("agency")
	w.expect(t, w.queueOf("exchangehub"), v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.Eventually(t, func() error {
		w.expect(t, queue, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
		for _, key := range known {
			if !slices.ContainsFunc(queue.Status.Observed, func(f v1alpha1.ObservedFact) bool { return strings.HasPrefix(f.Key, key) }) {
				return fmt.Errorf("the queue does not know of %s: %+v", key, queue.Status.Observed)
			}
		}
		return nil
	})
	return queue
}

// hears waits until the receiver has had exactly these types, in order, every one of them verified.
func (w *noticed) hears(t *testing.T, r *receiver.Receiver, types ...string) []receiver.Event {
	t.Helper()
	var events []receiver.Event
	w.Eventually(t, func() error {
		events = r.Events()
		var got []string
		for _, e := range events {
			got = append(got, strings.TrimSuffix(strings.TrimPrefix(e.Type, "vn.gov.lienthong."), ".v1"))
		}
		if !slices.Equal(got, types) {
			return fmt.Errorf("it has %q of %q; refused: %w", got, types, errors.Join(r.Refused()...))
		}
		return nil
	})
	return events
}

// delivered waits until nothing is pending.
func (w *noticed) delivered(t *testing.T, queue *v1alpha1.NoticeQueue, counts ...int64) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), queue); err != nil {
			return err
		}
		var got []int64
		for _, s := range queue.Status.Sinks {
			got = append(got, s.Delivered)
		}
		if len(queue.Status.Pending) > 0 || !slices.Equal(got, counts) {
			return fmt.Errorf("pending are %+v, delivered %v, want %v", queue.Status.Pending, got, counts)
		}
		return nil
	})
}

// signs records that the agency did what the plan asks for.
func (w *noticed) signs(t *testing.T) {
	t.Helper()
	w.Create(t, w.recorded("signed", "ContractSigned", "2026-06-02"))
}

func TestBothSidesAreToldOfAMilestone(t *testing.T) {
	w := newNoticed(t)
	w.connect(t)
	w.Create(t, w.asking(v1alpha1.MilestoneRequirement{Evidence: "ContractSigned"}))
	queue := w.begins(t, "milestone/", "level/", "certificate/", "expiry/", "endpoints/", "identities/", "trust/")
	if w.focal.Requests()+w.owner.Requests() != 0 {
		t.Errorf("somebody was told of what was so from the start: %v, %v", w.focal.Events(), w.owner.Events())
	}
	writes := w.writes(t, &v1alpha1.NoticeQueueList{}, queue.Name)
	w.signs(t)
	told := w.hears(t, w.focal, "milestone.met")[0]
	w.hears(t, w.owner, "milestone.met")
	w.delivered(t, queue, 1, 1)
	if told.ID != string(queue.UID)+"-1" || told.Source != "/apis/lienthong.gov.vn/v1alpha1/agencies/"+w.namespace ||
		told.Subject != "milestones/"+w.namespace+"/pilot" {
		t.Errorf("the event is %+v", told)
	}
	var data struct {
		Hub       string
		Agency    struct{ Code string }
		Milestone struct{ State, MetAt string }
		Message   struct{ Vi, En string }
	}
	if err := json.Unmarshal(told.Data, &data); err != nil {
		t.Fatal(err)
	}
	if data.Hub != w.hub.Name || data.Agency.Code != w.agency.Spec.Code || data.Milestone.State != "Met" || data.Milestone.MetAt == "" ||
		!strings.Contains(data.Message.Vi, "mốc pilot") || !strings.Contains(data.Message.En, "milestone pilot") {
		t.Errorf("the data is %s", told.Data)
	}

	// What changes of the hub, its owner is told by the hub's own queue, and the agency by that of the agency.
	hubWrites := w.writes(t, &v1alpha1.NoticeQueueList{}, w.queueOf("exchangehub").Name)
	w.change(t, w.hub, func() { w.hub.Spec.Endpoints[0].URL = "https://127.0.0.1:2" })
	w.hears(t, w.focal, "milestone.met", "hub.endpoints.changed")
	w.hears(t, w.owner, "milestone.met", "hub.endpoints.changed")
	w.delivered(t, queue, 2, 1)
	w.delivered(t, w.queueOf("exchangehub"), 1)
	// One write tells the change, and one that it was delivered; both sinks may be heard of in one or in two.
	if n := writes(); n < 4 || n > 5 {
		t.Errorf("the Agency's queue was written %d times for two changes", n)
	}
	if n := hubWrites(); n != 2 {
		t.Errorf("the hub's queue was written %d times for one change", n)
	}

	// A restart finds nothing to do.
	before := writes() + hubWrites()
	shared.operator.stop(t)
	shared.operator.again(t, clock.RealClock{})
	w.change(t, w.agency, func() { w.agency.Spec.OperatedBy = "somebody" })
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.agency); err != nil {
			return err
		}
		if w.agency.Status.ObservedGeneration != w.agency.Generation {
			return errors.New("the Agency was not looked at again")
		}
		return nil
	})
	if n := writes() + hubWrites() - before; n != 0 {
		t.Errorf("%d writes although nothing was to be told", n)
	}
	if w.focal.Requests() != 2 || w.owner.Requests() != 2 {
		t.Errorf("the sinks have seen %d and %d requests", w.focal.Requests(), w.owner.Requests())
	}
}

// A sink that is down keeps its backlog over a restart of the operator, visibly; the other one has everything at once.
func TestSinkThatIsDownLosesNothing(t *testing.T) {
	w := newNoticed(t)
	w.connect(t)
	w.Create(t, w.asking(v1alpha1.MilestoneRequirement{Evidence: "ContractSigned"}))
	queue := w.begins(t, "milestone/", "endpoints/", "level/")
	w.focal.Answer(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusServiceUnavailable) })
	w.signs(t)
	w.hears(t, w.owner, "milestone.met")
	message := w.expect(t, queue, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonSinkUnreachable)
	sink := "Agency/" + w.namespace + "/focal-point"
	if want := "Sink " + sink + " does not take notices, which stay pending and are sent again by themselves. The sink answered 503."; message != want {
		t.Errorf("the queue says %q, want %q", message, want)
	}
	if *queue.Status.Waiting != 1 || !slices.Equal(queue.Status.Pending[0].Sinks, []string{sink}) || queue.Status.Sinks[0].Failures < 2 ||
		queue.Status.Sinks[0].NextAttempt == nil || *queue.Status.Sinks[0].Pending != 1 {
		t.Errorf("the backlog is told as %+v", queue.Status)
	}

	// While the operator is away the sink comes back, and the hub moves.
	shared.operator.stop(t)
	w.focal.Answer(nil)
	w.change(t, w.hub, func() { w.hub.Spec.Endpoints[0].URL = "https://127.0.0.1:2" })
	shared.operator.again(t, clock.RealClock{})
	w.hears(t, w.focal, "milestone.met", "hub.endpoints.changed")
	w.hears(t, w.owner, "milestone.met", "hub.endpoints.changed")
	w.delivered(t, queue, 2, 1)
	w.expect(t, queue, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

func TestQueueGoesWithItsSinksAndComesBackAnew(t *testing.T) {
	w := newNoticed(t)
	w.connect(t)
	queue := w.begins(t, "endpoints/")
	w.gone(t, queue, func() {
		if err := w.Client.Delete(t.Context(), queue); err != nil {
			t.Fatal(err)
		}
	})
	// Deleted by somebody, it begins with things as they are.
	w.begins(t, "endpoints/")
	w.change(t, w.agency, func() { w.agency.Spec.NoticeSinks = nil })
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), queue); err != nil {
			return err
		}
		if len(queue.Status.Sinks) != 1 {
			return fmt.Errorf("its sinks are %+v", queue.Status.Sinks)
		}
		return nil
	})
	w.gone(t, queue, func() { w.change(t, w.hub, func() { w.hub.Spec.NoticeSinks = nil }) })
	w.gone(t, w.queueOf("exchangehub"), func() {})
	if w.focal.Requests()+w.owner.Requests() != 0 {
		t.Errorf("somebody was told of something: %v, %v", w.focal.Events(), w.owner.Events())
	}
}

// gone waits until the queue as it was before the deed is not there any more.
func (w *noticed) gone(t *testing.T, queue *v1alpha1.NoticeQueue, deed func()) {
	t.Helper()
	before := queue.DeepCopy()
	deed()
	w.Eventually(t, func() error {
		now := before.DeepCopy()
		err := w.Client.Get(t.Context(), client.ObjectKeyFromObject(before), now)
		if apierrors.IsNotFound(err) || err == nil && before.UID != "" && now.UID != before.UID {
			return nil
		}
		return fmt.Errorf("NoticeQueue %s is there still: %w", before.Name, err)
	})
}
