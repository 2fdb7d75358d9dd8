package approval

import (
	"cmp"

	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	defaultGroup = "cert-manager.io"
	// namespacedKind is what cert-manager takes an issuer to be that does not say its kind.
	namespacedKind = "Issuer"
	// hubKind is what the API makes of a hub's issuer that does not say its kind.
	hubKind = "ClusterIssuer"
)

// issuerOf reads the issuer of a request, with cert-manager's defaults.
func issuerOf(ref cmmeta.IssuerReference) v1alpha1.IssuerReference {
	return v1alpha1.IssuerReference{
		Name: ref.Name, Kind: v1alpha1.IssuerKind(cmp.Or(ref.Kind, namespacedKind)), Group: cmp.Or(ref.Group, defaultGroup),
	}
}

// defaulted is a hub's issuer with the defaults of the API.
func defaulted(ref v1alpha1.IssuerReference) v1alpha1.IssuerReference {
	return v1alpha1.IssuerReference{Name: ref.Name, Kind: cmp.Or(ref.Kind, hubKind), Group: cmp.Or(ref.Group, defaultGroup)}
}

// ofNamespace tells that an issuer is cert-manager's Issuer, which serves its own namespace only.
func ofNamespace(ref cmmeta.IssuerReference) bool {
	issuer := issuerOf(ref)
	return issuer.Kind == namespacedKind && issuer.Group == defaultGroup
}

// nameOf writes an issuer for people.
func nameOf(ref cmmeta.IssuerReference) string {
	issuer := issuerOf(ref)
	return string(issuer.Kind) + " " + issuer.Name
}
