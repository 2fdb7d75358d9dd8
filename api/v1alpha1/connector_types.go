package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ConnectorSpec says which agency is connected to which hub, at which security level, and where its own system is.
// +kubebuilder:validation:XValidation:rule="!has(self.ipFamilies) || size(self.ipFamilies) < 2 || !has(self.ipFamilyPolicy) || self.ipFamilyPolicy != 'SingleStack'",message="ipFamilyPolicy SingleStack goes with at most one of ipFamilies; name one, or write PreferDualStack."
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.ipFamilies) || (has(self.ipFamilies) && self.ipFamilies[0] == oldSelf.ipFamilies[0])",fieldPath=".ipFamilies",message="ipFamilies keeps its first family once it is set, because Kubernetes never changes that of a Service; put it back, or delete this Connector and create another one."
type ConnectorSpec struct {
	// agencyRef names the Agency that the connector acts for. The Agency must list the Connector's namespace.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="agencyRef cannot be changed, because the connector's identity is the agency's; delete this Connector and create another one."
	AgencyRef ObjectReference `json:"agencyRef,omitzero"`

	// hubRef names the ExchangeHub that the connector links to.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="hubRef cannot be changed, because the connector's identity is issued for its hub; delete this Connector and create another one."
	HubRef ObjectReference `json:"hubRef,omitzero"`

	// site names which of the agency's places the connector serves, such as a mission abroad; unset for the agency's seat.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="site is lower-case letters, digits and dashes, such as embassy-tokyo."
	Site string `json:"site,omitempty"`

	// className names the ConnectorClass, which says what runs.
	// +optional
	// +kubebuilder:default=gateway
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ClassName string `json:"className,omitempty"`

	// securityLevel ("cấp độ") that was determined for the agency's system. Once a level was approved, the approved one rules until
	// another is. It is lowered only to a level that is approved already.
	// +required
	SecurityLevel SecurityLevel `json:"securityLevel,omitempty"`

	// services that the connector takes part in; the hub must carry each.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Services []Service `json:"services,omitempty"`

	// backend is the agency's own document management system.
	// +required
	Backend ConnectorBackend `json:"backend,omitzero"`

	// hostnames under which the connector is reached from outside of the cluster; each must lie in one of the Agency's domains.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.all(h, h.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)+[.]?$'))",message="Each of hostnames is a full DNS name in lower case, without a wildcard, such as lienthong.mof.gov.vn."
	// +kubebuilder:validation:XValidation:rule="self.all(h, !h.endsWith('.'))",message="Each of hostnames ends without a dot, as in lienthong.mof.gov.vn; leave the dot at the end out."
	// +kubebuilder:validation:XValidation:rule="self.all(h, !h.matches('[^.]{64}|(^|[.])[0-9]+[.]?$'))",message="Each of hostnames is a DNS name, such as lienthong.mof.gov.vn: no part of it is longer than 63 characters, and it is no IP address."
	Hostnames []string `json:"hostnames,omitempty"`

	// replicas is how many gateway pods run. Unset means as many as the profile asks for; fewer are refused.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Replicas *int32 `json:"replicas,omitempty"`

	// ipFamilyPolicy of the connector's Service.
	// +optional
	// +kubebuilder:default=PreferDualStack
	// +kubebuilder:validation:Enum=SingleStack;PreferDualStack;RequireDualStack
	IPFamilyPolicy corev1.IPFamilyPolicy `json:"ipFamilyPolicy,omitempty"`

	// ipFamilies of the connector's Service, in order of preference; unset leaves the choice to the cluster.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	// +kubebuilder:validation:items:Enum=IPv4;IPv6
	// +kubebuilder:validation:XValidation:rule="size(self) < 2 || self[0] != self[1]",message="ipFamilies names IPv4 and IPv6 once each."
	IPFamilies []corev1.IPFamily `json:"ipFamilies,omitempty"`

	// maintenanceWindows are when the operator may do what disturbs the connector: renew its certificate, restart its pods, roll
	// out another image. If unset, it may at any time. A certificate that was revoked, or that would expire before the next window
	// opens, is replaced at once.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=14
	MaintenanceWindows []MaintenanceWindow `json:"maintenanceWindows,omitempty"`

	// hardening is what the connector asks for beyond its SecurityProfile: more, never less.
	// +optional
	Hardening *Hardening `json:"hardening,omitempty"`

	// paused holds every write of the operator for this connector; what runs goes on running.
	// +optional
	// +kubebuilder:default=false
	Paused *bool `json:"paused,omitempty"`
}

// A refusal repeats the value of the field that its rule is at. The rules for url are at the struct, because the value may
// hold a password.

// ConnectorBackend is the agency's own document management system ("QLVB").
// +kubebuilder:validation:XValidation:rule="has(self.podSelector) || has(self.cidrs)",message="backend says where the agency's system is: podSelector if it runs in the Connector's namespace, cidrs if it runs elsewhere, so that only it can reach the connector's plain port."
// +kubebuilder:validation:XValidation:rule="isURL(self.url) && url(self.url).getScheme() in ['http', 'https'] && size(url(self.url).getHostname()) > 0",fieldPath=".url",message="backend.url is http:// or https://, a host and, if wanted, a port in digits, such as http://qlvb.g12.svc:8080."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || size(url(self.url).getPort()) == 0 || (!self.url.matches('^[^/]*//[^/?#]*:[0-9]{6}') && int(url(self.url).getPort()) >= 1 && int(url(self.url).getPort()) <= 65535)",fieldPath=".url",message="The port of backend.url is a number from 1 to 65535, such as 8080."
// +kubebuilder:validation:XValidation:rule="!self.url.matches('(?i)^[a-z]+://(([^/?#:]*[.])?localhost[.]?([:/?#]|$)|(0|127|169[.]254|22[4-9]|2[3-5][0-9])[.][0-9.]*([:/?#]|$)|[[]([0:]*1?[]]|[0:]*:ffff:|fe[89ab]|ff))')",fieldPath=".url",message="The host of backend.url is the agency's system, never the gateway's own pod or node: write a DNS name or a plain IPv4 or IPv6 address, not localhost and not a loopback, unspecified, link-local or multicast address."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || self.url.matches('^[A-Za-z]+://([^/?#]*@)?(([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?[.])*([A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?|[0-9]+(-[-A-Za-z0-9]{0,60}[A-Za-z0-9]|[A-WYZa-wyz]([-A-Za-z0-9]{0,60}[A-Za-z0-9])?))[.]?|(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}|[[]([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){7}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?)[]])?(:[0-9]*)?([/?#]|$)')",fieldPath=".url",message="The host of backend.url is a DNS name, such as qlvb.g12.svc, or an address in its plain form, such as 10.12.0.7 or [2001:db8::7]; another spelling of an address, such as 0x7f.1 or 2130706433, is neither."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || (!self.url.contains('@') && !self.url.contains('?') && !self.url.contains('#'))",fieldPath=".url",message="backend.url has no user, password, query or fragment: write http://<host>:<port>/<path>."
type ConnectorBackend struct {
	// url that inbound documents are sent to.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	URL string `json:"url,omitempty"`

	// podSelector selects the pods of the agency's system in the Connector's namespace, by at least one label that they have.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && size(e.values) > 0 : e.operator in ['Exists', 'DoesNotExist'] && (!has(e.values) || size(e.values) == 0))",message="An expression of podSelector has the operator In or NotIn and values, or the operator Exists or DoesNotExist and no values."
	// +kubebuilder:validation:XValidation:rule="(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && self.matchExpressions.exists(e, e.operator == 'In' || e.operator == 'Exists'))",message="podSelector names at least one label that the pods of the agency's system have, because an empty one lets every pod of the namespace send documents in the agency's name; write matchLabels, such as app: qlvb."
	PodSelector *metav1.LabelSelector `json:"podSelector,omitempty"`

	// cidrs are the addresses of an agency's system outside of the cluster.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.all(c, isCIDR(c))",message="Each of cidrs is a network in CIDR form, such as 10.12.0.0/24 or 2001:db8::/64."
	// +kubebuilder:validation:XValidation:rule="self.all(c, !isCIDR(c) || cidr(c).prefixLength() >= (cidr(c).ip().family() == 4 ? 8 : 32))",message="Each of cidrs is /8 or narrower for IPv4 and /32 or narrower for IPv6, because every address in it can reach the connector's plain port; write the network of the agency's system, such as 10.12.0.0/24."
	// +kubebuilder:validation:XValidation:rule="self.all(c, !isCIDR(c) || !(cidr(c).ip().isLoopback() || cidr(c).ip().isUnspecified() || cidr(c).ip().isLinkLocalUnicast() || cidr(c).ip().isLinkLocalMulticast() || c.matches('^(22[4-9]|2[3-5][0-9])[.]|^[Ff][Ff]')))",message="Each of cidrs is a network that the agency's system is in, such as 10.12.0.0/24, never one of loopback, unspecified, link-local or multicast addresses."
	// +kubebuilder:validation:XValidation:rule="self.all(c, !isCIDR(c) || cidr(c) == cidr(c).masked())",message="Each of cidrs begins with the first address of its network, such as 10.12.0.0/24; write /32 (IPv6: /128) behind an address to mean that one only."
	CIDRs []string `json:"cidrs,omitempty"`
}

// AnnotationRenewRequestedAt on a Connector asks for one renewal of its certificate. Its value is a time in the form of RFC
// 3339; each value is fulfilled once.
const AnnotationRenewRequestedAt = GroupName + "/renew-requested-at"

// Connector is the link of one agency, or of one of its sites, to an exchange hub.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=connectors,singular=connector,shortName=conn,categories=lienthong
// +kubebuilder:printcolumn:name="Code",type=string,JSONPath=`.status.agency.code`
// +kubebuilder:printcolumn:name="Hub",type=string,JSONPath=`.spec.hubRef.name`
// +kubebuilder:printcolumn:name="Level",type=integer,JSONPath=`.spec.securityLevel`
// +kubebuilder:printcolumn:name="Approved",type=integer,JSONPath=`.status.approvedLevel`
// +kubebuilder:printcolumn:name="Compliant",type=string,JSONPath=`.status.conditions[?(@.type=="Compliant")].status`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Certificate until",type=string,JSONPath=`.status.certificate.notAfter`
// +kubebuilder:printcolumn:name="Pods",type=integer,JSONPath=`.status.observedPods.current`
// +kubebuilder:printcolumn:name="Site",type=string,priority=1,JSONPath=`.spec.site`
// +kubebuilder:printcolumn:name="Endpoint",type=string,priority=1,JSONPath=`.status.activeEndpoint`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 51",message="A Connector's name has at most 51 characters, because its Service and its Secret are named after it and may have 63; choose a shorter name."
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="A Connector's name begins with a lower-case letter and has letters, digits and dashes only, because its Service is named after it; write g12-18, not g12.18."
// +kubebuilder:validation:XValidation:rule="self.spec.securityLevel >= oldSelf.spec.securityLevel || (has(self.status) && has(self.status.approvedLevel) && self.spec.securityLevel >= self.status.approvedLevel) || (has(self.status) && has(self.status.securityLevel) && self.spec.securityLevel >= self.status.securityLevel)",fieldPath=".spec.securityLevel",messageExpression="'securityLevel is lowered only to a level that is approved or rules already: a system is not split or merged to lower its level' + (has(self.status) && has(self.status.loweringArticle) ? ' (' + self.status.loweringArticle + ')' : ', for which spec.approval.loweringArticle of the SecurityProfile names the article') + '. Have the lower level appraised and approved, and recorded as ComplianceEvidence of the kind LevelApproval; then write it here.'"
type Connector struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says what is to be connected.
	// +required
	Spec ConnectorSpec `json:"spec,omitzero"`

	// status is what the operator saw.
	// +optional
	Status ConnectorStatus `json:"status,omitempty,omitzero"`
}

// ConnectorList is a list of Connectors.
// +kubebuilder:object:root=true
type ConnectorList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Connector `json:"items"`
}
