package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"os"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// complete adds what cyclonedx-gomod does not know, and takes out what would differ from build to build.
func complete(document *cdx.BOM, binaries []string, created string, known *licences) error {
	digest := sha256.New()
	properties := []cdx.Property{}
	for _, binary := range binaries {
		content, err := os.ReadFile(binary)
		if err != nil {
			return fmt.Errorf("cannot read the binary: %w", err)
		}
		info, err := buildinfo.ReadFile(binary)
		if err != nil {
			return fmt.Errorf("cannot read how %s was built: %w", binary, err)
		}
		sum := sha256.Sum256(content)
		digest.Write(sum[:])
		platform := setting(info, "GOOS") + "/" + setting(info, "GOARCH")
		properties = append(properties, cdx.Property{Name: "lienthong:binary:" + platform + ":SHA-256", Value: fmt.Sprintf("%x", sum)})
	}
	// The binaries name the document: a UUID of the version that is left to the application.
	id := digest.Sum(nil)
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	document.SerialNumber = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
	document.Metadata.Timestamp = created
	document.Metadata.Properties = &properties
	// The tool is built where it is used, and has another digest each time.
	for n := range *document.Metadata.Tools.Tools {
		(*document.Metadata.Tools.Tools)[n].Hashes = nil
	}
	known.correct(document.Metadata.Component)
	for n := range *document.Components {
		known.correct(&(*document.Components)[n])
	}
	return nil
}

func setting(info *buildinfo.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// modules of a binary, with their versions; one that was replaced counts as what took its place.
func modules(binary string) ([]string, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("cannot read how %s was built: %w", binary, err)
	}
	of := []string{"std@" + info.GoVersion}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		of = append(of, module.Path+"@"+module.Version)
	}
	slices.Sort(of)
	return of, nil
}

// sameModules refuses binaries of which one document would not be true.
func sameModules(binaries []string) error {
	first, err := modules(binaries[0])
	if err != nil {
		return err
	}
	for _, binary := range binaries[1:] {
		other, err := modules(binary)
		if err != nil {
			return err
		}
		if !slices.Equal(first, other) {
			differ := slices.DeleteFunc(append(slices.Clone(first), other...), func(m string) bool { return slices.Contains(first, m) && slices.Contains(other, m) })
			return fmt.Errorf("%s and %s do not consist of the same modules (%s); write a document for each", binaries[0], binary, strings.Join(differ, ", "))
		}
	}
	return nil
}

// checkModules holds the document against the binary: it is worth nothing if it leaves something out.
func checkModules(document *cdx.BOM, binary string) error {
	want, err := modules(binary)
	if err != nil {
		return err
	}
	var got []string
	for _, component := range *document.Components {
		got = append(got, component.Name+"@"+component.Version)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		return fmt.Errorf("%s consists of\n  %s\nand the document tells of\n  %s", binary, strings.Join(want, "\n  "), strings.Join(got, "\n  "))
	}
	return nil
}
