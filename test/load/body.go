package load

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
)

// documents makes the bodies, and remembers the digest of each so that it is computed once.
type documents struct {
	mu      sync.Mutex
	digests map[string]string
}

func newDocuments() *documents { return &documents{digests: map[string]string{}} }

// document is from the target's agency, or, inbound, from the hub to the agency.
func document(to Target, size int64) agencyserver.Document {
	if to.From == "" {
		return agencyserver.Document{From: "HUB", To: []string{"AGENCY"}, Bytes: size}
	}
	return agencyserver.Document{From: to.From, To: []string{to.To}, Bytes: size}
}

func (d *documents) digest(of agencyserver.Document) (string, error) {
	key := fmt.Sprint(of)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.digests[key] == "" {
		sum := sha256.New()
		if _, err := io.Copy(sum, of.Reader()); err != nil {
			return "", fmt.Errorf("computing the digest of a document: %w", err)
		}
		d.digests[key] = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	}
	return d.digests[key], nil
}
