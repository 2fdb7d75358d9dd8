package desired

import (
	"fmt"
	"net"
	"net/url"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/window"
	"lienthong.gov.vn/connector-operator/gateway/config"
)

// Inputs is everything that the objects of one Connector are made from.
type Inputs struct {
	Connector *v1alpha1.Connector
	Agency    *v1alpha1.Agency
	Hub       *v1alpha1.ExchangeHub
	Class     *v1alpha1.ConnectorClass
	Profile   *v1alpha1.SecurityProfile
	// Delivery is how the leaf is asked for and mounted.
	Delivery Delivery
	// Issuer that the leaf is asked of, which during a change of the certification authority may be the one before; the hub's if
	// empty.
	Issuer v1alpha1.IssuerReference
	// Replacement of the leaf ahead of its time; nil leaves what was asked for before as it is.
	Replacement *Replacement
	// Windows in which the leaf is renewed.
	Windows window.Set
	// RestartedFor makes the pods be replaced when it changes; empty if they never had to be.
	RestartedFor string
	// FIPS140Withheld is set while pods that are not started in FIPS 140 mode are not to be disturbed: one that starts meanwhile, after a
	// crash or on another host, would refuse to be what it was not started for.
	FIPS140Withheld bool
	// Render renders the gateway's configuration, as config.Marshal does, which is taken if it is nil.
	Render func(config.Config) ([]byte, error)
	// TrustBundle is the PEM of every anchor of the hub.
	TrustBundle string
	// Revocations is the list of what nobody may accept any more.
	Revocations []byte
	// OperatorNamespace is where the operator runs: the only place from which gateways may be asked what they serve.
	OperatorNamespace string
}

// Labels of everything that the operator makes.
const (
	LabelManagedBy = "app.kubernetes.io/managed-by"
	LabelName      = "app.kubernetes.io/name"
	LabelInstance  = "app.kubernetes.io/instance"
	LabelPartOf    = "app.kubernetes.io/part-of"
	// LabelConnector names the Connector that an object belongs to.
	LabelConnector = v1alpha1.GroupName + "/connector"
	// LabelAgencyCode is the Decision 20/2020 code of the agency that an object acts for.
	LabelAgencyCode = v1alpha1.GroupName + "/agency-code"
	// LabelMonitoring marks the namespaces from which the metrics of gateways may be read.
	LabelMonitoring = v1alpha1.GroupName + "/monitoring"
	// LabelDNS marks the namespaces, beside kube-system, in which the cluster's name servers run.
	LabelDNS = v1alpha1.GroupName + "/dns"
	// AnnotationConnectorUID tells an object of ours from one that merely bears its labels.
	AnnotationConnectorUID = v1alpha1.GroupName + "/connector-uid"

	// AnnotationReplacement on a Certificate names why it was replaced ahead of its time, and AnnotationReplacedRevision which
	// revision was to be replaced: one with a higher number fulfils it.
	AnnotationReplacement      = v1alpha1.GroupName + "/replacement"
	AnnotationReplacedRevision = v1alpha1.GroupName + "/replaced-revision"
	// AnnotationReplacedFailures on a Certificate is how often the issuer had refused in a row when the replacement was asked for.
	AnnotationReplacedFailures = v1alpha1.GroupName + "/replaced-failures"
	// AnnotationRestartedFor on the pod template changes when pods have to be replaced to take up what they cannot reload.
	AnnotationRestartedFor = v1alpha1.GroupName + "/restarted-for"
	// AnnotationSync on a pod makes the kubelet refresh its volumes at once when it changes.
	AnnotationSync = v1alpha1.GroupName + "/sync"

	// ManagedBy is the value of LabelManagedBy, by which the operator's cache selects.
	ManagedBy = "lienthong-connector-operator"
	// OperatorName is the value of LabelName on the operator's own pods.
	OperatorName = "connector-operator"

	gatewayName = "connector-gateway"
	partOf      = "lienthong"
	// nonRoot is the user and group of the gateway; the image has no other.
	nonRoot int64 = 65532
)

// GatewayName is the name of a Connector's objects.
func GatewayName(connector string) string { return connector + "-gateway" }

// SecretName is the name of the Secret that cert-manager writes a Connector's identity into.
func SecretName(connector string) string { return connector + "-gateway-tls" }

// SPIFFEID is the identity of a Connector.
func SPIFFEID(hub *v1alpha1.ExchangeHub, agency *v1alpha1.Agency, connector *v1alpha1.Connector) string {
	u := url.URL{
		Scheme: "spiffe",
		Host:   hub.Spec.TrustDomain,
		Path:   fmt.Sprintf("/agency/%s/connector/%s/%s", agency.Spec.Code, connector.Namespace, connector.Name),
	}
	return u.String()
}

// OperatorSPIFFEID is the identity that the operator has on a hub.
func OperatorSPIFFEID(hub *v1alpha1.ExchangeHub) string {
	u := url.URL{Scheme: "spiffe", Host: hub.Spec.TrustDomain, Path: "/operator"}
	return u.String()
}

// Replicas is how many gateway pods a Connector has: never fewer than its profile asks for.
func Replicas(connector *v1alpha1.Connector, profile *v1alpha1.SecurityProfile) int32 {
	return max(ptr.Deref(connector.Spec.Replicas, 0), profile.Spec.Workload.MinReplicas)
}

// Selector are the labels that select the gateway pods of a Connector.
func Selector(connector string) map[string]string {
	return map[string]string{LabelName: gatewayName, LabelInstance: connector, LabelManagedBy: ManagedBy}
}

func (in Inputs) render(cfg config.Config) ([]byte, error) {
	if in.Render == nil {
		return config.Marshal(cfg)
	}
	return in.Render(cfg)
}

func (in Inputs) labels() map[string]string {
	labels := Selector(in.Connector.Name)
	labels[LabelPartOf] = partOf
	labels[LabelConnector] = in.Connector.Name
	labels[LabelAgencyCode] = in.Agency.Spec.Code
	return labels
}

func (in Inputs) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:        GatewayName(in.Connector.Name),
		Namespace:   in.Connector.Namespace,
		Labels:      in.labels(),
		Annotations: map[string]string{AnnotationConnectorUID: string(in.Connector.UID)},
		OwnerReferences: []metav1.OwnerReference{
			*metav1.NewControllerRef(in.Connector, v1alpha1.GroupVersion.WithKind("Connector")),
		},
	}
}

// fips140 tells whether the gateway runs on the validated cryptographic module.
func (in Inputs) fips140() bool {
	return in.Profile.Spec.Cryptography.FIPS140 == v1alpha1.FIPS140Enabled
}

// logsToCollector tells whether the profile sends the request log to the hub's collector.
func (in Inputs) logsToCollector() bool {
	return in.Profile.Spec.Logging.Destination == v1alpha1.LogToCollector
}

// portOf tells the TCP port of a URL that the schema has already accepted.
func portOf(raw string) (int32, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return 0, fmt.Errorf("reading the URL %q: %w", raw, err)
	}
	if u.Port() == "" {
		if u.Scheme == "https" {
			return 443, nil
		}
		return 80, nil
	}
	return portNumber(raw, u.Port())
}

// portOfAddress tells the TCP port of a host and port that the schema has already accepted.
func portOfAddress(raw string) (int32, error) {
	_, port, err := net.SplitHostPort(raw)
	if err != nil {
		return 0, fmt.Errorf("reading the address %q: %w", raw, err)
	}
	return portNumber(raw, port)
}

func portNumber(where, text string) (int32, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("%q has the port %q; write a port from 1 to 65535", where, text)
	}
	return int32(port), nil
}
