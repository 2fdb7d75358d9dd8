package image

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Names are what an image is called.
type Names struct {
	// Pinned is <repository>@sha256:<digest> as the user writes the repository: what a pod should refer to.
	Pinned string
	// Full are the tag and the digest reference as the container runtime looks them up, with the default registry filled in.
	Full []string
}

// NamesOf puts the digest of the image to the reference that the user gave.
func NamesOf(ref string, digest v1.Hash) (Names, error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return Names{}, fmt.Errorf("--ref %q is not like repository:tag: %w", ref, err)
	}
	if _, pinned := named.(reference.Digested); pinned {
		return Names{}, fmt.Errorf("--ref %q has a digest, which follows from the content: write repository:tag", ref)
	}
	tagged, ok := reference.TagNameOnly(named).(reference.NamedTagged)
	if !ok {
		return Names{}, fmt.Errorf("--ref %q has no tag: write repository:tag", ref)
	}
	repository := strings.TrimSuffix(ref, ":"+tagged.Tag())
	return Names{
		Pinned: repository + "@" + digest.String(),
		Full:   []string{tagged.String(), named.Name() + "@" + digest.String()},
	}, nil
}
