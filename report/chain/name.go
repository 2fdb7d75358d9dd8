package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// maxName is how long the name of an object may be.
const maxName = 253

// Name is the name of the report at a position of a plan's chain. It depends on nothing else, so that of two writers of one position only
// one succeeds. The name of a plan that is too long to stand in it is cut, and told apart by its digest.
func Name(plan string, sequence int64) string {
	position := fmt.Sprintf("-%06d", sequence)
	if len(plan)+len(position) <= maxName {
		return plan + position
	}
	sum := sha256.Sum256([]byte(plan))
	mark := "-" + hex.EncodeToString(sum[:])[:10]
	cut := plan[:maxName-len(position)-len(mark)]
	return strings.TrimRight(cut, "-.") + mark + position
}
