package controllers

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"lienthong.gov.vn/connector-operator/test/pki"
)

// shown is the leaf that the metrics listener shows with the given directory of certificates.
func shown(t *testing.T, directory string) *x509.Certificate {
	t.Helper()
	options := metricsOptions(Options{MetricsAddress: "127.0.0.1:0", MetricsCertDir: directory})
	server, err := metricsserver.NewServer(options, &rest.Config{Host: "https://127.0.0.1:1"}, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Start(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	address, ok := server.(interface{ GetBindAddr() string })
	if !ok {
		t.Fatal("the metrics server does not tell where it listens")
	}
	err = wait.PollUntilContextTimeout(ctx, 5*time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) {
		return address.GetBindAddr() != "", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(ctx, "tcp", address.GetBindAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	secure, ok := conn.(*tls.Conn)
	if !ok {
		t.Fatal("the metrics are not served over TLS")
	}
	return secure.ConnectionState().PeerCertificates[0]
}

// The metrics listener shows the certificate that it is given, so that a scraper can check whom it hands its token, and starts without.
func TestMetricsCertificate(t *testing.T) {
	ca, err := pki.NewCA("metrics CA")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue(pki.Request{DNSNames: []string{"connector-operator-metrics.lienthong-system.svc"}})
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	if own := shown(t, directory); own.Issuer.String() == "CN=metrics CA" {
		t.Errorf("without a certificate it shows one of %s", own.Issuer)
	}
	for name, content := range map[string][]byte{"tls.crt": pair.Certificate, "tls.key": pair.Key} {
		if err := os.WriteFile(filepath.Join(directory, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	block, _ := pem.Decode(pair.Certificate)
	if got := shown(t, directory); !bytes.Equal(got.Raw, block.Bytes) {
		t.Errorf("it shows a certificate of %s and not that of the directory", got.Issuer)
	}
}
