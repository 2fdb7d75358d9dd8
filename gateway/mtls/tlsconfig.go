package mtls

import (
	"crypto/tls"
	"crypto/x509"
	"time"
)

// Own is what this side of a connection shows and keeps to.
type Own struct {
	Certificate *tls.Certificate
	// MinVersion is "1.2" or "1.3".
	MinVersion string
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

func base(own Own, policy *Policy, usage x509.ExtKeyUsage) *tls.Config {
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2", "http/1.1"},
		Time:       own.Now,
		VerifyConnection: func(state tls.ConnectionState) error {
			return policy.Verify(state.PeerCertificates, usage, own.Now())
		},
	}
	if own.MinVersion == "1.2" {
		cfg.MinVersion = tls.VersionTLS12
		cfg.CipherSuites = aeadSuites()
	}
	return cfg
}

// aeadSuites are the suites of TLS 1.2 with forward secrecy and authenticated encryption. TLS 1.3 has no others.
func aeadSuites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}
