package milestonerecord

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	// maxName is how long the name of an object may be.
	maxName = 253
	// hashLength is how many characters of the digest end a name that had to be shortened.
	hashLength = 16
)

// Name of the record of an agency that met a milestone of a plan: the three names, with dots between them. Where that is too long, or could be read
// in two ways because a name has dots of its own, a digest of the three ends it.
func Name(plan, milestone, agency string) string {
	name := strings.Join([]string{plan, milestone, agency}, ".")
	if len(name) <= maxName && strings.Count(name, ".") == 2 {
		return name
	}
	digest := sha256.Sum256([]byte(strings.Join([]string{plan, milestone, agency}, "/")))
	if room := maxName - hashLength - 1; len(name) > room {
		name = strings.TrimRight(name[:room], "-.")
	}
	return name + "." + hex.EncodeToString(digest[:])[:hashLength]
}
