//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
)

// codeOf is the code of the agency whose namespace has that name.
func codeOf(agency string) string { return strings.ToUpper(agency) }

// documentsArrive sends from pods of the agencies, as their own systems do.
func documentsArrive(t *testing.T) {
	const small, large = 1 << 10, 20 << 20
	deliveries := []struct {
		from, to string
		bytes    int64
	}{
		{"g12", "h29", small}, {"h29", "g12", small},
		{"g22", "g14", small}, {"g14", "g22", small},
		{"h57", "g01", small},
		{"g12", "h29", large}, {"h29", "g12", large},
	}
	var all sync.WaitGroup
	for _, d := range deliveries {
		all.Go(func() {
			begin := time.Now()
			got, err := shared.stage.SendDocument(t.Context(), d.from, d.to, d.bytes)
			if err != nil {
				t.Error(err)
				return
			}
			if got.Sent != got.Received {
				t.Errorf("of %d bytes from %s to %s, %s was sent and %s received", got.Bytes, got.From, got.To, got.Sent, got.Received)
			}
			measuredf(t, "%9d bytes from %s to %s arrived with digest %.19s, %s after a pod was asked for to send them",
				got.Bytes, got.From, got.To, got.Received, round(time.Since(begin)))
		})
	}
	all.Wait()
}

// forgeryIsRefused sends through the gateway of one agency in the name of another.
func forgeryIsRefused(t *testing.T) {
	gateway := serviceURL(t, "g12")
	for _, from := range []string{"H29", "G12.01", "000.00.00.H29"} {
		document := agencyserver.Document{From: from, To: []string{"G14"}, Bytes: 10}
		status, body, err := agencyserver.Send(t.Context(), http.DefaultClient, gateway, document)
		if err != nil {
			t.Fatal(err)
		}
		if status != http.StatusForbidden || !strings.Contains(string(body), "send only in its own agency's name") {
			t.Errorf("a document of %s through the gateway of G12 was answered with %d: %s", from, status, body)
		}
	}
	if err := deliver(t.Context(), http.DefaultClient, gateway, "G12", "G14"); err != nil {
		t.Errorf("the agency's own document: %v", err)
	}
}
