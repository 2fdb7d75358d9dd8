// Package anchors gathers the trust anchors of a hub, inline and from ConfigMaps, into the bundle that gateways are given.
//
// It runs in every reconcile of a hub and of its Connectors. It reads ConfigMaps from the cache and keeps nothing, so after a
// restart the same bundle comes out of the same objects.
package anchors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

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
)

// Bundle is every anchor of a hub.
type Bundle struct {
	// PEM of all anchors, in the order of the hub's list.
	PEM string
	// Parsed is the same bundle, with the digest that gateways report.
	Parsed *trust.Bundle
	// Anchors that were read, for the hub's status.
	Anchors []v1alpha1.ObservedTrustAnchor
}

// UnreadableError tells that an anchor could not be read. It stays so until somebody changes an object.
type UnreadableError struct {
	Hub, Anchor, Problem string
}

// Error says which anchor is wrong and what to do.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("Trust anchor %s of ExchangeHub %s cannot be used: %s", e.Anchor, e.Hub, e.Problem)
}

// Resolve reads all anchors of the hub. ConfigMaps must lie in the operator's namespace, where no tenant can write. The error
// is an *UnreadableError if a person has to act.
func Resolve(ctx context.Context, reader client.Reader, hub *v1alpha1.ExchangeHub, operatorNamespace string) (*Bundle, error) {
	var bundle Bundle
	var all strings.Builder
	for i := range hub.Spec.TrustAnchors {
		anchor := &hub.Spec.TrustAnchors[i]
		text, problem, err := read(ctx, reader, anchor, operatorNamespace)
		if err != nil {
			return nil, err
		}
		if problem == "" {
			var observed []v1alpha1.ObservedTrustAnchor
			observed, problem = observe(anchor.Name, text)
			bundle.Anchors = append(bundle.Anchors, observed...)
		}
		if problem != "" {
			return nil, &UnreadableError{Hub: hub.Name, Anchor: anchor.Name, Problem: problem}
		}
		all.WriteString(strings.TrimSpace(text) + "\n")
	}
	bundle.PEM = all.String()
	if len(bundle.Anchors) > maxAnchors {
		return nil, &UnreadableError{Hub: hub.Name, Anchor: hub.Spec.TrustAnchors[0].Name, Problem: fmt.Sprintf(
			"together with the others it holds %d certificates, and at most %d are taken. Leave only the authorities that sign for this hub.",
			len(bundle.Anchors), maxAnchors)}
	}
	parsed, err := trust.Parse([]byte(bundle.PEM))
	if err != nil {
		return nil, fmt.Errorf("reading the trust bundle of ExchangeHub %s: %w", hub.Name, err)
	}
	bundle.Parsed = parsed
	return &bundle, nil
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

func observe(name, text string) (observed []v1alpha1.ObservedTrustAnchor, problem string) {
	bundle, err := trust.Parse([]byte(text))
	if err != nil {
		return nil, err.Error() + "."
	}
	for _, certificate := range bundle.Anchors {
		sum := sha256.Sum256(certificate.Raw)
		observed = append(observed, v1alpha1.ObservedTrustAnchor{
			Name: name, Subject: conditions.Shorten(certificate.Subject.String(), maxSubject),
			SHA256: hex.EncodeToString(sum[:]), NotAfter: metav1.NewTime(certificate.NotAfter),
		})
	}
	return observed, ""
}
