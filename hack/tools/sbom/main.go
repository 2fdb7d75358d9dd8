// Command sbom tells what a binary consists of, in CycloneDX's JSON: every module with its version, digest and licence. It fails if a licence is not
// permissive or not known, so that a dependency with other obligations is found before a release and not after.
//
//	sbom [-version v] [-o dist/connector-operator.cdx.json] <binary>...
//
// The work is done by cyclonedx-gomod, which this module pins. What it cannot know is added, what differs from build to build is taken out, and what it
// takes for another licence is put right from licences.yaml. Several binaries must consist of the same modules, as those of an image for several
// platforms do. It is run with `go -C hack/tools/sbom run .`, after the binaries were built on the same machine, because the licences are read from
// the cache of modules. The same binaries give the same file.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	version := flag.String("version", "dev", "version of the binaries")
	out := flag.String("o", "connector-operator.cdx.json", "`file` to write")
	flag.Parse()
	if err := run(context.Background(), *version, *out, os.Getenv("SOURCE_DATE_EPOCH"), flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "sbom: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, version, out, epoch string, binaries []string) error {
	if len(binaries) == 0 {
		return errors.New("there is no binary to look into; build one with \"make build\" and name it")
	}
	created, err := parseEpoch(epoch)
	if err != nil {
		return err
	}
	known, err := readLicences()
	if err != nil {
		return err
	}
	if err := sameModules(binaries); err != nil {
		return err
	}
	document, err := inspect(ctx, version, binaries[0])
	if err != nil {
		return err
	}
	if err := complete(document, binaries, created, known); err != nil {
		return err
	}
	if err := errors.Join(checkModules(document, binaries[0]), known.check(document)); err != nil {
		return err
	}
	var text bytes.Buffer
	encoder := cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON)
	encoder.SetPretty(true)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("cannot write the document: %w", err)
	}
	if err := os.WriteFile(out, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("cannot write the document: %w", err)
	}
	fmt.Printf("%s: %d modules, all of them under permissive licences\n", out, len(*document.Components))
	return nil
}

// inspect has cyclonedx-gomod look into a binary. It finds all modules in the cache, where the build has put them; the main module, for which it would
// ask the network, it does not.
func inspect(ctx context.Context, version, binary string) (*cdx.BOM, error) {
	command := exec.CommandContext(ctx, "go", "tool", "cyclonedx-gomod", "bin", "-json", "-licenses", "-assert-licenses", "-noserial", "-notimestamp",
		"-short-purls", "-std", "-version", version, binary)
	command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod")
	var text, said bytes.Buffer
	command.Stdout, command.Stderr = &text, &said
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("cannot look into %s: %w\n%s", binary, err, said.String())
	}
	document := &cdx.BOM{}
	if err := cdx.NewBOMDecoder(&text, cdx.BOMFileFormatJSON).Decode(document); err != nil {
		return nil, fmt.Errorf("cannot read what cyclonedx-gomod says of %s: %w", binary, err)
	}
	return document, nil
}

// parseEpoch reads SOURCE_DATE_EPOCH, as https://reproducible-builds.org/specs/source-date-epoch defines it.
func parseEpoch(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	var seconds int64
	if _, err := fmt.Sscanf(text, "%d", &seconds); err != nil || seconds < 0 {
		return "", fmt.Errorf("SOURCE_DATE_EPOCH is %q; it is to be a number of seconds since 1970", text)
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339), nil
}
