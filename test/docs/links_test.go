package docs

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/test/docs/markdown"
)

// Every link within the project leads to a file or a folder, and to a heading in it where it names one. Links to other sites are not followed,
// because a test must not need them.
func TestLinks(t *testing.T) {
	all := documents(t)
	checked := 0
	for _, document := range all {
		for _, link := range document.Links {
			target, err := url.Parse(link.Target)
			if err != nil {
				t.Errorf("%s:%d: %q is no address", document.Path, link.Line, link.Target)
				continue
			}
			if target.Scheme != "" {
				continue
			}
			checked++
			if complaint := leads(all, document, target); complaint != "" {
				t.Errorf("%s:%d: the link %s leads nowhere: %s", document.Path, link.Line, link.Target, complaint)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d links were found", checked)
	}
}

// leads says why a link leads nowhere.
func leads(all []*markdown.Document, from *markdown.Document, target *url.URL) string {
	to := from.Path
	if target.Path != "" {
		to = path.Join(path.Dir(from.Path), target.Path)
	}
	if _, err := os.Stat(filepath.Join(root, to)); err != nil {
		return "there is no " + to
	}
	if target.Fragment == "" || path.Ext(to) != ".md" {
		return ""
	}
	for _, document := range all {
		if document.Path != to {
			continue
		}
		if slices.ContainsFunc(document.Headings, func(h markdown.Heading) bool { return h.Anchor == target.Fragment }) {
			return ""
		}
		var anchors []string
		for _, h := range document.Headings {
			anchors = append(anchors, h.Anchor)
		}
		return to + " has the headings " + strings.Join(anchors, ", ")
	}
	return to + " is not among the documents that are read"
}

// docs/README.md is where a reader begins: it leads to every document beside it, and the pages of alerts are led to by docs/observability.md.
func TestIndex(t *testing.T) {
	linked := map[string]bool{}
	for _, document := range documents(t) {
		if document.Path != "docs/README.md" && document.Path != "docs/observability.md" {
			continue
		}
		for _, link := range document.Links {
			target, _, _ := strings.Cut(link.Target, "#")
			linked[path.Join("docs", target)] = true
		}
	}
	for _, p := range paths(t) {
		if strings.HasPrefix(p, "docs/") && p != "docs/README.md" && !linked[p] {
			t.Errorf("docs/README.md does not lead to %s", p)
		}
	}
}
