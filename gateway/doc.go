// Package gateway is the data plane: what runs in a connector pod. It takes requests from the hub over mTLS to the agency's
// backend, and requests of the agency's system over mTLS to the hub.
//
// Run is called once, by the subcommand gateway, and composes the packages below this one: identity (what is mounted),
// mtls (who may talk), serve (listeners), inbound and outbound (the two ways), reliance (which trust anchors are in use), probes
// and the status report. It has no access to the Kubernetes API and writes nothing to disk. Started anew, it reads the mounted
// volumes; until they hold trust anchors and a certificate that ends in them it waits, not ready, and says so in /readyz.
package gateway
