package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ConnectorStatus is what the operator saw of a connector. What was not seen is Unknown, never True.
type ConnectorStatus struct {
	// conditions are Accepted, CertificateReady, WorkloadAvailable, HubConnected, Compliant, and Ready as their summary.
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

	// agency tells who the connector acts for.
	// +optional
	Agency *ConnectorAgencyStatus `json:"agency,omitempty"`

	// profile names the SecurityProfile that rules the connector.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Profile string `json:"profile,omitempty"`

	// profileRevision identifies the technical part of the profile that the connector's objects were last made by, in the words of the
	// profile's status.rollout.revision.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	ProfileRevision string `json:"profileRevision,omitempty"`

	// className names the class that the connector's objects were last made by.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ClassName string `json:"className,omitempty"`

	// classRevision identifies what that class said then, in the words of the class's status.rollout.revision.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	ClassRevision string `json:"classRevision,omitempty"`

	// securityLevel that rules: the approved one or, before the first approval, the declared one.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	SecurityLevel SecurityLevel `json:"securityLevel,omitempty"`

	// approvedLevel is the level of the newest accepted record of the kind LevelApproval; unset if there is none.
	// +optional
	ApprovedLevel *SecurityLevel `json:"approvedLevel,omitempty"`

	// loweringArticle is the article that forbids to lower the level, as the SecurityProfile cites it, for the refusal at admission; unset if
	// none is known.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	LoweringArticle string `json:"loweringArticle,omitempty"`

	// compliance tells how the connector stands under the regime of its hub, which is ruling, and under each other that is in force or
	// yet to come and has a profile for its level.
	// +optional
	// +listType=map
	// +listMapKey=regime
	// +kubebuilder:validation:MaxItems=8
	Compliance []ComplianceStatus `json:"compliance,omitempty"`

	// spiffeID is the identity of the connector.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	SPIFFEID string `json:"spiffeID,omitempty"`

	// certificate is the newest certificate that was issued to the connector.
	// +optional
	Certificate *CertificateStatus `json:"certificate,omitempty"`

	// rotation tells of the latest replacement of the certificate, from its issuance to the last pod that serves it.
	// +optional
	Rotation *RotationStatus `json:"rotation,omitempty"`

	// written identifies what the operator last wrote of the parts of its objects whose change disturbs the connector. By it, a
	// change of its own, which waits for a maintenance window, is told from somebody else's, which is put back at once.
	// +optional
	Written *WrittenDigests `json:"written,omitempty"`

	// renewRequestedAt is the value of the annotation lienthong.gov.vn/renew-requested-at that was last fulfilled.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	RenewRequestedAt string `json:"renewRequestedAt,omitempty"`

	// trustDigest identifies the trust bundle that the gateway is given.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	TrustDigest string `json:"trustDigest,omitempty"`

	// revocationDigest identifies the list of revocations that the gateway is given.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	RevocationDigest string `json:"revocationDigest,omitempty"`

	// authoritiesInUse are the trust anchors, as SHA-256 fingerprints, on which the connector relies now: for its own newest
	// certificate, for those that its pods serve, and for those that the hub shows to them.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=64
	// +kubebuilder:validation:items:MaxLength=64
	AuthoritiesInUse []string `json:"authoritiesInUse,omitempty"`

	// observedPods counts the pods that serve the newest certificate, trust bundle and configuration, as asked from each over mTLS.
	// +optional
	ObservedPods *ObservedPods `json:"observedPods,omitempty"`

	// activeEndpoint is the hub endpoint that the pods use now, in the words of the hub's endpoints; several are joined by commas.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	ActiveEndpoint string `json:"activeEndpoint,omitempty"`
}

// WrittenDigests are SHA-256 digests in lower-case hexadecimal.
type WrittenDigests struct {
	// certificate is that of what is asked of the issuer.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Certificate string `json:"certificate,omitempty"`

	// workload is that of the pod template.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Workload string `json:"workload,omitempty"`
}

// ConnectorAgencyStatus tells who a connector acts for.
type ConnectorAgencyStatus struct {
	// code of the agency (Decision 20/2020).
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=35
	Code string `json:"code,omitempty"`

	// legacyCode of the agency (QCVN 102), if declared.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	LegacyCode string `json:"legacyCode,omitempty"`
}

// ObservedPods counts gateway pods.
type ObservedPods struct {
	// current is how many pods serve what the operator last handed out.
	// +optional
	Current *int32 `json:"current,omitempty"`

	// total is how many pods there should be.
	// +optional
	Total *int32 `json:"total,omitempty"`

	// trusting is how many pods have loaded the newest trust bundle.
	// +optional
	Trusting *int32 `json:"trusting,omitempty"`
}
