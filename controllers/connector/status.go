package connector

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// Reasons that only Connectors have.
const (
	reasonInvalidConfiguration = "InvalidConfiguration"
	reasonHubNetworkUnknown    = "HubNetworkUnknown"
	reasonObjectRejected       = "ObjectRejected"

	reasonLevelLowered          = "LevelLowered"
	reasonHardeningBelowProfile = "HardeningBelowProfile"
	reasonLogCollectorUnknown   = "LogCollectorUnknown"
)

// observedStatus computes the whole status from what was read. It is pure.
func observedStatus(s *scope, now time.Time) v1alpha1.ConnectorStatus {
	result := v1alpha1.ConnectorStatus{ObservedGeneration: s.connector.Generation}
	if s.agency != nil {
		result.Agency = &v1alpha1.ConnectorAgencyStatus{Code: s.agency.Spec.Code, LegacyCode: s.agency.Spec.LegacyCode}
		result.SPIFFEID = s.spiffeID()
	}
	tellRuling(s, &result)
	result.Compliance = judge(s)
	if s.bundle != nil {
		result.TrustDigest = s.bundle.Parsed.Digest
	}
	if s.revocations != nil {
		result.RevocationDigest = s.revocations.Digest
	}
	if s.written != (written{}) {
		result.Written = new(v1alpha1.WrittenDigests(s.written))
	}
	result.Certificate = certificateStatus(s, now)
	result.Rotation = rotationStatus(s, now)
	result.RenewRequestedAt = s.fulfilledRequest()
	result.AuthoritiesInUse = s.authoritiesInUse()
	result.ObservedPods = s.countPods()
	result.ActiveEndpoint = s.activeEndpoints()

	observed := []metav1.Condition{
		accepted(s), certificateReady(s, now), workloadAvailable(s), hubConnected(s), compliant(s, result.Compliance),
	}
	all := conditions.Complete(observed, conditions.Summary{
		Order: []string{
			v1alpha1.ConditionAccepted, v1alpha1.ConditionCertificateReady, v1alpha1.ConditionWorkloadAvailable,
			v1alpha1.ConditionHubConnected, v1alpha1.ConditionCompliant,
		},
		ReadyMessage: "The connector is linked to the hub, encrypted and authenticated on both sides.",
		Stalled:      s.stalled() || onlyPeopleCan(observed, result.Compliance),
	})
	all = append(all, certificateExpiring(s, result.Certificate)...)
	all = append(all, renewalAccepted(s)...)
	all = append(all, maintenanceHeld(s, now)...)
	if s.paused() {
		all = append(all, conditions.True(conditionPaused, v1alpha1.ReasonPaused,
			"spec.paused holds every write for this Connector; what runs goes on running. Set it to false to go on."))
	}
	result.Conditions = conditions.Merge(s.before.Status.Conditions, all, s.connector.Generation, now)
	return result
}

// tellRuling keeps what was told of what cannot be found now: a profile or a hub that is gone for a moment changes nothing for the
// Connector, and must not look as if it did when it is there again.
func tellRuling(s *scope, result *v1alpha1.ConnectorStatus) {
	told := s.before.Status
	result.SecurityLevel, result.ApprovedLevel = s.ruling.Level, s.ruling.Approved
	result.LoweringArticle = told.LoweringArticle
	if s.ruling.Newest != nil {
		result.LoweringArticle = citedArticle(s.ruling.Newest)
	}
	result.Profile, result.ProfileRevision = told.Profile, s.profileRevision()
	result.ClassName, result.ClassRevision = s.classRevision()
	if s.profile != nil {
		result.Profile = s.profile.Name
	}
	if s.profile == nil && told.SecurityLevel != 0 {
		result.SecurityLevel = told.SecurityLevel
	}
}

// conditionPaused is present only while spec.paused holds the writes.
const conditionPaused = "Paused"

func (s *scope) stalled() bool {
	return s.refusal != nil && !s.refusal.waits || len(s.foreign) > 0 || len(s.rejected) > 0 || s.paused()
}

func accepted(s *scope) metav1.Condition {
	switch {
	case s.refusal != nil:
		return conditions.False(v1alpha1.ConditionAccepted, s.refusal.reason, s.refusal.message)
	case len(s.foreign) > 0:
		return conditions.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonForeignObject, s.foreign[0].Error()+others(len(s.foreign)-1))
	case len(s.rejected) > 0:
		return conditions.False(v1alpha1.ConditionAccepted, reasonObjectRejected,
			"The cluster does not allow an object of this Connector: "+s.rejected[0]+"."+others(len(s.rejected)-1))
	}
	return conditions.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonAccepted, fmt.Sprintf(
		"The Connector acts for Agency %s under SecurityProfile %s.", s.agency.Name, s.profile.Name))
}

func others(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" The same holds for %d more objects.", n)
}

func workloadAvailable(s *scope) metav1.Condition {
	const t = v1alpha1.ConditionWorkloadAvailable
	d := s.deployment
	if d == nil {
		return conditions.False(t, "NotProvisioned", "The gateway's Deployment does not exist.")
	}
	if s.refusal != nil && s.refusal.lost && s.replicas() == 0 {
		return conditions.False(t, "Withdrawn", "No gateway pod runs, because the Connector has lost the right to its identity: "+s.refusal.message)
	}
	wanted := int32(1)
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}
	if d.Status.ObservedGeneration == d.Generation && d.Status.UpdatedReplicas >= wanted && d.Status.AvailableReplicas >= wanted {
		return conditions.True(t, "Available", fmt.Sprintf("All %d gateway pods are available.", wanted))
	}
	for _, c := range d.Status.Conditions {
		if c.Type == "ReplicaFailure" && c.Status == "True" {
			return conditions.False(t, "PodsRefused", "Kubernetes refuses to create gateway pods: "+c.Message)
		}
		if c.Type == "Progressing" && c.Reason == "ProgressDeadlineExceeded" {
			return conditions.False(t, "PodsStuck", "The gateway pods do not become available; see their events with kubectl describe pod.")
		}
	}
	return conditions.False(t, v1alpha1.ReasonProgressing, fmt.Sprintf("Not all of the %d gateway pods are available yet.", wanted))
}

func hubConnected(s *scope) metav1.Condition {
	const t = v1alpha1.ConditionHubConnected
	for _, report := range s.reports() {
		if report.ActiveEndpoint == "" {
			return conditions.False(t, "NoEndpoint", "A gateway pod reaches no endpoint of the hub: "+endpointErrors(report))
		}
	}
	if silent := s.silent(); silent != "" {
		return conditions.Unknown(t, v1alpha1.ReasonNotObserved, "Not every gateway pod could be asked whether it reaches the hub: "+silent)
	}
	return conditions.True(t, "Connected", fmt.Sprintf(
		"Every gateway pod has a mutually authenticated link to the hub's endpoint %s.", s.activeEndpoints()))
}

func endpointErrors(report *status.Report) string {
	var problems []string
	for _, e := range report.Endpoints {
		if e.Error != "" {
			problems = append(problems, e.Name+": "+e.Error)
		}
	}
	if len(problems) == 0 {
		return "none has answered yet."
	}
	return strings.Join(problems, "; ") + "."
}

func (s *scope) reports() []*status.Report {
	var reports []*status.Report
	for _, p := range s.pods {
		if p.answer != nil && p.answer.Report != nil {
			reports = append(reports, p.answer.Report)
		}
	}
	return reports
}

// silent says why not every pod was heard; it is empty if there are pods and all were heard.
func (s *scope) silent() string {
	for _, p := range s.pods {
		if p.answer != nil && p.answer.Report == nil {
			return p.answer.Problem + "."
		}
	}
	if len(s.pods) == 0 || len(s.reports()) < len(s.pods) {
		return "no answer yet."
	}
	return ""
}

// countPods counts the pods that serve what the operator last handed out, and those that have loaded the newest trust bundle.
func (s *scope) countPods() *v1alpha1.ObservedPods {
	if s.deployment == nil || s.deployment.Spec.Replicas == nil {
		return nil
	}
	var current, trusting int32
	for _, report := range s.reports() {
		if s.expected != nil && s.expected.metBy(report) {
			current++
		}
		if s.bundle != nil && report.TrustDigest == s.bundle.Parsed.Digest {
			trusting++
		}
	}
	// While pods are replaced there are more of them than wanted, and one that goes may know less than one that came.
	if len(s.reports()) < len(s.pods) {
		trusting = min(trusting, s.replicas()-1)
	}
	total := s.replicas()
	return &v1alpha1.ObservedPods{Current: new(min(current, total)), Total: &total, Trusting: new(min(max(trusting, 0), total))}
}

// maxEndpoints is as much as the status takes.
const maxEndpoints = 1024

func (s *scope) activeEndpoints() string {
	var names []string
	for _, report := range s.reports() {
		if report.ActiveEndpoint != "" {
			names = append(names, report.ActiveEndpoint)
		}
	}
	slices.Sort(names)
	// What a pod says of itself must not keep the status from being written.
	return conditions.Shorten(strings.Join(slices.Compact(names), ","), maxEndpoints)
}
