// Package scale tests the operator with 300 Connectors on simulated pods: what it asks of the API server, counted on the wire, and
// how soon it repairs and serves while the whole fleet changes or a restarted operator looks at all of it for the first time.
package scale

import (
	"context"
	"os"
	"testing"

	"lienthong.gov.vn/connector-operator/test/harness"
)

// authority signs the identities of the fleet.
const authority = "scale-authority"

// shared is what TestMain hands to the test.
var shared struct {
	env *harness.Env
	// anchor is the authority's certificate.
	anchor string
}

func TestMain(m *testing.M) {
	os.Exit(harness.Main(m, "scale", func(ctx context.Context, env *harness.Env) (err error) {
		shared.env = env
		shared.anchor, err = env.Authority(ctx, authority)
		return err
	}))
}
