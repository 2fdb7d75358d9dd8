// Package signature signs HTTP requests by HTTP Message Signatures (RFC 9421) with the operator's own identity on a hub, so that a receiver
// knows who sent a notice and that nobody has altered it.
//
// It runs for each notice that is sent. It keeps nothing: the identity is read anew for each request, so that a renewed one is used at once.
//
// Covered are the method, the whole target, the type of the content, its digest (RFC 9530) and the certificates that are offered for
// verification. The event lies in the content as a whole, so all of it is covered.
package signature
