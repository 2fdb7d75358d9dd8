package rights

import (
	"fmt"
	"slices"
	"strings"
)

// Nothing is how the table shows that a persona may do nothing.
const Nothing = "–"

// Markdown is the table as docs/rights.md shows it: one section per place, one column per persona.
func Markdown() string {
	var text strings.Builder
	for _, place := range []Place{Cluster, Own, Another, System, Path} {
		fmt.Fprintf(&text, "\n### %s\n\n| what |", heading(place))
		for _, p := range Personas() {
			fmt.Fprintf(&text, " %s |", p.Name)
		}
		text.WriteString("\n|" + strings.Repeat(" --- |", len(Personas())+1) + "\n")
		for _, r := range Matrix() {
			if r.Place != place {
				continue
			}
			fmt.Fprintf(&text, "| %s |", r.Title())
			for _, p := range Personas() {
				fmt.Fprintf(&text, " %s |", Summary(r.Allowed[p.Name]))
			}
			text.WriteString("\n")
		}
	}
	return text.String()
}

func heading(place Place) string {
	switch place {
	case Own:
		return "In the agency's own namespace"
	case Another:
		return "In another agency's namespace"
	case System:
		return "In the operator's namespace"
	case Cluster:
		return "In the whole cluster"
	case Path:
		return "Served by the operator itself"
	}
	return string(place)
}

// Title names what a row is about.
func (r Row) Title() string {
	title := r.Resource
	if r.Group != "" {
		resource, subresource, _ := strings.Cut(r.Resource, "/")
		title = resource + "." + r.Group
		if subresource != "" {
			title += "/" + subresource
		}
	}
	title = "`" + title + "`"
	if r.Name != "" {
		title += " `" + r.Name + "`"
	}
	if len(r.Verbs) > 0 && r.Place != Path {
		title += ": " + strings.Join(r.Verbs, ", ")
	}
	return title
}

// Summary writes verbs in short: "read" is get, list and watch; "write" is create, update, patch and delete.
func Summary(verbs []string) string {
	var short []string
	rest := slices.Clone(verbs)
	for _, of := range []struct {
		word  string
		verbs []string
	}{{"read", read()}, {"write", []string{"create", "update", "patch", "delete"}}} {
		if !slices.ContainsFunc(of.verbs, func(v string) bool { return !slices.Contains(verbs, v) }) {
			short = append(short, of.word)
			rest = slices.DeleteFunc(rest, func(v string) bool { return slices.Contains(of.verbs, v) })
		}
	}
	if short = append(short, rest...); len(short) > 0 {
		return strings.Join(short, ", ")
	}
	return Nothing
}
