package config

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/manifests"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

//go:embed kwok.yaml
var kwokStages []byte

func (b *builder) kwok() Component {
	c := b.component("kwok")
	b.withKubeconfig(&c, "--kubeconfig")
	port := b.s.Port(state.PortKwok)
	c.Args = append(c.Args,
		"--config="+b.file(&c, "kwok.yaml", kwokStages),
		"--manage-nodes-with-label-selector="+manifests.SimulatedNodeLabel,
		"--node-lease-duration-seconds=40",
		"--server-address="+hostPort(loopback, port),
	)
	healthy := plain(port, "/healthz")
	c.Ready = func(ctx context.Context) error {
		if err := healthy(ctx); err != nil {
			return err
		}
		client, err := AdminClient(b.l, b.s)
		if err != nil {
			return err
		}
		var notReady []error
		for i := range manifests.SimulatedNodes {
			notReady = append(notReady, client.HasCondition(ctx, fmt.Sprintf("/api/v1/nodes/lienthong-sim-%d", i), "Ready"))
		}
		return errors.Join(notReady...)
	}
	return c
}
