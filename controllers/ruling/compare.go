package ruling

import (
	"fmt"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
)

// Enforced is what the objects of a Connector are made by.
type Enforced struct {
	Profile  *v1alpha1.SecurityProfile
	Replicas int32
}

// ShortOf names each figure of a profile that what is enforced does not meet, field by field.
func ShortOf(is Enforced, asked *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	var all []v1alpha1.Shortfall
	for _, compare := range []func(Enforced, *v1alpha1.SecurityProfile) []v1alpha1.Shortfall{
		compareTLS, compareCryptography, compareCertificate, compareWorkload, compareNetwork, compareLogging,
	} {
		all = append(all, compare(is, asked)...)
	}
	return all
}

// Technical is a shortfall of a technical figure. Package compliance adds the citation.
func Technical(field, message string) v1alpha1.Shortfall {
	return v1alpha1.Shortfall{Type: v1alpha1.ShortfallTechnical, Name: field, Message: conditions.Shorten(message, maxMessage)}
}

// maxMessage is the longest message of a shortfall that the API takes.
const maxMessage = 1024

// short is empty unless ok is false.
func short(ok bool, profile *v1alpha1.SecurityProfile, field, asked, is string) []v1alpha1.Shortfall {
	if ok {
		return nil
	}
	return []v1alpha1.Shortfall{Technical(field, fmt.Sprintf("SecurityProfile %s asks for %s, but %s.", profile.Name, asked, is))}
}

func compareTLS(e Enforced, asked *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	is, wants := e.Profile.Spec.TLS, asked.Spec.TLS
	all := short(is.MinVersion == v1alpha1.VersionTLS13 || wants.MinVersion != v1alpha1.VersionTLS13, asked, "tls.minVersion",
		string(wants.MinVersion)+" at least", string(is.MinVersion)+" is accepted")
	// Without TLS 1.2 its suites are offered by nobody.
	suites := is.MinVersion == v1alpha1.VersionTLS13 || within(is.CipherSuites, wants.CipherSuites)
	all = append(all, short(suites, asked, "tls.cipherSuites", "no other cipher suites than "+list(wants.CipherSuites), accepts(is.CipherSuites, wants.CipherSuites))...)
	return append(all, short(within(is.KeyExchange, wants.KeyExchange), asked, "tls.keyExchange",
		"no other groups for the exchange of keys than "+list(wants.KeyExchange), accepts(is.KeyExchange, wants.KeyExchange))...)
}

// within tells whether nothing else is accepted than may be. An empty list stands for everything that is secure.
func within[T ~string](is, may []T) bool {
	if len(may) == 0 {
		return true
	}
	return len(is) > 0 && len(beyond(is, may)) == 0
}

func beyond[T ~string](is, may []T) []T {
	return slices.DeleteFunc(slices.Clone(is), func(one T) bool { return slices.Contains(may, one) })
}

func accepts[T ~string](is, may []T) string {
	if len(is) == 0 {
		return "everything is accepted that Go finds secure"
	}
	return "accepted as well: " + list(beyond(is, may))
}

func list[T ~string](names []T) string {
	texts := make([]string, 0, len(names))
	for _, n := range names {
		texts = append(texts, string(n))
	}
	return strings.Join(texts, ", ")
}

func compareCryptography(e Enforced, asked *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	enabled := e.Profile.Spec.Cryptography.FIPS140 == v1alpha1.FIPS140Enabled
	return short(enabled || asked.Spec.Cryptography.FIPS140 != v1alpha1.FIPS140Enabled, asked, "cryptography.fips140",
		"FIPS 140 mode", "it is not enabled")
}

func compareCertificate(e Enforced, asked *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	is, wants := e.Profile.Spec.Certificate, asked.Spec.Certificate
	all := short(is.KeyAlgorithm == wants.KeyAlgorithm, asked, "certificate.keyAlgorithm",
		fmt.Sprintf("%s keys", wants.KeyAlgorithm), fmt.Sprintf("the keys are %s", is.KeyAlgorithm))
	// The sizes of two algorithms say nothing about each other.
	all = append(all, short(is.KeyAlgorithm != wants.KeyAlgorithm || is.KeySize >= wants.KeySize, asked, "certificate.keySize",
		fmt.Sprintf("keys of %d bits", wants.KeySize), fmt.Sprintf("they have %d", is.KeySize))...)
	return append(all, short(is.Duration.Duration <= wants.Duration.Duration, asked, "certificate.duration",
		fmt.Sprintf("a life of certificates of at most %s", wants.Duration.Duration), fmt.Sprintf("it is %s", is.Duration.Duration))...)
}

func compareWorkload(e Enforced, asked *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	is, wants := e.Profile.Spec.Workload, asked.Spec.Workload
	all := short(e.Replicas >= wants.MinReplicas, asked, "workload.minReplicas",
		fmt.Sprintf("%d gateway pods", wants.MinReplicas), fmt.Sprintf("there are to be %d", e.Replicas))
	all = append(all, short(strictness(is.SpreadHosts) >= strictness(wants.SpreadHosts), asked, "workload.spreadHosts",
		fmt.Sprintf("the spread of pods over hosts to be %s", wants.SpreadHosts), fmt.Sprintf("it is %s", is.SpreadHosts))...)
	return append(all, short(strictness(is.SpreadZones) >= strictness(wants.SpreadZones), asked, "workload.spreadZones",
		fmt.Sprintf("the spread of pods over zones to be %s", wants.SpreadZones), fmt.Sprintf("it is %s", is.SpreadZones))...)
}

// strictness puts the policies in order; an unknown one is the least.
func strictness(policy v1alpha1.SpreadPolicy) int {
	return slices.Index([]v1alpha1.SpreadPolicy{v1alpha1.SpreadNone, v1alpha1.SpreadPreferred, v1alpha1.SpreadRequired}, policy)
}

func compareNetwork(e Enforced, asked *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	controlled := e.Profile.Spec.Network.Egress == v1alpha1.EgressControlled
	return short(controlled || asked.Spec.Network.Egress != v1alpha1.EgressControlled, asked, "network.egress",
		"outgoing connections to be Controlled", "only their ports are restricted")
}

func compareLogging(e Enforced, asked *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	is, wants := e.Profile.Spec.Logging, asked.Spec.Logging
	all := short(is.Destination == v1alpha1.LogToCollector || wants.Destination != v1alpha1.LogToCollector, asked, "logging.destination",
		"the request log to go to the hub's collector", "it goes to the standard output only")
	// An empty list stands for every field that there is.
	if len(is.Fields) == 0 {
		return all
	}
	if len(wants.Fields) == 0 {
		return append(all, short(false, asked, "logging.fields", "every field of the request log", "only these are written: "+list(is.Fields))...)
	}
	missing := beyond(wants.Fields, is.Fields)
	return append(all, short(len(missing) == 0, asked, "logging.fields",
		"the fields "+list(wants.Fields)+" in the request log", "these are missing: "+list(missing))...)
}
