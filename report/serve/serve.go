package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-logr/logr"
	certutil "k8s.io/client-go/util/cert"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"

	"lienthong.gov.vn/connector-operator/report/view"
)

// Path of the page. Reading it is asked of the API server as the verb get on this non-resource URL.
const Path = "/report"

// refresh is how old a page may be.
const refresh = 5 * time.Second

// Options of the page's server.
type Options struct {
	// Address to listen on, such as :8444; "0" or nothing for none.
	Address string
	// CertDir holds tls.crt and tls.key. If it has neither, the server signs for itself.
	CertDir string
	// Collect tells where the agencies stand now.
	Collect func(context.Context) (*view.View, error)
	// Clock by which pages grow old.
	Clock clock.PassiveClock
}

// Add has the manager serve the page.
func Add(ctx context.Context, mgr manager.Manager, o Options) error {
	if o.Address == "" || o.Address == "0" {
		return nil
	}
	log := mgr.GetLogger().WithName("report")
	allow, err := filters.WithAuthenticationAndAuthorization(mgr.GetConfig(), mgr.GetHTTPClient())
	if err != nil {
		return fmt.Errorf("asking the API server who may read the page: %w", err)
	}
	allowed, err := allow(log, &pages{collect: o.Collect, clock: o.Clock, log: log})
	if err != nil {
		return fmt.Errorf("asking the API server who may read the page: %w", err)
	}
	handler, err := readOnly(allowed)
	if err != nil {
		return err
	}
	config, err := tlsConfig(mgr, o.CertDir)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Address)
	if err != nil {
		return fmt.Errorf("listening on %s for the page; free it, or choose another --report-bind-address: %w", o.Address, err)
	}
	patience := 10 * time.Second
	return mgr.Add(&manager.Server{
		Name: "report", Listener: tls.NewListener(listener, config), ShutdownTimeout: &patience, Server: &http.Server{
			Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute,
			IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(logr.ToSlogHandler(log), slog.LevelInfo),
		},
	})
}

// tlsConfig follows the certificate in a directory, or makes one for as long as the manager runs.
func tlsConfig(mgr manager.Manager, directory string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	certificate, key := filepath.Join(directory, "tls.crt"), filepath.Join(directory, "tls.key")
	if directory == "" || missing(certificate) && missing(key) {
		pem, keyPEM, err := certutil.GenerateSelfSignedCertKey("localhost", []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, nil)
		if err != nil {
			return nil, fmt.Errorf("making a certificate for the page: %w", err)
		}
		own, err := tls.X509KeyPair(pem, keyPEM)
		if err != nil {
			return nil, fmt.Errorf("making a certificate for the page: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
		return config, nil
	}
	watcher, err := certwatcher.New(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of the page in %s; it needs tls.crt and tls.key: %w", directory, err)
	}
	if err := mgr.Add(watcher); err != nil {
		return nil, fmt.Errorf("following the certificate of the page: %w", err)
	}
	config.GetCertificate = watcher.GetCertificate
	return config, nil
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
