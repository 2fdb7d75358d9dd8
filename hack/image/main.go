// Command image builds the static binary that the image holds.
//
//	go run ./hack/image [-o dist/connector-operator] [-version v] [-os linux] [-arch amd64] [-fips off]
//
// The same source, version and Go release give the same bytes, on any machine and in any directory: no paths, no revision and no
// build identifier of the linker get into the binary, and of the environment nothing that changes what is compiled. It writes one file
// and needs no container engine; the image itself is assembled from it by hack/tools/image, or by the local cluster's load-image.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	var o options
	flags.StringVar(&o.out, "o", "dist/connector-operator", "`file` to write")
	flags.StringVar(&o.version, "version", "dev", "what the binary says of itself")
	flags.StringVar(&o.goos, "os", "linux", "operating system that the binary is for")
	flags.StringVar(&o.goarch, "arch", runtime.GOARCH, "architecture that the binary is for")
	flags.StringVar(&o.fips, "fips", "off", "`version` of Go's cryptographic module to build in and to run in its FIPS 140 mode: certified, "+
		"inprocess, or one that the Go release ships, such as v1.0.0-c2097c7c; off builds in that of the Go release, in its ordinary mode")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := build(ctx, o); err != nil {
		return err
	}
	digest, err := digestOf(o.out)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s sha256:%x\n", o.out, digest)
	return err
}

func digestOf(path string) (digest []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read what was built: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return nil, fmt.Errorf("cannot read what was built: %w", err)
	}
	return hash.Sum(nil), nil
}
