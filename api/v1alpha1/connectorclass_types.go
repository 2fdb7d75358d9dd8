package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ConnectorClassSpec says which implementation runs behind a Connector. Tenants name a class and never an image.
// +kubebuilder:validation:XValidation:rule="!has(self.ports) || [self.ports.inbound, self.ports.outbound, self.ports.status, self.ports.probes].all(p, [self.ports.inbound, self.ports.outbound, self.ports.status, self.ports.probes].exists_one(q, q == p))",message="The four ports of a class are different from each other."
type ConnectorClassSpec struct {
	// image by digest, so that what runs is what was examined.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^@ ]+@sha256:[0-9a-f]{64}$')",message="image is pinned by digest, such as registry.example/connector-operator@sha256:<64 hexadecimal digits>; a tag can be moved and is not accepted."
	Image string `json:"image,omitempty"`

	// imageBuiltOn is the day on which the image was built, for the profiles that bound its age.
	// +optional
	ImageBuiltOn CivilDate `json:"imageBuiltOn,omitempty"`

	// imagePullSecrets in the tenant's namespace, for a registry that asks for a login.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	ImagePullSecrets []string `json:"imagePullSecrets,omitempty"`

	// args of the container.
	// +optional
	// +listType=atomic
	// +kubebuilder:default={"gateway"}
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=1024
	Args []string `json:"args,omitempty"`

	// ports that the implementation listens on.
	// +optional
	// +kubebuilder:default={inbound: 8443, outbound: 8080, status: 8444, probes: 8081}
	Ports GatewayPorts `json:"ports,omitzero"`

	// mounts are the directories where the implementation expects its files.
	// +optional
	// +kubebuilder:default={identity: "/var/run/lienthong/identity", config: "/etc/lienthong/gateway"}
	Mounts GatewayMounts `json:"mounts,omitzero"`

	// resources of the container.
	// +required
	Resources GatewayResources `json:"resources,omitzero"`

	// drain is how a pod leaves.
	// +optional
	// +kubebuilder:default={delay: "5s", timeout: "30s"}
	Drain DrainPolicy `json:"drain,omitzero"`

	// rotation is how the implementation takes up another certificate, trust bundle or list of revocations.
	// +optional
	// +kubebuilder:default={method: Reload, followWithin: "5m"}
	Rotation RotationPolicy `json:"rotation,omitzero"`

	// limits bound what one side may ask of the gateway.
	// +optional
	// +kubebuilder:default={maxBodySize: "64Mi", maxConcurrentRequests: 256}
	Limits TrafficLimits `json:"limits,omitzero"`

	// rollout bounds how a change of everything else here reaches the Connectors of the class.
	// +optional
	// +kubebuilder:default={batchSize: 10, maxFailures: 1, timeout: "15m"}
	Rollout RolloutPolicy `json:"rollout,omitzero"`
}

// GatewayPorts are the ports of the implementation.
type GatewayPorts struct {
	// inbound is where the hub connects, with mTLS.
	// +optional
	// +kubebuilder:default=8443
	// +kubebuilder:validation:Minimum=1024
	// +kubebuilder:validation:Maximum=65535
	Inbound int32 `json:"inbound,omitempty"`

	// outbound is where the agency's own system connects, with plain HTTP.
	// +optional
	// +kubebuilder:default=8080
	// +kubebuilder:validation:Minimum=1024
	// +kubebuilder:validation:Maximum=65535
	Outbound int32 `json:"outbound,omitempty"`

	// status is where the operator asks what is served, with mTLS.
	// +optional
	// +kubebuilder:default=8444
	// +kubebuilder:validation:Minimum=1024
	// +kubebuilder:validation:Maximum=65535
	Status int32 `json:"status,omitempty"`

	// probes is where the kubelet and the monitoring connect.
	// +optional
	// +kubebuilder:default=8081
	// +kubebuilder:validation:Minimum=1024
	// +kubebuilder:validation:Maximum=65535
	Probes int32 `json:"probes,omitempty"`
}

// GatewayMounts are the directories of the implementation.
// +kubebuilder:validation:XValidation:rule="!(self.identity + '/').startsWith(self.config + '/') && !(self.config + '/').startsWith(self.identity + '/')",message="mounts.identity and mounts.config are two directories, neither within the other, such as /var/run/lienthong/identity and /etc/lienthong/gateway."
type GatewayMounts struct {
	// identity is where tls.crt and tls.key are mounted.
	// +optional
	// +kubebuilder:default="/var/run/lienthong/identity"
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^(/[^/:]+)+$') && !self.matches('/[.]{1,2}(/|$)')",message="mounts.identity is an absolute path without . or .., without a colon and without a slash at its end, such as /var/run/lienthong/identity."
	Identity string `json:"identity,omitempty"`

	// config is where gateway.yaml and trust.pem are mounted.
	// +optional
	// +kubebuilder:default="/etc/lienthong/gateway"
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^(/[^/:]+)+$') && !self.matches('/[.]{1,2}(/|$)')",message="mounts.config is an absolute path without . or .., without a colon and without a slash at its end, such as /etc/lienthong/gateway."
	Config string `json:"config,omitempty"`
}

// GatewayResources are the resources of the gateway's container.
// +kubebuilder:validation:XValidation:rule="[self.requests, self.limits].all(r, 'cpu' in r && 'memory' in r)",message="resources.requests and resources.limits both name cpu and memory, so that no gateway starves its neighbours; write all four, such as 20m and 32Mi, and 1 and 128Mi."
type GatewayResources struct {
	// requests of the container.
	// +required
	Requests corev1.ResourceList `json:"requests,omitempty"`

	// limits of the container.
	// +required
	Limits corev1.ResourceList `json:"limits,omitempty"`
}

// DrainPolicy is how a pod leaves.
// +kubebuilder:validation:XValidation:rule="self.delay.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",fieldPath=".delay",message="drain.delay is in hours, minutes and seconds, such as 5s; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="self.timeout.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",fieldPath=".timeout",message="drain.timeout is in hours, minutes and seconds, such as 30s; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="!self.delay.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || !self.timeout.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || (duration(self.delay) >= duration('0s') && duration(self.timeout) >= duration('1s') && duration(self.delay) + duration(self.timeout) <= duration('1h'))",message="delay is not negative, timeout is at least one second (1s), and both together last at most one hour."
type DrainPolicy struct {
	// delay between the order to stop and the closing of the listeners, while the pod is withdrawn from its Service.
	// +optional
	// +kubebuilder:default="5s"
	Delay metav1.Duration `json:"delay,omitzero"`

	// timeout for the requests that are in flight when the listeners close.
	// +optional
	// +kubebuilder:default="30s"
	Timeout metav1.Duration `json:"timeout,omitzero"`
}

// RotationMethod is how an implementation takes up what changed in its mounted files.
// +kubebuilder:validation:Enum=Reload;Restart
type RotationMethod string

// Rotation methods.
const (
	// RotationReload is for an implementation that reads its files again when they change.
	RotationReload RotationMethod = "Reload"
	// RotationRestart is for one that reads them at its start only: its pods are replaced, one after the other.
	RotationRestart RotationMethod = "Restart"
)

// RotationPolicy is how an implementation takes up another certificate.
// +kubebuilder:validation:XValidation:rule="self.followWithin.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$')",fieldPath=".followWithin",message="rotation.followWithin is in hours, minutes and seconds, such as 5m; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="!self.followWithin.matches('^-?([0-9]{1,6}([.][0-9]+)?(h|ms?|s)){1,4}$') || (duration(self.followWithin) >= duration('10s') && duration(self.followWithin) <= duration('24h'))",fieldPath=".followWithin",message="rotation.followWithin is from ten seconds (10s) to one day (24h)."
type RotationPolicy struct {
	// method by which a running pod takes up what changed.
	// +optional
	// +kubebuilder:default=Reload
	Method RotationMethod `json:"method,omitempty"`

	// followWithin is how long a pod may take before it is restarted, one at a time, within the PodDisruptionBudget and in a
	// maintenance window.
	// +optional
	// +kubebuilder:default="5m"
	FollowWithin metav1.Duration `json:"followWithin,omitzero"`
}

// ConnectorClassStatus is what the operator saw of a class.
type ConnectorClassStatus struct {
	// conditions are Accepted, RolledOut, and Ready as their summary.
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

	// connectors counts the Connectors of this class.
	// +optional
	Connectors *ConnectorTally `json:"connectors,omitempty"`

	// rollout tells how far a change of the class is.
	// +optional
	Rollout *RolloutProgress `json:"rollout,omitempty"`
}

// ConnectorClass is an implementation of connectors, as an IngressClass is one of Ingresses.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,path=connectorclasses,singular=connectorclass,shortName=cclass,categories=lienthong
// +kubebuilder:printcolumn:name="Image",type=string,JSONPath=`.spec.image`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Rollout",type=string,JSONPath=`.status.rollout.phase`
// +kubebuilder:printcolumn:name="Updated",type=integer,JSONPath=`.status.rollout.updated`
// +kubebuilder:printcolumn:name="Connectors",type=integer,JSONPath=`.status.connectors.total`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ConnectorClass struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says which implementation runs.
	// +required
	Spec ConnectorClassSpec `json:"spec,omitzero"`

	// status is what the operator saw.
	// +optional
	Status ConnectorClassStatus `json:"status,omitempty,omitzero"`
}

// ConnectorClassList is a list of ConnectorClasses.
// +kubebuilder:object:root=true
type ConnectorClassList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ConnectorClass `json:"items"`
}

// TrafficLimits bound what one side may ask of the gateway.
type TrafficLimits struct {
	// maxBodySize is the largest request body, such as 64Mi.
	// +optional
	// +kubebuilder:default="64Mi"
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).isGreaterThan(quantity('0'))",message="maxBodySize is a size above zero, such as 64Mi."
	MaxBodySize resource.Quantity `json:"maxBodySize,omitzero"`

	// maxConcurrentRequests in each direction; above it, requests are answered with 503 and Retry-After.
	// +optional
	// +kubebuilder:default=256
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000
	MaxConcurrentRequests int32 `json:"maxConcurrentRequests,omitempty"`
}
