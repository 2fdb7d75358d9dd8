package stage

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"k8s.io/apimachinery/pkg/api/meta"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/hack/livingplan/shift"
)

// PrintReport prints where every agency and each plan stands.
func (s *Stage) PrintReport(ctx context.Context, out io.Writer) error {
	connectors, err := s.Connectors(ctx)
	if err != nil {
		return err
	}
	var agencies v1alpha1.AgencyList
	if err := s.Client.List(ctx, &agencies); err != nil {
		return fmt.Errorf("listing the Agencies: %w", err)
	}
	var plans v1alpha1.RolloutPlanList
	if err := s.Client.List(ctx, &plans); err != nil {
		return fmt.Errorf("listing the plans: %w", err)
	}
	slices.SortFunc(agencies.Items, func(a, b v1alpha1.Agency) int { return strings.Compare(a.Spec.Code, b.Spec.Code) })
	if err := printAgencies(out, agencies.Items, connectors); err != nil {
		return err
	}
	for i := range plans.Items {
		if err := printPlan(out, &plans.Items[i]); err != nil {
			return err
		}
	}
	return nil
}

func printAgencies(out io.Writer, agencies []v1alpha1.Agency, connectors []v1alpha1.Connector) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nCODE\tNAME\tLEVEL\tREADY\tCERTIFICATE UNTIL\tPODS\tNEXT DEADLINE (%s)\tSTATE\n", shift.Name)
	for i := range agencies {
		a := &agencies[i]
		deadline, state := nextMilestone(a)
		for j := range connectors {
			c := &connectors[j]
			if c.Spec.AgencyRef.Name != a.Name {
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", a.Spec.Code, nameOf(a), c.Spec.SecurityLevel,
				readiness(c), until(c), pods(c), deadline, state)
		}
	}
	return w.Flush()
}

func nameOf(a *v1alpha1.Agency) string {
	if a.Spec.Names.En != "" {
		return a.Spec.Names.En
	}
	return a.Spec.Names.Vi
}

func readiness(c *v1alpha1.Connector) string {
	ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return "Unknown"
	}
	if ready.Status == "True" {
		return "True"
	}
	return fmt.Sprintf("%s (%s)", ready.Status, ready.Reason)
}

func until(c *v1alpha1.Connector) string {
	if c.Status.Certificate == nil || c.Status.Certificate.NotAfter == nil {
		return "-"
	}
	return c.Status.Certificate.NotAfter.UTC().Format("2006-01-02 15:04Z")
}

func pods(c *v1alpha1.Connector) string {
	p := c.Status.ObservedPods
	if p == nil || p.Current == nil || p.Total == nil {
		return "-"
	}
	return fmt.Sprintf("%d/%d", *p.Current, *p.Total)
}

// nextMilestone is the agency's nearest milestone of the living plan that is not met and not past; if there is none, the last one that was.
func nextMilestone(a *v1alpha1.Agency) (deadline string, state v1alpha1.MilestoneState) {
	var next, last *v1alpha1.AgencyMilestone
	for i := range a.Status.Milestones {
		m := &a.Status.Milestones[i]
		if m.Plan != shift.Name {
			continue
		}
		open := m.State != v1alpha1.MilestoneMet && m.State != v1alpha1.MilestoneMetLate && m.State != v1alpha1.MilestoneExempt
		if open && (next == nil || m.Deadline.Date < next.Deadline.Date) {
			next = m
		}
		if last == nil || m.Deadline.Date > last.Deadline.Date {
			last = m
		}
	}
	if next == nil {
		next = last
	}
	if next == nil {
		return "-", "-"
	}
	return fmt.Sprintf("%s %s %s", next.Milestone, strings.ToLower(boundary(next.Deadline.Boundary)), next.Deadline.Date), next.State
}

func boundary(b v1alpha1.DeadlineBoundary) string {
	switch b {
	case v1alpha1.DeadlineOnOrBefore:
		return "on or before"
	case v1alpha1.DeadlineInForceFrom:
		return "in force from"
	case v1alpha1.DeadlineBefore:
	}
	return "before"
}

func printPlan(out io.Writer, p *v1alpha1.RolloutPlan) error {
	fmt.Fprintf(out, "\nPlan %s", p.Name)
	if ready := meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		fmt.Fprintf(out, ": %s", ready.Message)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nMILESTONE\tCOHORT\tDEADLINE\tPENDING\tON TRACK\tAT RISK\tOVERDUE\tMET IN TIME\tMET LATE\tEXEMPT")
	for _, m := range p.Status.Milestones {
		fmt.Fprintf(w, "%s\t%s\t%s %s", m.Name, m.Cohort, boundary(m.Deadline.Boundary), m.Deadline.Date)
		for _, count := range []*int32{m.Pending, m.OnTrack, m.AtRisk, m.Overdue, m.Met, m.MetLate, m.Exempt} {
			if count == nil {
				fmt.Fprint(w, "\t0")
				continue
			}
			fmt.Fprintf(w, "\t%d", *count)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
