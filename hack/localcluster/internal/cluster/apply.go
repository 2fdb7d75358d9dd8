package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"time"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/build"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/config"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/kube"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/manifests"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// apply gives a new cluster the objects it starts with. It does nothing if the same were applied before, so that what the
// user changed or deleted since then stays so; where the tool has new ones, fields that somebody else set are kept.
func (t *Tool) apply(ctx context.Context, s *state.State) error {
	objects, digest, err := t.objects(s.Mode)
	if err != nil || digest == s.Applied {
		return err
	}
	client, err := config.AdminClient(t.Cluster, s)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := t.applyOne(ctx, client, o); err != nil {
			return err
		}
	}
	if err := waitEstablished(ctx, client, objects); err != nil {
		return err
	}
	t.report("applied %d objects", len(objects))
	s.Applied = digest
	return s.Save(t.State())
}

// applyOne waits for the namespace of an object, should it be one that the API server is just making for itself.
func (t *Tool) applyOne(ctx context.Context, client *kube.Client, o kube.Object) error {
	if ns := o.Metadata.Namespace; ns != "" {
		if err := eventually(ctx, func() error { return client.Get(ctx, "/api/v1/namespaces/"+ns, nil) }); err != nil {
			return fmt.Errorf("wait for the namespace of the %s: %w", o, err)
		}
	}
	kept, err := client.Apply(ctx, o)
	if kept {
		t.report("the %s was changed by somebody else and is kept as it is", o)
	}
	return err
}

// objects reads all manifests for a mode, in order, and sums them up.
func (t *Tool) objects(mode state.Mode) ([]kube.Object, string, error) {
	var all []kube.Object
	sum := sha256.New()
	for _, name := range slices.Concat(build.Assets(), manifests.Names(mode)) {
		raw, err := t.manifest(name)
		if err != nil {
			return nil, "", err
		}
		objects, err := kube.Decode(name, raw)
		if err != nil {
			return nil, "", err
		}
		sum.Write(raw)
		all = append(all, objects...)
	}
	return all, hex.EncodeToString(sum.Sum(nil)), nil
}

func (t *Tool) manifest(name string) ([]byte, error) {
	if !slices.Contains(build.Assets(), name) {
		return manifests.Read(name)
	}
	raw, err := os.ReadFile(t.Asset(name))
	if err != nil {
		return nil, fmt.Errorf("read the manifests of cert-manager: %w", err)
	}
	return raw, nil
}

// waitEstablished waits until the API server serves the resources that were just defined.
func waitEstablished(ctx context.Context, client *kube.Client, objects []kube.Object) error {
	for _, o := range objects {
		if o.Kind != "CustomResourceDefinition" {
			continue
		}
		path, err := o.Path()
		if err != nil {
			return err
		}
		if err := eventually(ctx, func() error { return client.HasCondition(ctx, path, "Established") }); err != nil {
			return fmt.Errorf("the API server does not serve the %s: %w", o, err)
		}
	}
	return nil
}

// eventually tries until there is no error, or returns the last one.
func eventually(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(probeInterval):
		}
	}
}
