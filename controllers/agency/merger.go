package agency

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

func (r *Reconciler) readPredecessors(ctx context.Context, s *scope) (err error) {
	s.predecessors, err = r.predecessors(ctx, s.agency.Name)
	return err
}

// predecessors are the Agencies that were merged into the named one, directly or through others, sorted by name. Each is there once, also where
// mergers go round in a circle.
func (r *Reconciler) predecessors(ctx context.Context, name string) ([]v1alpha1.Agency, error) {
	var all []v1alpha1.Agency
	known := sets.New(name)
	for ask := []string{name}; len(ask) > 0; ask = ask[1:] {
		var merged v1alpha1.AgencyList
		if err := r.Client.List(ctx, &merged, client.MatchingFields{index.AgencyBySuccessor: ask[0]}, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("listing the Agencies that were merged into %s: %w", ask[0], err)
		}
		for _, a := range merged.Items {
			if !known.Has(a.Name) {
				known.Insert(a.Name)
				all, ask = append(all, a), append(ask, a.Name)
			}
		}
	}
	slices.SortFunc(all, func(a, b v1alpha1.Agency) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// readMet comes after readPredecessors, whose records may be carried over.
func (r *Reconciler) readMet(ctx context.Context, s *scope) error {
	names := []string{s.agency.Name}
	for i := range s.predecessors {
		names = append(names, s.predecessors[i].Name)
	}
	for _, name := range names {
		var records v1alpha1.MilestoneRecordList
		if err := r.Client.List(ctx, &records, client.MatchingFields{index.RecordByAgency: name}, client.UnsafeDisableDeepCopy); err != nil {
			return fmt.Errorf("listing the MilestoneRecords of Agency %s: %w", name, err)
		}
		s.met = append(s.met, records.Items...)
	}
	return nil
}

// successors are the names of the Agencies that an Agency was merged into, directly or through others, until one was merged into none, does not
// exist or comes for the second time: where that is the agency itself, its own name ends the list.
func (r *Reconciler) successors(ctx context.Context, agency *v1alpha1.Agency) ([]string, error) {
	var names []string
	for ref := agency.Spec.SupersededBy; ref != nil && !slices.Contains(names, ref.Name); {
		names = append(names, ref.Name)
		if ref.Name == agency.Name {
			break
		}
		next := &v1alpha1.Agency{}
		if err := r.Client.Get(ctx, client.ObjectKey{Name: ref.Name}, next, shared()); err != nil {
			if client.IgnoreNotFound(err) == nil {
				return names, nil
			}
			return nil, fmt.Errorf("reading Agency %s, a successor: %w", ref.Name, err)
		}
		ref = next.Spec.SupersededBy
	}
	return names, nil
}

// shared lets an object that is only read be the one in the cache, and not a copy.
func shared() client.GetOption {
	return &client.GetOptions{UnsafeDisableDeepCopy: new(true)}
}
