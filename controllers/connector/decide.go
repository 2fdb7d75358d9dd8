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
}

// decide runs the checks in order; the first that fails is the reason that an auditor reads. It is pure.
func decide(s *scope) *refusal {
	for _, check := range []func(*scope) *refusal{
		isEntitled, windowsCanOpen, trustIsReadable, classExists, classIsAccepted, profileExists,
		servicesAreCarried, hostnamesAreInDomains, replicasSuffice, egressCanBeControlled,
	} {
		if r := check(s); r != nil {
			return r
		}
	}
	return nil
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

func profileExists(s *scope) *refusal {
	regime, level := s.hub.Spec.Regime, s.connector.Spec.SecurityLevel
	if s.profile != nil {
		return nil
	}
	return &refusal{reason: v1alpha1.ReasonProfileNotFound, message: fmt.Sprintf(
		"There is no SecurityProfile for level %d of the regime %s; ask the platform to add it, or correct securityLevel.", level, regime), waits: true}
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

func replicasSuffice(s *scope) *refusal {
	profile := s.profile
	if s.connector.Spec.Replicas == nil || *s.connector.Spec.Replicas >= profile.Spec.Workload.MinReplicas {
		return nil
	}
	return &refusal{reason: v1alpha1.ReasonReplicasBelowProfile, message: fmt.Sprintf(
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

func join(services []v1alpha1.Service) string {
	names := make([]string, 0, len(services))
	for _, s := range services {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}
