// Package load drives steady traffic through gateways and counts what becomes of every request: inbound as the hub, over mTLS, and
// outbound as an agency's own system; in HTTP/1.1 and 2, on kept and on new connections, with small and large bodies, from
// net/http and from curl.
//
// Nothing is ever sent twice, so a failure cannot hide behind a repetition: bodies cannot be rewound, and curl is not told to retry.
// A connection that its gateway ends gracefully is replaced by another one, as every client does; one that is reset is counted
// even if no request was under way on it.
//
// It runs in tests, beside what they do to the gateways. A restart of anything on the way is what it is there to watch; it keeps
// nothing itself.
package load
