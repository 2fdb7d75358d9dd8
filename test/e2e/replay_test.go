//go:build e2e

package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// replay presents a certificate and its key to a hub, as somebody does who kept them, and sends a document in the agency's name. It gives
// an error if the hub does not take the document.
func replay(t *testing.T, hub, agency string, kept pki.Pair) error {
	t.Helper()
	ip, err := hubAddress(t.Context(), hub)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		Certificates: []tls.Certificate{must(kept.TLS())(t)}, InsecureSkipVerify: true, // whoever has kept the key does not mind
	}}
	ctx, cancel := context.WithTimeout(t.Context(), requestTimeout)
	defer cancel()
	// Nobody has the agency's code X99, so the document goes nowhere.
	document := agencyserver.Document{From: strings.ToUpper(agency), To: []string{"X99"}, Bytes: 1000}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+address(ip, hubPort)+"/v1/documents", document.Reader())
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("%s refused the connection: %w", hub, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%s answered with status %d", hub, response.StatusCode)
	}
	return nil
}

// replayIsServed makes sure that what is refused later is refused for being revoked.
func replayIsServed(t *testing.T, agency string, kept pki.Pair) {
	t.Helper()
	for _, hub := range []string{primaryHub, fallbackHub} {
		if err := replay(t, hub, agency, kept); err != nil {
			t.Errorf("the certificate of %s is not accepted while it is valid: %v", agency, err)
		}
	}
}

// replayIsRefused waits until both hubs refuse a certificate that is revoked, and have counted that. A hub learns of revocations when the
// kubelet refreshes what the operator published.
func replayIsRefused(t *testing.T, agency string, kept pki.Pair, begin time.Time) {
	t.Helper()
	for _, hub := range []string{primaryHub, fallbackHub} {
		before := refusals(t, hub)
		eventually(t, func() error {
			if replay(t, hub, agency, kept) == nil {
				return fmt.Errorf("%s takes a document from the revoked certificate of %s", hub, agency)
			}
			return nil
		})
		if after := refusals(t, hub); after <= before {
			t.Errorf("%s counted %d refusals before and %d after it refused the revoked certificate of %s", hub, before, after, agency)
		}
		measuredf(t, "the certificate that %s had before was refused by %s after %s", agency, hub, round(time.Since(begin)))
	}
}

func refusals(t *testing.T, hub string) int {
	t.Helper()
	ip, err := hubAddress(t.Context(), hub)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address(ip, adminPort)+"/refused", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	count, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatalf("%s says %q and not how often it refused: %v", hub, text, err)
	}
	return count
}
