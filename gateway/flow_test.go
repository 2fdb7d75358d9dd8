package gateway_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
)

// hub starts a stand-in hub that the fixture's gateway trusts, and returns it as an endpoint too.
func (f *fixture) hub(name string, priority int32, routes string) (*hubserver.Hub, config.Endpoint) {
	f.t.Helper()
	dir := filepath.Join(f.dir, "hub-"+name)
	check(f.t, os.MkdirAll(dir, 0o755))
	pair := f.issue(hubID)
	check(f.t, os.WriteFile(filepath.Join(dir, "tls.crt"), pair.Certificate, 0o600))
	check(f.t, os.WriteFile(filepath.Join(dir, "tls.key"), pair.Key, 0o600))
	check(f.t, os.WriteFile(filepath.Join(dir, "trust.pem"), f.ca.PEM(), 0o600))
	opts := hubserver.Options{Listen: "127.0.0.1:0", IdentityDir: dir, TrustFile: filepath.Join(dir, "trust.pem"), ErrorLog: discardLog()}
	if routes != "" {
		opts.RoutesFile = filepath.Join(dir, "routes.yaml")
		check(f.t, os.WriteFile(opts.RoutesFile, []byte(routes), 0o600))
	}
	hub := must(hubserver.Start(opts))
	f.t.Cleanup(hub.Close)
	return hub, config.Endpoint{Name: name, URL: "https://" + hub.Addr(), Priority: priority, AllowedPeers: []string{hubID}}
}

// TestDocumentReachesTheOtherAgencyUnchanged sends from one agency's system to the hub and back in: every byte must arrive,
// and the backend must learn who brought it.
func TestDocumentReachesTheOtherAgencyUnchanged(t *testing.T) {
	system := agencyserver.New(10)
	f := newFixture(t, backend(t, system.Handler().ServeHTTP), nil).start()
	routes := `G12: {url: "https://` + f.addrs.Inbound.String() + `", spiffeID: "` + gatewayID + `"}`
	_, endpoint := f.hub("national", 1, routes)
	f.cfg.Outbound.Endpoints = []config.Endpoint{endpoint}
	f.writeConfig()
	f.waitActive("national")

	for _, size := range []int64{0, 100 << 10, 20 << 20} {
		answer := f.send(agencyserver.Document{From: "000.00.00.G12", To: []string{"000.00.00.G12", "H99"}, Bytes: size})
		if len(answer.Pushes) != 2 || answer.Pushes[0].Digest != answer.Digest || answer.Pushes[0].Error != "" {
			t.Errorf("a document of %d bytes did not come back unchanged: %+v", size, answer)
		}
		if !strings.Contains(answer.Pushes[1].Error, "no connector is known") {
			t.Errorf("an unknown addressee was not told of: %+v", answer.Pushes[1])
		}
	}
	if got := system.Received(); len(got) != 3 || got[2].Peer != hubID {
		t.Errorf("the backend received %+v and not three documents from %s", got, hubID)
	}

	status, body, err := agencyserver.Send(context.Background(), http.DefaultClient, f.outboundURL(""), agencyserver.Document{From: "G22", To: []string{"G12"}})
	if err != nil || status != http.StatusForbidden {
		t.Errorf("a document in another agency's name was answered with %d (%v): %s", status, err, body)
	}
}

// send sends a document, which the hub must take.
func (f *fixture) send(d agencyserver.Document) hubserver.Answer {
	f.t.Helper()
	status, body, err := agencyserver.Send(context.Background(), http.DefaultClient, f.outboundURL(""), d)
	if err != nil || status != http.StatusAccepted {
		f.t.Fatalf("the document was answered with %d (%v): %s", status, err, body)
	}
	var answer hubserver.Answer
	check(f.t, json.Unmarshal(body, &answer))
	return answer
}

// waitActive waits until outbound traffic takes an endpoint.
func (f *fixture) waitActive(name string) {
	f.t.Helper()
	line := `lienthong_gateway_endpoint_active{endpoint="` + name + `"}`
	eventually(f.t, func() (bool, string) { return f.metric(line) == "1", line + " is " + f.metric(line) })
}

// TestClaimedIdentitiesAreRemoved: a backend sees only what the gateway itself vouches for.
func TestClaimedIdentitiesAreRemoved(t *testing.T) {
	seen := make(chan http.Header, 1)
	f := newFixture(t, backend(t, func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header }), nil).start()
	request := must(http.NewRequest(http.MethodGet, f.inboundURL("/a?b=c;d"), nil))
	request.Header = http.Header{
		"Lienthong-Peer": {otherID}, "Lienthong_Peer": {otherID}, "Lienthong-Agency": {"G22"}, "X-Forwarded-For": {"192.0.2.1"},
		"X-Forwarded-Client-Cert": {"x"}, "Forwarded": {"for=192.0.2.1"}, "X-Real-Ip": {"192.0.2.1"}, "Connection": {"Lienthong-Peer"},
		"Kept": {"yes"},
	}
	response := must(f.client(f.issue(hubID), false).Do(request))
	_ = response.Body.Close()
	header := <-seen
	if got := header.Values("Lienthong-Peer"); len(got) != 1 || got[0] != hubID {
		t.Errorf("the backend was told %q and not %q", got, hubID)
	}
	if got := header.Values("X-Forwarded-For"); len(got) != 1 || got[0] != "127.0.0.1" {
		t.Errorf("the backend was told that the request is for %q", got)
	}
	for _, name := range []string{"Lienthong_Peer", "Lienthong-Agency", "X-Forwarded-Client-Cert", "Forwarded", "X-Real-Ip"} {
		if _, there := header[name]; there {
			t.Errorf("the header %s passed the gateway", name)
		}
	}
	if header.Get("Kept") != "yes" {
		t.Error("a header of no meaning to the gateway was lost")
	}
}

// TestOutboundSetsTheAgency whatever the agency's system claims, and joins the base path.
func TestOutboundSetsTheAgency(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	seen := make(chan *http.Request, 1)
	server := f.peer(hubID, func(_ http.ResponseWriter, r *http.Request) { seen <- r })
	f.cfg.Outbound.Endpoints[0].URL = server.URL + "/base"
	f.writeConfig()
	f.start()
	request := must(http.NewRequest(http.MethodGet, f.outboundURL("/v1/x%2Fy?z=1"), nil))
	request.Header.Set("Lienthong-Agency", "G22")
	request.Header.Set("X-Forwarded-For", "10.0.0.1")
	response := must(http.DefaultClient.Do(request))
	_ = response.Body.Close()
	got := <-seen
	if agency := got.Header.Values("Lienthong-Agency"); len(agency) != 1 || agency[0] != "G12" {
		t.Errorf("the hub was told the agency %q and not G12", agency)
	}
	if got.RequestURI != "/base/v1/x%2Fy?z=1" {
		t.Errorf("the hub was asked for %s", got.RequestURI)
	}
	if _, there := got.Header["X-Forwarded-For"]; there {
		t.Error("the hub was told an address of the agency's network")
	}
	if got.ProtoMajor != 2 {
		t.Errorf("the hub was asked over %s and not HTTP/2", got.Proto)
	}
}

// peer is an mTLS server with an identity, which the gateway may take for the hub.
func (f *fixture) peer(id string, handler http.HandlerFunc) *httptest.Server {
	return f.peerWith(f.serverTLS(f.issue(id)), handler)
}

func (f *fixture) peerWith(side *tls.Config, handler http.HandlerFunc) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = slices.Contains(append(side.NextProtos, "h2")[:1], "h2")
	server.TLS = side
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	f.t.Cleanup(server.Close)
	return server
}

// TestStreaming: what one side sends must reach the other while it is still sending, also where the length is known.
func TestStreaming(t *testing.T) {
	for _, length := range []string{"", "12"} {
		t.Run("length="+length, func(t *testing.T) { stream(t, length) })
	}
}

func stream(t *testing.T, length string) {
	f := newFixture(t, backend(t, func(w http.ResponseWriter, r *http.Request) {
		if length != "" {
			w.Header().Set("Content-Length", length)
		}
		_ = http.NewResponseController(w).EnableFullDuplex()
		piece := make([]byte, 4)
		for {
			if _, err := io.ReadFull(r.Body, piece); err != nil {
				return
			}
			_, _ = w.Write(piece)
			w.(http.Flusher).Flush()
		}
	}), nil).start()
	reader, writer := io.Pipe()
	request := must(http.NewRequest(http.MethodPost, f.inboundURL("/"), reader))
	go func() { _, _ = io.WriteString(writer, "one.") }()
	client := f.client(f.issue(hubID), true)
	client.Timeout = patience
	response, err := client.Do(request)
	check(t, err)
	defer func() { _ = response.Body.Close() }()
	for _, piece := range []string{"one.", "two.", "tri."} {
		if piece != "one." {
			must(io.WriteString(writer, piece))
		}
		got := make([]byte, 4)
		if _, err := io.ReadFull(response.Body, got); err != nil || string(got) != piece {
			t.Fatalf("the piece %q came as %q (%v)", piece, got, err)
		}
	}
	check(t, writer.Close())
}
