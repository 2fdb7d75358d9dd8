// Command hub is the stand-in for the national document exchange hub: see the package hubserver. It is one static binary.
//
//	hub -listen :9443 -identity /identity -trust /trust/trust.pem -revocations /trust/revocations.json \
//	  -routes /routes/routes.yaml -admin 127.0.0.1:9080
//
// The route table is YAML, agency code to connector:
//
//	G12: {url: "https://g12-main.g12.svc:8443", spiffeID: "spiffe://example.gov.vn/agency/G12/connector/g12/main"}
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	flags := flag.NewFlagSet("hub", flag.ContinueOnError)
	opts := hubserver.Options{ErrorLog: log.New(os.Stderr, "", log.LstdFlags)}
	flags.StringVar(&opts.Listen, "listen", ":9443", "address of the mTLS listener")
	flags.StringVar(&opts.IdentityDir, "identity", "/var/run/hub/identity", "directory with tls.crt and tls.key; read anew at every handshake")
	flags.StringVar(&opts.TrustFile, "trust", "/etc/hub/trust.pem", "PEM file with the trust anchors of connectors; read anew at every handshake")
	flags.StringVar(&opts.RevocationsFile, "revocations", "",
		"JSON file of the certificates that are revoked, as the operator publishes it; read anew at every handshake; without it none is")
	flags.StringVar(&opts.RoutesFile, "routes", "", "YAML file of agency code to url and spiffeID; without it nothing is pushed")
	admin := flags.String("admin", "127.0.0.1:9080", "address of the plain HTTP port that takes POST /mode/{normal|refuse|stall|vanish} and tells GET /refused")
	if err := flags.Parse(args); err != nil {
		return err
	}
	hub, err := hubserver.Start(opts)
	if err != nil {
		return err
	}
	defer hub.Close()
	opts.ErrorLog.Printf("The hub listens on %s.", hub.Addr())
	server := &http.Server{Addr: *admin, Handler: hub.Admin(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the admin port %s cannot be served; choose another with -admin: %w", *admin, err)
	}
	return nil
}
