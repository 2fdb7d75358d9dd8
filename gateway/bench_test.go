package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// BenchmarkGateway compares, in one run, requests through the gateway (client, mTLS, gateway, plain HTTP, server) with the
// same requests without it (client, mTLS, server). The two take turns, so that a noisy machine is noisy for both.
//
// Reported are the time of one request each way, the ratio of the two, and for large bodies the throughput.
func BenchmarkGateway(b *testing.B) {
	for _, http2 := range []bool{false, true} {
		for _, size := range []int{100, 64 << 10, 4 << 20} {
			for _, parallel := range []int{1, 16} {
				b.Run(fmt.Sprintf("http2=%t/bytes=%d/parallel=%d", http2, size, parallel), func(b *testing.B) {
					compare(b, http2, size, parallel)
				})
			}
		}
	}
}

func compare(b *testing.B, http2 bool, size, parallel int) {
	f := newFixture(b, backend(b, sink), nil).start()
	bare := httptest.NewUnstartedServer(http.HandlerFunc(sink))
	bare.EnableHTTP2 = http2
	bare.TLS = f.serverTLS(f.issue(gatewayID))
	bare.StartTLS()
	b.Cleanup(bare.Close)
	client := f.client(f.issue(hubID), http2)
	body := bytes.Repeat([]byte("x"), size)
	turn := func(url string) time.Duration {
		begin := time.Now()
		var all sync.WaitGroup
		for range parallel {
			all.Go(func() {
				if err := post(client, url, body); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		return time.Since(begin)
	}
	turn(bare.URL)
	turn(f.inboundURL("/"))
	b.ResetTimer()
	var without, through time.Duration
	for b.Loop() {
		without += turn(bare.URL)
		through += turn(f.inboundURL("/"))
	}
	requests := float64(b.N * parallel)
	b.ReportMetric(0, "ns/op") // a turn of both ways together says nothing
	b.ReportMetric(float64(without.Microseconds())/requests, "bare-us/req")
	b.ReportMetric(float64(through.Microseconds())/requests, "gateway-us/req")
	b.ReportMetric(float64(through)/float64(without), "gateway/bare")
	b.ReportMetric(requests*float64(size)/through.Seconds()/1e6, "gateway-MB/s")
}

// sink reads a body and answers with nothing.
func sink(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

func post(client *http.Client, url string, body []byte) error {
	response, err := client.Post(url, "application/octet-stream", bytes.NewReader(body))
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}
