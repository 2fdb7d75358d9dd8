package desired

import (
	"strconv"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/window"
)

// certificateHistory is how many CertificateRequests cert-manager keeps: the present one, the one before, and one to look at.
const certificateHistory int32 = 3

// ServiceAccount is what the gateway runs as. It has no permissions, and no token is mounted.
func ServiceAccount(in Inputs) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{
		TypeMeta:                     metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta:                   in.meta(),
		AutomountServiceAccountToken: new(bool),
	}
}

// Delivery is how a leaf is asked for, and the volume in which pods get it.
type Delivery interface {
	// Request is the object that asks for the leaf; the operator owns it.
	Request(in Inputs) client.Object
	// Volume holds tls.crt and tls.key.
	Volume(in Inputs) corev1.VolumeSource
}

// SecretDelivery asks with a Certificate of cert-manager, and mounts the Secret that it is written into.
type SecretDelivery struct{}

// Request is the Certificate.
func (SecretDelivery) Request(in Inputs) client.Object { return Certificate(in) }

// Volume is the Secret.
func (SecretDelivery) Volume(in Inputs) corev1.VolumeSource {
	return corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: SecretName(in.Connector.Name), DefaultMode: new(int32(0o440))}}
}

// Replacement asks for another leaf ahead of time.
type Replacement struct {
	// Token names the occasion; each is fulfilled once.
	Token string
	// FromRevision is the revision to be replaced.
	FromRevision int
	// Failures is how often the issuer had refused in a row when it was asked for.
	Failures int
}

// ReplacementOf reads the replacement that a Certificate asks for; nil if it never did.
func ReplacementOf(certificate *cmapi.Certificate) *Replacement {
	token := certificate.Annotations[AnnotationReplacement]
	from, err := strconv.Atoi(certificate.Annotations[AnnotationReplacedRevision])
	if token == "" || err != nil {
		return nil
	}
	failures, err := strconv.Atoi(certificate.Annotations[AnnotationReplacedFailures])
	if err != nil {
		failures = 0
	}
	return &Replacement{Token: token, FromRevision: from, Failures: failures}
}

// Certificate asks cert-manager for the Connector's identity: one leaf for both directions, with a new key at every renewal.
func Certificate(in Inputs) *cmapi.Certificate {
	requirements := in.Profile.Spec.Certificate
	renewal, renewBefore := RenewalOf(in.Windows, requirements)
	history := certificateHistory
	return &cmapi.Certificate{
		TypeMeta:   metav1.TypeMeta{APIVersion: cmapi.SchemeGroupVersion.String(), Kind: cmapi.CertificateKind},
		ObjectMeta: in.certificateMeta(),
		Spec: cmapi.CertificateSpec{
			SecretName:     SecretName(in.Connector.Name),
			SecretTemplate: &cmapi.CertificateSecretTemplate{Labels: in.labels()},
			URIs:           []string{SPIFFEID(in.Hub, in.Agency, in.Connector)},
			DNSNames:       dnsNames(in.Connector),
			Duration:       &metav1.Duration{Duration: requirements.Duration.Duration},
			RenewBefore:    &metav1.Duration{Duration: renewBefore},
			Usages: []cmapi.KeyUsage{
				cmapi.UsageDigitalSignature, cmapi.UsageClientAuth, cmapi.UsageServerAuth,
			},
			PrivateKey: &cmapi.CertificatePrivateKey{
				RotationPolicy: cmapi.RotationPolicyAlways,
				Algorithm:      keyAlgorithm(requirements.KeyAlgorithm),
				Size:           int(requirements.KeySize),
				Encoding:       cmapi.PKCS8,
			},
			Renewal:              renewal,
			IssuerRef:            in.issuerRef(),
			RevisionHistoryLimit: &history,
		},
	}
}

func (in Inputs) certificateMeta() metav1.ObjectMeta {
	meta := in.meta()
	if in.Replacement != nil {
		in.Replacement.writeInto(meta.Annotations)
	}
	return meta
}

func (r *Replacement) writeInto(annotations map[string]string) {
	annotations[AnnotationReplacement] = r.Token
	annotations[AnnotationReplacedRevision] = strconv.Itoa(r.FromRevision)
	annotations[AnnotationReplacedFailures] = strconv.Itoa(r.Failures)
}

// AskFor has a Certificate ask for a replacement, and for nothing else than it did.
func AskFor(certificate *cmapi.Certificate, r *Replacement) {
	if certificate.Annotations == nil {
		certificate.Annotations = map[string]string{}
	}
	r.writeInto(certificate.Annotations)
}

func (in Inputs) issuerRef() cmmeta.IssuerReference {
	issuer := in.Issuer
	if issuer.Name == "" {
		issuer = in.Hub.Spec.IssuerRef
	}
	return cmmeta.IssuerReference{Name: issuer.Name, Kind: string(issuer.Kind), Group: issuer.Group}
}

const (
	// lateShare is the part of the time for renewals that is kept for a renewal to reach every pod: a tenth.
	lateShare = 10
	// leastRenewBefore is the least that cert-manager takes.
	leastRenewBefore = 5 * time.Minute
)

// LateRenewal is how long before the end of a leaf its renewal waits for no window any more.
func LateRenewal(renewBefore time.Duration) time.Duration {
	return min(max(renewBefore/lateShare, leastRenewBefore), renewBefore)
}

// RenewalOf is what cert-manager is told of the time of renewals. It is told the windows where it can keep to them. Where it cannot,
// the operator asks for each renewal when a window opens, and cert-manager renews by itself only if none came: a certificate must not
// expire because the operator was away.
func RenewalOf(windows window.Set, requirements v1alpha1.CertificateRequirements) (*cmapi.CertificateRenewal, time.Duration) {
	renewBefore := requirements.RenewBefore.Duration
	renewal := windows.CertManager(requirements.Duration.Duration, renewBefore)
	if renewal == nil && !windows.Unrestricted() {
		return nil, LateRenewal(renewBefore)
	}
	return renewal, renewBefore
}

// dnsNames are the names of the Connector's Service and the host names it may claim. The short forms of the Service's name
// are left out: they mean another Service in another namespace.
func dnsNames(connector *v1alpha1.Connector) []string {
	service := GatewayName(connector.Name) + "." + connector.Namespace + ".svc"
	return append([]string{service, service + ".cluster.local"}, connector.Spec.Hostnames...)
}

func keyAlgorithm(a v1alpha1.KeyAlgorithm) cmapi.PrivateKeyAlgorithm {
	if a == v1alpha1.KeyAlgorithmRSA {
		return cmapi.RSAKeyAlgorithm
	}
	return cmapi.ECDSAKeyAlgorithm
}
