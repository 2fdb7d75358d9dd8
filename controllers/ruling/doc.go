// Package ruling finds by what a Connector is to be made: the level that rules it, the SecurityProfile of the hub's regime for that level
// as far as its changes have reached the Connector, and what the Connector asks for beyond it.
//
// The controller of Connectors asks in every pass, and the approver of certificates for every request, so that both always agree on what
// a certificate may look like. All is read from the cache, and nothing is kept: after a restart of the operator the answer is the same.
//
// The level that rules is the approved one or, before the first approval, the declared one (package compliance). A change of a profile
// reaches a Connector in its turn (package staging), and its hardening comes on top (harden.go). What is enforced in the end can be
// compared with the profile of any regime, figure by figure (compare.go).
package ruling
