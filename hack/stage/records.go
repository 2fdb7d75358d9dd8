package stage

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/test/samples"
)

// records applies a sample record of everything that the level of each Connector asks people to do, because no Connector is Ready
// without. They are dated yesterday, so a run on another day makes new ones.
func (s *Stage) records(ctx context.Context) error {
	connectors, err := s.sampleConnectors()
	if err != nil {
		return err
	}
	profiles, err := s.profiles(ctx)
	if err != nil {
		return err
	}
	var records []*unstructured.Unstructured
	for i := range connectors {
		made, err := s.recordsOf(ctx, &connectors[i], profiles)
		if err != nil {
			return err
		}
		records = append(records, made...)
	}
	s.sayf("%d sample records for %d Connectors say that their levels are approved and their duties done", len(records), len(connectors))
	return s.apply(ctx, records)
}

// profiles are those in the cluster, by regime and level.
func (s *Stage) profiles(ctx context.Context) (map[string]*v1alpha1.SecurityProfile, error) {
	var list v1alpha1.SecurityProfileList
	if err := s.Client.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("listing the security profiles: %w", err)
	}
	profiles := map[string]*v1alpha1.SecurityProfile{}
	for i := range list.Items {
		p := &list.Items[i]
		profiles[index.RegimeAndLevel(p.Spec.Regime, p.Spec.Level)] = p
	}
	return profiles, nil
}

func (s *Stage) recordsOf(
	ctx context.Context, connector *v1alpha1.Connector, profiles map[string]*v1alpha1.SecurityProfile,
) ([]*unstructured.Unstructured, error) {
	var hub v1alpha1.ExchangeHub
	if err := s.Client.Get(ctx, client.ObjectKey{Name: connector.Spec.HubRef.Name}, &hub); err != nil {
		return nil, fmt.Errorf("reading the hub of Connector %s: %w", connector.Name, err)
	}
	var agency v1alpha1.Agency
	if err := s.Client.Get(ctx, client.ObjectKey{Name: connector.Spec.AgencyRef.Name}, &agency); err != nil {
		return nil, fmt.Errorf("reading the agency of Connector %s: %w", connector.Name, err)
	}
	profile := profiles[index.RegimeAndLevel(hub.Spec.Regime, connector.Spec.SecurityLevel)]
	if profile == nil {
		return nil, fmt.Errorf("no profile is for level %d of regime %s, which Connector %s needs", connector.Spec.SecurityLevel, hub.Spec.Regime, connector.Name)
	}
	today := civil.In(time.Now(), compliance.Zone(&agency))
	var records []*unstructured.Unstructured
	for _, record := range samples.Records(connector, &agency, profile, today) {
		converted, err := untyped(&record)
		if err != nil {
			return nil, err
		}
		// The operator writes it.
		delete(converted.Object, "status")
		records = append(records, converted)
	}
	return records, nil
}

// sampleRecords are those in the cluster, from each run.
func (s *Stage) sampleRecords(ctx context.Context) ([]*unstructured.Unstructured, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("ComplianceEvidenceList"))
	if err := s.Client.List(ctx, list, client.MatchingLabels{samples.LabelRecord: "true"}); err != nil && !meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("listing the sample records: %w", err)
	}
	var records []*unstructured.Unstructured
	for i := range list.Items {
		records = append(records, &list.Items[i])
	}
	return records, nil
}
