// Package approval decides which CertificateRequests for a hub's issuer are signed. cert-manager signs whatever is approved, so
// this is where it is settled who may be whom.
//
// It promises that of all requests for a guarded issuer (one that an ExchangeHub names, or that signed a Connector's present
// certificate) exactly those are approved that cert-manager made for a Certificate of the operator's, for a Connector that may
// act for its Agency, with the names, usages, life and key that the operator asks for. All others are denied with the reason, on
// the request, in an Event and in a counter. Requests for other issuers are left to others.
//
// It runs for every CertificateRequest once it is created; phases of a reconcile, in order:
//  1. read: the request, and everything that it claims to come from, from the cache (scope.go)
//  2. decide: an ordered chain of checks, pure (decide.go, with what is signed in csr.go)
//  3. act: one write of one condition, or another look in a moment (controller.go, record.go)
//
// Objects reach the cache in any order, so what is missing, or is about to be rewritten by the operator, is looked at again for a
// few seconds before it counts against a request: a denial makes cert-manager wait for an hour or more.
//
// A request that somebody else approved although it would have been denied is told of: cert-manager's own approver was not kept
// off that issuer, or a person overruled.
//
// If the operator restarts, requests that are not decided yet are judged again, and those that are stay as they are.
package approval
