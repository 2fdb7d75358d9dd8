// Package serve shows the page of report/page to people, from the manager: over HTTPS, to be read and for nothing else, and only to those
// whom the API server knows and whom it allows the verb get on the non-resource URL /report.
//
// A page is made from the manager's cache when somebody asks for it, at most once in a while for all who ask; nobody who reconciles waits
// for it. Every replica serves it, the leader or not. Nothing is kept but the last page of each language, so after a restart the first who
// asks waits until the cache is filled.
package serve
