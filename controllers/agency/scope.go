package agency

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// scope is what was read in one pass.
type scope struct {
	now    time.Time
	agency *v1alpha1.Agency
	// codeHolder and legacyCodeHolder are the older Agencies that have the same code; nil if there is none.
	codeHolder, legacyCodeHolder *v1alpha1.Agency
	// lineage are the names from the parent upwards, until one has no parent, does not exist or comes for the second time.
	lineage []string
	// successors are the names of those that the agency was merged into, until one was merged into none, does not exist or comes for the second time.
	successors []string
	// parentMissing and successorMissing tell that the reference names nobody.
	parentMissing, successorMissing bool
	// acting are the Connectors in namespaces that the Agency lists, and strangers the others that name it.
	acting, strangers []v1alpha1.Connector
	// records are those of the acting Connectors.
	records []v1alpha1.ComplianceEvidence
	// profiles are all SecurityProfiles.
	profiles []v1alpha1.SecurityProfile
	// predecessors are the Agencies that were merged into this one, and into those, sorted by name; the agency itself is never among them.
	predecessors []v1alpha1.Agency
	// met are the MilestoneRecords of the agency and of its predecessors.
	met []v1alpha1.MilestoneRecord
	// plans are all RolloutPlans, sorted by name, and compiled makes them ready. Like all that was listed, they are shared with the cache, so
	// they are only read.
	plans    []v1alpha1.RolloutPlan
	compiled *milestone.Compiled
}

func (r *Reconciler) read(ctx context.Context, name string) (*scope, error) {
	s := &scope{now: r.Clock.Now(), agency: &v1alpha1.Agency{}, compiled: &r.compiled}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, s.agency); err != nil {
		return nil, err
	}
	for _, read := range []func(context.Context, *scope) error{
		r.readCodes, r.readLineage, r.readSuccessor, r.readConnectors, r.readRecords, r.readPredecessors, r.readMet, r.readProfiles, r.readPlans,
	} {
		if err := read(ctx, s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (r *Reconciler) readCodes(ctx context.Context, s *scope) (err error) {
	if s.codeHolder, err = r.holder(ctx, s.agency, index.AgencyByCode, s.agency.Spec.Code); err != nil {
		return err
	}
	s.legacyCodeHolder, err = r.holder(ctx, s.agency, index.AgencyByLegacyCode, s.agency.Spec.LegacyCode)
	return err
}

// holder is the Agency that came first of those with a code, if it is not the given one.
func (r *Reconciler) holder(ctx context.Context, agency *v1alpha1.Agency, field, code string) (*v1alpha1.Agency, error) {
	if code == "" {
		return nil, nil
	}
	var same v1alpha1.AgencyList
	if err := r.Client.List(ctx, &same, client.MatchingFields{field: code}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing Agencies with code %s: %w", code, err)
	}
	first := agency
	for i := range same.Items {
		if precedence.Precedes(&same.Items[i], first) {
			first = &same.Items[i]
		}
	}
	if first.Name == agency.Name {
		return nil, nil
	}
	return first, nil
}

func (r *Reconciler) readLineage(ctx context.Context, s *scope) error {
	lineage, missing, err := r.lineage(ctx, s.agency)
	if err != nil {
		return err
	}
	s.lineage = lineage
	s.parentMissing = missing && len(lineage) == 1
	return nil
}

// lineage climbs from the parent upwards, and tells whether the last name is nobody's.
func (r *Reconciler) lineage(ctx context.Context, agency *v1alpha1.Agency) (names []string, missing bool, err error) {
	for ref := agency.Spec.ParentRef; ref != nil; {
		known := ref.Name == agency.Name || slices.Contains(names, ref.Name)
		names = append(names, ref.Name)
		if known {
			return names, false, nil
		}
		parent := &v1alpha1.Agency{}
		if err := r.Client.Get(ctx, client.ObjectKey{Name: ref.Name}, parent, shared()); err != nil {
			if apierrors.IsNotFound(err) {
				return names, true, nil
			}
			return nil, false, fmt.Errorf("reading Agency %s, a parent: %w", ref.Name, err)
		}
		ref = parent.Spec.ParentRef
	}
	return names, false, nil
}

func (r *Reconciler) readSuccessor(ctx context.Context, s *scope) (err error) {
	if s.agency.Spec.SupersededBy == nil {
		return nil
	}
	if s.successors, err = r.successors(ctx, s.agency); err != nil {
		return err
	}
	name := s.agency.Spec.SupersededBy.Name
	err = r.Client.Get(ctx, client.ObjectKey{Name: name}, &v1alpha1.Agency{}, shared())
	if apierrors.IsNotFound(err) {
		s.successorMissing = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading Agency %s, the successor: %w", name, err)
	}
	return nil
}

func (r *Reconciler) readConnectors(ctx context.Context, s *scope) error {
	var connectors v1alpha1.ConnectorList
	byAgency := client.MatchingFields{index.ConnectorByAgency: s.agency.Name}
	if err := r.Client.List(ctx, &connectors, byAgency, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing Connectors: %w", err)
	}
	for _, c := range connectors.Items {
		if slices.Contains(s.agency.Spec.Namespaces, c.Namespace) {
			s.acting = append(s.acting, c)
		} else {
			s.strangers = append(s.strangers, c)
		}
	}
	slices.SortFunc(s.acting, byNamespaceAndName)
	slices.SortFunc(s.strangers, byNamespaceAndName)
	return nil
}

// readRecords comes after readConnectors: a record counts for a Connector of its own namespace.
func (r *Reconciler) readRecords(ctx context.Context, s *scope) error {
	for i := range s.acting {
		c := &s.acting[i]
		var records v1alpha1.ComplianceEvidenceList
		if err := r.Client.List(ctx, &records, client.InNamespace(c.Namespace), client.MatchingFields{index.EvidenceByConnector: c.Name},
			client.UnsafeDisableDeepCopy); err != nil {
			return fmt.Errorf("listing the ComplianceEvidence of Connector %s/%s: %w", c.Namespace, c.Name, err)
		}
		s.records = append(s.records, records.Items...)
	}
	return nil
}

func (r *Reconciler) readProfiles(ctx context.Context, s *scope) error {
	var profiles v1alpha1.SecurityProfileList
	if err := r.Client.List(ctx, &profiles, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing SecurityProfiles: %w", err)
	}
	s.profiles = profiles.Items
	return nil
}

func (r *Reconciler) readPlans(ctx context.Context, s *scope) error {
	var plans v1alpha1.RolloutPlanList
	if err := r.Client.List(ctx, &plans, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing RolloutPlans: %w", err)
	}
	r.compiled.Prune(plans.Items)
	s.plans = plans.Items
	slices.SortFunc(s.plans, byName)
	return nil
}
