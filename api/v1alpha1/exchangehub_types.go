package v1alpha1

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SPIFFEID is an identity in the form spiffe://<trust domain>/<path>.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=512
// +kubebuilder:validation:XValidation:rule="self.matches('^spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)+$')",message="An identity is a SPIFFE ID, such as spiffe://lienthong.gov.vn/hub."
// +kubebuilder:validation:XValidation:rule="!self.matches('/[.]{1,2}(/|$)')",message="An identity has no . or .. between its slashes, because it is compared as it is written; write the whole path, such as spiffe://lienthong.gov.vn/hub."
type SPIFFEID string

// ExchangeHubSpec says where the hub is, who it is and whom it trusts.
// +kubebuilder:validation:XValidation:rule="self.identities.all(i, i.startsWith('spiffe://' + self.trustDomain + '/'))",message="Each of identities lies in the hub's trustDomain: write spiffe://<trustDomain>/<path>."
type ExchangeHubSpec struct {
	// ownerAgencyRef names the Agency that owns the hub ("chủ quản Trục").
	// +required
	OwnerAgencyRef ObjectReference `json:"ownerAgencyRef,omitzero"`

	// trustDomain of every identity on this hub, such as lienthong.gov.vn. Immutable, because it is part of every certificate.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9._]*[a-z0-9])?$')",message="trustDomain is lower-case letters, digits, dots, dashes and underscores, such as lienthong.gov.vn."
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="trustDomain is part of every certificate and cannot be changed; create another ExchangeHub and move the Connectors to it."
	TrustDomain string `json:"trustDomain,omitempty"`

	// endpoints are the hub's addresses. Gateways use the one with the lowest priority that answers.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Endpoints []HubEndpoint `json:"endpoints,omitempty"`

	// healthPath is fetched by gateways from each endpoint and must answer 2xx; if unset, a completed mTLS handshake is enough.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="isURL(self) && self.startsWith('/') && !self.startsWith('//') && !self.matches('[?# ]')",message="healthPath is the path of a URL: it begins with one slash and has no query, fragment or space, such as /healthz."
	HealthPath string `json:"healthPath,omitempty"`

	// identities are the SPIFFE IDs that the hub presents, as server and as client.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Identities []SPIFFEID `json:"identities,omitempty"`

	// issuerRef names the cert-manager issuer that signs the identities of connectors.
	// +required
	IssuerRef IssuerReference `json:"issuerRef,omitzero"`

	// trustAnchors are the certification authorities that gateways accept peers from.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	TrustAnchors []TrustAnchor `json:"trustAnchors,omitempty"`

	// rollover is how the identities of connectors are moved from one certification authority to another.
	// +optional
	// +kubebuilder:default={batchSize: 10, maxFailures: 1, timeout: "10m", quietPeriod: "1h"}
	Rollover RolloverPolicy `json:"rollover,omitzero"`

	// revocations are the certificates, and the agencies, that no gateway accepts any more.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1024
	Revocations []Revocation `json:"revocations,omitempty"`

	// agencyRefs are the Agencies that may connect. If unset, every accepted Agency may.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8192
	AgencyRefs []ObjectReference `json:"agencyRefs,omitempty"`

	// publishTo names a ConfigMap that the operator keeps for the hub's own systems: trust.pem are the anchors in force, and
	// revocations.json the revocations. One that belongs to somebody else is left alone. If another one is named here later, the
	// ConfigMap before stays as it was last written, until somebody deletes it or the hub.
	// +optional
	PublishTo *ConfigMapReference `json:"publishTo,omitempty"`

	// services that the hub carries.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Services []Service `json:"services,omitempty"`

	// regime names the security regime in force, such as nd331-2026: together with a Connector's level it chooses the SecurityProfile.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="regime is lower-case letters, digits and dashes, such as nd331-2026."
	Regime string `json:"regime,omitempty"`

	// logCollector is where gateways send their request logs to, if their profile asks for that.
	// +optional
	LogCollector *LogCollector `json:"logCollector,omitempty"`

	// networkPeers are where the hub's connections come from and go to, for the network policies of gateways. If empty, the
	// network policies restrict ports but not addresses.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	NetworkPeers []networkingv1.NetworkPolicyPeer `json:"networkPeers,omitempty"`

	// noticeSinks are where the hub's owner is told of changes that matter.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	NoticeSinks []NoticeSink `json:"noticeSinks,omitempty"`
}

// LogCollector receives log lines as syslog messages over TLS (RFC 5425). It is given the gateway's own certificate, and must prove itself.
// +kubebuilder:validation:XValidation:rule="self.address.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?|[[][0-9a-f:.]+[]]):[0-9]{1,5}$')",fieldPath=".address",message="logCollector.address is a host name or address and a port, such as log.lienthong.gov.vn:6514."
type LogCollector struct {
	// address of the collector, as host and port.
	// +required
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=261
	Address string `json:"address,omitempty"`

	// caPEM are the certification authorities, one of which must have issued the collector's certificate. They are public.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	CAPEM string `json:"caPEM,omitempty"`

	// networkPeers are where the collector is, for the network policies of gateways.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	NetworkPeers []networkingv1.NetworkPolicyPeer `json:"networkPeers,omitempty"`
}

// A refusal repeats the value of the field that its rule is at. The rules for url are at the struct, because the value may
// hold a password.

// HubEndpoint is one address of the hub.
// +kubebuilder:validation:XValidation:rule="isURL(self.url) && url(self.url).getScheme() == 'https' && size(url(self.url).getHostname()) > 0",fieldPath=".url",message="An endpoint's url is https://, a host and, if wanted, a port in digits, such as https://truc.lienthong.gov.vn:8443, because the link must be encrypted and authenticated."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || size(url(self.url).getPort()) == 0 || (!self.url.matches('^[^/]*//[^/?#]*:[0-9]{6}') && int(url(self.url).getPort()) >= 1 && int(url(self.url).getPort()) <= 65535)",fieldPath=".url",message="The port of an endpoint's url is a number from 1 to 65535, such as 8443."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || (!self.url.contains('@') && !self.url.contains('?') && !self.url.contains('#'))",fieldPath=".url",message="An endpoint's url has no user, password, query or fragment: write https://<host>:<port>/<path>."
// +kubebuilder:validation:XValidation:rule="!isURL(self.url) || self.url.matches('^[A-Za-z]+://([^/?#]*@)?(([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?[.])*([A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?|[0-9]+(-[-A-Za-z0-9]{0,60}[A-Za-z0-9]|[A-WYZa-wyz]([-A-Za-z0-9]{0,60}[A-Za-z0-9])?))[.]?|(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}|[[]([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){7}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?)[]])?(:[0-9]*)?([/?#]|$)')",fieldPath=".url",message="The host of an endpoint's url is a DNS name, such as truc.lienthong.gov.vn, or an address in its plain form, such as 10.12.0.7 or [2001:db8::7]; another spelling of an address, such as 0x7f.1 or 2130706433, is neither."
type HubEndpoint struct {
	// name of the endpoint, unique within the hub.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="An endpoint's name is lower-case letters, digits and dashes, such as primary."
	Name string `json:"name,omitempty"`

	// url of the endpoint. Only https is accepted, because the law asks for an encrypted and authenticated link.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	URL string `json:"url,omitempty"`

	// priority orders the endpoints: the lowest number that answers carries the traffic, and the next ones are the fallback.
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Priority *int32 `json:"priority,omitempty"`
}

// IssuerKind is a kind of cert-manager issuer that is not bound to one tenant's namespace.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
type IssuerKind string

// IssuerReference names a cert-manager issuer.
type IssuerReference struct {
	// name of the issuer.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// kind of the issuer; it must be cluster-scoped, because connectors of all namespaces use it.
	// +optional
	// +kubebuilder:default=ClusterIssuer
	// +kubebuilder:validation:XValidation:rule="self != 'Issuer'",message="issuerRef names a cluster-scoped issuer, because the connectors of all namespaces use it; write kind: ClusterIssuer or the kind of an external cluster-scoped issuer."
	Kind IssuerKind `json:"kind,omitempty"`

	// group of the issuer's kind.
	// +optional
	// +kubebuilder:default=cert-manager.io
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Group string `json:"group,omitempty"`
}

// ExchangeHubStatus is what the operator saw of a hub.
type ExchangeHubStatus struct {
	// conditions are Accepted, TrustResolved, Published (only while publishTo is set), Ready as their summary, and RolloverComplete.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchMergeKey=type
	// +patchStrategy=merge
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`

	// observedGeneration is the generation of the spec that this status tells of.
	// +optional
	// +kubebuilder:validation:Minimum=1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// trustDigest identifies the trust bundle that gateways of this hub are given: sha256: and the digest over all anchors.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	TrustDigest string `json:"trustDigest,omitempty"`

	// trustAnchors are the certificates that were read, so that an auditor sees who is trusted, and until when.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	TrustAnchors []ObservedTrustAnchor `json:"trustAnchors,omitempty"`

	// revocationDigest identifies the list of revocations that gateways of this hub are given.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	RevocationDigest string `json:"revocationDigest,omitempty"`

	// revokedIdentities are those that lost the right to connect, such as a Connector whose namespace the Agency lists no more.
	// Each stays until the last certificate that it had has expired.
	// +optional
	// +listType=map
	// +listMapKey=spiffeID
	// +kubebuilder:validation:MaxItems=4096
	RevokedIdentities []RevokedIdentity `json:"revokedIdentities,omitempty"`

	// rollover tells how far the connectors are on their way to the certification authority of issuerRef.
	// +optional
	Rollover *RolloverStatus `json:"rollover,omitempty"`

	// connectors counts the Connectors of this hub.
	// +optional
	Connectors *ConnectorTally `json:"connectors,omitempty"`
}

// ExchangeHub is a document exchange hub ("trục liên thông văn bản") that connectors link to.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,path=exchangehubs,singular=exchangehub,shortName=hub,categories=lienthong
// +kubebuilder:printcolumn:name="Owner",type=string,JSONPath=`.spec.ownerAgencyRef.name`
// +kubebuilder:printcolumn:name="Regime",type=string,JSONPath=`.spec.regime`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Rollover",type=string,JSONPath=`.status.rollover.phase`
// +kubebuilder:printcolumn:name="Connectors",type=integer,JSONPath=`.status.connectors.total`
// +kubebuilder:printcolumn:name="Connected",type=integer,JSONPath=`.status.connectors.ready`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ExchangeHub struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says where the hub is, who it is and whom it trusts.
	// +required
	Spec ExchangeHubSpec `json:"spec,omitzero"`

	// status is what the operator saw.
	// +optional
	Status ExchangeHubStatus `json:"status,omitempty,omitzero"`
}

// ExchangeHubList is a list of ExchangeHubs.
// +kubebuilder:object:root=true
type ExchangeHubList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ExchangeHub `json:"items"`
}

// TakesAnchorsFrom tells whether the hub takes a trust anchor from a ConfigMap of that name.
func (h *ExchangeHub) TakesAnchorsFrom(configMap string) bool {
	for i := range h.Spec.TrustAnchors {
		if ref := h.Spec.TrustAnchors[i].ConfigMapRef; ref != nil && ref.Name == configMap {
			return true
		}
	}
	return false
}
