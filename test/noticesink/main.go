// Command noticesink is a stand-in for the system of a focal point: it receives notices, verifies them and prints them.
//
//	noticesink -listen :8443 -identity /identity -trust anchors.pem -operator spiffe://lienthong.gov.vn/operator -record /tmp/notices
//
// With -record it leaves four files for each event, by which openssl can verify it once more: <n>.json the event, <n>.base the text that was
// signed, <n>.sig the signature and <n>.pem the certificate of the signer.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"lienthong.gov.vn/connector-operator/test/noticesink/receiver"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("noticesink", flag.ContinueOnError)
	listen := flags.String("listen", ":8443", "address of the listener")
	identity := flags.String("identity", "", "directory with tls.crt and tls.key of the sink")
	trust := flags.String("trust", "", "PEM file with the trust anchors of the hub")
	operator := flags.String("operator", "", "SPIFFE ID of the operator")
	record := flags.String("record", "", "directory for the events and the proofs of them; without it they are only printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	anchors, err := os.ReadFile(*trust)
	if err != nil {
		return fmt.Errorf("reading the trust anchors; name them with -trust: %w", err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(anchors) {
		return fmt.Errorf("there is no certificate in %s", *trust)
	}
	sink := &receiver.Receiver{Authorities: authorities, Operator: *operator, Now: time.Now, Taken: func(e receiver.Event, p receiver.Proof) error {
		fmt.Printf("%s %s %s %s\n", e.Time.Format(time.RFC3339), e.Type, e.Subject, e.Data)
		if *record == "" {
			return nil
		}
		return keep(*record, e, p)
	}}
	server := &http.Server{
		Addr: *listen, Handler: sink, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	err = server.ListenAndServeTLS(filepath.Join(*identity, "tls.crt"), filepath.Join(*identity, "tls.key"))
	return fmt.Errorf("listening at %s: %w", *listen, err)
}

// keep writes what openssl needs.
func keep(dir string, e receiver.Event, p receiver.Proof) error {
	signature, err := p.ForOpenSSL()
	if err != nil {
		return err
	}
	name := filepath.Join(dir, filepath.Base(e.ID))
	write := func(ending string, data []byte) error { return os.WriteFile(name+ending, data, 0o600) }
	return errors.Join(
		write(".json", e.Data), write(".base", p.Base), write(".sig", signature),
		write(".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Leaf.Raw})),
	)
}
