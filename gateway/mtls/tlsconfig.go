package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
)

// Own is what this side of a connection shows and keeps to.
type Own struct {
	Certificate *tls.Certificate
	// Floor is what is offered and accepted at all.
	Floor config.TLS
	// Now is the clock that certificates are checked against.
	Now func() time.Time
}

// Server is the configuration of one handshake of a listener. The standard verification runs first, so that a refused
// client is told the reason in the TLS alert; the policy then has the last word.
func Server(own Own, policy *Policy) *tls.Config {
	cfg := base(own, policy, x509.ExtKeyUsageClientAuth)
	cfg.Certificates = []tls.Certificate{*own.Certificate}
	cfg.ClientAuth = tls.RequireAndVerifyClientCert
	cfg.ClientCAs = policy.Roots
	// A resumed session would carry a peer over a change of trust without showing its chain again.
	cfg.SessionTicketsDisabled = true
	return cfg
}

// Client is the configuration of a client. The server's name is its SPIFFE ID, so the policy replaces the verification by
// host name.
func Client(own Own, policy *Policy, serverName string) *tls.Config {
	cfg := base(own, policy, x509.ExtKeyUsageServerAuth)
	cfg.ServerName = serverName
	// VerifyConnection verifies chain and identity; only the host name is not looked at.
	cfg.InsecureSkipVerify = true
	// Shown whatever authorities the server names: only the server can say whether it is accepted, and its alert tells why.
	cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return own.Certificate, nil
	}
	return cfg
}

// NamedClient is the configuration of a client whose server is no part of the hub: it proves itself by its host name, with a
// certificate that one of the authorities issued.
func NamedClient(own Own, authorities *x509.CertPool, serverName string) *tls.Config {
	cfg := floor(own)
	cfg.RootCAs = authorities
	cfg.ServerName = serverName
	cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return own.Certificate, nil
	}
	return cfg
}

func base(own Own, policy *Policy, usage x509.ExtKeyUsage) *tls.Config {
	cfg := floor(own)
	cfg.NextProtos = []string{"h2", "http/1.1"}
	cfg.VerifyConnection = func(state tls.ConnectionState) error {
		return policy.Verify(state.PeerCertificates, usage, own.Now())
	}
	return cfg
}

// floor is what all listeners and clients keep alike.
func floor(own Own) *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS13, CurvePreferences: own.Floor.Groups(), Time: own.Now}
	if own.Floor.MinVersion == "1.2" {
		cfg.MinVersion = tls.VersionTLS12
		cfg.CipherSuites = own.Floor.Suites()
	}
	return cfg
}
