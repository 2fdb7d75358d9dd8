package requestlog

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"math/big"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/metrics"
)

func moment() time.Time { return time.Date(2026, 3, 1, 8, 30, 0, 123456789, time.UTC) }

func full() Entry {
	hub := &url.URL{Scheme: "spiffe", Host: "example.gov.vn", Path: "/hub/national"}
	return Entry{
		At: moment(), RequestID: "00ff", Direction: "inbound", SourceAddress: "10.0.0.1:4711", Method: "POST", Path: "/v1/documents",
		Status: 202, RequestBytes: 1024, ResponseBytes: 17, Duration: 1234567 * time.Nanosecond, Endpoint: "first",
		TLS: &tls.ConnectionState{
			Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, CurveID: tls.CurveP256,
			PeerCertificates: []*x509.Certificate{{SerialNumber: big.NewInt(0xabc), URIs: []*url.URL{hub}}},
		},
	}
}

func TestRender(t *testing.T) {
	plain := full()
	plain.TLS, plain.Endpoint = nil, ""
	cases := []struct {
		name   string
		entry  Entry
		fields []string
		want   string
	}{
		{"all", full(), nil, `{"time":"2026-03-01T08:30:00.123456Z","RequestID":"00ff","Direction":"inbound","Peer":"spiffe://example.gov.vn/hub/national",` +
			`"SourceAddress":"10.0.0.1:4711","Method":"POST","Path":"/v1/documents","Status":202,"RequestBytes":1024,"ResponseBytes":17,` +
			`"Duration":0.001235,"Endpoint":"first","TLSVersion":"TLS 1.3","CipherSuite":"TLS_AES_128_GCM_SHA256","KeyExchange":"secp256r1","PeerSerialNumber":"abc"}`},
		{"some, in their own order", full(), []string{"Status", "Method"}, `{"time":"2026-03-01T08:30:00.123456Z","Method":"POST","Status":202}`},
		{"without a connection", plain, []string{"Peer", "Endpoint", "TLSVersion", "CipherSuite", "KeyExchange", "PeerSerialNumber"},
			`{"time":"2026-03-01T08:30:00.123456Z","Peer":"","Endpoint":"","TLSVersion":"","CipherSuite":"","KeyExchange":"","PeerSerialNumber":""}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := string(render(&c.entry, choose(c.fields))); got != c.want {
				t.Errorf("the line is\n%s\nand not\n%s", got, c.want)
			}
		})
	}
}

// TestFieldsAreThoseOfTheConfiguration: whatever a configuration may name is there, each under its own name.
func TestFieldsAreThoseOfTheConfiguration(t *testing.T) {
	var names []string
	for _, f := range choose(nil) {
		names = append(names, f.name)
	}
	if !slices.Equal(names, config.LogFields()) {
		t.Errorf("the fields are %v and not %v", names, config.LogFields())
	}
}

// TestNothingBreaksOutOfALine: whatever a client sends, its line is one line of printable ASCII, is JSON, and gives back what was sent.
func TestNothingBreaksOutOfALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := full()
		e.Path = string(rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "bytes")) + rapid.StringN(0, 64, 256).Draw(t, "text")
		e.Method = rapid.SampledFrom([]string{"GET", "G\r\nET", "\u2028\u202e", "\x1b[2J", `","Status":200,"x":"`, "\U0001f600"}).Draw(t, "method")
		line := render(&e, choose([]string{"Method", "Path", "Status"}))
		if i := bytes.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
			t.Fatalf("there is %q at %d of %q", line[i], i, line)
		}
		var got struct {
			Method, Path string
			Status       int
		}
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("it is no JSON: %v: %s", err, line)
		}
		if got.Status != 202 || got.Method != e.Method || got.Path != strings.ToValidUTF8(repaired(e.Path), "") {
			t.Errorf("%+v was read back from %s", got, line)
		}
	})
}

// repaired has the replacement character for each byte that is no UTF-8.
func repaired(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

func TestLinesAreBounded(t *testing.T) {
	e := full()
	e.Path, e.Method, e.SourceAddress = strings.Repeat("/a", 50_000), strings.Repeat("M", 9000), strings.Repeat("9", 900)
	line := render(&e, choose(nil))
	if len(line) > 2048 || !json.Valid(line) || !strings.Contains(string(line), `/a...","Status"`) {
		t.Errorf("the line has %d bytes: %s", len(line), line)
	}
	if cut := appendString(nil, "aé", 2); !utf8.Valid(cut) || string(cut) != `"a\ufffd..."` {
		t.Errorf("a character that was cut through is %s", cut)
	}
}

// BenchmarkWrite is what a request pays for its line, and, with the goroutine that brings it out, what the gateway pays.
func BenchmarkWrite(b *testing.B) {
	null := must(os.OpenFile(os.DevNull, os.O_WRONLY, 0))
	defer func() { _ = null.Close() }()
	l := New(Options{Output: null, Metrics: metrics.New("test"), Clock: clock.RealClock{}, Log: logr.Discard()})
	e := full()
	b.ReportAllocs()
	for b.Loop() {
		l.Write(e)
	}
	l.Close(context.Background())
}

func BenchmarkRender(b *testing.B) {
	e, fields := full(), choose(nil)
	b.ReportAllocs()
	for b.Loop() {
		render(&e, fields)
	}
}
