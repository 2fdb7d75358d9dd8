package collect

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/view"
)

// maxNear is how many names are suggested.
const maxNear = 3

// candidate is a name to suggest, with the words by which it may be meant.
type candidate struct {
	name  string
	words []string
}

func namesOf(agencies []*v1alpha1.Agency) []candidate {
	var all []candidate
	for _, a := range agencies {
		all = append(all, candidate{name: a.Name, words: []string{a.Name, a.Spec.Code, a.Spec.LegacyCode, a.Spec.Names.Vi, a.Spec.Names.En}})
	}
	return all
}

// Near suggests which of the names a reader may have meant.
func Near(asked string, names []string) []string {
	var all []candidate
	for _, n := range names {
		all = append(all, candidate{name: n, words: []string{n}})
	}
	return meant(asked, all)
}

// meant are the candidates that a reader may have meant, best first: a word that is a few letters away, or that has what was asked for in it.
// Case and the marks of Vietnamese letters do not count.
func meant(asked string, candidates []candidate) []string {
	type hit struct {
		name     string
		distance int
	}
	wanted := plain(asked)
	var hits []hit
	for _, c := range candidates {
		best := -1
		for _, w := range c.words {
			if d := distance(wanted, plain(w)); d >= 0 && (best < 0 || d < best) {
				best = d
			}
		}
		if best >= 0 {
			hits = append(hits, hit{c.name, best})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, h := range hits[:min(len(hits), maxNear)] {
		names = append(names, h.name)
	}
	return names
}

// distance is how far a word is from what was asked for; -1 if too far to be meant.
func distance(asked, word string) int {
	switch {
	case asked == "" || word == "":
		return -1
	case strings.Contains(word, asked), sorted(word) == sorted(asked):
		// A part of the name, or two letters the wrong way round.
		return 1
	}
	if d := levenshtein.ComputeDistance(asked, word); d <= max(1, len(asked)/3) {
		return d
	}
	return -1
}

func sorted(word string) string {
	letters := []rune(word)
	slices.Sort(letters)
	return string(letters)
}

// plain is a text in lower case without marks; the Vietnamese đ is a letter of its own and no d with a mark.
func plain(text string) string {
	chain := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	bare, _, err := transform.String(chain, text)
	if err != nil {
		bare = text
	}
	return strings.ReplaceAll(strings.ToLower(bare), "đ", "d")
}

// Named is the name of the agency in a view that is meant by a name or by either code; a name comes before codes.
func Named(v *view.View, nameOrCode string) (string, error) {
	for _, of := range []func(*view.Agency) bool{
		func(a *view.Agency) bool { return a.Name == nameOrCode },
		func(a *view.Agency) bool { return strings.EqualFold(a.Code, nameOrCode) },
		func(a *view.Agency) bool { return a.LegacyCode != "" && strings.EqualFold(a.LegacyCode, nameOrCode) },
	} {
		for i := range v.Agencies {
			if of(&v.Agencies[i]) {
				return v.Agencies[i].Name, nil
			}
		}
	}
	var candidates []candidate
	for i := range v.Agencies {
		a := &v.Agencies[i]
		candidates = append(candidates, candidate{name: a.Name, words: []string{a.Name, a.Code, a.LegacyCode, a.Names.Vi, a.Names.En}})
	}
	return "", &NotFoundError{Kind: kindAgency, Name: nameOrCode, Near: meant(nameOrCode, candidates)}
}
