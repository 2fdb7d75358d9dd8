package main

import (
	"fmt"
	"strconv"
	"time"
)

const (
	prefix = "org.opencontainers.image."
	// source is where the project lives; it is the path of its Go module.
	source   = "https://lienthong.gov.vn/connector-operator"
	licenses = "Apache-2.0"
)

// about is what an image says of itself. It is part of the digest.
type about struct {
	title, description, version, revision string
	// created is when the source was last changed, or zero: the time of the build would give every build another digest.
	created time.Time
}

// labels are those of the OCI image specification that there is something to say for.
func (a about) labels() map[string]string {
	labels := map[string]string{prefix + "licenses": licenses, prefix + "source": source}
	for key, value := range map[string]string{
		"title": a.title, "description": a.description, "version": a.version, "revision": a.revision,
	} {
		if value != "" {
			labels[prefix+key] = value
		}
	}
	if !a.created.IsZero() {
		labels[prefix+"created"] = a.created.Format(time.RFC3339)
	}
	return labels
}

// parseEpoch reads SOURCE_DATE_EPOCH, as https://reproducible-builds.org/specs/source-date-epoch defines it.
func parseEpoch(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q; it is to be a number of seconds since 1970", text)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
