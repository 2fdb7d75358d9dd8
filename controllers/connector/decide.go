package connector

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// refusal says why a spec cannot be honoured.
type refusal struct {
	reason, message string
	// waits is true if the thing that is missing may appear without anybody changing the Connector.
	waits bool
}

// decide runs the checks in order; the first that fails is the reason that an auditor reads. It is pure.
func decide(s *scope) *refusal {
	for _, check := range []func(*scope) *refusal{
		agencyExists, agencyIsActive, codeIsUnique, agencyIsAccepted, namespaceIsListed,
		hubExists, trustIsReadable, classExists, classIsAccepted, profileExists,
		servicesAreCarried, hostnamesAreInDomains, replicasSuffice, egressCanBeControlled,
	} {
		if r := check(s); r != nil {
			return r
		}
	}
	return nil
}

func agencyExists(s *scope) *refusal {
	if s.agency != nil {
		return nil
	}
	return &refusal{v1alpha1.ReasonAgencyNotFound, fmt.Sprintf(
		"Agency %s does not exist; correct agencyRef, or ask the platform to declare the agency.", s.connector.Spec.AgencyRef.Name), true}
}

func agencyIsActive(s *scope) *refusal {
	if s.agency.Spec.Lifecycle != v1alpha1.AgencySuperseded {
		return nil
	}
	return &refusal{v1alpha1.ReasonAgencyNotActive, fmt.Sprintf(
		"Agency %s was superseded by %s; create a Connector for that agency.", s.agency.Name, s.agency.Spec.SupersededBy.Name), false}
}

// codeIsUnique refuses the younger of two Agencies with one code, so that nobody takes over an identity by declaring it again.
func codeIsUnique(s *scope) *refusal {
	for i := range s.twins {
		if twin := &s.twins[i]; twin.UID != s.agency.UID && precedence.Precedes(twin, s.agency) {
			return &refusal{v1alpha1.ReasonAgencyNotAccepted, fmt.Sprintf(
				"Agency %s is not accepted, because Agency %s already has the code %s; refer to that one, or have the code corrected.",
				s.agency.Name, twin.Name, s.agency.Spec.Code), false}
		}
	}
	return nil
}

// agencyIsAccepted repeats what is wrong with the Agency. One that was not judged yet is no reason to wait: what concerns
// identities was checked before.
func agencyIsAccepted(s *scope) *refusal {
	problem := notAccepted(s.agency.Status.Conditions, s.agency.Generation)
	if problem == nil {
		return nil
	}
	return &refusal{v1alpha1.ReasonAgencyNotAccepted, fmt.Sprintf("Agency %s is not accepted: %s", s.agency.Name, problem.Message), true}
}

// notAccepted finds the condition by which another controller refused an object, as it is written now.
func notAccepted(list []metav1.Condition, generation int64) *metav1.Condition {
	c := meta.FindStatusCondition(list, v1alpha1.ConditionAccepted)
	if c == nil || c.Status != metav1.ConditionFalse || c.ObservedGeneration != generation {
		return nil
	}
	return c
}

func namespaceIsListed(s *scope) *refusal {
	if slices.Contains(s.agency.Spec.Namespaces, s.connector.Namespace) {
		return nil
	}
	return &refusal{v1alpha1.ReasonNamespaceNotListed, fmt.Sprintf(
		"Namespace %s may not act for Agency %s; ask the platform to add it to the agency's namespaces, or create the Connector in one that is listed.",
		s.connector.Namespace, s.agency.Name), false}
}

func hubExists(s *scope) *refusal {
	if s.hub != nil {
		return nil
	}
	return &refusal{v1alpha1.ReasonHubNotFound, fmt.Sprintf(
		"ExchangeHub %s does not exist; correct hubRef by creating the Connector again, or ask the platform to declare the hub.", s.connector.Spec.HubRef.Name), true}
}

func trustIsReadable(s *scope) *refusal {
	if s.unreadable == nil {
		return nil
	}
	return &refusal{v1alpha1.ReasonHubNotAccepted, s.unreadable.Error(), true}
}

func classExists(s *scope) *refusal {
	if s.class != nil {
		return nil
	}
	return &refusal{v1alpha1.ReasonClassNotFound, fmt.Sprintf(
		"ConnectorClass %s does not exist; correct className, or leave it out to get the class gateway.", s.connector.Spec.ClassName), true}
}

func classIsAccepted(s *scope) *refusal {
	problem := notAccepted(s.class.Status.Conditions, s.class.Generation)
	if problem == nil {
		return nil
	}
	return &refusal{v1alpha1.ReasonClassNotAccepted, fmt.Sprintf("ConnectorClass %s is not accepted: %s", s.class.Name, problem.Message), true}
}

func profileExists(s *scope) *refusal {
	regime, level := s.hub.Spec.Regime, s.connector.Spec.SecurityLevel
	if s.profile != nil {
		return nil
	}
	return &refusal{v1alpha1.ReasonProfileNotFound, fmt.Sprintf(
		"There is no SecurityProfile for level %d of the regime %s; ask the platform to add it, or correct securityLevel.", level, regime), true}
}

func servicesAreCarried(s *scope) *refusal {
	for _, service := range s.connector.Spec.Services {
		if !slices.Contains(s.hub.Spec.Services, service) {
			return &refusal{v1alpha1.ReasonServiceNotCarried, fmt.Sprintf(
				"ExchangeHub %s does not carry the service %s; it carries %s.", s.hub.Name, service, join(s.hub.Spec.Services)), false}
		}
	}
	return nil
}

func hostnamesAreInDomains(s *scope) *refusal {
	for _, hostname := range s.connector.Spec.Hostnames {
		if slices.ContainsFunc(s.agency.Spec.Domains, func(d string) bool { return hostname == d || strings.HasSuffix(hostname, "."+d) }) {
			continue
		}
		allowed := "which has none yet"
		if len(s.agency.Spec.Domains) > 0 {
			allowed = "which are " + strings.Join(s.agency.Spec.Domains, ", ")
		}
		return &refusal{v1alpha1.ReasonHostnameOutsideDomains, fmt.Sprintf(
			"Host name %s lies outside of the domains of Agency %s, %s; use a name below one of its domains, or ask the platform to add the domain.",
			hostname, s.agency.Name, allowed), false}
	}
	return nil
}

func replicasSuffice(s *scope) *refusal {
	profile := s.profile
	if s.connector.Spec.Replicas == nil || *s.connector.Spec.Replicas >= profile.Spec.Workload.MinReplicas {
		return nil
	}
	return &refusal{v1alpha1.ReasonReplicasBelowProfile, fmt.Sprintf(
		"replicas is %d, but SecurityProfile %s asks for at least %d; write %d or more, or leave replicas out.",
		*s.connector.Spec.Replicas, profile.Name, profile.Spec.Workload.MinReplicas, profile.Spec.Workload.MinReplicas), false}
}

// egressCanBeControlled refuses a level whose outgoing connections are to be controlled on a hub that does not say where it is:
// a network policy without addresses would let everything through.
func egressCanBeControlled(s *scope) *refusal {
	if s.profile.Spec.Network.Egress != v1alpha1.EgressControlled || len(s.hub.Spec.NetworkPeers) > 0 {
		return nil
	}
	return &refusal{reasonHubNetworkUnknown, fmt.Sprintf(
		"SecurityProfile %s controls outgoing connections, but ExchangeHub %s does not say where it is; ask the platform to write its networkPeers.",
		s.profile.Name, s.hub.Name), true}
}

func join(services []v1alpha1.Service) string {
	names := make([]string, 0, len(services))
	for _, s := range services {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}
