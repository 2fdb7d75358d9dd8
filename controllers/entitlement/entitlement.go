// Package entitlement decides whether a Connector may act for its Agency on its hub: the one answer by which the controller of
// Connectors provisions, and by which the approver of certificates lets an identity be issued.
//
// It runs in every pass of a Connector and for every CertificateRequest. It is pure and keeps nothing, so a restart of the
// operator changes no answer.
package entitlement

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
)

// Claim is who wants to act for whom, where.
type Claim struct {
	Connector *v1alpha1.Connector
	// Agency and Hub that the Connector refers to; nil where they do not exist.
	Agency *v1alpha1.Agency
	Hub    *v1alpha1.ExchangeHub
	// Twins are all Agencies with the agency's code, itself included.
	Twins []v1alpha1.Agency
}

// Denial says why a claim does not hold.
type Denial struct {
	// Reason is one of the reasons of the condition Accepted, and Message a whole sentence.
	Reason, Message string
	// Waits is true if the thing that is missing may appear without anybody changing the Connector.
	Waits bool
	// Lost is true if the right is denied by what the platform declared, and not merely unknown: an identity that was issued
	// before is to be taken back.
	Lost bool
}

// Decide makes the checks in order and gives the first that fails; nil if the claim holds. Those by which a right is lost come first, so
// that nothing else hides it.
func Decide(c Claim) *Denial {
	for _, check := range []func(Claim) *Denial{
		agencyExists, agencyIsActive, namespaceIsListed, hubListsAgency, agencyIsNotRevoked, codeIsUnique, agencyIsAccepted, hubExists,
	} {
		if d := check(c); d != nil {
			return d
		}
	}
	return nil
}

func agencyExists(c Claim) *Denial {
	if c.Agency != nil {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonAgencyNotFound, Waits: true, Message: fmt.Sprintf(
		"Agency %s does not exist; correct agencyRef, or ask the platform to declare the agency.", c.Connector.Spec.AgencyRef.Name)}
}

func agencyIsActive(c Claim) *Denial {
	if c.Agency.Spec.Lifecycle != v1alpha1.AgencySuperseded {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonAgencyNotActive, Lost: true, Message: fmt.Sprintf(
		"Agency %s was superseded by %s; create a Connector for that agency.", c.Agency.Name, c.Agency.Spec.SupersededBy.Name)}
}

// codeIsUnique refuses the younger of two Agencies with one code, so that nobody takes over an identity by declaring it again.
func codeIsUnique(c Claim) *Denial {
	for i := range c.Twins {
		if twin := &c.Twins[i]; twin.UID != c.Agency.UID && precedence.Precedes(twin, c.Agency) {
			return &Denial{Reason: v1alpha1.ReasonAgencyNotAccepted, Message: fmt.Sprintf(
				"Agency %s is not accepted, because Agency %s already has the code %s; refer to that one, or have the code corrected.",
				c.Agency.Name, twin.Name, c.Agency.Spec.Code)}
		}
	}
	return nil
}

// agencyIsAccepted repeats what is wrong with the Agency. One that was not judged yet is no reason to wait: what concerns
// identities was checked before. A time zone that does not exist says nothing of who an agency is, and is no reason to let its link end.
func agencyIsAccepted(c Claim) *Denial {
	problem := NotAccepted(c.Agency.Status.Conditions, c.Agency.Generation)
	if problem == nil || problem.Reason == v1alpha1.ReasonInvalidTimeZone {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonAgencyNotAccepted, Waits: true, Message: fmt.Sprintf(
		"Agency %s is not accepted: %s", c.Agency.Name, problem.Message)}
}

// NotAccepted finds the condition by which another controller refused an object, as it is written now.
func NotAccepted(list []metav1.Condition, generation int64) *metav1.Condition {
	c := meta.FindStatusCondition(list, v1alpha1.ConditionAccepted)
	if c == nil || c.Status != metav1.ConditionFalse || c.ObservedGeneration != generation {
		return nil
	}
	return c
}

func namespaceIsListed(c Claim) *Denial {
	if slices.Contains(c.Agency.Spec.Namespaces, c.Connector.Namespace) {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonNamespaceNotListed, Lost: true, Message: fmt.Sprintf(
		"Namespace %s may not act for Agency %s; ask the platform to add it to the agency's namespaces, or create the Connector in one that is listed.",
		c.Connector.Namespace, c.Agency.Name)}
}

func hubExists(c Claim) *Denial {
	if c.Hub != nil {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonHubNotFound, Waits: true, Message: fmt.Sprintf(
		"ExchangeHub %s does not exist; correct hubRef by creating the Connector again, or ask the platform to declare the hub.",
		c.Connector.Spec.HubRef.Name)}
}

func hubListsAgency(c Claim) *Denial {
	listed := func(r v1alpha1.ObjectReference) bool { return r.Name == c.Agency.Name }
	if c.Hub == nil || len(c.Hub.Spec.AgencyRefs) == 0 || slices.ContainsFunc(c.Hub.Spec.AgencyRefs, listed) {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonAgencyNotListed, Lost: true, Message: fmt.Sprintf(
		"ExchangeHub %s does not list Agency %s; ask the hub's owner to add it to agencyRefs.", c.Hub.Name, c.Agency.Name)}
}

func agencyIsNotRevoked(c Claim) *Denial {
	if c.Hub == nil {
		return nil
	}
	// An Agency is revoked by its code, so its twins share its lot.
	twin := func(name string) bool {
		return name == c.Agency.Name || slices.ContainsFunc(c.Twins, func(a v1alpha1.Agency) bool { return a.Name == name })
	}
	revoked := func(r v1alpha1.Revocation) bool { return r.AgencyRef != nil && twin(r.AgencyRef.Name) }
	if !slices.ContainsFunc(c.Hub.Spec.Revocations, revoked) {
		return nil
	}
	return &Denial{Reason: v1alpha1.ReasonAgencyRevoked, Lost: true, Message: fmt.Sprintf(
		"ExchangeHub %s revokes every certificate of Agency %s; once the hub's owner has taken it off revocations, the Connector gets a new one.",
		c.Hub.Name, c.Agency.Name)}
}
