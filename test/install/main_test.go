//go:build e2e

package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	_ "time/tzdata" // Evidence has civil dates in a named zone.

	"lienthong.gov.vn/connector-operator/hack/manifests"
	"lienthong.gov.vn/connector-operator/hack/stage"
	"lienthong.gov.vn/connector-operator/test/e2e/suite"
)

// definitionsFile has cert-manager's definitions, as the local cluster found them in the release that its controllers are built from.
const definitionsFile = ".local/bin/assets/cert-manager-crds.yaml"

// shared is what TestMain hands to the test.
var shared struct{ stage *stage.Stage }

func TestMain(m *testing.M) {
	os.Exit(suite.Run(m, "install", prepare))
}

func prepare(ctx context.Context, options stage.Options) error {
	if options.Kubeconfig != "" {
		return errors.New("this suite removes and installs definitions of cert-manager and the operator, so it runs on a local cluster only; unset KUBECONFIG")
	}
	s, err := stage.New(ctx, options)
	if err != nil {
		return err
	}
	shared.stage = s
	return withoutDefinitions(ctx, s)
}

// withoutDefinitions takes cert-manager's definitions out of the cluster, because the test installs them with helm.
func withoutDefinitions(ctx context.Context, s *stage.Stage) error {
	definitions, err := manifests.ReadFiles(filepath.Join(s.Root, definitionsFile))
	if err != nil {
		return err
	}
	for _, definition := range definitions {
		if err := s.Client.Delete(ctx, definition); err != nil {
			return fmt.Errorf("removing the definition %s: %w", definition.GetName(), err)
		}
	}
	return nil
}
