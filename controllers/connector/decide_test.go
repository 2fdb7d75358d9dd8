package connector

import (
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/revocations"
	"lienthong.gov.vn/connector-operator/controllers/ruling"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// acceptable is a scope in which nothing is wrong.
func acceptable() *scope {
	created := metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	agency := &v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: "g12", UID: "agency", CreationTimestamp: created},
		Spec: v1alpha1.AgencySpec{
			Code: "G12", LegacyCode: "000.00.00.G12", Namespaces: []string{"g12"}, Domains: []string{"mof.gov.vn"}, Lifecycle: v1alpha1.AgencyActive,
		},
	}
	connector := &v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Name: "main", Namespace: "g12", Generation: 3},
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: "g12"}, HubRef: v1alpha1.ObjectReference{Name: "national-hub"}, ClassName: "gateway",
			SecurityLevel: 3, Services: []v1alpha1.Service{v1alpha1.ServiceElectronicDocuments},
			Hostnames: []string{"lienthong.mof.gov.vn"},
		},
	}
	s := &scope{
		connector: connector, before: connector.DeepCopy(), agency: agency, twins: []v1alpha1.Agency{*agency},
		hub: &v1alpha1.ExchangeHub{
			ObjectMeta: metav1.ObjectMeta{Name: "national-hub"},
			Spec: v1alpha1.ExchangeHubSpec{
				TrustDomain: "lienthong.gov.vn", Regime: "nd331-2026", Services: []v1alpha1.Service{v1alpha1.ServiceElectronicDocuments},
				NetworkPeers: []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}},
			},
		},
		class: &v1alpha1.ConnectorClass{ObjectMeta: metav1.ObjectMeta{Name: "gateway"}},
		profile: &v1alpha1.SecurityProfile{
			ObjectMeta: metav1.ObjectMeta{Name: "nd331-2026-level-3"},
			Spec: v1alpha1.SecurityProfileSpec{
				Regime: "nd331-2026", Level: 3,
				TLS: v1alpha1.TLSRequirements{MinVersion: v1alpha1.VersionTLS12},
				Certificate: v1alpha1.CertificateRequirements{
					KeyAlgorithm: v1alpha1.KeyAlgorithmECDSA, KeySize: 256,
					Duration: metav1.Duration{Duration: 25 * time.Hour}, RenewBefore: metav1.Duration{Duration: 8 * time.Hour},
				},
				Workload: v1alpha1.WorkloadRequirements{MinReplicas: 2},
				Network:  v1alpha1.NetworkRequirements{Egress: v1alpha1.EgressControlled},
			},
		},
		bundle: &anchors.Bundle{}, revocations: &revocations.Published{Digest: "sha256:revocations"},
	}
	return ruledBy(s, s.profile)
}

// ruledBy gives the scope a profile that has reached the Connector.
func ruledBy(s *scope, profile *v1alpha1.SecurityProfile) *scope {
	s.ruling = &ruling.Ruling{
		Case:  &compliance.Case{Connector: s.connector, Agency: s.agency, Owners: []string{s.agency.Name}, Regime: s.hub.Spec.Regime},
		Level: profile.Spec.Level, Newest: profile, Staged: staging.Staged{Profile: profile, Revision: "newest", Newest: true},
	}
	s.ruling.Case.Today = civil.In(noon(), compliance.Zone(s.agency))
	s.profile, s.ruling.Lax = ruling.Harden(profile, s.connector.Spec.Hardening)
	return s
}

func refusedFor(message string) []metav1.Condition {
	return []metav1.Condition{{Type: v1alpha1.ConditionAccepted, Status: metav1.ConditionFalse, Reason: "Wrong", Message: message}}
}

func TestDecide(t *testing.T) {
	older := acceptable().agency.DeepCopy()
	older.Name, older.UID, older.CreationTimestamp = "bo-tai-chinh", "other", metav1.NewTime(older.CreationTimestamp.Add(-time.Hour))
	younger := older.DeepCopy()
	younger.CreationTimestamp = metav1.NewTime(older.CreationTimestamp.Add(2 * time.Hour))

	tests := map[string]struct {
		change  func(*scope)
		reason  string
		message string
		waits   bool
	}{
		"all is well": {func(*scope) {}, "", "", false},
		"agency does not exist": {
			func(s *scope) { s.agency = nil }, v1alpha1.ReasonAgencyNotFound,
			"Agency g12 does not exist; correct agencyRef, or ask the platform to declare the agency.", true,
		},
		"agency was merged": {
			func(s *scope) {
				s.agency.Spec.Lifecycle, s.agency.Spec.SupersededBy = v1alpha1.AgencySuperseded, &v1alpha1.ObjectReference{Name: "g05"}
			},
			v1alpha1.ReasonAgencyNotActive, "Agency g12 was superseded by g05; create a Connector for that agency.", false,
		},
		"code was declared before by another agency": {
			func(s *scope) { s.twins = append(s.twins, *older) }, v1alpha1.ReasonAgencyNotAccepted,
			"Agency g12 is not accepted, because Agency bo-tai-chinh already has the code G12; refer to that one, or have the code corrected.", false,
		},
		"code was declared later by another agency": {func(s *scope) { s.twins = append(s.twins, *younger) }, "", "", false},
		"agency refused for another reason": {
			func(s *scope) { s.agency.Status.Conditions = refusedFor("Its parent g99 does not exist.") }, v1alpha1.ReasonAgencyNotAccepted,
			"Agency g12 is not accepted: Its parent g99 does not exist.", true,
		},
		"agency refused as it was written before": {
			func(s *scope) {
				s.agency.Generation, s.agency.Status.Conditions = 1, refusedFor("Its parent g99 does not exist.")
			}, "", "", false,
		},
		"class refused": {
			func(s *scope) { s.class.Status.Conditions = refusedFor("Its request exceeds its limit.") }, v1alpha1.ReasonClassNotAccepted,
			"ConnectorClass gateway is not accepted: Its request exceeds its limit.", true,
		},
		"namespace not listed": {
			func(s *scope) { s.connector.Namespace = "h29" }, v1alpha1.ReasonNamespaceNotListed,
			"Namespace h29 may not act for Agency g12; ask the platform to add it to the agency's namespaces, or create the Connector in one that is listed.", false,
		},
		"hub does not exist": {
			func(s *scope) { s.hub = nil }, v1alpha1.ReasonHubNotFound,
			"ExchangeHub national-hub does not exist; correct hubRef by creating the Connector again, or ask the platform to declare the hub.", true,
		},
		"anchors cannot be read": {
			func(s *scope) {
				s.bundle, s.unreadable = nil, &anchors.UnreadableError{Hub: "national-hub", Anchor: "root", Problem: "It is empty."}
			},
			v1alpha1.ReasonHubNotAccepted, "Trust anchor root of ExchangeHub national-hub cannot be used: It is empty.", true,
		},
		"class does not exist": {
			func(s *scope) { s.class = nil }, v1alpha1.ReasonClassNotFound,
			"ConnectorClass gateway does not exist; correct className, or leave it out to get the class gateway.", true,
		},
		"no profile for the level": {
			func(s *scope) { s.profile = nil }, v1alpha1.ReasonProfileNotFound,
			"There is no SecurityProfile for level 3 of the regime nd331-2026; ask the platform to add it, or correct securityLevel.", true,
		},
		"service not carried": {
			func(s *scope) { s.connector.Spec.Services = append(s.connector.Spec.Services, "ElectronicGazette") }, v1alpha1.ReasonServiceNotCarried,
			"ExchangeHub national-hub does not carry the service ElectronicGazette; it carries ElectronicDocuments.", false,
		},
		"host name outside of the domains": {
			func(s *scope) { s.connector.Spec.Hostnames = []string{"lienthong.moh.gov.vn"} }, v1alpha1.ReasonHostnameOutsideDomains,
			"Host name lienthong.moh.gov.vn lies outside of the domains of Agency g12, which are mof.gov.vn; use a name below one of its domains, or ask the platform to add the domain.", false,
		},
		"host name that only ends like a domain": {
			func(s *scope) { s.connector.Spec.Hostnames = []string{"evilmof.gov.vn"} }, v1alpha1.ReasonHostnameOutsideDomains,
			"Host name evilmof.gov.vn lies outside of the domains of Agency g12, which are mof.gov.vn; use a name below one of its domains, or ask the platform to add the domain.", false,
		},
		"host name without any domain": {
			func(s *scope) { s.agency.Spec.Domains = nil }, v1alpha1.ReasonHostnameOutsideDomains,
			"Host name lienthong.mof.gov.vn lies outside of the domains of Agency g12, which has none yet; use a name below one of its domains, or ask the platform to add the domain.", false,
		},
		"replicas below the profile": {
			func(s *scope) { s.connector.Spec.Replicas = new(int32(1)) }, v1alpha1.ReasonReplicasBelowProfile,
			"replicas is 1, but SecurityProfile nd331-2026-level-3 asks for at least 2; write 2 or more, or leave replicas out.", false,
		},
		"replicas above the profile": {func(s *scope) { s.connector.Spec.Replicas = new(int32(3)) }, "", "", false},
		"hub of unknown place": {
			func(s *scope) { s.hub.Spec.NetworkPeers = nil }, reasonHubNetworkUnknown,
			"SecurityProfile nd331-2026-level-3 controls outgoing connections, but ExchangeHub national-hub does not say where it is; ask the platform to write its networkPeers.", true,
		},
		"a level below the approved one": {
			func(s *scope) {
				s.ruling.Approved = new(v1alpha1.SecurityLevel(4))
				s.ruling.Newest.Spec.Approval = &v1alpha1.ApprovalRequirements{LoweringArticle: "Decree 331/2026/NĐ-CP, Art. 8.3"}
			}, reasonLevelLowered,
			"securityLevel is 3, but level 4 is approved, and a system is not split or merged to lower its level (Decree 331/2026/NĐ-CP, Art. 8.3; see SecurityProfile nd331-2026-level-3); " +
				"write 4, or have level 3 appraised and approved first.", false,
		},
		"a level below the approved one, by no article that is known": {
			func(s *scope) { s.ruling.Approved, s.ruling.Newest = new(v1alpha1.SecurityLevel(4)), nil }, reasonLevelLowered,
			"securityLevel is 3, but level 4 is approved, and a system is not split or merged to lower its level; " +
				"write 4, or have level 3 appraised and approved first.", false,
		},
		"the approved level": {func(s *scope) { s.ruling.Approved = new(v1alpha1.SecurityLevel(3)) }, "", "", false},
		"a level below that of the Agency's other Connectors": {
			func(s *scope) {
				s.ruling.Floor = &ruling.Floor{Level: 4, Connector: types.NamespacedName{Namespace: "g12", Name: "first"}}
			},
			reasonLevelLowered,
			"securityLevel is 3, but level 4 is approved for Connector g12/first of the same Agency, and a system is not split or merged to lower its level " +
				"(see SecurityProfile nd331-2026-level-3); write 4 or more, or have this system's own level determined, appraised and approved, and recorded as " +
				"LevelApproval for Connector main.", false,
		},
		"a level below that of the Agency's other Connectors, approved for this one": {
			func(s *scope) {
				s.ruling.Floor, s.ruling.Approved = &ruling.Floor{Level: 4}, new(v1alpha1.SecurityLevel(3))
			}, "", "", false,
		},
		"a level above the approved one": {func(s *scope) { s.ruling.Approved = new(v1alpha1.SecurityLevel(2)) }, "", "", false},
		"no profile for the approved level": {
			func(s *scope) {
				s.profile, s.ruling.Approved, s.ruling.Level = nil, new(v1alpha1.SecurityLevel(2)), 2
			}, v1alpha1.ReasonProfileNotFound,
			"There is no SecurityProfile for level 2 of the regime nd331-2026; it is the approved level, so ask the platform to add the profile.", true,
		},
		"hardening that asks for less": {
			func(s *scope) {
				s.connector.Spec.Hardening = &v1alpha1.Hardening{Egress: v1alpha1.EgressPorts, CertificateDuration: &metav1.Duration{Duration: 48 * time.Hour}}
				ruledBy(s, s.profile)
			}, reasonHardeningBelowProfile,
			"hardening.certificateDuration is 48h0m0s, but SecurityProfile nd331-2026-level-3 asks for at most 25h0m0s; write 25h0m0s or less, or leave hardening.certificateDuration out. " +
				"hardening.egress is Ports, but SecurityProfile nd331-2026-level-3 asks for Controlled; write Controlled, or leave hardening.egress out.", false,
		},
		"hardening that asks for less than figures that have not reached it": {
			func(s *scope) {
				s.connector.Spec.Hardening = &v1alpha1.Hardening{Egress: v1alpha1.EgressPorts}
				ruledBy(s, s.profile)
				s.ruling.Staged.Lost = true
			}, "", "", false,
		},
		"a log that nobody collects": {
			func(s *scope) { s.profile.Spec.Logging.Destination = v1alpha1.LogToCollector }, reasonLogCollectorUnknown,
			"SecurityProfile nd331-2026-level-3 has logging.destination Collector, but ExchangeHub national-hub names no collector; ask the platform to write its logCollector.", true,
		},
		"the first that fails is the reason": {
			func(s *scope) { s.connector.Namespace, s.class = "h29", nil }, v1alpha1.ReasonNamespaceNotListed,
			"Namespace h29 may not act for Agency g12; ask the platform to add it to the agency's namespaces, or create the Connector in one that is listed.", false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := acceptable()
			tt.change(s)
			got := decide(s)
			if got == nil {
				got = &refusal{}
			}
			if want := (refusal{reason: tt.reason, message: tt.message, waits: tt.waits, lost: got.lost}); *got != want {
				t.Errorf("decide:\n got %+v\nwant %+v", *got, want)
			}
		})
	}
}

// Who asks for less than rules, and was provisioned once, is refused and held to what rules all the same.
func TestRefusalSparesNobody(t *testing.T) {
	lowered := func(s *scope) { s.ruling.Approved = new(v1alpha1.SecurityLevel(4)) }
	tests := map[string]struct {
		change  func(*scope)
		never   bool
		reason  string
		stopped bool
	}{
		"a lower level":    {lowered, false, reasonLevelLowered, false},
		"fewer pods":       {func(s *scope) { s.connector.Spec.Replicas = new(int32(1)) }, false, v1alpha1.ReasonReplicasBelowProfile, false},
		"on its first day": {lowered, true, reasonLevelLowered, true},
		"laxer settings": {func(s *scope) {
			s.connector.Spec.Hardening = &v1alpha1.Hardening{Egress: v1alpha1.EgressPorts}
			ruledBy(s, s.profile)
		}, false, reasonHardeningBelowProfile, false},
		"a lower level, and what cannot be honoured": {func(s *scope) {
			lowered(s)
			s.connector.Spec.Hostnames = []string{"evil.example"}
		}, false, reasonLevelLowered, true},
		"a lower level by another name": {func(s *scope) { s.ruling.Floor = &ruling.Floor{Level: 4} }, false, reasonLevelLowered, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := acceptable()
			if !tt.never {
				s.before.Status.Written = &v1alpha1.WrittenDigests{Workload: "sha256:w"}
			}
			tt.change(s)
			s.refusal = decide(s)
			if s.refusal == nil || s.refusal.reason != tt.reason || s.stopped() != tt.stopped {
				t.Errorf("refused: %+v, stopped: %t; want %s and %t", s.refusal, s.stopped(), tt.reason, tt.stopped)
			}
			if got := desired.Replicas(s.connector, s.profile); got < s.profile.Spec.Workload.MinReplicas {
				t.Errorf("%d pods are made", got)
			}
		})
	}
}
