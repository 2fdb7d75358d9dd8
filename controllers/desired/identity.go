package desired

import (
	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
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

// Certificate asks cert-manager for the Connector's identity: one leaf for both directions, with a new key at every renewal.
func Certificate(in Inputs) *cmapi.Certificate {
	requirements := in.Profile.Spec.Certificate
	history := certificateHistory
	return &cmapi.Certificate{
		TypeMeta:   metav1.TypeMeta{APIVersion: cmapi.SchemeGroupVersion.String(), Kind: cmapi.CertificateKind},
		ObjectMeta: in.meta(),
		Spec: cmapi.CertificateSpec{
			SecretName:     SecretName(in.Connector.Name),
			SecretTemplate: &cmapi.CertificateSecretTemplate{Labels: in.labels()},
			URIs:           []string{SPIFFEID(in.Hub, in.Agency, in.Connector)},
			DNSNames:       dnsNames(in.Connector),
			Duration:       &metav1.Duration{Duration: requirements.Duration.Duration},
			RenewBefore:    &metav1.Duration{Duration: requirements.RenewBefore.Duration},
			Usages: []cmapi.KeyUsage{
				cmapi.UsageDigitalSignature, cmapi.UsageClientAuth, cmapi.UsageServerAuth,
			},
			PrivateKey: &cmapi.CertificatePrivateKey{
				RotationPolicy: cmapi.RotationPolicyAlways,
				Algorithm:      keyAlgorithm(requirements.KeyAlgorithm),
				Size:           int(requirements.KeySize),
				Encoding:       cmapi.PKCS8,
			},
			IssuerRef: cmmeta.IssuerReference{
				Name:  in.Hub.Spec.IssuerRef.Name,
				Kind:  string(in.Hub.Spec.IssuerRef.Kind),
				Group: in.Hub.Spec.IssuerRef.Group,
			},
			RevisionHistoryLimit: &history,
		},
	}
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
