// Command image assembles a container image from static binaries, without a container engine: one layer with one file, run as a user
// without rights. The same binary and labels give the same digest.
//
//	image -binary dist/connector-operator -ref registry.example/connector-operator:v1 [-o image.tar] [-push]
//	image -binary linux/amd64=a -binary linux/arm64=b -ref registry.example/connector-operator:v1 [-sbom a.cdx.json] …
//
// Several platforms make an index of images. It writes an archive in the OCI layout, which containerd, skopeo and the local cluster read,
// or sends the image to its registry with the logins of ~/.docker/config.json. It prints the reference by digest, which is what a
// ConnectorClass takes. It keeps no state: an interrupted run is repeated.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// options of an image.
type options struct {
	binaries       binaries
	ref, out, sbom string
	push           bool
	about          about
}

func main() {
	o, err := parse(os.Args[1:], os.Getenv("SOURCE_DATE_EPOCH"))
	if err == nil {
		err = run(o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

func parse(args []string, epoch string) (options, error) {
	var o options
	flags := flag.NewFlagSet("image", flag.ExitOnError)
	flags.Var(&o.binaries, "binary", "static `program` to make the image from; with its platform in front, as linux/arm64=program, it may be given several times")
	flags.StringVar(&o.ref, "ref", "", "what the image is called: `repository:tag`")
	flags.StringVar(&o.out, "o", "", "archive to write, in the OCI layout")
	flags.StringVar(&o.sbom, "sbom", "", "`file` in CycloneDX's JSON that tells what is in the image, to go with it as its referrer")
	flags.BoolVar(&o.push, "push", false, "send the image to its registry")
	flags.StringVar(&o.about.description, "description", "", "one sentence that says what the program is for")
	flags.StringVar(&o.about.version, "version", "", "version that the labels tell")
	flags.StringVar(&o.about.revision, "revision", "", "revision of the source that the labels tell")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	created, err := parseEpoch(epoch)
	o.about.created = created
	return o, err
}

func run(o options, out io.Writer) error {
	ref, err := name.NewTag(o.ref, name.WithDefaultTag("latest"))
	if err != nil {
		return fmt.Errorf("cannot name the image: %w; give -ref <repository>:<tag>", err)
	}
	o.about.title = ref.RepositoryStr()[strings.LastIndex(ref.RepositoryStr(), "/")+1:]
	made, err := assemble(o.binaries, o.about)
	if err != nil {
		return err
	}
	if o.sbom != "" {
		if err := made.attach(o.sbom, o.about); err != nil {
			return err
		}
	}
	if o.out != "" {
		if err := writeArchive(o.out, made, ref.Name()); err != nil {
			return err
		}
	}
	if o.push {
		if err := send(ref, made); err != nil {
			return fmt.Errorf("cannot send the image to %s: %w", ref.RegistryStr(), err)
		}
	}
	digest, err := made.subject.Digest()
	if err != nil {
		return fmt.Errorf("cannot compute the digest: %w", err)
	}
	_, err = fmt.Fprintln(out, ref.Context().Digest(digest.String()))
	return err
}

// binaries are the programs by platform.
type binaries []binary

type binary struct {
	goos, goarch, path string
}

func (b *binaries) String() string { return "" }

// Set adds one program.
func (b *binaries) Set(text string) error {
	platform, path, named := strings.Cut(text, "=")
	if !named {
		*b = append(*b, binary{goos: "linux", goarch: runtime.GOARCH, path: text})
		return nil
	}
	goos, goarch, slash := strings.Cut(platform, "/")
	if !slash || goos == "" || goarch == "" || path == "" {
		return fmt.Errorf("%q names no program; write linux/<architecture>=<file>", text)
	}
	*b = append(*b, binary{goos: goos, goarch: goarch, path: path})
	return nil
}
