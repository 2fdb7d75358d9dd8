package report

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// write creates the links one after the other. It tells whether all were written: if one of them exists already, somebody else was faster
// or the cache is behind, and nothing more is written by this pass.
func (r *Reconciler) write(ctx context.Context, plan *v1alpha1.RolloutPlan, links []v1alpha1.ReadinessReport) (bool, error) {
	for i := range links {
		err := r.Client.Create(ctx, links[i].DeepCopy())
		if apierrors.IsAlreadyExists(err) {
			return false, r.taken(ctx, plan, links[i].Name)
		}
		if err != nil {
			return false, fmt.Errorf("writing ReadinessReport %s: %w", links[i].Name, err)
		}
	}
	return true, nil
}

// taken looks at what has the name of the next link. A link of the chain is what the cache has yet to learn of; anything else does not go away.
func (r *Reconciler) taken(ctx context.Context, plan *v1alpha1.RolloutPlan, name string) error {
	existing := &v1alpha1.ReadinessReport{}
	if err := r.Live.Get(ctx, client.ObjectKey{Name: name}, existing); err != nil {
		return fmt.Errorf("reading ReadinessReport %s, which exists already: %w", name, err)
	}
	if existing.Spec.Plan.Name == plan.Name {
		log.FromContext(ctx).Info("A report was there already; the next one is decided anew.", "report", name)
		return nil
	}
	r.Recorder.Eventf(plan, existing, corev1.EventTypeWarning, "ReportNameTaken", "Report",
		"ReadinessReport %s, the next of this plan, exists and is about plan %s; remove it, so that the chain can go on.", name, existing.Spec.Plan.Name)
	return fmt.Errorf("the ReadinessReport %s exists and is about plan %s; remove it, so that the chain of plan %s can go on",
		name, existing.Spec.Plan.Name, plan.Name)
}

// announce tells of a report, and of a chain that somebody has laid hands on.
func (r *Reconciler) announce(s *scope, links []v1alpha1.ReadinessReport) {
	first := &links[0]
	late := ""
	if *first.Spec.Late {
		late = ", late"
	}
	span := first.Name
	if n := len(links); n > 1 {
		span += " to " + links[n-1].Name
	}
	r.Recorder.Eventf(s.plan, first, corev1.EventTypeNormal, "ReportWritten", "Report",
		"%s was written%s: %s.", span, late, reason(first.Spec.Trigger))
	if s.history.unseen {
		r.Recorder.Eventf(s.plan, first, corev1.EventTypeWarning, "ReportsTampered", "Report",
			"%s was written by the operator, and is not there any more as it was; %s goes on from it all the same, and report verify tells what is missing.",
			s.history.head.Name, first.Name)
	}
}

func reason(t v1alpha1.ReportTrigger) string {
	switch t.Type {
	case v1alpha1.ReportAtDeadline:
		return "the deadline " + string(t.Deadlines[0].Deadline.Date) + " passed"
	case v1alpha1.ReportAtCadence:
		return t.Period + " ended"
	default:
		return "it was requested at " + t.RequestedAt
	}
}
