package v1alpha1

// NoticeType is a change that focal points are told of.
// +kubebuilder:validation:Enum=MilestoneMet;MilestoneAtRisk;MilestoneOverdue;CertificateRotated;CertificateExpiring;LevelChanged;HubEndpointsChanged;HubIdentitiesChanged;HubTrustChanged
type NoticeType string

// Types of notices.
const (
	// NoticeMilestoneMet: an agency met a milestone, in time or late.
	NoticeMilestoneMet NoticeType = "MilestoneMet"
	// NoticeMilestoneAtRisk: a milestone of an agency became at risk.
	NoticeMilestoneAtRisk NoticeType = "MilestoneAtRisk"
	// NoticeMilestoneOverdue: a milestone of an agency was missed.
	NoticeMilestoneOverdue NoticeType = "MilestoneOverdue"
	// NoticeCertificateRotated: every pod of a Connector serves another certificate.
	NoticeCertificateRotated NoticeType = "CertificateRotated"
	// NoticeCertificateExpiring: the certificate of a Connector came nearer to its end than one of the distances of its profile.
	NoticeCertificateExpiring NoticeType = "CertificateExpiring"
	// NoticeLevelChanged: another security level rules a Connector.
	NoticeLevelChanged NoticeType = "LevelChanged"
	// NoticeHubEndpointsChanged: the addresses of a hub are others, or in another order.
	NoticeHubEndpointsChanged NoticeType = "HubEndpointsChanged"
	// NoticeHubIdentitiesChanged: a hub presents itself under other identities.
	NoticeHubIdentitiesChanged NoticeType = "HubIdentitiesChanged"
	// NoticeHubTrustChanged: other trust anchors are in force on a hub.
	NoticeHubTrustChanged NoticeType = "HubTrustChanged"
)

// A refusal repeats the value of the field that its rule is at. The rules for url and for private keys are at the struct, because
// the values may be secret.

// NoticeSink is where the focal point of an agency or of a hub is told of changes: as CloudEvents over HTTPS, signed by the operator.
// +kubebuilder:validation:XValidation:rule="isURL(self.url) && url(self.url).getScheme() == 'https' && size(url(self.url).getHostname()) > 0",fieldPath=".url",message="A sink's url is https://, a host and, if wanted, a port in digits and a path, such as https://thongbao.example.gov.vn/lienthong, because notices are sent encrypted only."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || size(url(self.url).getPort()) == 0 || (!self.url.matches('^[^/]*//[^/?#]*:[0-9]{6}') && int(url(self.url).getPort()) >= 1 && int(url(self.url).getPort()) <= 65535)",fieldPath=".url",message="The port of a sink's url is a number from 1 to 65535, such as 8443."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || (!self.url.contains('@') && !self.url.contains('?') && !self.url.contains('#'))",fieldPath=".url",message="A sink's url has no user, password, query or fragment: write https://<host>:<port>/<path>. A sink knows the operator by its signature and needs no password."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || self.url.matches('^[A-Za-z]+://([^/?#]*@)?(([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?[.])*([A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?|[0-9]+(-[-A-Za-z0-9]{0,60}[A-Za-z0-9]|[A-WYZa-wyz]([-A-Za-z0-9]{0,60}[A-Za-z0-9])?))[.]?|(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}|[[]([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){7}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?)[]])?(:[0-9]*)?([/?#]|$)')",fieldPath=".url",message="The host of a sink's url is a DNS name, such as thongbao.example.gov.vn, or an address in its plain form, such as 10.12.0.7 or [2001:db8::7]; another spelling of an address, such as 0x7f.1 or 2130706433, is neither."
// +kubebuilder:validation:XValidation:rule="!self.caPEM.contains('PRIVATE KEY')",fieldPath=".caPEM",message="caPEM holds certificates only; remove the private key, and replace it, since it has now been sent to the cluster."
type NoticeSink struct {
	// name of the sink, unique within the object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="A sink's name is lower-case letters, digits and dashes, such as focal-point."
	Name string `json:"name,omitempty"`

	// url that notices are posted to. Redirects are not followed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	URL string `json:"url,omitempty"`

	// caPEM are the certification authorities, one of which must have issued the sink's certificate. They are public.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32768
	// +kubebuilder:validation:XValidation:rule="self.contains('-----BEGIN CERTIFICATE-----')",message="caPEM has certificates in PEM, each between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----."
	CAPEM string `json:"caPEM,omitempty"`

	// types of notices that the sink is sent; every type if unset.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Types []NoticeType `json:"types,omitempty"`
}

// Wants tells whether the sink is sent notices of the type.
func (s *NoticeSink) Wants(t NoticeType) bool {
	for _, wanted := range s.Types {
		if wanted == t {
			return true
		}
	}
	return len(s.Types) == 0
}
