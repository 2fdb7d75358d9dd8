// Package kube talks to the API server and to the health endpoints of the components with nothing but net/http, so that
// the command line tool compiles in seconds. Every connection is verified against the authorities of the cluster.
package kube

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// requestTimeout bounds one request; a component that answers later than this is not healthy.
const requestTimeout = 10 * time.Second

// Client sends requests with one identity.
type Client struct {
	http *http.Client
	// Base is the URL that paths are relative to.
	Base string
}

// NewClient verifies the server against the authority in caFile and shows the certificate in the other two files.
func NewClient(base, caFile, certFile, keyFile string) (*Client, error) {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("read the authority of %s: %w", base, err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("there is no certificate in %s: run `down` and then `up`", caFile)
	}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the client certificate for %s: %w", base, err)
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
	}
	return &Client{http: &http.Client{Transport: transport, Timeout: requestTimeout}, Base: base}, nil
}

// Get fetches a path and, if into is not nil, decodes the JSON of the answer. Anything but 200 is an error.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	body, err := c.do(ctx, http.MethodGet, path, "", nil)
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("decode the answer of %s%s: %w", c.Base, path, err)
	}
	return nil
}

// StatusError is an answer other than success.
type StatusError struct {
	URL  string
	Code int
	Body string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answers %d: %s", e.URL, e.Code, e.Body)
}

func (c *Client) do(ctx context.Context, method, path, contentType string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a request for %s%s: %w", c.Base, path, err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return send(c.http, req)
}

func send(client *http.Client, req *http.Request) ([]byte, error) {
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", req.URL, err)
	}
	if res.StatusCode/100 != 2 {
		return nil, &StatusError{URL: req.URL.String(), Code: res.StatusCode, Body: strings.TrimSpace(string(body))}
	}
	return body, nil
}

// Healthy asks an endpoint that speaks plain HTTP on loopback.
func Healthy(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("make a request for %s: %w", url, err)
	}
	_, err = send(&http.Client{Timeout: requestTimeout}, req)
	return err
}
