// Package outbound is the way from the agency's own system to the hub: it watches the hub's endpoints, takes the healthy
// one of the best priority, and forwards requests there over mTLS.
//
// Health is found out actively, by handshakes (and a GET where a path is set), and passively, by requests that could not
// connect. A request is sent to a second endpoint only when it is certain that the first did not process it. When
// certificate, trust, revocations or configuration change, new requests use new connections; requests under way finish on
// the old ones, unless the endpoint's certificate is now revoked or not trusted: then its connections are cut off. They use
// new ones twice in a quiet period, too, so that an anchor that the hub does not prove itself by any more can be taken away from under
// them. After a restart every endpoint counts as usable until its first check, which is made at once.
package outbound
