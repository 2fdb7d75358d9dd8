// Package forward is what both directions have in common: it takes one HTTP request through the limits to another server
// and streams the answer back.
//
// It runs inside every request. Bodies are never held in memory and nothing is kept between requests; a request under way
// when the gateway is killed fails at its client, which cannot mistake a part of an answer for the whole, and a restart needs no
// recovery.
package forward
