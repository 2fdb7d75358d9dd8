// Package post sends one notice to one sink: as a CloudEvent in structured mode over HTTPS, signed, and nowhere else than it may go.
//
// It runs for each attempt of the courier. It keeps nothing between two attempts, not even a connection, so a restart means nothing here.
//
// What keeps a request from where it should not go:
//
//   - Each address that the name of a sink resolves to is judged at the moment of connecting (Guard), so a name that is made to point inwards
//     after it was declared is refused like any other.
//   - Redirects are not followed. No proxy is used, whatever the environment says. There are no cookies and no credentials.
//   - The sink must prove itself with a certificate of an authority that its owner named, over TLS 1.2 or newer.
//   - Of the answer nothing is used but its status and Retry-After. Its header, its body and the time that all may take are bounded.
package post
