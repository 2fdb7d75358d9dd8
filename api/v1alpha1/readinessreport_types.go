package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AnnotationReportRequestedAt on a RolloutPlan asks for one report. Its value is a time in the form of RFC 3339; a value that was handled
// already asks for nothing.
const AnnotationReportRequestedAt = GroupName + "/report-requested-at"

// SHA256Digest is a SHA-256 digest in lower-case hexadecimal.
// +kubebuilder:validation:MinLength=64
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[0-9a-f]{64}$`
type SHA256Digest string

// ReportCadence is how often a report is written although no deadline passes.
// +kubebuilder:validation:Enum=Never;Daily;Weekly;Monthly;Quarterly;Yearly
type ReportCadence string

// Cadences of reports. Each period ends with the start of a day in the plan's time zone.
const (
	// CadenceNever: only deadlines and requests lead to reports.
	CadenceNever ReportCadence = "Never"
	// CadenceDaily: at the end of each day.
	CadenceDaily ReportCadence = "Daily"
	// CadenceWeekly: at the end of each Sunday.
	CadenceWeekly ReportCadence = "Weekly"
	// CadenceMonthly: at the end of each month.
	CadenceMonthly ReportCadence = "Monthly"
	// CadenceQuarterly: at the end of March, June, September and December.
	CadenceQuarterly ReportCadence = "Quarterly"
	// CadenceYearly: at the end of each year.
	CadenceYearly ReportCadence = "Yearly"
)

// ReportPolicy says when reports are written beside those at deadlines.
type ReportPolicy struct {
	// cadence of the reports. What is reported is where the agencies stand when the period ends.
	// +required
	Cadence ReportCadence `json:"cadence,omitempty"`
}

// ReportChainStatus tells how far the chain of a plan's reports has come.
type ReportChainStatus struct {
	// count is how many ReadinessReports of the plan exist, each part for itself. Fewer than last.sequence means that some were deleted.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Count *int32 `json:"count,omitempty"`

	// last is the newest link of the chain: the head that a chain is verified against.
	// +optional
	Last *ReportChainHead `json:"last,omitempty"`

	// lastRequest is the value of the annotation lienthong.gov.vn/report-requested-at that was handled last.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	LastRequest string `json:"lastRequest,omitempty"`
}

// ReportChainHead is the newest link of a chain of reports.
type ReportChainHead struct {
	// name of the ReadinessReport.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// sequence is its position in the chain.
	// +required
	// +kubebuilder:validation:Minimum=1
	Sequence int64 `json:"sequence,omitempty"`

	// sha256 is its digest.
	// +required
	SHA256 SHA256Digest `json:"sha256,omitempty"`

	// takenAt is when the states in it were read.
	// +required
	TakenAt metav1.Time `json:"takenAt,omitzero"`
}

// ReportTriggerType is why a report was written.
// +kubebuilder:validation:Enum=Deadline;Cadence;Request
type ReportTriggerType string

// Reasons for which reports are written.
const (
	// ReportAtDeadline: a deadline of the plan passed.
	ReportAtDeadline ReportTriggerType = "Deadline"
	// ReportAtCadence: a period of the plan's cadence ended.
	ReportAtCadence ReportTriggerType = "Cadence"
	// ReportOnRequest: a person asked for it.
	ReportOnRequest ReportTriggerType = "Request"
)

// ReportTrigger is why a report was written.
// +kubebuilder:validation:XValidation:rule="has(self.deadlines) == (self.type == 'Deadline') && has(self.period) == (self.type == 'Cadence') && has(self.requestedAt) == (self.type == 'Request')",message="A report at a deadline has deadlines, one at a cadence has a period, and one on request has requestedAt."
type ReportTrigger struct {
	// type is why the report was written.
	// +required
	Type ReportTriggerType `json:"type,omitempty"`

	// deadlines that passed at that instant.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Deadlines []ReportedDeadline `json:"deadlines,omitempty"`

	// period that ended: a day (2026-11-30), a week (2026-W48, by ISO 8601), a month (2026-11), a quarter (2026-Q4) or a year (2026).
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=16
	Period string `json:"period,omitempty"`

	// missedPeriods is how many periods before it ended without a report, because the operator was not running or the plan could not be
	// honoured.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MissedPeriods *int32 `json:"missedPeriods,omitempty"`

	// requestedAt is the value of the annotation by which a person asked.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	RequestedAt string `json:"requestedAt,omitempty"`
}

// ReportedDeadline is a deadline that passed, with what was due.
type ReportedDeadline struct {
	// deadline that passed.
	// +required
	Deadline Deadline `json:"deadline,omitzero"`

	// milestones that were due, for everybody or by an exception, in the order of the plan.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	Milestones []string `json:"milestones,omitempty"`
}

// ReportedPlan is the RolloutPlan as it was.
type ReportedPlan struct {
	// name of the RolloutPlan.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// generation of its spec.
	// +required
	// +kubebuilder:validation:Minimum=1
	Generation int64 `json:"generation,omitempty"`

	// timeZone of its dates.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	TimeZone string `json:"timeZone,omitempty"`

	// hub that agencies had to be connected to, by the name of the ExchangeHub.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Hub string `json:"hub,omitempty"`
}

// AbandonedReport names a report whose writing broke off: its parts stay in the chain, and what it was about is reported anew.
type AbandonedReport struct {
	// sequence of its first part.
	// +required
	// +kubebuilder:validation:Minimum=1
	Sequence int64 `json:"sequence,omitempty"`

	// parts is how many of its parts were written.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=4096
	Parts *int32 `json:"parts,omitempty"`
}

// ReadinessReportSpec is a snapshot of where the agencies of a plan stood, as a link in the chain of the plan's reports. The operator writes
// it, once.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="A report is never changed."
// +kubebuilder:validation:XValidation:rule="self.part <= self.parts",message="part is at most parts."
// +kubebuilder:validation:XValidation:rule="has(self.previousSHA256) == (self.sequence > 1)",message="Every report but the first has the digest of the one before in previousSHA256."
type ReadinessReportSpec struct {
	// plan that the report is about.
	// +required
	Plan ReportedPlan `json:"plan,omitzero"`

	// sequence is the position in the chain of the plan's reports, from 1 on. Each part has its own.
	// +required
	// +kubebuilder:validation:Minimum=1
	Sequence int64 `json:"sequence,omitempty"`

	// part of the report that this is, from 1 on. A report of many agencies is split.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=4096
	Part *int32 `json:"part,omitempty"`

	// parts is how many the report has.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=4096
	Parts *int32 `json:"parts,omitempty"`

	// abandoned names the report right before this one, if its writing broke off before all of its parts were written.
	// +optional
	Abandoned *AbandonedReport `json:"abandoned,omitempty"`

	// trigger is why the report was written.
	// +required
	Trigger ReportTrigger `json:"trigger,omitzero"`

	// dueAt is when the report was due: when the deadline passed or the period ended, or when it was asked for.
	// +required
	DueAt metav1.Time `json:"dueAt,omitzero"`

	// takenAt is when the states in it were read.
	// +required
	TakenAt metav1.Time `json:"takenAt,omitzero"`

	// late tells that takenAt is more than 15 minutes after dueAt: the operator was not running, the plan could not be honoured, or the
	// deadline was put into the plan after it had passed. The states are those of takenAt.
	// +required
	Late *bool `json:"late,omitempty"`

	// content is where the agencies stood.
	// +required
	Content ReportContent `json:"content,omitzero"`

	// previousSHA256 is the sha256 of the report before in the chain; unset in the first.
	// +optional
	PreviousSHA256 SHA256Digest `json:"previousSHA256,omitempty"`

	// sha256 is the digest of this spec without this field, in canonical JSON (RFC 8785).
	// +required
	SHA256 SHA256Digest `json:"sha256,omitempty"`
}

// ReadinessReport is a snapshot of where the agencies of a RolloutPlan stood when a deadline passed, when a period ended or when somebody
// asked. It never changes, and each contains the digest of the one before, so that a change, a gap and a forgery are found.
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,path=readinessreports,singular=readinessreport,shortName=report,categories=lienthong
// +kubebuilder:selectablefield:JSONPath=`.spec.plan.name`
// +kubebuilder:printcolumn:name="Plan",type=string,JSONPath=`.spec.plan.name`
// +kubebuilder:printcolumn:name="No",type=integer,JSONPath=`.spec.sequence`
// +kubebuilder:printcolumn:name="Why",type=string,JSONPath=`.spec.trigger.type`
// +kubebuilder:printcolumn:name="Due at",type=string,JSONPath=`.spec.dueAt`
// +kubebuilder:printcolumn:name="Late",type=boolean,JSONPath=`.spec.late`
// +kubebuilder:printcolumn:name="Part",type=integer,JSONPath=`.spec.part`
// +kubebuilder:printcolumn:name="Of",type=integer,JSONPath=`.spec.parts`
// +kubebuilder:printcolumn:name="SHA-256",type=string,JSONPath=`.spec.sha256`
// +kubebuilder:printcolumn:name="Taken at",type=string,priority=1,JSONPath=`.spec.takenAt`
// +kubebuilder:printcolumn:name="Agencies",type=integer,priority=1,JSONPath=`.spec.content.agencies`
type ReadinessReport struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec is the snapshot.
	// +required
	Spec ReadinessReportSpec `json:"spec,omitzero"`
}

// ReadinessReportList is a list of ReadinessReports.
// +kubebuilder:object:root=true
type ReadinessReportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ReadinessReport `json:"items"`
}
