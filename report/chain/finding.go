package chain

import (
	"fmt"

	"lienthong.gov.vn/connector-operator/report/locale"
)

// Kind is what sort of thing does not fit.
type Kind string

// Kinds of findings.
const (
	// Changed: the content of a report does not have the digest that it states.
	Changed Kind = "Changed"
	// Replaced: a report does not contain the digest of the one before.
	Replaced Kind = "Replaced"
	// Missing: reports are missing, at the start, in between or at the end.
	Missing Kind = "Missing"
	// Forked: two different reports have one position.
	Forked Kind = "Forked"
	// Misnamed: a report does not have the name of its position.
	Misnamed Kind = "Misnamed"
	// Reordered: reports do not stand in the order of the chain.
	Reordered Kind = "Reordered"
	// Incomplete: parts of a report are missing, or do not belong together.
	Incomplete Kind = "Incomplete"
	// OtherHead: the chain does not contain the head that was recorded.
	OtherHead Kind = "OtherHead"
)

// Finding is one thing that does not fit.
type Finding struct {
	Kind Kind
	// Plan whose chain it is, and Report the name of the report that it was found at; empty if there is none.
	Plan, Report string

	vi, en string
}

// Sentence says it in a language.
func (f Finding) Sentence(l locale.Language) string {
	if l == locale.Vietnamese {
		return f.vi
	}
	return f.en
}

// says makes a finding; both sentences take the same arguments.
func says(kind Kind, plan, report, vi, en string, args ...any) Finding {
	return Finding{Kind: kind, Plan: plan, Report: report, vi: fmt.Sprintf(vi, args...), en: fmt.Sprintf(en, args...)}
}

// short is enough of a digest to tell two apart.
func short[D ~string](digest D) string {
	const enough = 12
	if len(digest) <= enough {
		return string(digest)
	}
	return string(digest[:enough]) + "…"
}
