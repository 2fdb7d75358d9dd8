package approval

import (
	"fmt"
	"slices"
)

// The checks of what is to be signed that admit no delay: a request that fails one was not made from what the operator wrote.

func signatureHolds(_ *scope, asked *csr) *objection {
	if err := asked.CheckSignature(); err != nil {
		return &objection{reason: reasonMalformed, message: fmt.Sprintf("It is not signed with the key that it names: %v.", err)}
	}
	return nil
}

func subjectIsEmpty(_ *scope, asked *csr) *objection {
	const emptySequence = "\x30\x00"
	if string(asked.RawSubject) == emptySequence {
		return nil
	}
	return &objection{reason: reasonNames, differs: true, message: fmt.Sprintf(
		"It names the subject %s; a Connector's identity is its SPIFFE ID, and its subject is empty.", quote(asked.Subject.String()))}
}

// namesAreWanted compares the names as sets that count: the order does not matter, but nothing may be there twice.
func namesAreWanted(s *scope, asked *csr) *objection {
	switch {
	case !sameNames(asked.uris, s.wanted.URIs):
		return &objection{reason: reasonNames, differs: true, message: fmt.Sprintf(
			"It asks for the URIs %s; the operator asks for %s.", quoteAll(asked.uris), quoteAll(s.wanted.URIs))}
	case !sameNames(asked.dns, s.wanted.DNSNames):
		return &objection{reason: reasonNames, differs: true, message: fmt.Sprintf(
			"It asks for the DNS names %s; the operator asks for %s.", quoteAll(asked.dns), quoteAll(s.wanted.DNSNames))}
	case asked.otherNames > 0:
		return &objection{reason: reasonNames, differs: true, message: fmt.Sprintf(
			"It asks for %d names that are neither URIs nor DNS names, such as addresses; the operator asks for none.", asked.otherNames)}
	}
	return nil
}

func sameNames(asked, wanted []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(asked)), slices.Sorted(slices.Values(wanted)))
}

func extensionsAreKnown(_ *scope, asked *csr) *objection {
	for _, id := range asked.attributes {
		if id != attributeExtensions {
			return unknown("attribute", id)
		}
	}
	if asked.doubled != "" || len(asked.attributes) > 1 {
		return &objection{reason: reasonExtensions, differs: true, message: fmt.Sprintf(
			"It says something twice that can be said once (%s).", quoteAll(append(asked.attributes, asked.doubled)))}
	}
	known := []string{extensionSubjectKeyID, extensionKeyUsage, extensionNames, extensionBasic, extensionExtendedUsage}
	for id := range asked.extensions {
		if !slices.Contains(known, id) {
			return unknown("extension", id)
		}
	}
	return nil
}

func unknown(kind, id string) *objection {
	return &objection{reason: reasonExtensions, differs: true, message: fmt.Sprintf("It asks for the %s %s; the operator does not.", kind, id)}
}

func isNoAuthority(s *scope, asked *csr) *objection {
	if !s.request.Spec.IsCA && !asked.isAuthority() {
		return nil
	}
	return &objection{reason: reasonUsages, differs: true, message: "It is for a certification authority; a Connector's identity signs nothing."}
}
