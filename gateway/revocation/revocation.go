// Package revocation holds the list of certificates that nobody may accept any more: single ones by serial number, every one of
// an agency, and those of an identity that became valid before a time. The operator renders it, the gateway reads it from the
// mounted volume and asks it in every handshake and, when it changes, of every open connection.
//
// It is pure: no I/O and no state, so a restart of either side needs no recovery.
package revocation

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	kjson "sigs.k8s.io/json"
)

// APIVersion is the only version of the list that is read.
const APIVersion = "gateway.lienthong.gov.vn/v1alpha1"

// List is what is revoked. The zero value revokes nothing.
type List struct {
	// SerialNumbers are lower-case hexadecimal without leading zeros.
	SerialNumbers []string `json:"serialNumbers,omitempty"`
	// Agencies are Decision 20/2020 codes, such as G12: every identity below spiffe://<trust domain>/agency/<code>/ is revoked.
	Agencies []string `json:"agencies,omitempty"`
	// Identities are revoked up to a time.
	Identities []Identity `json:"identities,omitempty"`
}

// Identity is a SPIFFE ID of which the certificates that became valid at or before a time are revoked.
type Identity struct {
	SPIFFEID    string    `json:"spiffeID"`
	ValidBefore time.Time `json:"validBefore"`
}

// document is the list as it is written.
type document struct {
	APIVersion string `json:"apiVersion"`
	List
}

// Parse reads a rendered list. Anything that it does not understand is an error, because a list that silently loses an entry
// would let somebody in.
func Parse(data []byte) (*List, error) {
	var d document
	strict, err := kjson.UnmarshalStrict(data, &d)
	if err != nil {
		return nil, fmt.Errorf("the list of revocations is not the expected JSON; write it again: %w", err)
	}
	if len(strict) > 0 { // a field that is not known, or is there twice, of which only one would count
		return nil, fmt.Errorf("the list of revocations has fields that are not known or are there twice; write it again: %w", errors.Join(strict...))
	}
	if d.APIVersion != APIVersion {
		return nil, fmt.Errorf("the list of revocations has the apiVersion %q; write %s", d.APIVersion, APIVersion)
	}
	if err := d.List.validate(); err != nil {
		return nil, err
	}
	list := d.List.normal()
	return &list, nil
}

func (l List) validate() error {
	serial := regexp.MustCompile(`^[1-9a-f][0-9a-f]*$`)
	for _, s := range l.SerialNumbers {
		if !serial.MatchString(s) {
			return fmt.Errorf("the revoked serial number %q is not lower-case hexadecimal without leading zeros; write it so", s)
		}
	}
	for _, a := range l.Agencies {
		if a == "" || strings.Contains(a, "/") {
			return fmt.Errorf("the revoked agency %q is no code; write one such as G12", a)
		}
	}
	for _, i := range l.Identities {
		at := wholeSeconds(i.ValidBefore)
		if _, err := spiffeid.FromString(i.SPIFFEID); err != nil || at.IsZero() || at.Year() < 0 || at.Year() > 9999 {
			return fmt.Errorf("the revoked identity %q is not a SPIFFE ID with a time; write both", i.SPIFFEID)
		}
	}
	return nil
}

// normal gives the list in its one order, each entry once.
func (l List) normal() List {
	identities := slices.Clone(l.Identities)
	for i := range identities {
		identities[i].ValidBefore = wholeSeconds(identities[i].ValidBefore)
	}
	slices.SortFunc(identities, func(a, b Identity) int {
		return strings.Compare(a.SPIFFEID, b.SPIFFEID)*2 + a.ValidBefore.Compare(b.ValidBefore)
	})
	return List{SerialNumbers: sorted(l.SerialNumbers), Agencies: sorted(l.Agencies), Identities: slices.Compact(identities)}
}

// wholeSeconds are all that a certificate's own times have.
func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func sorted(list []string) []string {
	result := slices.Clone(list)
	slices.Sort(result)
	return slices.Compact(result)
}

// Marshal renders the list: equal lists give equal bytes.
func Marshal(l List) ([]byte, error) {
	if err := l.validate(); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(document{APIVersion: APIVersion, List: l.normal()}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("rendering the list of revocations: %w", err)
	}
	return append(data, '\n'), nil
}

// Digest is "sha256:" and the hexadecimal SHA-256 of the rendered bytes.
func Digest(rendered []byte) string {
	sum := sha256.Sum256(rendered)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Check tells why the certificate with that SPIFFE ID is revoked; nil if it is not.
func (l *List) Check(leaf *x509.Certificate, id spiffeid.ID) error {
	if l == nil {
		return nil
	}
	if serial := leaf.SerialNumber.Text(16); slices.Contains(l.SerialNumbers, serial) {
		return fmt.Errorf("the certificate with serial %s is revoked", serial)
	}
	for _, agency := range l.Agencies {
		if strings.HasPrefix(id.Path(), "/agency/"+agency+"/") {
			return fmt.Errorf("every certificate of agency %s is revoked", agency)
		}
	}
	for _, i := range l.Identities {
		if i.SPIFFEID == id.String() && !leaf.NotBefore.After(i.ValidBefore) {
			return fmt.Errorf("the certificates of %s that became valid up to %s are revoked", id, i.ValidBefore.UTC().Format(time.RFC3339))
		}
	}
	return nil
}
