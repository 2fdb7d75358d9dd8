// Package anchors tells which certification authorities a hub's gateways trust: it gathers the anchors in force, inline and from
// ConfigMaps, into the bundle that gateways are given.
//
// In force is what the hub declares, unless it is distrusted, and what it has ceased to declare while somebody relies on it. The
// latter stands in the hub's status, which only the controller of hubs writes; so whoever asks gets the same answer from the same
// hub: an anchor that is added is in force at once, one that is removed goes when the status lets go of it, and one that is
// distrusted is out at once, wherever else it stands.
//
// It runs in every reconcile of a hub and of its Connectors. It reads ConfigMaps from the cache and keeps nothing, so after a
// restart the same bundle comes out of the same objects.
package anchors

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/conditions"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

const (
	// maxAnchors is how many the status of a hub can tell of; a hub has one or two authorities, and a system's whole store is a mistake.
	maxAnchors = 64
	// maxSubject is how much of a subject the status of a hub can tell.
	maxSubject = 512
	// maxCertificate is how long a certificate in PEM form the status of a hub can hold.
	maxCertificate = 16384
)

// UnreadableError tells that an anchor could not be read. It stays so until somebody changes an object.
type UnreadableError struct {
	Hub, Anchor, Problem string
}

// Error says which anchor is wrong and what to do.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("Trust anchor %s of ExchangeHub %s cannot be used: %s", e.Anchor, e.Hub, e.Problem)
}

// Resolve gives the anchors of the hub. ConfigMaps must lie in the operator's namespace, where no tenant can write. The error is an
// *UnreadableError if a person has to act.
func Resolve(ctx context.Context, reader client.Reader, hub *v1alpha1.ExchangeHub, operatorNamespace string) (*Bundle, error) {
	bundle := &Bundle{Certificates: map[string]*x509.Certificate{}}
	for i := range hub.Spec.TrustAnchors {
		anchor := &hub.Spec.TrustAnchors[i]
		text, problem, err := read(ctx, reader, anchor, operatorNamespace)
		if err != nil {
			return nil, err
		}
		if problem == "" {
			problem = bundle.declare(anchor, text)
		}
		if problem != "" {
			return nil, &UnreadableError{Hub: hub.Name, Anchor: anchor.Name, Problem: problem}
		}
	}
	bundle.hold(hub.Status.TrustAnchors)
	if problem := bundle.problem(); problem != "" {
		return nil, &UnreadableError{Hub: hub.Name, Anchor: hub.Spec.TrustAnchors[0].Name, Problem: problem}
	}
	if err := bundle.render(); err != nil {
		return nil, fmt.Errorf("reading the trust bundle of ExchangeHub %s: %w", hub.Name, err)
	}
	return bundle, nil
}

func read(ctx context.Context, reader client.Reader, anchor *v1alpha1.TrustAnchor, operatorNamespace string) (text, problem string, err error) {
	ref := anchor.ConfigMapRef
	if ref == nil {
		return anchor.PEM, "", nil
	}
	if ref.Namespace != operatorNamespace {
		return "", fmt.Sprintf("its ConfigMap lies in the namespace %s. Put it into %s, where no tenant can write.", ref.Namespace, operatorNamespace), nil
	}
	var configMap corev1.ConfigMap
	key := types.NamespacedName{Namespace: ref.Namespace, Name: ref.Name}
	switch err := reader.Get(ctx, key, &configMap); {
	case apierrors.IsNotFound(err):
		return "", fmt.Sprintf("ConfigMap %s does not exist. Create it with the CA certificates in PEM form under the key %s.", key, ref.Key), nil
	case err != nil:
		return "", "", fmt.Errorf("reading ConfigMap %s of trust anchor %s: %w", key, anchor.Name, err)
	}
	text, ok := configMap.Data[ref.Key]
	if !ok {
		return "", fmt.Sprintf("ConfigMap %s has no key %s. Put the CA certificates in PEM form there.", key, ref.Key), nil
	}
	return text, "", nil
}

// declare adds the certificates of one anchor of the hub's list. One that stands in the list twice is told once, and is
// distrusted if it is so in one place.
func (b *Bundle) declare(anchor *v1alpha1.TrustAnchor, text string) (problem string) {
	parsed, err := trust.Parse([]byte(text))
	if err != nil {
		return err.Error() + "."
	}
	state := v1alpha1.TrustAnchorTrusted
	if anchor.Distrusted != nil && *anchor.Distrusted {
		state = v1alpha1.TrustAnchorDistrusted
	}
	for _, certificate := range parsed.Anchors {
		if size := len(encode(certificate)); size > maxCertificate {
			return fmt.Sprintf("the certificate of %s has %d bytes in PEM form, and at most %d are taken.",
				conditions.Shorten(certificate.Subject.String(), maxSubject), size, maxCertificate)
		}
		known := slices.IndexFunc(b.Anchors, func(a v1alpha1.ObservedTrustAnchor) bool { return a.SHA256 == Fingerprint(certificate) })
		switch {
		case known < 0:
			b.add(anchor.Name, certificate, state)
		case state == v1alpha1.TrustAnchorDistrusted && b.Anchors[known].State != state:
			b.Anchors[known] = observe(anchor.Name, certificate, state)
		}
	}
	return ""
}

// hold adds what was in force as last written and is declared no more. An entry that does not hold the certificate it tells of is
// of no use: nobody but the operator writes there.
func (b *Bundle) hold(written []v1alpha1.ObservedTrustAnchor) {
	for i := range written {
		w := &written[i]
		if w.State == v1alpha1.TrustAnchorDistrusted || b.Certificates[w.SHA256] != nil {
			continue
		}
		parsed, err := trust.Parse([]byte(w.Certificate))
		if err == nil && len(parsed.Anchors) == 1 && Fingerprint(parsed.Anchors[0]) == w.SHA256 {
			b.add(w.Name, parsed.Anchors[0], v1alpha1.TrustAnchorHeld)
		}
	}
}

func (b *Bundle) add(name string, certificate *x509.Certificate, state v1alpha1.TrustAnchorState) {
	b.Anchors = append(b.Anchors, observe(name, certificate, state))
	b.Certificates[Fingerprint(certificate)] = certificate
}

func observe(name string, certificate *x509.Certificate, state v1alpha1.TrustAnchorState) v1alpha1.ObservedTrustAnchor {
	observed := v1alpha1.ObservedTrustAnchor{
		Name: name, Subject: conditions.Shorten(certificate.Subject.String(), maxSubject),
		SHA256: Fingerprint(certificate), NotAfter: metav1.NewTime(certificate.NotAfter), State: state,
	}
	if state != v1alpha1.TrustAnchorDistrusted {
		observed.Certificate = encode(certificate)
	}
	return observed
}

func (b *Bundle) problem() string {
	if len(b.Anchors) > maxAnchors {
		return fmt.Sprintf("together with the others it holds %d certificates, and at most %d are taken. Leave only the authorities that sign for this hub.",
			len(b.Anchors), maxAnchors)
	}
	if !slices.ContainsFunc(b.Anchors, func(a v1alpha1.ObservedTrustAnchor) bool { return a.State != v1alpha1.TrustAnchorDistrusted }) {
		return "it is distrusted, and so is every other one, so no peer could be verified. Add the certificate of an authority that is to be trusted."
	}
	return ""
}
