package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway"
	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
)

// sendOnLoopback runs what simulated pods cannot: two gateways, the hub and the receiving system, each on loopback sockets of
// this process, with the certificates, the trust bundle and the configuration that are in the cluster. Only addresses differ.
func (s *Stage) sendOnLoopback(ctx context.Context, from, to string, document agencyserver.Document) (answer []byte, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dir, err := os.MkdirTemp("", "lienthong-loopback-")
	if err != nil {
		return nil, fmt.Errorf("making a directory for identities: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	backend := httptest.NewServer(agencyserver.New(1).Handler())
	defer backend.Close()
	receiver, err := s.loopbackGateway(ctx, filepath.Join(dir, to), to, backend.URL, "https://127.0.0.1:1")
	if err != nil {
		return nil, err
	}
	hub, err := s.loopbackHub(ctx, filepath.Join(dir, "hub"), to, "https://"+receiver.Inbound.String())
	if err != nil {
		return nil, err
	}
	defer hub.Close()
	sender, err := s.loopbackGateway(ctx, filepath.Join(dir, from), from, backend.URL, "https://"+hub.Addr())
	if err != nil {
		return nil, err
	}
	status, body, err := agencyserver.Send(ctx, http.DefaultClient, "http://"+sender.Outbound.String(), document)
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("the answer has status %d: %s", status, body)
	}
	return body, err
}

// loopbackGateway runs the gateway of the Connector that is named like its namespace, until the context ends.
func (s *Stage) loopbackGateway(ctx context.Context, dir, name, backend, hub string) (gateway.Addresses, error) {
	var none gateway.Addresses
	if err := s.writeIdentity(ctx, name, desired.SecretName(name), filepath.Join(dir, "identity")); err != nil {
		return none, err
	}
	var configMap corev1.ConfigMap
	if err := s.Client.Get(ctx, types.NamespacedName{Namespace: name, Name: desired.GatewayName(name)}, &configMap); err != nil {
		return none, fmt.Errorf("reading the configuration of %s: %w", name, err)
	}
	c, err := config.Parse([]byte(configMap.Data[desired.ConfigKey]))
	if err != nil {
		return none, err
	}
	const anyPort = "127.0.0.1:0"
	c.Inbound.Listen, c.Outbound.Listen, c.Status.Listen, c.Probes.Listen = anyPort, anyPort, anyPort, anyPort
	c.Inbound.Backend.URL = backend
	for i := range c.Outbound.Endpoints {
		c.Outbound.Endpoints[i].URL = hub
	}
	c.Drain.Delay.Duration = 0
	rendered, err := config.Marshal(c)
	if err != nil {
		return none, err
	}
	files := map[string][]byte{desired.ConfigKey: rendered, desired.TrustKey: []byte(configMap.Data[desired.TrustKey])}
	if err := writeFiles(filepath.Join(dir, "config"), files); err != nil {
		return none, err
	}
	listening, done := make(chan gateway.Addresses, 1), make(chan error, 1)
	go func() {
		done <- gateway.Run(ctx, gateway.Options{
			ConfigDir: filepath.Join(dir, "config"), IdentityDir: filepath.Join(dir, "identity"),
			Log: logr.Discard(), RequestLog: io.Discard, OnListening: func(a gateway.Addresses) { listening <- a },
		})
	}()
	select {
	case addresses := <-listening:
		return addresses, nil
	case err := <-done:
		return none, fmt.Errorf("the gateway of %s does not start: %w", name, err)
	}
}

func (s *Stage) loopbackHub(ctx context.Context, dir, to, receiver string) (*hubserver.Hub, error) {
	if err := s.writeIdentity(ctx, HubNamespace, "hub-identity", dir); err != nil {
		return nil, err
	}
	connectors, err := s.sampleConnectors()
	if err != nil {
		return nil, err
	}
	known := routesOf(connectors)[codeOf(to)]
	routes, err := yaml.Marshal(map[string]route{codeOf(to): {URL: receiver, SPIFFEID: known.SPIFFEID}})
	if err != nil {
		return nil, fmt.Errorf("writing the hub's route table: %w", err)
	}
	var trust corev1.ConfigMap
	if err := s.Client.Get(ctx, types.NamespacedName{Namespace: HubNamespace, Name: trustName}, &trust); err != nil {
		return nil, fmt.Errorf("reading whom the hub trusts: %w", err)
	}
	if err := writeFiles(dir, map[string][]byte{"ca.crt": []byte(trust.Data[desired.TrustKey]), "routes.yaml": routes}); err != nil {
		return nil, err
	}
	return hubserver.Start(hubserver.Options{
		Listen: net.JoinHostPort("127.0.0.1", "0"), IdentityDir: dir,
		TrustFile: filepath.Join(dir, "ca.crt"), RoutesFile: filepath.Join(dir, "routes.yaml"), ErrorLog: log.New(io.Discard, "", 0),
	})
}

func writeFiles(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}
