package format

import (
	"io"

	"lienthong.gov.vn/connector-operator/report/page"
	"lienthong.gov.vn/connector-operator/report/view"
)

// HTML writes the view as one page that needs nothing else, for a browser and for paper.
func HTML(w io.Writer, v *view.View, o Options) error {
	return page.Render(w, v, page.Options{Language: o.Language})
}
