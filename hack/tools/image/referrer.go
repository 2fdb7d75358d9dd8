package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	// cycloneDX is the type of an SBOM, as tools look for it among the referrers of an image.
	cycloneDX = "application/vnd.cyclonedx+json"
	// emptyConfig is the configuration of an artefact that has none.
	emptyConfig = types.MediaType("application/vnd.oci.empty.v1+json")
)

// attach adds a file of CycloneDX as an artefact whose subject is the image, so that registries list it among the image's referrers.
func (r *result) attach(path string, a about) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("cannot read what is in the image: %w; write it with \"make sbom\"", err)
	}
	var document struct {
		Format string `json:"bomFormat"`
	}
	if err := json.Unmarshal(content, &document); err != nil || document.Format != "CycloneDX" {
		return errors.Join(fmt.Errorf("%s is not CycloneDX in JSON", path), err)
	}
	subject, err := partial.Descriptor(r.subject)
	if err != nil {
		return fmt.Errorf("cannot describe the image: %w", err)
	}
	layer := static.NewLayer(content, cycloneDX)
	described, err := partial.Descriptor(layer)
	if err != nil {
		return fmt.Errorf("cannot describe what is in the image: %w", err)
	}
	described.Annotations = map[string]string{prefix + "title": a.title + ".cdx.json"}
	config := static.NewLayer([]byte("{}"), emptyConfig)
	configuration, err := partial.Descriptor(config)
	if err != nil {
		return fmt.Errorf("cannot describe an empty configuration: %w", err)
	}
	manifest := v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1, ArtifactType: cycloneDX, Config: *configuration,
		Layers:  []v1.Descriptor{*described},
		Subject: &v1.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size},
	}
	if !a.created.IsZero() {
		manifest.Annotations = map[string]string{prefix + "created": a.created.Format(time.RFC3339)}
	}
	image, err := partial.CompressedToImage(artefact{manifest: manifest, layer: layer})
	if err != nil {
		return fmt.Errorf("cannot make an artefact of %s: %w", path, err)
	}
	r.referrers = append(r.referrers, image)
	return nil
}

// artefact is one file in the shape of an image.
type artefact struct {
	manifest v1.Manifest
	layer    v1.Layer
}

// MediaType of the manifest.
func (a artefact) MediaType() (types.MediaType, error) { return a.manifest.MediaType, nil }

// RawManifest is what the digest is taken of.
func (a artefact) RawManifest() ([]byte, error) { return json.Marshal(a.manifest) }

// RawConfigFile is empty: an artefact does not run.
func (a artefact) RawConfigFile() ([]byte, error) { return []byte("{}"), nil }

// LayerByDigest gives the file.
func (a artefact) LayerByDigest(v1.Hash) (partial.CompressedLayer, error) { return a.layer, nil }
