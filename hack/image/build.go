package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// options of a build.
type options struct {
	out, version, goos, goarch, fips string
}

// build compiles the program in the working directory.
func build(ctx context.Context, o options) error {
	// The version stands in one argument of the linker, which a space would cut in two.
	if !regexp.MustCompile(`^[A-Za-z0-9._+-]+$`).MatchString(o.version) {
		return fmt.Errorf("%q is no version; write letters, digits, dots, hyphens and plus signs only, such as v0.1.0", o.version)
	}
	if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
		return fmt.Errorf("cannot write the binary: %w", err)
	}
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid= -X main.version="+o.version, "-o", o.out, ".")
	command.Env = append(os.Environ(), settings(o)...)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("cannot build the binary: %w; the compiler's words are above; run from the root of the repository", err)
	}
	// Who built it, with which umask, is nobody's business who gets it.
	if err := os.Chmod(o.out, 0o755); err != nil {
		return fmt.Errorf("cannot make the binary a program: %w", err)
	}
	return nil
}

// settings are everything of the environment that decides what the compiler makes of the same source. What the caller's environment says of
// these is overruled: who builds with flags of his own must not get another binary under the same version.
func settings(o options) []string {
	return []string{
		"CGO_ENABLED=0", "GOOS=" + o.goos, "GOARCH=" + o.goarch, "GOFIPS140=" + o.fips,
		"GOFLAGS=-mod=readonly", "GOWORK=off", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0",
	}
}
