package delivery

import (
	"bytes"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// News is how a change of what asks for a leaf, or tells what came of it, bears on what Look gives.
type News int

const (
	// NoNews changes nothing that Look gives.
	NoNews News = iota
	// Progress is a step on the way to a leaf, whose end will be news of its own.
	Progress
	// Replacing tells that another leaf than the first is on its way.
	Replacing
	// Aside is a step of such a replacement that does not tell whether the leaf is still on its way.
	Aside
	// Outcome is a leaf, or that there will be none.
	Outcome
)

// News compares an object of one of the Kinds before and after a change of its status; one that came or went was, or is, nil. cert-manager
// tells of each issuance in many writes; who looked at each would look many times at the same leaf.
func (c *CertManager) News(before, after client.Object) News {
	if before == nil || after == nil {
		// A request that comes tells nothing yet, and cert-manager removes the oldest at each issuance.
		if request, ok := after.(*cmapi.CertificateRequest); ok {
			return aside(revisionOf(request) - 1)
		}
		return Progress
	}
	switch a := after.(type) {
	case *cmapi.Certificate:
		if b, ok := before.(*cmapi.Certificate); ok {
			return newsOfCertificate(b, a)
		}
	case *cmapi.CertificateRequest:
		if b, ok := before.(*cmapi.CertificateRequest); ok {
			return newsOfRequest(b, a)
		}
	}
	return Outcome
}

// aside is a step after which that revision, which is 0 before the first leaf, is the newest still.
func aside(from int) News {
	if from > 0 {
		return Aside
	}
	return Progress
}

func newsOfCertificate(before, after *cmapi.Certificate) News {
	b, a := before.Status, after.Status
	switch {
	case revision(before) != revision(after), failures(before) != failures(after), !sameTime(b.LastFailureTime, a.LastFailureTime),
		!sameTime(b.NotBefore, a.NotBefore), !sameTime(b.NotAfter, a.NotAfter), inOrder(before) != inOrder(after):
		return Outcome
	case isReady(before) != isReady(after), !issuingSince(before).Equal(issuingSince(after)), !sameTime(b.RenewalTime, a.RenewalTime):
		if revision(after) > 0 && !issuingSince(after).IsZero() {
			return Replacing
		}
		return aside(revision(after))
	}
	return NoNews
}

// inOrder tells that the Certificate is fulfilled, or lacks only what it lacks for a moment at each renewal.
func inOrder(certificate *cmapi.Certificate) bool {
	c := condition(certificate, cmapi.CertificateConditionReady)
	return isReady(certificate) || c != nil && c.Reason == secretMismatch && c.ObservedGeneration == certificate.Generation && revision(certificate) > 0
}

func newsOfRequest(before, after *cmapi.CertificateRequest) News {
	switch {
	case whyRefused(before) != whyRefused(after), whyPending(before) != whyPending(after),
		revisionOf(before) != revisionOf(after), !equality.Semantic.DeepEqual(before.OwnerReferences, after.OwnerReferences):
		return Outcome
	case !bytes.Equal(before.Status.Certificate, after.Status.Certificate):
		// The Certificate tells when it counts.
		return aside(revisionOf(after) - 1)
	}
	return NoNews
}

func sameTime(a, b *metav1.Time) bool {
	at := func(t *metav1.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return t.Time
	}
	return at(a).Equal(at(b))
}
