package page

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

//go:embed page.html plan.html chart.html agencies.html page.css page.js
var files embed.FS

// Options are what the maker of a page chooses.
type Options struct {
	// Language that the page shows first; Vietnamese if empty.
	Language locale.Language
}

// Render writes the page as one HTML file.
func Render(w io.Writer, v *view.View, o Options) error {
	if o.Language == "" {
		o.Language = locale.Vietnamese
	}
	if _, err := locale.Parse(string(o.Language)); err != nil {
		return fmt.Errorf("making the page: %w", err)
	}
	pages, err := template.ParseFS(files, "*.html")
	if err != nil {
		return fmt.Errorf("reading the templates of the page: %w", err)
	}
	style, script, err := sources()
	if err != nil {
		return err
	}
	d := newDocument(v, o.Language)
	d.Style, d.Script = template.CSS(style), template.JS(script) //nolint:gosec // both are files of this package, not what somebody wrote into a view
	d.Policy = policyOf(style, script)
	buffered := bufio.NewWriter(w)
	if err := pages.ExecuteTemplate(buffered, "page.html", d); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// sources are the style and the script of the page.
func sources() (style, script []byte, err error) {
	if style, err = files.ReadFile("page.css"); err == nil {
		script, err = files.ReadFile("page.js")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the sources of the page: %w", err)
	}
	return style, script, nil
}

// Policy is the content security policy that the page carries, for a server to send along.
func Policy() (string, error) {
	style, script, err := sources()
	if err != nil {
		return "", err
	}
	return policyOf(style, script), nil
}

// policyOf allows the page its own style and script, and the empty icon that keeps browsers from asking for one. Nothing else is loaded.
func policyOf(style, script []byte) string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
		digest(style), digest(script))
}

func digest(source []byte) string {
	sum := sha256.Sum256(source)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
