package metrics

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// A sink to which several queues go is one figure.
func TestNoticesAreTold(t *testing.T) {
	queue := func(name string, dropped int64, sinks ...v1alpha1.NoticeSinkStatus) *v1alpha1.NoticeQueue {
		return &v1alpha1.NoticeQueue{
			ObjectMeta: metav1.ObjectMeta{Name: "agency-" + name},
			Spec:       v1alpha1.NoticeQueueSpec{Subject: v1alpha1.NoticeSubject{Kind: v1alpha1.NoticeSubjectAgency, Name: name}},
			Status:     v1alpha1.NoticeQueueStatus{Dropped: dropped, Sinks: sinks},
		}
	}
	sink := func(name string, pending int32, delivered int64, failures int32) v1alpha1.NoticeSinkStatus {
		return v1alpha1.NoticeSinkStatus{Sink: name, Pending: &pending, Delivered: delivered, Failures: failures}
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	reader := fake.NewClientBuilder().WithScheme(scheme).WithObjects(
		queue("mof", 0, sink("Agency/mof/focal", 2, 5, 8), sink("ExchangeHub/hub/owner", 1, 3, 0)),
		queue("moh", 7, sink("ExchangeHub/hub/owner", 4, 1, 2)),
	).Build()
	collector := NewNotices(reader, func(err error) { t.Error(err) })
	want := `
# HELP lienthong_notice_sink_failures Attempts in a row that have failed, as last written: the most of all queues; 0 while the sink takes notices.
# TYPE lienthong_notice_sink_failures gauge
lienthong_notice_sink_failures{kind="Agency",owner="mof",sink="focal"} 8
lienthong_notice_sink_failures{kind="ExchangeHub",owner="hub",sink="owner"} 2
# HELP lienthong_notices_delivered_total Notices that the sink has taken, over all queues that there are.
# TYPE lienthong_notices_delivered_total counter
lienthong_notices_delivered_total{kind="Agency",owner="mof",sink="focal"} 5
lienthong_notices_delivered_total{kind="ExchangeHub",owner="hub",sink="owner"} 4
# HELP lienthong_notices_dropped_total Notices that a queue gave up because too many were pending.
# TYPE lienthong_notices_dropped_total counter
lienthong_notices_dropped_total{kind="Agency",subject="mof"} 0
lienthong_notices_dropped_total{kind="Agency",subject="moh"} 7
# HELP lienthong_notices_pending Notices that the sink lacks still, over all queues.
# TYPE lienthong_notices_pending gauge
lienthong_notices_pending{kind="Agency",owner="mof",sink="focal"} 2
lienthong_notices_pending{kind="ExchangeHub",owner="hub",sink="owner"} 5
`
	if err := testutil.CollectAndCompare(collector, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
