package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CivilDate is a day in the calendar, as YYYY-MM-DD, without a time and without a zone.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=32
// +kubebuilder:validation:XValidation:rule="!format.date().validate(self).hasValue() && self.matches('^[12][0-9]{3}-')",messageExpression="'\"' + self + '\" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31.'"
type CivilDate string

// DeadlineBoundary says how a deadline's date is meant.
// +kubebuilder:validation:Enum=Before;OnOrBefore;InForceFrom
type DeadlineBoundary string

// Boundaries of deadlines.
const (
	// DeadlineBefore: to be met before the day begins ("trước ngày X").
	DeadlineBefore DeadlineBoundary = "Before"
	// DeadlineOnOrBefore: to be met by the end of the day.
	DeadlineOnOrBefore DeadlineBoundary = "OnOrBefore"
	// DeadlineInForceFrom: to hold from the beginning of the day on ("kể từ ngày X").
	DeadlineInForceFrom DeadlineBoundary = "InForceFrom"
)

// Deadline is a civil date with its boundary. It is never compared in UTC, but in the plan's time zone.
type Deadline struct {
	// boundary says how the date is meant.
	// +required
	Boundary DeadlineBoundary `json:"boundary,omitempty"`

	// date of the deadline.
	// +required
	Date CivilDate `json:"date,omitempty"`
}

// RolloutPlanSpec says who has to reach what by when.
// +kubebuilder:validation:XValidation:rule="self.milestones.all(m, self.cohorts.exists(c, c.name == m.cohort))",message="Each milestone names a cohort of the same plan; add the cohort or correct the milestone's cohort."
// +kubebuilder:validation:XValidation:rule="!has(self.exceptions) || self.exceptions.all(e, self.milestones.exists(m, m.name == e.milestone))",message="Each exception names a milestone of the same plan; correct the exception's milestone."
type RolloutPlanSpec struct {
	// timeZone of every date in the plan, as in the IANA time zone database.
	// +optional
	// +kubebuilder:default="Asia/Ho_Chi_Minh"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	TimeZone string `json:"timeZone,omitempty"`

	// hubRef names the ExchangeHub that agencies have to be connected to: only its Connectors count.
	// +required
	HubRef ObjectReference `json:"hubRef,omitzero"`

	// atRiskDays is how many calendar days before a deadline an unmet milestone is reported as at risk.
	// +optional
	// +kubebuilder:default=14
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=3660
	AtRiskDays *int32 `json:"atRiskDays,omitempty"`

	// marginWorkingDays is how many working days of slack an unmet milestone needs: with fewer left before the last day on which what is
	// missing can begin, or with none, it is reported as at risk, however far away its deadline is.
	// +optional
	// +kubebuilder:default=0
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	MarginWorkingDays *int32 `json:"marginWorkingDays,omitempty"`

	// workingCalendar tells working days from days off. If unset, every day but Saturday and Sunday is a working day.
	// +optional
	WorkingCalendar *WorkingCalendar `json:"workingCalendar,omitempty"`

	// cohorts are groups of agencies. No agency may be in two of them.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:XValidation:rule="self.filter(c, has(c.allOthers)).size() <= 1",message="At most one cohort of a plan is allOthers."
	Cohorts []Cohort `json:"cohorts,omitempty"`

	// milestones that cohorts have to reach.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Milestones []Milestone `json:"milestones,omitempty"`

	// exceptions for single agencies.
	// +optional
	// +listType=map
	// +listMapKey=agency
	// +listMapKey=milestone
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=256
	Exceptions []RolloutException `json:"exceptions,omitempty"`

	// reports says when ReadinessReports are written beside those at each deadline and on request; unset means at the end of each month.
	// +optional
	Reports *ReportPolicy `json:"reports,omitempty"`
}

// Cohort is a group of agencies.
// +kubebuilder:validation:XValidation:rule="[has(self.agencies), has(self.selector), has(self.allOthers)].filter(x, x).size() == 1",message="A cohort has exactly one of agencies, selector and allOthers."
type Cohort struct {
	// name of the cohort, unique within the plan.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="A cohort's name is lower-case letters, digits and dashes, such as ready-2018."
	Name string `json:"name,omitempty"`

	// description of the cohort.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Description string `json:"description,omitempty"`

	// agencies by the names of their Agency objects.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2048
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	Agencies []string `json:"agencies,omitempty"`

	// selector by the labels of the Agency objects.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// allOthers takes every Agency that no other cohort of the plan has.
	// +optional
	AllOthers *AllOthers `json:"allOthers,omitempty"`
}

// AllOthers takes every Agency that no other cohort of the plan has.
type AllOthers struct {
	// types limits the cohort to agencies of these types; unset takes all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Types []AgencyType `json:"types,omitempty"`
}

// RolloutException changes a milestone for one agency.
type RolloutException struct {
	// agency by the name of its Agency object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Agency string `json:"agency,omitempty"`

	// milestone that is changed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Milestone string `json:"milestone,omitempty"`

	// reason for the exception.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`

	// approver of the exception.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Approver string `json:"approver,omitempty"`

	// deadline that holds instead; unset exempts the agency from the milestone.
	// +optional
	Deadline *Deadline `json:"deadline,omitempty"`
}

// RolloutPlanStatus is where the cohorts stand. Its size depends on the plan, not on the number of agencies.
type RolloutPlanStatus struct {
	// conditions are Accepted and Ready and, while the plan has the annotation that asks for a report, ReportWritten.
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

	// recordedAt is when the object was first created. It is kept when a restore from a backup creates the object anew, so that what came
	// first still comes first.
	// +optional
	RecordedAt *metav1.Time `json:"recordedAt,omitempty"`

	// agencies is how many agencies are in a cohort of the plan.
	// +optional
	Agencies *int32 `json:"agencies,omitempty"`

	// nextDeadline is the nearest deadline that has not passed; unset when all have.
	// +optional
	NextDeadline *Deadline `json:"nextDeadline,omitempty"`

	// cohorts counts the agencies of each.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Cohorts []CohortStatus `json:"cohorts,omitempty"`

	// milestones counts the agencies by state, for each.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=64
	Milestones []MilestoneStatus `json:"milestones,omitempty"`

	// reports tells how far the chain of the plan's ReadinessReports has come; unset while there is none.
	// +optional
	Reports *ReportChainStatus `json:"reports,omitempty"`
}

// CohortStatus counts the agencies of a cohort.
type CohortStatus struct {
	// name of the cohort.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// agencies is how many are in the cohort.
	// +optional
	Agencies *int32 `json:"agencies,omitempty"`
}

// MilestoneStatus counts the agencies of a milestone by their state. The counts add up to the agencies of its cohort.
type MilestoneStatus struct {
	// name of the milestone.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// cohort of the milestone.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Cohort string `json:"cohort,omitempty"`

	// deadline of the milestone.
	// +required
	Deadline Deadline `json:"deadline,omitzero"`

	// pending counts the agencies that have not begun.
	// +optional
	Pending *int32 `json:"pending,omitempty"`

	// onTrack counts the agencies that have begun.
	// +optional
	OnTrack *int32 `json:"onTrack,omitempty"`

	// atRisk counts the agencies that have not met it while the deadline is near.
	// +optional
	AtRisk *int32 `json:"atRisk,omitempty"`

	// overdue counts the agencies that have not met it although the deadline has passed.
	// +optional
	Overdue *int32 `json:"overdue,omitempty"`

	// met counts the agencies that met it in time.
	// +optional
	Met *int32 `json:"met,omitempty"`

	// metLate counts the agencies that met it after the deadline.
	// +optional
	MetLate *int32 `json:"metLate,omitempty"`

	// exempt counts the agencies that are exempted.
	// +optional
	Exempt *int32 `json:"exempt,omitempty"`

	// slack is the least that an agency has left which has not met the milestone yet; unset if none is left to meet it.
	// +optional
	Slack *MilestoneSlack `json:"slack,omitempty"`
}

// MilestoneSlack is how long the agency that is worst off can wait before what it lacks has to begin.
type MilestoneSlack struct {
	// agency that has the least, by the name of its Agency object; the first of several by name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Agency string `json:"agency,omitempty"`

	// latestStart is the last day on which what is missing can begin and still be done in time.
	// +required
	LatestStart CivilDate `json:"latestStart,omitempty"`

	// workingDays is how many working days there were, on the day asOf, from that day until latestStart: 0 means that it must begin on that
	// very day, and below zero that it is too late by so many.
	// +required
	WorkingDays *int32 `json:"workingDays,omitempty"`

	// asOf is the day, in the plan's zone, on which workingDays was counted.
	// +required
	AsOf CivilDate `json:"asOf,omitempty"`
}

// RolloutPlan says which agencies have to reach what by when, and where they stand.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,path=rolloutplans,singular=rolloutplan,shortName=plan,categories=lienthong
// +kubebuilder:printcolumn:name="Hub",type=string,JSONPath=`.spec.hubRef.name`
// +kubebuilder:printcolumn:name="Agencies",type=integer,JSONPath=`.status.agencies`
// +kubebuilder:printcolumn:name="Next deadline",type=string,JSONPath=`.status.nextDeadline.date`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type RolloutPlan struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says who has to reach what by when.
	// +required
	Spec RolloutPlanSpec `json:"spec,omitzero"`

	// status is where the cohorts stand.
	// +optional
	Status RolloutPlanStatus `json:"status,omitempty,omitzero"`
}

// RolloutPlanList is a list of RolloutPlans.
// +kubebuilder:object:root=true
type RolloutPlanList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []RolloutPlan `json:"items"`
}
