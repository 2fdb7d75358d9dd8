package format

import "lienthong.gov.vn/connector-operator/report/view"

// clean makes one line of a text that may come from anywhere.
func clean(text string) string { return view.Line(text) }
