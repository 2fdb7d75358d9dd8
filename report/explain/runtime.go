package explain

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// selector are the labels of a Connector's pods.
func selector(c *v1alpha1.Connector) string {
	return fmt.Sprintf("app.kubernetes.io/name=connector-gateway,app.kubernetes.io/instance=%s", c.Name)
}

// certificate tells why the Connector's certificate is not as it should be.
func (t *teller) certificate(depth int, link *Link, condition *metav1.Condition) {
	c := link.Connector
	switch condition.Reason {
	case "RequestRefused", "RenewalRefused":
		t.say(depth, Bad, t.l.Say("Yêu cầu chứng thư bị từ chối hoặc thất bại; điều kiện của CertificateRequest nói lý do.",
			"The certificate request was denied or has failed; the conditions of the CertificateRequest say why."),
			t.byViewer("kubectl -n %s get certificaterequests", c.Namespace),
			t.byViewer("kubectl -n %s describe certificate %s", c.Namespace, objects(c)))
		t.issuer(depth, link)
	case "Issuing", "Reissuing":
		t.say(depth, Open, t.l.Say("cert-manager đang xử lý.", "cert-manager is at work on it."),
			t.byViewer("kubectl -n %s describe certificate %s", c.Namespace, objects(c)))
		t.issuer(depth, link)
	case v1alpha1.ReasonNotObserved:
		t.pods(depth, c)
	default:
		t.say(depth, Bad, t.l.Say("Có thể yêu cầu một lần gia hạn.", "A renewal can be asked for."),
			t.byTenant("kubectl -n %s annotate connector %s --overwrite %s=%s", c.Namespace, c.Name,
				v1alpha1.AnnotationRenewRequestedAt, t.c.Now.UTC().Format(time.RFC3339)))
	}
}

func (t *teller) issuer(depth int, link *Link) {
	if link.Hub == nil {
		return
	}
	t.say(depth, Note, t.l.Say("Bên ký là ClusterIssuer %s của trục %s.", "The signer is the ClusterIssuer %s of ExchangeHub %s.",
		link.Hub.Spec.IssuerRef.Name, link.Hub.Name), t.byPlatform("kubectl describe clusterissuer %s", link.Hub.Spec.IssuerRef.Name))
}

// workload tells why the pods do not run.
func (t *teller) workload(depth int, link *Link, condition *metav1.Condition) {
	c := link.Connector
	switch condition.Reason {
	case "NotProvisioned":
		t.say(depth, Bad, t.l.Say("Hệ thống điều hành chưa tạo được Deployment; nhật ký của nó nói lý do.",
			"The operator could not make the Deployment yet; its log says why."),
			t.byPlatform("kubectl -n lienthong-system logs deployment/connector-operator --tail=50"))
	case "PodsRefused":
		t.say(depth, Bad, t.l.Say("Cụm máy không cho tạo pod: thường là hạn mức hoặc chính sách của namespace.",
			"The cluster refuses the pods: mostly by a quota or a policy of the namespace."),
			t.byViewer("kubectl -n %s describe replicaset -l %s", c.Namespace, selector(c)))
	default:
		t.pods(depth, c)
	}
}

// pods shows where to look when pods do not run or do not answer.
func (t *teller) pods(depth int, c *v1alpha1.Connector) {
	text := t.l.Say("Xem các pod của kết nối.", "Look at the pods of the Connector.")
	if p := c.Status.ObservedPods; p != nil && p.Current != nil && p.Total != nil {
		text = t.l.Say("%d trên %d pod đã trả lời đúng như mong đợi.", "%d of %d pods have answered as they should.", *p.Current, *p.Total)
	}
	t.say(depth, Note, text,
		t.byViewer("kubectl -n %s get pods -l %s", c.Namespace, selector(c)), t.byViewer("kubectl -n %s describe pods -l %s", c.Namespace, selector(c)))
}
