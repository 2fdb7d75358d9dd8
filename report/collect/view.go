package collect

import (
	"context"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/view"
)

// Names of the resources, as the API server has them.
const (
	resourceAgencies   = "agencies"
	resourceConnectors = "connectors"
	resourcePlans      = "rolloutplans"
	resourceHubs       = "exchangehubs"
	resourceProfiles   = "securityprofiles"
	resourceEvidence   = "complianceevidences"
	resourceWaivers    = "dutywaivers"
)

// Kinds are those that View reads, for whoever watches for what changes it.
func Kinds() []client.Object {
	return []client.Object{&v1alpha1.Agency{}, &v1alpha1.Connector{}, &v1alpha1.RolloutPlan{}}
}

// View reads where the agencies stand.
func View(ctx context.Context, reader client.Reader, o Options) (*view.View, error) {
	plans, err := plansOf(ctx, reader, o)
	if err != nil {
		return nil, err
	}
	agencies, err := agenciesOf(ctx, reader, o)
	if err != nil {
		return nil, err
	}
	connectors, err := connectorsOf(ctx, reader, o)
	if err != nil {
		return nil, err
	}
	v := &view.View{TakenAt: o.Now}
	for _, p := range plans {
		v.Plans = append(v.Plans, planOf(p))
	}
	acting := actingFor(agencies, connectors)
	for _, a := range agencies {
		v.Agencies = append(v.Agencies, agencyOf(a, acting[a.Name]))
	}
	return v, nil
}

func plansOf(ctx context.Context, reader client.Reader, o Options) ([]*v1alpha1.RolloutPlan, error) {
	plans, err := all[*v1alpha1.RolloutPlan](ctx, reader, o, func() client.ObjectList { return &v1alpha1.RolloutPlanList{} }, resourcePlans)
	slices.SortFunc(plans, func(a, b *v1alpha1.RolloutPlan) int { return strings.Compare(a.Name, b.Name) })
	return plans, err
}

func agenciesOf(ctx context.Context, reader client.Reader, o Options) ([]*v1alpha1.Agency, error) {
	agencies, err := all[*v1alpha1.Agency](ctx, reader, o, func() client.ObjectList { return &v1alpha1.AgencyList{} }, resourceAgencies)
	slices.SortFunc(agencies, func(a, b *v1alpha1.Agency) int {
		if byCode := strings.Compare(a.Spec.Code, b.Spec.Code); byCode != 0 {
			return byCode
		}
		return strings.Compare(a.Name, b.Name)
	})
	return agencies, err
}

func connectorsOf(ctx context.Context, reader client.Reader, o Options, scope ...client.ListOption) ([]*v1alpha1.Connector, error) {
	connectors, err := all[*v1alpha1.Connector](ctx, reader, o, func() client.ObjectList { return &v1alpha1.ConnectorList{} }, resourceConnectors, scope...)
	slices.SortFunc(connectors, func(a, b *v1alpha1.Connector) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	return connectors, err
}

// actingFor are the Connectors of each Agency, by its name. One in a namespace that the Agency does not list acts for nobody.
func actingFor(agencies []*v1alpha1.Agency, connectors []*v1alpha1.Connector) map[string][]*v1alpha1.Connector {
	listed := map[string][]string{}
	for _, a := range agencies {
		listed[a.Name] = a.Spec.Namespaces
	}
	acting := map[string][]*v1alpha1.Connector{}
	for _, c := range connectors {
		if name := c.Spec.AgencyRef.Name; slices.Contains(listed[name], c.Namespace) {
			acting[name] = append(acting[name], c)
		}
	}
	return acting
}

func planOf(p *v1alpha1.RolloutPlan) view.Plan {
	plan := view.Plan{Name: p.Name, TimeZone: p.Spec.TimeZone, Hub: p.Spec.HubRef.Name, NextDeadline: p.Status.NextDeadline}
	if accepted := current(p.Status.Conditions, v1alpha1.ConditionAccepted, p.Generation); accepted != nil {
		plan.Accepted, plan.Message = accepted.Status == metav1.ConditionTrue, accepted.Message
	}
	if ready := current(p.Status.Conditions, v1alpha1.ConditionReady, p.Generation); ready != nil && plan.Accepted {
		plan.Message = ready.Message
	}
	counted := map[string]int{}
	for i := range p.Status.Cohorts {
		counted[p.Status.Cohorts[i].Name] = int(ptr.Deref(p.Status.Cohorts[i].Agencies, 0))
	}
	for i := range p.Spec.Cohorts {
		c := &p.Spec.Cohorts[i]
		plan.Cohorts = append(plan.Cohorts, view.Cohort{Name: c.Name, Description: c.Description, Agencies: counted[c.Name]})
	}
	for i := range p.Spec.Milestones {
		m := &p.Spec.Milestones[i]
		milestone := view.Milestone{Name: m.Name, Description: m.Description, Cohort: m.Cohort, Deadline: m.Deadline}
		for j := range p.Status.Milestones {
			if s := &p.Status.Milestones[j]; s.Name == m.Name {
				milestone.Counts, milestone.Slack = countsOf(s), s.Slack
			}
		}
		plan.Milestones = append(plan.Milestones, milestone)
	}
	return plan
}

func countsOf(s *v1alpha1.MilestoneStatus) map[v1alpha1.MilestoneState]int {
	counts := map[v1alpha1.MilestoneState]int{}
	for state, count := range map[v1alpha1.MilestoneState]*int32{
		v1alpha1.MilestonePending: s.Pending, v1alpha1.MilestoneOnTrack: s.OnTrack, v1alpha1.MilestoneAtRisk: s.AtRisk,
		v1alpha1.MilestoneOverdue: s.Overdue, v1alpha1.MilestoneMet: s.Met, v1alpha1.MilestoneMetLate: s.MetLate, v1alpha1.MilestoneExempt: s.Exempt,
	} {
		if ptr.Deref(count, 0) != 0 {
			counts[state] = int(*count)
		}
	}
	return counts
}

func agencyOf(a *v1alpha1.Agency, connectors []*v1alpha1.Connector) view.Agency {
	agency := view.Agency{
		Name: a.Name, Code: a.Spec.Code, LegacyCode: a.Spec.LegacyCode, Names: a.Spec.Names, Type: a.Spec.Type,
		Milestones: slices.Clone(a.Status.Milestones),
	}
	agency.Ready, agency.Reason, agency.Message = readiness(a.Status.Conditions, a.Generation)
	for _, c := range connectors {
		agency.Connectors = append(agency.Connectors, connectorOf(c))
	}
	return agency
}

func connectorOf(c *v1alpha1.Connector) view.Connector {
	connector := view.Connector{Namespace: c.Namespace, Name: c.Name, Hub: c.Spec.HubRef.Name, Level: int(c.Spec.SecurityLevel)}
	connector.Ready, connector.Reason, connector.Message = readiness(c.Status.Conditions, c.Generation)
	if issued := c.Status.Certificate; issued != nil && issued.NotAfter != nil {
		connector.CertificateUntil = issued.NotAfter.Time
	}
	return connector
}

// readiness tells what the condition Ready says of the newest spec. What the operator has not judged yet is Unknown.
func readiness(conditions []metav1.Condition, generation int64) (status, reason, message string) {
	if c := current(conditions, v1alpha1.ConditionReady, generation); c != nil {
		return string(c.Status), c.Reason, c.Message
	}
	return string(metav1.ConditionUnknown), v1alpha1.ReasonNotObserved, "The operator has not judged the newest spec yet."
}

func current(conditions []metav1.Condition, conditionType string, generation int64) *metav1.Condition {
	c := meta.FindStatusCondition(conditions, conditionType)
	if c == nil || c.ObservedGeneration < generation {
		return nil
	}
	return c
}
