package connector

import (
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/entitlement"
)

// refusal says why a spec cannot be honoured.
type refusal struct {
	reason, message string
	// waits is true if the thing that is missing may appear without anybody changing the Connector.
	waits bool
	// lost is true if the Connector has lost the right to its identity.
	lost bool
	// enforced is true if the Connector asks for less than rules it, and for nothing else that cannot be honoured: what was made for it
	// once is made by what rules it all the same, so that nobody is spared anything by being refused.
	enforced bool
}

// decide runs the checks in order; the first that fails is the reason that an auditor reads. It is pure.
func decide(s *scope) *refusal {
	checks := []func(*scope) *refusal{
		isEntitled, windowsCanOpen, trustIsReadable, classExists, classIsAccepted, levelIsNotLowered, levelIsNotSplitOff, profileExists,
		servicesAreCarried, hostnamesAreInDomains,
	}
	if !s.awaitsTurn() {
		// Until then the newest figures of the profile do not hold for the Connector.
		checks = append(checks, hardeningAsksForMore, replicasSuffice, egressCanBeControlled, logCanBeCollected)
	}
	var first *refusal
	for _, check := range checks {
		r := check(s)
		if r == nil {
			continue
		}
		if first == nil {
			first = r
		}
		if !r.enforced {
			first.enforced = false
			return first
		}
	}
	if first != nil {
		first.enforced = s.provisioned()
	}
	return first
}

// isEntitled asks who may act for whom: the same answer by which certificates are approved.
func isEntitled(s *scope) *refusal {
	denial := entitlement.Decide(entitlement.Claim{Connector: s.connector, Agency: s.agency, Twins: s.twins, Hub: s.hub})
	if denial == nil {
		return nil
	}
	return &refusal{reason: denial.Reason, message: denial.Message, waits: denial.Waits, lost: denial.Lost}
}

func windowsCanOpen(s *scope) *refusal {
	if s.neverOpens == nil {
		return nil
	}
	return &refusal{reason: v1alpha1.ReasonWindowNeverOpens, message: s.neverOpens.Error()}
}

func trustIsReadable(s *scope) *refusal {
	if s.unreadable == nil {
		return nil
	}
	return &refusal{reason: v1alpha1.ReasonHubNotAccepted, message: s.unreadable.Error(), waits: true}
}

func classExists(s *scope) *refusal {
	if s.class != nil {
		return nil
	}
	return &refusal{reason: v1alpha1.ReasonClassNotFound, message: fmt.Sprintf(
		"ConnectorClass %s does not exist; correct className, or leave it out to get the class gateway.", s.connector.Spec.ClassName), waits: true}
}

func classIsAccepted(s *scope) *refusal {
	problem := entitlement.NotAccepted(s.class.Status.Conditions, s.class.Generation)
	if problem == nil {
		return nil
	}
	return &refusal{reason: v1alpha1.ReasonClassNotAccepted, waits: true, message: fmt.Sprintf(
		"ConnectorClass %s is not accepted: %s", s.class.Name, problem.Message)}
}

// levelIsNotLowered refuses a level below the approved one, which admission cannot do where a Connector is created anew.
func levelIsNotLowered(s *scope) *refusal {
	declared, approved := s.connector.Spec.SecurityLevel, s.ruling.Approved
	if approved == nil || declared >= *approved {
		return nil
	}
	return &refusal{reason: reasonLevelLowered, enforced: true, message: fmt.Sprintf(
		"securityLevel is %d, but level %d is approved, and a system is not split or merged to lower its level%s; "+
			"write %d, or have level %d appraised and approved first.", declared, *approved, loweringArticle(s), *approved, declared)}
}

// levelIsNotSplitOff refuses a level below that of the Agency's other Connectors, unless it was approved for this one: otherwise another
// name would be enough to lower a level.
func levelIsNotSplitOff(s *scope) *refusal {
	floor := s.ruling.Lowered()
	if floor == nil {
		return nil
	}
	return &refusal{reason: reasonLevelLowered, message: fmt.Sprintf(
		"securityLevel is %d, but level %d is approved for Connector %s of the same Agency, and a system is not split or merged to lower its level%s; "+
			"write %d or more, or have this system's own level determined, appraised and approved, and recorded as LevelApproval for Connector %s.",
		s.connector.Spec.SecurityLevel, floor.Level, floor.Connector, loweringArticle(s), floor.Level, s.connector.Name)}
}

// loweringArticle is what forbids to lower the level, and the profile that says so, in brackets; empty if there is no profile.
func loweringArticle(s *scope) string {
	profile := s.ruling.Newest
	if profile == nil {
		return ""
	}
	if article := citedArticle(profile); article != "" {
		return fmt.Sprintf(" (%s; see SecurityProfile %s)", article, profile.Name)
	}
	return fmt.Sprintf(" (see SecurityProfile %s)", profile.Name)
}

// citedArticle is the article by which a profile forbids to lower a level; empty if it cites none.
func citedArticle(profile *v1alpha1.SecurityProfile) string {
	if profile == nil || profile.Spec.Approval == nil {
		return ""
	}
	return profile.Spec.Approval.LoweringArticle
}

func profileExists(s *scope) *refusal {
	if s.profile != nil {
		return nil
	}
	remedy := "ask the platform to add it, or correct securityLevel"
	if s.ruling.Approved != nil {
		remedy = "it is the approved level, so ask the platform to add the profile"
	}
	return &refusal{reason: v1alpha1.ReasonProfileNotFound, message: fmt.Sprintf(
		"There is no SecurityProfile for level %d of the regime %s; %s.", s.ruling.Level, s.hub.Spec.Regime, remedy), waits: true}
}

func servicesAreCarried(s *scope) *refusal {
	for _, service := range s.connector.Spec.Services {
		if !slices.Contains(s.hub.Spec.Services, service) {
			return &refusal{reason: v1alpha1.ReasonServiceNotCarried, message: fmt.Sprintf(
				"ExchangeHub %s does not carry the service %s; it carries %s.", s.hub.Name, service, join(s.hub.Spec.Services)), waits: false}
		}
	}
	return nil
}

func hostnamesAreInDomains(s *scope) *refusal {
	for _, hostname := range s.connector.Spec.Hostnames {
		if entitlement.MayClaim(s.agency, hostname) {
			continue
		}
		allowed := "which has none yet"
		if len(s.agency.Spec.Domains) > 0 {
			allowed = "which are " + strings.Join(s.agency.Spec.Domains, ", ")
		}
		return &refusal{reason: v1alpha1.ReasonHostnameOutsideDomains, message: fmt.Sprintf(
			"Host name %s lies outside of the domains of Agency %s, %s; use a name below one of its domains, or ask the platform to add the domain.",
			hostname, s.agency.Name, allowed)}
	}
	return nil
}

// hardeningAsksForMore names every wish for less at once, so that one correction does for all.
func hardeningAsksForMore(s *scope) *refusal {
	if len(s.ruling.Lax) == 0 {
		return nil
	}
	var messages []string
	for _, l := range s.ruling.Lax {
		messages = append(messages, l.Message)
	}
	return &refusal{reason: reasonHardeningBelowProfile, enforced: true, message: strings.Join(messages, " ")}
}

func replicasSuffice(s *scope) *refusal {
	profile := s.profile
	if s.connector.Spec.Replicas == nil || *s.connector.Spec.Replicas >= profile.Spec.Workload.MinReplicas {
		return nil
	}
	return &refusal{reason: v1alpha1.ReasonReplicasBelowProfile, enforced: true, message: fmt.Sprintf(
		"replicas is %d, but SecurityProfile %s asks for at least %d; write %d or more, or leave replicas out.",
		*s.connector.Spec.Replicas, profile.Name, profile.Spec.Workload.MinReplicas, profile.Spec.Workload.MinReplicas), waits: false}
}

// egressCanBeControlled refuses a level whose outgoing connections are to be controlled on a hub that does not say where it is:
// a network policy without addresses would let everything through.
func egressCanBeControlled(s *scope) *refusal {
	if s.profile.Spec.Network.Egress != v1alpha1.EgressControlled || len(s.hub.Spec.NetworkPeers) > 0 {
		return nil
	}
	return &refusal{reason: reasonHubNetworkUnknown, message: fmt.Sprintf(
		"SecurityProfile %s controls outgoing connections, but ExchangeHub %s does not say where it is; ask the platform to write its networkPeers.",
		s.profile.Name, s.hub.Name), waits: true}
}

// logCanBeCollected refuses a level whose request log is to leave the cluster on a hub that does not say where to.
func logCanBeCollected(s *scope) *refusal {
	if s.profile.Spec.Logging.Destination != v1alpha1.LogToCollector || s.hub.Spec.LogCollector != nil {
		return nil
	}
	return &refusal{reason: reasonLogCollectorUnknown, message: fmt.Sprintf(
		"SecurityProfile %s has logging.destination %s, but ExchangeHub %s names no collector; ask the platform to write its logCollector.",
		s.profile.Name, v1alpha1.LogToCollector, s.hub.Name), waits: true}
}

func join(services []v1alpha1.Service) string {
	names := make([]string, 0, len(services))
	for _, s := range services {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}
