package hubserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// pushTimeout bounds one delivery.
const pushTimeout = 5 * time.Minute

// deliver pushes a document to each addressee, one after the other.
func (h *Hub) deliver(ctx context.Context, to []string, path string, size int64) ([]Push, error) {
	if h.opts.RoutesFile == "" {
		return nil, nil
	}
	routes, err := readRoutes(h.opts.RoutesFile)
	if err != nil {
		return nil, err
	}
	var results []Push
	for _, addressee := range to {
		push := Push{To: addressee}
		route, known := routes[agencyCode(addressee)]
		if !known {
			push.Error = "no connector is known for this agency; add it to the route table"
		} else if err := h.push(ctx, route, path, size, &push); err != nil {
			push.Error = err.Error()
		}
		results = append(results, push)
	}
	return results, nil
}

func (h *Hub) push(ctx context.Context, route Route, path string, size int64, result *Push) error {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	config, err := h.credentials.clientTLS(route.SPIFFEID)
	if err != nil {
		return err
	}
	document, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the spooled document cannot be opened: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, route.URL+"/v1/inbox", document)
	if err != nil {
		return errors.Join(fmt.Errorf("the route's URL %q cannot be used: %w", route.URL, err), document.Close())
	}
	request.ContentLength = size
	request.Header.Set("Content-Type", "application/xml")
	// A connection of its own for each delivery: a rotation of the hub is in use with the next document.
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("the connector could not be reached: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	return readReceipt(response, result)
}

// readReceipt takes the digest from the answer of the receiving backend.
func readReceipt(response *http.Response, result *Push) error {
	result.Status = response.StatusCode
	const most = 64 << 10
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return fmt.Errorf("the connector's answer broke off: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the connector answered with status %d", response.StatusCode)
	}
	var receipt struct {
		Digest string `json:"digest"`
	}
	if err := json.Unmarshal(body, &receipt); err != nil {
		return fmt.Errorf("the backend's answer is not the expected JSON: %w", err)
	}
	result.Digest = receipt.Digest
	return nil
}
