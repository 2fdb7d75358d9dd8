package approval

import (
	"fmt"
	"slices"
	"strings"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/entitlement"
)

// objection says why a request is not to be approved.
type objection struct {
	// reason is a word for counting, and message a whole sentence.
	reason, message string
	// waits is true if the cache, or the operator itself, may be about to remove the objection.
	waits bool
	// differs is true if the request asks for something else than the operator does.
	differs bool
}

// Reasons that are this package's own; those of package entitlement stand beside them.
const (
	reasonForeignRequester   = "ForeignRequester"
	reasonForeignRequest     = "ForeignRequest"
	reasonForeignCertificate = "ForeignCertificate"
	reasonIssuer             = "WrongIssuer"
	reasonMalformed          = "Malformed"
	reasonNames              = "WrongNames"
	reasonExtensions         = "WrongExtensions"
	reasonUsages             = "WrongUsages"
	reasonLife               = "WrongLife"
	reasonKey                = "WrongKey"
	reasonKeyReused          = "KeyReused"
	reasonLevel              = "LevelLowered"
)

// decide makes the checks in order and gives the first that fails; nil if the request is to be approved. It is pure.
func decide(s *scope) *objection {
	for _, check := range []func(*scope) *objection{
		madeByCertManager, comesFromCertificate, comesFromConnector, isEntitled, levelIsNotSplitOff, profileExists, hostnamesAreClaimable, issuerIsOfHub,
	} {
		if o := check(s); o != nil {
			return o
		}
	}
	asked, err := parse(s.request.Spec.Request)
	if err != nil {
		return &objection{reason: reasonMalformed, message: fmt.Sprintf("What is to be signed cannot be read: %v.", err)}
	}
	for _, check := range []func(*scope, *csr) *objection{
		signatureHolds, subjectIsEmpty, namesAreWanted, extensionsAreKnown, isNoAuthority, usagesAreWanted, lifeIsWanted, keyIsWanted, keyIsNew,
	} {
		if o := check(s, asked); o != nil {
			return o
		}
	}
	return nil
}

// madeByCertManager keeps out requests that somebody wrote by hand: all their references and labels can be forged, but not who
// created them.
func madeByCertManager(s *scope) *objection {
	if slices.Contains(s.requesters, s.request.Spec.Username) {
		return nil
	}
	return &objection{reason: reasonForeignRequester, message: fmt.Sprintf(
		"It was made by user %s and not by cert-manager; an identity on a hub is asked for with a Connector.", quote(s.request.Spec.Username))}
}

func comesFromCertificate(s *scope) *objection {
	if s.certificate != nil {
		return nil
	}
	return &objection{reason: reasonForeignRequest, waits: true, message: fmt.Sprintf(
		"It does not come from a Certificate that the operator manages, and %s signs for the operator's only; an identity on a hub is asked for with a Connector.",
		nameOf(s.request.Spec.IssuerRef))}
}

func comesFromConnector(s *scope) *objection {
	if s.connector != nil && s.certificate.Name == desired.GatewayName(s.connector.Name) {
		return nil
	}
	return &objection{reason: reasonForeignCertificate, waits: true, message: fmt.Sprintf(
		"Certificate %s belongs to no Connector, and %s signs for the operator's only; an identity on a hub is asked for with a Connector.",
		s.certificate.Name, nameOf(s.request.Spec.IssuerRef))}
}

// isEntitled asks who may act for whom: the same answer by which the Connector is provisioned.
func isEntitled(s *scope) *objection {
	denial := entitlement.Decide(entitlement.Claim{Connector: s.connector, Agency: s.agency, Twins: s.twins, Hub: s.hub})
	if denial == nil {
		return nil
	}
	return &objection{reason: denial.Reason, message: denial.Message, waits: denial.Waits}
}

// levelIsNotSplitOff gives no identity to a Connector below the level that is approved for the Agency's others. What was written before
// that level was approved is renewed as it is.
func levelIsNotSplitOff(s *scope) *objection {
	floor := s.ruling.Lowered()
	if floor == nil || s.asWritten() {
		return nil
	}
	return &objection{reason: reasonLevel, waits: true, message: fmt.Sprintf(
		"Connector %s declares level %d, but level %d is approved for Connector %s of the same Agency; declare that level, or have its own level approved.",
		s.connector.Name, s.connector.Spec.SecurityLevel, floor.Level, floor.Connector)}
}

func profileExists(s *scope) *objection {
	if s.profile != nil {
		return nil
	}
	return &objection{reason: v1alpha1.ReasonProfileNotFound, waits: true, message: fmt.Sprintf(
		"There is no SecurityProfile for level %d of the regime %s; ask the platform to add it, or correct securityLevel.",
		s.ruling.Level, s.hub.Spec.Regime)}
}

// hostnamesAreClaimable repeats what the Connector is judged by: of one that is refused, the Certificate is not put right, and it
// could have been edited to ask for the very names that the Connector is refused for.
func hostnamesAreClaimable(s *scope) *objection {
	for _, hostname := range s.connector.Spec.Hostnames {
		if !entitlement.MayClaim(s.agency, hostname) {
			return &objection{reason: v1alpha1.ReasonHostnameOutsideDomains, message: fmt.Sprintf(
				"Host name %s lies outside of the domains of Agency %s; use a name below one of its domains, or ask the platform to add the domain.",
				hostname, s.agency.Name)}
		}
	}
	return nil
}

// issuerIsOfHub lets pass, beside the hub's issuer, the one that signed the certificate before, until it is the Connector's turn to
// take another one.
func issuerIsOfHub(s *scope) *objection {
	issuer := issuerOf(s.request.Spec.IssuerRef)
	if issuer == defaulted(s.hub.Spec.IssuerRef) {
		return nil
	}
	if present := s.connector.Status.Certificate; present != nil && present.IssuerRef != nil && issuer == defaulted(*present.IssuerRef) {
		return nil
	}
	return &objection{reason: reasonIssuer, waits: true, differs: true, message: fmt.Sprintf(
		"It is for %s, but the identities of ExchangeHub %s are signed by %s %s.",
		nameOf(s.request.Spec.IssuerRef), s.hub.Name, defaulted(s.hub.Spec.IssuerRef).Kind, s.hub.Spec.IssuerRef.Name)}
}

// The next three wait if the Certificate, as the cache has it, differs in the same way: then a profile may just have been edited, and the
// operator is about to write the Certificate anew, upon which cert-manager takes the request back. Where the operator leaves it as it wrote
// it, because the change waits for a window or the Connector is refused, what runs must not expire for that.

// asWritten tells that the Certificate asks for what the operator last wrote, by a digest that stands where tenants cannot write.
func (s *scope) asWritten() bool {
	told := s.connector.Status.Written
	if told == nil || told.Certificate == "" {
		return false
	}
	digest, err := desired.Disturbance(s.certificate)
	return err == nil && digest == told.Certificate
}

func usagesAreWanted(s *scope, asked *csr) *objection {
	wanted, usages := sorted(s.wanted.Usages), sorted(s.request.Spec.Usages)
	if slices.Equal(usages, wanted) && asked.usagesAre(wanted) {
		return nil
	}
	return &objection{
		reason: reasonUsages, differs: true, waits: slices.Equal(usages, sorted(s.certificate.Spec.Usages)),
		message: fmt.Sprintf("It asks for other usages than %s; the operator asks for exactly these.", list(s.wanted.Usages)),
	}
}

func lifeIsWanted(s *scope, _ *csr) *objection {
	life, wanted := lifeOf(s.request.Spec.Duration), lifeOf(s.wanted.Duration)
	asCertificate := life == lifeOf(s.certificate.Spec.Duration)
	written := asCertificate && s.asWritten()
	if life == wanted || written && !s.young {
		return nil
	}
	return &objection{
		reason: reasonLife, differs: !written, waits: asCertificate,
		message: fmt.Sprintf("It asks for a life of %s, but SecurityProfile %s asks for %s.", life, s.profile.Name, wanted),
	}
}

// lifeOf is 0 for one that is left to the issuer.
func lifeOf(duration *metav1.Duration) time.Duration {
	if duration == nil {
		return 0
	}
	return duration.Duration
}

// keyIsWanted waits in any case: a request with another kind of key than its Certificate asks for is of before the Certificate was written
// anew, and cert-manager takes it back; one that is denied by then would set the Certificate back.
func keyIsWanted(s *scope, asked *csr) *objection {
	algorithm, size := asked.key()
	wanted, present := s.wanted.PrivateKey, s.certificate.Spec.PrivateKey
	asCertificate := present != nil && algorithm == present.Algorithm && size == present.Size
	written := asCertificate && s.asWritten()
	if algorithm == wanted.Algorithm && size == wanted.Size || written && !s.young {
		return nil
	}
	return &objection{
		reason: reasonKey, differs: !written, waits: true,
		message: fmt.Sprintf("Its key is %s with %d bits, but SecurityProfile %s asks for %s with %d.",
			algorithm, size, s.profile.Name, wanted.Algorithm, wanted.Size),
	}
}

// keyIsNew keeps a key from living on in the next certificate.
func keyIsNew(s *scope, asked *csr) *objection {
	for i := range s.others {
		other := &s.others[i]
		if other.UID == s.request.UID || !slices.Contains(uris(other.Status.Certificate), s.wanted.URIs[0]) {
			continue
		}
		if asked.sameKey(other.Status.Certificate) {
			// An old request that cert-manager has just deleted may still be in the cache.
			return &objection{reason: reasonKeyReused, waits: true, message: fmt.Sprintf(
				"Its key is that of the certificate in CertificateRequest %s; every certificate has a new key.", other.Name)}
		}
	}
	return nil
}

func sorted(usages []cmapi.KeyUsage) []cmapi.KeyUsage {
	result := slices.Clone(usages)
	slices.Sort(result)
	return result
}

func list(usages []cmapi.KeyUsage) string {
	names := make([]string, 0, len(usages))
	for _, u := range usages {
		names = append(names, string(u))
	}
	return strings.Join(names, ", ")
}

// quote writes what somebody else chose, so that it can neither break a line nor fill a condition.
func quote(text string) string {
	const most = 256
	if len(text) > most {
		text = text[:most] + "…"
	}
	return fmt.Sprintf("%q", text)
}
