// Command agencysystem is the stand-in for an agency's document management system: see the package agencyserver. It is one
// static binary with two uses:
//
//	agencysystem serve -listen :8000 -keep 100
//	agencysystem send -gateway http://127.0.0.1:8080 -from G12 -to G22,H29 -bytes 1048576
//
// serve answers POST /v1/inbox with {digest, bytes} and GET /v1/received with the last documents. send prints the hub's
// answer, and its exit code is 1 unless the hub took the document and every addressee's backend reported its digest.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
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
	switch {
	case len(args) > 0 && args[0] == "serve":
		return serve(ctx, args[1:])
	case len(args) > 0 && args[0] == "send":
		return send(ctx, args[1:])
	}
	return errors.New("say what to do: agencysystem serve, or agencysystem send; -h after it lists the flags")
}

func serve(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	listen := flags.String("listen", ":8000", "address of the plain HTTP listener")
	keep := flags.Int("keep", 100, "how many documents to remember")
	if err := flags.Parse(args); err != nil {
		return err
	}
	server := &http.Server{Addr: *listen, Handler: agencyserver.New(*keep).Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the address %s cannot be served; choose another with -listen: %w", *listen, err)
	}
	return nil
}

func send(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("send", flag.ContinueOnError)
	gateway := flags.String("gateway", "http://127.0.0.1:8080", "URL of the gateway's outbound listener")
	from := flags.String("from", "", "code of the sending agency, such as G12 or 000.00.00.G12")
	to := flags.String("to", "", "codes of the addressees, with commas between them")
	size := flags.Int64("bytes", 1024, "size of the attachment")
	timeout := flags.Duration("timeout", time.Minute, "how long to wait")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	document := agencyserver.Document{From: *from, To: strings.Split(*to, ","), Bytes: *size}
	status, body, err := agencyserver.Send(ctx, http.DefaultClient, *gateway, document)
	if err != nil {
		return err
	}
	fmt.Println(strings.TrimSpace(string(body)))
	return verdict(status, body)
}

// verdict checks what the hub tells of the delivery.
func verdict(status int, body []byte) error {
	if status != http.StatusAccepted {
		return fmt.Errorf("the document was not taken: the answer has status %d", status)
	}
	var answer struct {
		Digest string
		Pushes []struct{ To, Digest, Error string }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("the hub's answer is not the expected JSON: %w", err)
	}
	for _, push := range answer.Pushes {
		if push.Digest != answer.Digest {
			return fmt.Errorf("the document did not reach %s unchanged: %s", push.To, push.Error)
		}
	}
	return nil
}
