package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NoticeSubjectKind is a kind of object whose changes are told.
// +kubebuilder:validation:Enum=Agency;ExchangeHub
type NoticeSubjectKind string

// Kinds of subjects.
const (
	NoticeSubjectAgency NoticeSubjectKind = "Agency"
	NoticeSubjectHub    NoticeSubjectKind = "ExchangeHub"
)

// NoticeSubject names the object whose changes a queue tells.
type NoticeSubject struct {
	// kind of the object.
	// +required
	Kind NoticeSubjectKind `json:"kind,omitempty"`

	// name of the object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// NoticeQueueSpec says whose changes are told. The operator writes it, once.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="The subject of a NoticeQueue is never changed; the operator makes one for each Agency and ExchangeHub that needs one."
type NoticeQueueSpec struct {
	// subject is the object whose changes are told.
	// +required
	Subject NoticeSubject `json:"subject,omitzero"`
}

// ObservedFact is one thing as it was when it was last looked at. A notice is made when it is seen to be another.
type ObservedFact struct {
	// key tells what, such as milestone/decision-28/pilot.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=400
	Key string `json:"key,omitempty"`

	// value that it had.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=160
	Value string `json:"value,omitempty"`
}

// PendingNotice is a notice that not every sink has yet.
type PendingNotice struct {
	// sequence counts the notices of this queue. With the queue's UID it is the id of the CloudEvent.
	// +required
	// +kubebuilder:validation:Minimum=1
	Sequence int64 `json:"sequence,omitempty"`

	// type of change.
	// +required
	Type NoticeType `json:"type,omitempty"`

	// time at which the change was seen.
	// +required
	Time metav1.Time `json:"time,omitzero"`

	// subject of the CloudEvent: what of the source has changed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=400
	Subject string `json:"subject,omitempty"`

	// hub that the change concerns. The notice is signed with the operator's identity there.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Hub string `json:"hub,omitempty"`

	// data of the CloudEvent, as JSON.
	// +required
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=32768
	Data string `json:"data,omitempty"`

	// sinks that still lack the notice, as <kind>/<owner>/<sink>.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=128
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=340
	Sinks []string `json:"sinks,omitempty"`
}

// NoticeSinkStatus tells how far one sink is. Nothing in it is secret.
type NoticeSinkStatus struct {
	// sink as <kind>/<owner>/<sink>.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=340
	Sink string `json:"sink,omitempty"`

	// delivered is how many notices of this queue the sink has taken; unset if none.
	// +optional
	// +kubebuilder:validation:Minimum=1
	Delivered int64 `json:"delivered,omitempty"`

	// pending is how many notices of this queue the sink still lacks.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Pending *int32 `json:"pending,omitempty"`

	// lastSuccess is when the sink last took a notice of this queue.
	// +optional
	LastSuccess *metav1.Time `json:"lastSuccess,omitempty"`

	// failures is how many attempts in a row have failed; unset if none. It is written at the second, the fourth, the eighth and so on, and
	// of a notice that is refused at the first too, so that a sink that is down for long costs few writes. Of a hub's sink that cannot be
	// reached, the hub's own queue tells.
	// +optional
	// +kubebuilder:validation:Minimum=1
	Failures int32 `json:"failures,omitempty"`

	// lastError says in a sentence why the latest of these failures came about.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	LastError string `json:"lastError,omitempty"`

	// nextAttempt is when the sink was to be tried again after that failure.
	// +optional
	NextAttempt *metav1.Time `json:"nextAttempt,omitempty"`
}

// NoticeQueueStatus is what was last told and what is still to be told.
type NoticeQueueStatus struct {
	// conditions are SinksReachable, Ready as its summary, and NoticesDropped, only while notices were dropped.
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

	// sequence of the newest notice that was ever made; unset if none was.
	// +optional
	// +kubebuilder:validation:Minimum=1
	Sequence int64 `json:"sequence,omitempty"`

	// observed is what notices were last derived from. It is written together with the notices that came of it.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=1024
	Observed []ObservedFact `json:"observed,omitempty"`

	// pending are the notices that not every sink has yet, oldest first.
	// +optional
	// +listType=map
	// +listMapKey=sequence
	// +kubebuilder:validation:MaxItems=256
	Pending []PendingNotice `json:"pending,omitempty"`

	// waiting is how many notices are pending.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Waiting *int32 `json:"waiting,omitempty"`

	// dropped is how many notices were given up because too many were pending; unset if none was.
	// +optional
	// +kubebuilder:validation:Minimum=1
	Dropped int64 `json:"dropped,omitempty"`

	// lastDropped is when a notice was last given up.
	// +optional
	LastDropped *metav1.Time `json:"lastDropped,omitempty"`

	// sinks tells how far each sink is.
	// +optional
	// +listType=map
	// +listMapKey=sink
	// +kubebuilder:validation:MaxItems=128
	Sinks []NoticeSinkStatus `json:"sinks,omitempty"`
}

// NoticeQueue keeps what the sinks of an Agency or of an ExchangeHub were told and what they are still to be told. The operator makes it
// and is the only one that writes it; if it is deleted, the operator begins again with things as they are then.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,path=noticequeues,singular=noticequeue,shortName=nq,categories=lienthong
// +kubebuilder:printcolumn:name="Kind",type=string,JSONPath=`.spec.subject.kind`
// +kubebuilder:printcolumn:name="Subject",type=string,JSONPath=`.spec.subject.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.waiting`
// +kubebuilder:printcolumn:name="Dropped",type=integer,JSONPath=`.status.dropped`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type NoticeQueue struct {
	metav1.TypeMeta `json:",inline"`

	// metadata of the object.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty,omitzero"`

	// spec says whose changes are told.
	// +required
	Spec NoticeQueueSpec `json:"spec,omitzero"`

	// status is what was told and what is still to be told.
	// +optional
	Status NoticeQueueStatus `json:"status,omitempty,omitzero"`
}

// NoticeQueueList is a list of NoticeQueues.
// +kubebuilder:object:root=true
type NoticeQueueList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []NoticeQueue `json:"items"`
}
