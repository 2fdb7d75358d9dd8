package format

import (
	"io"

	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// Options of a writing.
type Options struct {
	Language locale.Language
	// Colour is for terminals.
	Colour bool
}

// Format is one way to write a view.
type Format struct {
	// Name by which it is asked for.
	Name string
	// Write writes the view.
	Write func(w io.Writer, v *view.View, o Options) error
}

// All are the formats, in the order in which they are listed.
func All() []Format {
	return []Format{
		{Name: "table", Write: Table},
		{Name: "json", Write: JSON},
		{Name: "csv", Write: CSV},
		{Name: "markdown", Write: Markdown},
		{Name: "html", Write: HTML},
	}
}

// Names of the formats.
func Names() []string {
	var names []string
	for _, f := range All() {
		names = append(names, f.Name)
	}
	return names
}
