package v1alpha1

// Condition types. Every kind has Ready; the others are told per kind.
const (
	// ConditionReady sums up all the others of an object: True only if each of them is True.
	ConditionReady = "Ready"
	// ConditionReconciling is True, and only then present, while the operator works towards the spec.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True, and only then present, when a person has to act before anything can move.
	ConditionStalled = "Stalled"
	// ConditionAccepted tells whether the spec can be honoured, other objects considered.
	ConditionAccepted = "Accepted"
	// ConditionCertificateReady tells whether the connector's own certificate is issued, valid and served by every pod.
	ConditionCertificateReady = "CertificateReady"
	// ConditionWorkloadAvailable tells whether the gateway's pods run as asked.
	ConditionWorkloadAvailable = "WorkloadAvailable"
	// ConditionHubConnected tells whether the gateway's pods have a mutually authenticated link to the hub.
	ConditionHubConnected = "HubConnected"
	// ConditionCompliant tells whether the connector meets the requirements of its security level.
	ConditionCompliant = "Compliant"
	// ConditionTrustResolved tells whether every trust anchor of a hub could be read.
	ConditionTrustResolved = "TrustResolved"
	// ConditionRolloverComplete tells whether every connector of a hub has its certificate from the hub's issuer and no anchor is
	// in force that is not wanted. It is not part of Ready: a rollover disturbs nobody.
	ConditionRolloverComplete = "RolloverComplete"
	// ConditionCertificateExpiring is True, and only then present, while a certificate is nearer to its end than one of the
	// distances of its profile. It is not part of Ready.
	ConditionCertificateExpiring = "CertificateExpiring"
	// ConditionRenewalAccepted tells what became of a requested renewal; it is present while the Connector has the annotation. It
	// is not part of Ready.
	ConditionRenewalAccepted = "RenewalAccepted"
	// ConditionMaintenanceHeld is True, and only then present, while something waits for a maintenance window. It is not part of
	// Ready.
	ConditionMaintenanceHeld = "MaintenanceHeld"
	// ConditionReportWritten tells what became of a requested report; it is present while the RolloutPlan has the annotation. It is not part
	// of Ready.
	ConditionReportWritten = "ReportWritten"
	// ConditionRolledOut tells whether every Connector that a profile rules has taken up its newest technical part.
	ConditionRolledOut = "RolledOut"
	// ConditionSinksReachable tells whether the sinks that notices are sent to take them.
	ConditionSinksReachable = "SinksReachable"
	// ConditionNoticesDropped is True, and only then present, after notices were given up because too many were pending. It is not part
	// of Ready.
	ConditionNoticesDropped = "NoticesDropped"
)

// Reasons of conditions that auditors and tools may rely on.
const (
	ReasonAccepted               = "Accepted"
	ReasonReady                  = "Ready"
	ReasonPaused                 = "Paused"
	ReasonAgencyNotFound         = "AgencyNotFound"
	ReasonAgencyNotAccepted      = "AgencyNotAccepted"
	ReasonAgencyNotActive        = "AgencyNotActive"
	ReasonNamespaceNotListed     = "NamespaceNotListed"
	ReasonHubNotFound            = "HubNotFound"
	ReasonHubNotAccepted         = "HubNotAccepted"
	ReasonClassNotFound          = "ClassNotFound"
	ReasonClassNotAccepted       = "ClassNotAccepted"
	ReasonProfileNotFound        = "ProfileNotFound"
	ReasonProfileAmbiguous       = "ProfileAmbiguous"
	ReasonServiceNotCarried      = "ServiceNotCarried"
	ReasonHostnameOutsideDomains = "HostnameOutsideDomains"
	ReasonReplicasBelowProfile   = "ReplicasBelowProfile"
	ReasonForeignObject          = "ForeignObject"
	ReasonDuplicateCode          = "DuplicateCode"
	ReasonParentNotFound         = "ParentNotFound"
	ReasonParentCycle            = "ParentCycle"
	ReasonSuccessorNotFound      = "SuccessorNotFound"
	ReasonSuccessorCycle         = "SuccessorCycle"
	ReasonTrustAnchorUnreadable  = "TrustAnchorUnreadable"
	ReasonTrustAnchorExpired     = "TrustAnchorExpired"
	ReasonTrustResolved          = "TrustResolved"
	ReasonOwnerNotFound          = "OwnerNotFound"
	ReasonInvalidTimeZone        = "InvalidTimeZone"
	ReasonOverlappingCohorts     = "OverlappingCohorts"
	ReasonUnknownAgency          = "UnknownAgency"
	ReasonInvalidSpec            = "InvalidSpec"
	ReasonNoConnectors           = "NoConnectors"
	ReasonConnectorsNotReady     = "ConnectorsNotReady"
	ReasonNotEnforced            = "NotEnforced"
	ReasonNotObserved            = "NotObserved"
	ReasonProgressing            = "Progressing"
	ReasonAgencyNotListed        = "AgencyNotListed"
	ReasonAgencyRevoked          = "AgencyRevoked"
	ReasonWindowNeverOpens       = "WindowNeverOpens"
	ReasonInvalidRenewRequest    = "InvalidRenewRequest"
	ReasonRolloverPaused         = "RolloverPaused"
	ReasonComplete               = "Complete"
	ReasonRollingOut             = "RollingOut"
	ReasonRolloutPaused          = "RolloutPaused"
	ReasonConnectorNotFound      = "ConnectorNotFound"
	ReasonPerformedInFuture      = "PerformedInFuture"
	ReasonAppraiserOperates      = "AppraiserOperates"
	ReasonWrongAppraiser         = "WrongAppraiser"
	ReasonWrongApprover          = "WrongApprover"
	ReasonInvalidSupersedes      = "InvalidSupersedes"
	ReasonRegimeNotFound         = "RegimeNotFound"
	ReasonUnknownDuty            = "UnknownDuty"
	ReasonNotYetInForce          = "NotYetInForce"
	ReasonExpired                = "Expired"
	ReasonInvalidReportRequest   = "InvalidReportRequest"
	ReasonSinksReachable         = "SinksReachable"
	ReasonSinkUnreachable        = "SinkUnreachable"
	ReasonQueueFull              = "QueueFull"
)
