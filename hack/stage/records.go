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

// recordSamples applies a sample record of everything that the level of each Connector asks people to do, because no Connector is Ready
// without. They are dated yesterday, so a run on another day makes new ones.
func (s *Stage) recordSamples(ctx context.Context) error {
	connectors, err := s.sampleConnectors()
	if err != nil {
		return err
	}
	records, err := s.Records(ctx, connectors)
	if err != nil {
		return err
	}
	s.sayf("%d sample records for %d Connectors say that their levels are approved and their duties done", len(records), len(connectors))
	return s.apply(ctx, records)
}

// Records are sample records of everything that the levels of the Connectors ask people to do, under the profiles that the cluster has.
func (s *Stage) Records(ctx context.Context, connectors []v1alpha1.Connector) ([]*unstructured.Unstructured, error) {
	d, err := s.declared(ctx)
	if err != nil {
		return nil, err
	}
	var records []*unstructured.Unstructured
	for i := range connectors {
		made, err := d.recordsOf(&connectors[i], time.Now())
		if err != nil {
			return nil, err
		}
		records = append(records, made...)
	}
	return records, nil
}

// declared is what the Connectors refer to, as it is in the cluster.
type declared struct {
	regime   string
	agencies map[string]*v1alpha1.Agency
	// profiles by regime and level.
	profiles map[string]*v1alpha1.SecurityProfile
}

func (s *Stage) declared(ctx context.Context) (*declared, error) {
	d := &declared{agencies: map[string]*v1alpha1.Agency{}, profiles: map[string]*v1alpha1.SecurityProfile{}}
	var hub v1alpha1.ExchangeHub
	if err := s.Client.Get(ctx, client.ObjectKey{Name: HubName}, &hub); err != nil {
		return nil, fmt.Errorf("reading the hub: %w", err)
	}
	d.regime = hub.Spec.Regime
	var agencies v1alpha1.AgencyList
	if err := s.Client.List(ctx, &agencies); err != nil {
		return nil, fmt.Errorf("listing the Agencies: %w", err)
	}
	for i := range agencies.Items {
		d.agencies[agencies.Items[i].Name] = &agencies.Items[i]
	}
	var profiles v1alpha1.SecurityProfileList
	if err := s.Client.List(ctx, &profiles); err != nil {
		return nil, fmt.Errorf("listing the security profiles: %w", err)
	}
	for i := range profiles.Items {
		p := &profiles.Items[i]
		d.profiles[index.RegimeAndLevel(p.Spec.Regime, p.Spec.Level)] = p
	}
	return d, nil
}

func (d *declared) recordsOf(connector *v1alpha1.Connector, now time.Time) ([]*unstructured.Unstructured, error) {
	agency, profile := d.agencies[connector.Spec.AgencyRef.Name], d.profiles[index.RegimeAndLevel(d.regime, connector.Spec.SecurityLevel)]
	if agency == nil || profile == nil {
		return nil, fmt.Errorf("the Connector %s needs Agency %s and a SecurityProfile for level %d of regime %s; apply %s",
			connector.Name, connector.Spec.AgencyRef.Name, connector.Spec.SecurityLevel, d.regime, SamplesDir)
	}
	var records []*unstructured.Unstructured
	for _, record := range samples.Records(connector, agency, profile, civil.In(now, compliance.Zone(agency))) {
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
