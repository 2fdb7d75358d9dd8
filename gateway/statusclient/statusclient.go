// Package statusclient asks one gateway pod what it really serves. The operator uses it to prove a rotation instead of
// assuming it.
//
// It runs in the operator, for one pod at a time, over a connection of its own: only a new handshake shows the certificate
// that is served now. It keeps nothing between calls, so a restarted operator just asks again.
package statusclient

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

const (
	// timeout bounds one Fetch; a context that ends sooner is kept to.
	timeout   = 10 * time.Second
	maxReport = 1 << 20
)

// TLSConfig makes what Fetch needs: own is shown to the gateway, whose chain must end in anchors and whose SPIFFE ID must be
// exactly expected.
func TLSConfig(own *tls.Certificate, anchors *trust.Bundle, expected string, now func() time.Time) (*tls.Config, error) {
	// A revoked gateway is asked all the same: what it serves is what the operator wants to know.
	policy, err := mtls.NewPolicy(anchors.Pool, []string{expected}, nil)
	if err != nil {
		return nil, err
	}
	// The floor is the lowest any profile allows: the operator reads what each gateway keeps to, and does not set it here.
	return mtls.Client(mtls.Own{Certificate: own, Floor: config.TLS{MinVersion: "1.2"}, Now: now}, policy, ""), nil
}

// Fetch asks the gateway at addr (host:port of its status listener).
func Fetch(ctx context.Context, addr string, tlsConfig *tls.Config) (status.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// One question and one answer: HTTP/1.1 is all it takes.
	tlsConfig = tlsConfig.Clone()
	tlsConfig.NextProtos = []string{"http/1.1"}
	transport := &http.Transport{
		TLSClientConfig:        tlsConfig,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
		DialContext:            (&net.Dialer{}).DialContext,
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+addr+status.Path, http.NoBody)
	if err != nil {
		return status.Report{}, fmt.Errorf("the address %q of a gateway cannot be used; write host:port: %w", addr, err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return status.Report{}, fmt.Errorf("the gateway at %s could not be asked for its status: %w", addr, err)
	}
	defer func() { _ = response.Body.Close() }()
	return decode(addr, response)
}

func decode(addr string, response *http.Response) (status.Report, error) {
	if response.StatusCode != http.StatusOK {
		return status.Report{}, fmt.Errorf("the gateway at %s answered %s with status %d; check that the address is its status listener's", addr, status.Path, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReport+1))
	if err != nil {
		return status.Report{}, fmt.Errorf("the status of the gateway at %s broke off: %w", addr, err)
	}
	if len(body) > maxReport {
		return status.Report{}, fmt.Errorf("the status of the gateway at %s has more than %d bytes; check that the address is its status listener's", addr, maxReport)
	}
	var report status.Report
	if err := json.Unmarshal(body, &report); err != nil {
		return status.Report{}, fmt.Errorf("the status of the gateway at %s is not the expected JSON: %w", addr, err)
	}
	return report, nil
}
