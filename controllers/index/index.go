// Package index names the fields by which the manager's cache can be asked, and teaches the cache to find them.
//
// Register runs once, before the manager starts. The indexes live in the cache, so a restarted operator builds them again
// while the cache fills, before the first reconcile.
package index

import (
	"context"
	"fmt"
	"strconv"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// Fields to list by, with client.MatchingFields.
const (
	// ConnectorByAgency finds Connectors by the name of their Agency.
	ConnectorByAgency = "spec.agencyRef.name"
	// ConnectorByHub finds Connectors by the name of their ExchangeHub.
	ConnectorByHub = "spec.hubRef.name"
	// ConnectorByClass finds Connectors by the name of their ConnectorClass.
	ConnectorByClass = "spec.className"
	// ConnectorByProfile finds Connectors by the SecurityProfile that rules them.
	ConnectorByProfile = "status.profile"
	// ConnectorByRevision finds Connectors by the revision of a SecurityProfile that their objects were last made by.
	ConnectorByRevision = "status.profileRevision"
	// ConnectorByClassRevision finds Connectors by the revision of a ConnectorClass that their objects were last made by.
	ConnectorByClassRevision = "status.classRevision"
	// ConnectorByIssuer finds Connectors by the issuer of their present certificate, written by Issuer.
	ConnectorByIssuer = "status.certificate.issuerRef"
	// AgencyByCode finds Agencies by their code (Decision 20/2020).
	AgencyByCode = "spec.code"
	// AgencyByLegacyCode finds Agencies by their legacyCode (QCVN 102); those without one are not found by it.
	AgencyByLegacyCode = "spec.legacyCode"
	// AgencyByParent finds Agencies by the Agency that they belong to.
	AgencyByParent = "spec.parentRef.name"
	// AgencyBySuccessor finds Agencies by the Agency that they were merged into.
	AgencyBySuccessor = "spec.supersededBy.name"
	// ProfileByRegimeAndLevel finds SecurityProfiles by regime and level, written by RegimeAndLevel.
	ProfileByRegimeAndLevel = "spec.regime+level"
	// EvidenceByConnector finds ComplianceEvidence by the name of its Connector, within a namespace.
	EvidenceByConnector = "spec.connectorRef.name"
	// EvidenceByAgency finds ComplianceEvidence by the name of the Agency that performed it; that of others is not found by it.
	EvidenceByAgency = "spec.performedBy.agencyRef.name"
	// EvidenceByRegime finds ComplianceEvidence by the regime that it names; that which names none is not found by it.
	EvidenceByRegime = "spec.regime"
	// EvidenceByLevel finds ComplianceEvidence by the level that it is of, written by Level; those of none are not found by it.
	EvidenceByLevel = "spec.level"
	// EvidenceBySupersedes finds ComplianceEvidence by the name of the record that it corrects, within a namespace.
	EvidenceBySupersedes = "spec.supersedes.name"
	// WaiverByConnector finds DutyWaivers by the name of their Connector, within a namespace.
	WaiverByConnector = "spec.connectorRef.name"
	// RecordByAgency finds MilestoneRecords by the name of their Agency.
	RecordByAgency = "spec.agency"
	// ReportByPlan finds ReadinessReports by the name of their RolloutPlan.
	ReportByPlan = "spec.plan.name"
)

// Level writes a security level as EvidenceByLevel keeps it.
func Level(level v1alpha1.SecurityLevel) string {
	return strconv.Itoa(int(level))
}

// RegimeAndLevel writes a regime and a level as ProfileByRegimeAndLevel keeps them.
func RegimeAndLevel(regime string, level v1alpha1.SecurityLevel) string {
	return regime + "/" + Level(level)
}

// Issuer writes an issuer, all of whose fields are set, as ConnectorByIssuer keeps it.
func Issuer(ref v1alpha1.IssuerReference) string {
	return ref.Group + "/" + string(ref.Kind) + "/" + ref.Name
}

// Register teaches the cache every index.
func Register(ctx context.Context, indexer client.FieldIndexer) error {
	for _, f := range fields() {
		if err := indexer.IndexField(ctx, f.object, f.name, f.value); err != nil {
			return fmt.Errorf("indexing %T by %s: %w", f.object, f.name, err)
		}
	}
	return nil
}

type field struct {
	object client.Object
	name   string
	value  client.IndexerFunc
}

func fields() []field {
	return []field{
		connector(ConnectorByAgency, func(c *v1alpha1.Connector) string { return c.Spec.AgencyRef.Name }),
		connector(ConnectorByHub, func(c *v1alpha1.Connector) string { return c.Spec.HubRef.Name }),
		connector(ConnectorByClass, func(c *v1alpha1.Connector) string { return c.Spec.ClassName }),
		connector(ConnectorByProfile, func(c *v1alpha1.Connector) string { return c.Status.Profile }),
		connector(ConnectorByRevision, func(c *v1alpha1.Connector) string { return c.Status.ProfileRevision }),
		connector(ConnectorByClassRevision, func(c *v1alpha1.Connector) string { return c.Status.ClassRevision }),
		connector(ConnectorByIssuer, presentIssuer),
		agency(AgencyByCode, func(a *v1alpha1.Agency) string { return a.Spec.Code }),
		agency(AgencyByLegacyCode, func(a *v1alpha1.Agency) string { return a.Spec.LegacyCode }),
		agency(AgencyByParent, func(a *v1alpha1.Agency) string { return name(a.Spec.ParentRef) }),
		agency(AgencyBySuccessor, func(a *v1alpha1.Agency) string { return name(a.Spec.SupersededBy) }),
		profile(ProfileByRegimeAndLevel, func(p *v1alpha1.SecurityProfile) string {
			return RegimeAndLevel(p.Spec.Regime, p.Spec.Level)
		}),
		evidence(EvidenceByConnector, func(e *v1alpha1.ComplianceEvidence) string { return e.Spec.ConnectorRef.Name }),
		evidence(EvidenceByAgency, func(e *v1alpha1.ComplianceEvidence) string { return name(e.Spec.PerformedBy.AgencyRef) }),
		evidence(EvidenceByRegime, func(e *v1alpha1.ComplianceEvidence) string { return e.Spec.Regime }),
		evidence(EvidenceByLevel, levelOf),
		evidence(EvidenceBySupersedes, corrected),
		{&v1alpha1.DutyWaiver{}, WaiverByConnector, by(func(w *v1alpha1.DutyWaiver) string { return w.Spec.ConnectorRef.Name })},
		{&v1alpha1.MilestoneRecord{}, RecordByAgency, by(func(r *v1alpha1.MilestoneRecord) string { return r.Spec.Agency })},
		{&v1alpha1.ReadinessReport{}, ReportByPlan, by(func(r *v1alpha1.ReadinessReport) string { return r.Spec.Plan.Name })},
	}
}

func connector(name string, value func(*v1alpha1.Connector) string) field {
	return field{&v1alpha1.Connector{}, name, by(value)}
}

func agency(name string, value func(*v1alpha1.Agency) string) field {
	return field{&v1alpha1.Agency{}, name, by(value)}
}

func profile(name string, value func(*v1alpha1.SecurityProfile) string) field {
	return field{&v1alpha1.SecurityProfile{}, name, by(value)}
}

func evidence(name string, value func(*v1alpha1.ComplianceEvidence) string) field {
	return field{&v1alpha1.ComplianceEvidence{}, name, by(value)}
}

func levelOf(e *v1alpha1.ComplianceEvidence) string {
	if e.Spec.Level == nil {
		return ""
	}
	return Level(*e.Spec.Level)
}

func corrected(e *v1alpha1.ComplianceEvidence) string {
	if e.Spec.Supersedes == nil {
		return ""
	}
	return e.Spec.Supersedes.Name
}

func presentIssuer(c *v1alpha1.Connector) string {
	if c.Status.Certificate == nil || c.Status.Certificate.IssuerRef == nil {
		return ""
	}
	return Issuer(*c.Status.Certificate.IssuerRef)
}

func name(ref *v1alpha1.ObjectReference) string {
	if ref == nil {
		return ""
	}
	return ref.Name
}

// by leaves objects without a value out of the index.
func by[T client.Object](value func(T) string) client.IndexerFunc {
	return func(obj client.Object) []string {
		typed, ok := obj.(T)
		if !ok {
			return nil
		}
		if v := value(typed); v != "" {
			return []string{v}
		}
		return nil
	}
}

// RulingProfile finds the SecurityProfile that rules a level under a regime: the first that was created, if there are several; nil if
// there is none.
func RulingProfile(ctx context.Context, reader client.Reader, regime string, level v1alpha1.SecurityLevel) (*v1alpha1.SecurityProfile, error) {
	var list v1alpha1.SecurityProfileList
	value := RegimeAndLevel(regime, level)
	if err := reader.List(ctx, &list, client.MatchingFields{ProfileByRegimeAndLevel: value}); err != nil {
		return nil, fmt.Errorf("listing SecurityProfiles for %s: %w", value, err)
	}
	var first *v1alpha1.SecurityProfile
	for i := range list.Items {
		if p := &list.Items[i]; first == nil || precedence.Precedes(p, first) {
			first = p
		}
	}
	return first, nil
}
