package connector

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"lienthong.gov.vn/connector-operator/controllers/delivery"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// expected is what every pod should say it has in use: what the operator, and the issuer, last handed out.
type expected struct {
	leaf                       *delivery.Leaf
	trust, config, revocations string
	// since is when all of this was first expected.
	since time.Time
}

// metBy tells whether a gateway has all of it in use.
func (e *expected) metBy(report *status.Report) bool {
	return e.leaf != nil && e.leaf.ServedBy(report) && report.TrustDigest == e.trust && report.ConfigDigest == e.config &&
		report.RevocationDigest == e.revocations
}

// mark is a short name for all of it.
func (e *expected) mark() string {
	leaf := ""
	if e.leaf != nil {
		leaf = e.leaf.Serial + e.leaf.NotAfter.UTC().Format(time.RFC3339)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{leaf, e.trust, e.config, e.revocations}, "\n")))
	return hex.EncodeToString(sum[:8])
}
