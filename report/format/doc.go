// Package format writes a view or an explanation for a reader: as aligned tables for a terminal, as Markdown, as CSV for a spreadsheet, as JSON
// for a program, as a page for a browser (which report/page makes). All formats are made from the same view, so that all tell the same.
//
// What comes from a cluster is text that somebody else wrote: control characters never reach a terminal, and nothing becomes a formula in a
// spreadsheet. Everything is pure but for the writer; nothing is kept, so a restart means nothing here.
package format
