// Package page makes the report that a minister reads: one HTML file that needs nothing else, in Vietnamese and in English. What it shows
// is a view.View; this package only words, draws and lays it out.
//
// The file loads nothing and sends nothing: its content security policy allows its own style and script, by their digests, and no address.
// All that is to be read is in the HTML, so it can be read and printed where scripts are off; the script adds filters, search, sorting and
// the switch of language. Every wording stands in the file in both languages, once, in a table of texts that elements refer to by number.
//
// Rendering is pure: the same view gives the same bytes. Nothing is kept, so a restart means nothing here.
package page
