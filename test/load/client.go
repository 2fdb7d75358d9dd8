package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// mostAnswer bounds what is read of an answer.
const mostAnswer = 1 << 20

// httpClient sends with net/http.
type httpClient struct {
	flow      Flow
	reset     func()
	documents *documents
	// kept are the transports of the targets, by host, where connections are kept: each knows whom it must meet.
	kept map[string]*http.Transport
}

func newHTTPClient(f Flow, reset func()) *httpClient {
	c := &httpClient{flow: f, reset: reset, documents: newDocuments(), kept: map[string]*http.Transport{}}
	if f.NewConnections {
		return c
	}
	for _, to := range f.Targets {
		c.kept[to.Host] = c.transport(to)
	}
	return c
}

// transport is one with connections of its own.
func (c *httpClient) transport(to Target) *http.Transport {
	t := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, to.Address, c.reset) },
		// Connections that a large body made necessary are not kept beside the busy one, where they would only wait to be ended.
		MaxIdleConnsPerHost: 1,
		ForceAttemptHTTP2:   c.flow.HTTP2,
		DisableKeepAlives:   c.flow.NewConnections,
	}
	if c.flow.Direction == Inbound {
		t.TLSClientConfig = c.tls(to)
	}
	return t
}

func (c *httpClient) send(ctx context.Context, to Target, size int64) error {
	transport := c.kept[to.Host]
	if transport == nil {
		transport = c.transport(to)
		defer transport.CloseIdleConnections()
	}
	d := document(to, size)
	digest, err := c.documents.digest(d)
	if err != nil {
		return err
	}
	url, confirm := "https://"+to.Host+inboxPath, confirmInbound
	if c.flow.Direction == Outbound {
		url, confirm = "http://"+to.Host+documentsPath, confirmOutbound
	}
	// The reader is of no type that net/http knows, so the body cannot be rewound and no request is repeated unseen.
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, d.Reader())
	if err != nil {
		return fmt.Errorf("making a request to %s: %w", url, err)
	}
	request.ContentLength = d.Size()
	request.Header.Set("Content-Type", "application/xml")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if c.flow.HTTP2 != (response.ProtoMajor == 2) {
		return fmt.Errorf("the answer came in %s", response.Proto)
	}
	return confirm(response.StatusCode, body, digest)
}

func (c *httpClient) close() {
	for _, t := range c.kept {
		t.CloseIdleConnections()
	}
}

// tls reads identity and anchors at each handshake, so a kept connection lives on and a new one is made as things are then.
func (c *httpClient) tls(to Target) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			credentials, err := c.flow.Credentials()
			if err != nil {
				return nil, err
			}
			pair, err := credentials.Identity.TLS()
			if err != nil {
				return nil, fmt.Errorf("reading the hub's identity: %w", err)
			}
			return &pair, nil
		},
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies the chain and the SPIFFE ID instead of the host name.
		VerifyConnection: func(state tls.ConnectionState) error {
			credentials, err := c.flow.Credentials()
			if err != nil {
				return err
			}
			return verify(state, credentials.Anchors, to.SPIFFEID)
		},
	}
}

func verify(state tls.ConnectionState, anchors []byte, spiffeID string) error {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	if !roots.AppendCertsFromPEM(anchors) {
		return errors.New("the hub has no anchor to judge gateways by")
	}
	for _, certificate := range state.PeerCertificates[1:] {
		intermediates.AddCert(certificate)
	}
	leaf := state.PeerCertificates[0]
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates}); err != nil {
		return fmt.Errorf("the gateway's chain does not verify: %w", err)
	}
	if len(leaf.URIs) != 1 || leaf.URIs[0].String() != spiffeID {
		return fmt.Errorf("the gateway proves to be %v, and %s was asked for", leaf.URIs, spiffeID)
	}
	return nil
}
