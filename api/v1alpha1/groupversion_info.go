package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupName is the API group of every kind in this package.
const GroupName = "lienthong.gov.vn"

// GroupVersion is the group and version that the types of this package are registered under.
var GroupVersion = schema.GroupVersion{Group: GroupName, Version: "v1alpha1"}

// AddToScheme registers every kind of this package.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&Agency{}, &AgencyList{},
		&ExchangeHub{}, &ExchangeHubList{},
		&SecurityProfile{}, &SecurityProfileList{},
		&ConnectorClass{}, &ConnectorClassList{},
		&Connector{}, &ConnectorList{},
		&RolloutPlan{}, &RolloutPlanList{},
		&ComplianceEvidence{}, &ComplianceEvidenceList{},
		&DutyWaiver{}, &DutyWaiverList{},
		&MilestoneRecord{}, &MilestoneRecordList{},
		&ReadinessReport{}, &ReadinessReportList{},
		&NoticeQueue{}, &NoticeQueueList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
