package connector

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/ruling"
)

// Names of shortfalls that are no field of a profile, and of fields that are told of beside the comparison of profiles.
const (
	shortEnforcement = "enforcement"
	shortRevision    = "rollout"
	shortTemplate    = "workload"

	fieldImageAge    = "workload.maxImageAgeMonths"
	fieldSpreadHosts = "workload.spreadHosts"
	fieldSpreadZones = "workload.spreadZones"
	fieldLife        = "certificate.duration"
	fieldAlgorithm   = "certificate.keyAlgorithm"
	fieldKeySize     = "certificate.keySize"
)

// notEnforced says why nothing can be said of what the objects meet; empty if that can be said.
func (s *scope) notEnforced() (reason, message string) {
	switch {
	case s.stopped():
		return reasonNotEnforced, "Nothing is enforced while the Connector is not accepted."
	case s.paused():
		return v1alpha1.ReasonPaused, "What runs is not held to the security level while the Connector is paused."
	case s.unapplied != nil || len(s.foreign) > 0:
		return reasonNotEnforced, "Not every object of the Connector could be brought to what its security level asks for."
	}
	return "", ""
}

// technicalShortfalls are what the objects do not meet now of the profile that rules.
func (s *scope) technicalShortfalls() []v1alpha1.Shortfall {
	if all := s.shortOfAny(); len(all) > 0 {
		return all
	}
	var all []v1alpha1.Shortfall
	for _, f := range ruling.ShortOf(s.enforced(), s.ruling.Newest) {
		f.Message += " The change of the profile has not reached the Connector yet."
		all = append(all, f)
	}
	all = append(all, s.pendingShortfalls()...)
	all = append(all, s.imageShortfalls(s.profile)...)
	all = append(all, s.spreadShortfalls()...)
	return append(all, s.certificateShortfalls()...)
}

// technicalShortfallsUnder are what the objects do not meet of the profile of a regime that does not rule.
func (s *scope) technicalShortfallsUnder(profile *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	if all := s.shortOfAny(); len(all) > 0 {
		return all
	}
	all := append(ruling.ShortOf(s.enforced(), profile), s.pendingShortfalls()...)
	return append(all, s.imageShortfalls(profile)...)
}

func (s *scope) enforced() ruling.Enforced {
	return ruling.Enforced{Profile: s.profile, Replicas: desired.Replicas(s.connector, s.profile)}
}

// shortOfAny is what is short of every profile, whatever it asks for: it is not known, or not certain, what the objects meet.
func (s *scope) shortOfAny() []v1alpha1.Shortfall {
	if _, message := s.notEnforced(); message != "" {
		return []v1alpha1.Shortfall{ruling.Technical(shortEnforcement, message)}
	}
	if s.awaitsTurn() {
		changed := "SecurityProfile " + s.profile.Name
		if !s.ruling.Staged.Lost {
			changed = "What the operator makes by ConnectorClass " + s.class.Name
		}
		return []v1alpha1.Shortfall{ruling.Technical(shortRevision, fmt.Sprintf(
			"%s was changed, and how it was when the Connector's objects were made is not known any more; they stay as they are until it is the Connector's turn.",
			changed))}
	}
	return nil
}

// pendingShortfalls are what is written, or is to be, and does not run yet.
func (s *scope) pendingShortfalls() []v1alpha1.Shortfall {
	switch {
	case s.heldBack && s.profileRevision() != s.ruling.Staged.Revision:
		return []v1alpha1.Shortfall{ruling.Technical(shortTemplate, fmt.Sprintf(
			"What SecurityProfile %s asks for waits for a maintenance window.", s.profile.Name))}
	case s.runsOlderTemplate():
		return []v1alpha1.Shortfall{ruling.Technical(shortTemplate, "Not every gateway pod runs with the newest settings yet.")}
	}
	return nil
}

// runsOlderTemplate tells that pods of an earlier template are yet to be replaced. Pods that come up for the first time are none.
func (s *scope) runsOlderTemplate() bool {
	d := s.deployment
	if d == nil || d.Status.Replicas == 0 {
		return false
	}
	if d.Status.ObservedGeneration == d.Generation {
		return d.Status.UpdatedReplicas < s.replicas() && d.Status.UpdatedReplicas < d.Status.Replicas
	}
	// Its controller has not seen the newest spec, which need not have changed the template.
	told := s.before.Status.Written
	if told == nil || told.Workload != s.written.Workload {
		return true
	}
	status := rulingStatus(s.before.Status.Compliance)
	if status == nil {
		return false
	}
	for i := range status.Shortfalls {
		if status.Shortfalls[i].Name == shortTemplate {
			return true
		}
	}
	return false
}

// imageMayRunUntil is the last day on which the image is not too old; false if the profile sets no bound, or the day of its build is not
// known.
func (s *scope) imageMayRunUntil(profile *v1alpha1.SecurityProfile) (civil.Date, bool) {
	if profile == nil || s.class == nil || profile.Spec.Workload.MaxImageAgeMonths == nil {
		return civil.Date{}, false
	}
	built, err := civil.Parse(string(s.class.Spec.ImageBuiltOn))
	if err != nil {
		return civil.Date{}, false
	}
	return built.AddMonths(int(*profile.Spec.Workload.MaxImageAgeMonths)), true
}

func (s *scope) imageShortfalls(profile *v1alpha1.SecurityProfile) []v1alpha1.Shortfall {
	bound := profile.Spec.Workload.MaxImageAgeMonths
	if bound == nil {
		return nil
	}
	last, known := s.imageMayRunUntil(profile)
	switch {
	case !known:
		return []v1alpha1.Shortfall{ruling.Technical(fieldImageAge, fmt.Sprintf(
			"It is not known when the image of ConnectorClass %s was built, and SecurityProfile %s lets an image run for %d months; ask the platform to write imageBuiltOn.",
			s.class.Name, profile.Name, *bound))}
	case s.ruling.Case.Today.Compare(last) > 0:
		return []v1alpha1.Shortfall{ruling.Technical(fieldImageAge, fmt.Sprintf(
			"The image of ConnectorClass %s was built on %s, and SecurityProfile %s lets it run until %s, %d months later; ask the platform for a newer one.",
			s.class.Name, s.class.Spec.ImageBuiltOn, profile.Name, last, *bound))}
	}
	return nil
}

// spreadShortfalls tell of pods that have to be spread and all run in one place. How many places there are the operator does not know, so
// nothing more is asked; nor is it while pods are being replaced.
func (s *scope) spreadShortfalls() []v1alpha1.Shortfall {
	if len(s.pods) < 2 || !s.settled() {
		return nil
	}
	var all []v1alpha1.Shortfall
	for _, k := range []struct {
		field, what string
		policy      v1alpha1.SpreadPolicy
		of          func(pod) string
	}{
		{fieldSpreadHosts, "on one host", s.profile.Spec.Workload.SpreadHosts, func(p pod) string { return p.host }},
		{fieldSpreadZones, "in one zone", s.profile.Spec.Workload.SpreadZones, func(p pod) string { return p.zone }},
	} {
		if place := s.onlyPlace(k.of); k.policy == v1alpha1.SpreadRequired && place != "" {
			all = append(all, ruling.Technical(k.field, fmt.Sprintf(
				"SecurityProfile %s has %s %s, but all %d gateway pods run %s, %s.", s.profile.Name, k.field, k.policy, len(s.pods), k.what, place)))
		}
	}
	return all
}

// onlyPlace is where all pods run; empty if that is not one place, or not known of each.
func (s *scope) onlyPlace(of func(pod) string) string {
	place := of(s.pods[0])
	for _, p := range s.pods {
		if of(p) != place {
			return ""
		}
	}
	return place
}

// zoneOf is where a pod runs: Kubernetes writes it on the pod when it is bound to a node. It is empty where it does not.
func zoneOf(p *corev1.Pod) string { return p.Labels[corev1.LabelTopologyZone] }

// lifeSlack is how much longer than asked the life of a certificate may be: times in certificates are whole seconds, and issuers round.
const lifeSlack = time.Minute

// certificateShortfalls tell of a newest certificate that is not as the profile asks for. One that is not issued yet is told of elsewhere.
func (s *scope) certificateShortfalls() []v1alpha1.Shortfall {
	leaf, asked := s.leaf.Issued, s.profile.Spec.Certificate
	if leaf == nil {
		return nil
	}
	var all []v1alpha1.Shortfall
	from := leaf.NotBefore
	if leaf.IssuedAt != nil {
		// Issuers let certificates begin a while ago, for clocks that are behind.
		from = latest(from, leaf.IssuedAt.Time)
	}
	if life := leaf.NotAfter.Sub(from); life > asked.Duration.Duration+lifeSlack {
		all = append(all, ruling.Technical(fieldLife, fmt.Sprintf("SecurityProfile %s asks for a life of certificates of at most %s, but the certificate %s lives %s.",
			s.profile.Name, asked.Duration.Duration, s.newest(), life.Round(time.Second))))
	}
	if len(leaf.Chain) == 0 {
		return all
	}
	algorithm, size := keyOf(leaf.Chain[0])
	switch {
	case algorithm != asked.KeyAlgorithm:
		all = append(all, ruling.Technical(fieldAlgorithm, fmt.Sprintf("SecurityProfile %s asks for %s keys, but the certificate %s has another one.",
			s.profile.Name, asked.KeyAlgorithm, s.newest())))
	case size < int(asked.KeySize):
		all = append(all, ruling.Technical(fieldKeySize, fmt.Sprintf("SecurityProfile %s asks for keys of %d bits, but that of the certificate %s has %d.",
			s.profile.Name, asked.KeySize, s.newest(), size)))
	}
	return all
}

// keyOf is empty for a key of neither algorithm.
func keyOf(certificate *x509.Certificate) (v1alpha1.KeyAlgorithm, int) {
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		return v1alpha1.KeyAlgorithmRSA, key.N.BitLen()
	case *ecdsa.PublicKey:
		return v1alpha1.KeyAlgorithmECDSA, key.Curve.Params().BitSize
	}
	return "", 0
}
