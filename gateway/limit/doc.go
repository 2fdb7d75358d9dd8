// Package limit bounds what one side may ask of the gateway: how many requests at once, how large a body, and how long
// nothing may move. Bodies are streamed through it and never held.
//
// It runs inside every request and keeps nothing beyond it but a count, so a restart needs no recovery.
package limit
