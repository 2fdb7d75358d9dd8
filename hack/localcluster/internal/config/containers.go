package config

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"text/template"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/node"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// PauseImage holds the namespaces of a pod. It is made here from the program in ../../pause.
const PauseImage = "localcluster.lienthong.gov.vn/pause:1"

const (
	clusterDomain = "cluster.local"
	// maxPods is above the kubelet's default of 110, because a demonstration shows many agencies on one node.
	maxPods = 250
)

var containerdConfig = template.Must(template.New("containerd").Parse(`version = 2
root = {{ printf "%q" .Root }}
state = {{ printf "%q" .State }}
# Not used here, and some of them write to places outside of root and state.
disabled_plugins = [
  "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
  address = {{ printf "%q" .Socket }}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = {{ printf "%q" .PauseImage }}
  # Without CAP_SYS_RESOURCE a process may not make itself, or a container, less likely to be killed.
  restrict_oom_score_adj = {{ .RestrictOOM }}
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = {{ printf "%q" .CNIBin }}
    conf_dir = {{ printf "%q" .CNIConf }}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = {{ printf "%q" .RuncRoot }}
        SystemdCgroup = false
`))

func (b *builder) containerd() Component {
	c := b.component("containerd")
	cniDir := b.l.Config("cni")
	var config bytes.Buffer
	if err := containerdConfig.Execute(&config, map[string]any{
		"Root":        b.below("containerd", "root"),
		"State":       b.below("containerd", "state"),
		"RuncRoot":    b.below("containerd", "runc"),
		"Socket":      b.l.ContainerdSocket(),
		"PauseImage":  PauseImage,
		"RestrictOOM": !node.MayRaisePriority(),
		"CNIBin":      node.CNIBinDir(),
		"CNIConf":     cniDir,
	}); err != nil && b.err == nil {
		b.err = fmt.Errorf("render the configuration of containerd: %w", err)
	}
	c.Path = node.LookPath("containerd")
	c.Args = []string{"--config", b.file(&c, "containerd.toml", config.Bytes())}
	b.file(&c, filepath.Join("cni", "10-bridge.conflist"), b.render(b.cniConfig()))
	c.Ready = func(ctx context.Context) error { return node.ContainerdReady(ctx, b.l) }
	return c
}

// cniConfig puts all pods on one bridge. The bridge exists already, with the same address, because the API server listens on it.
func (b *builder) cniConfig() map[string]any {
	return map[string]any{
		"cniVersion": "0.4.0",
		"name":       node.CNINetwork(b.l),
		"plugins": []any{map[string]any{
			"type":        "bridge",
			"bridge":      b.s.Bridge,
			"isGateway":   true,
			"hairpinMode": true, // a pod may reach itself through its Service
			"ipam": map[string]any{
				"type":    "host-local",
				"dataDir": b.below("cni"),
				"ranges":  []any{[]any{map[string]any{"subnet": b.s.PodCIDR}}},
				"routes":  []any{map[string]any{"dst": "0.0.0.0/0"}},
			},
		}},
	}
}

func (b *builder) kubelet() Component {
	c := b.component("kubelet")
	b.withKubeconfig(&c, "--kubeconfig")
	c.Args = append(c.Args,
		"--config="+b.file(&c, "kubelet.json", b.render(b.kubeletConfig(&c))),
		"--hostname-override="+b.l.NodeName(),
		"--node-ip="+b.s.Address,
		"--root-dir="+b.l.Data("kubelet"),
		"--cert-dir="+b.below("kubelet", "pki"),
		"--node-labels=topology.kubernetes.io/region=local,topology.kubernetes.io/zone=a",
	)
	healthy := plain(b.s.Port(state.PortKubeletHealth), "/healthz")
	c.Ready = func(ctx context.Context) error {
		if err := healthy(ctx); err != nil {
			return err
		}
		client, err := AdminClient(b.l, b.s)
		if err != nil {
			return err
		}
		return client.HasCondition(ctx, "/api/v1/nodes/"+b.l.NodeName(), "Ready")
	}
	return c
}

func (b *builder) kubeletConfig(c *Component) map[string]any {
	// Without the search domains of the machine: they would send every short name a pod asks for to the outside.
	resolv := b.file(c, "resolv.conf", fmt.Appendf(nil, "nameserver %s\n", b.s.Address))
	return map[string]any{
		"apiVersion":               "kubelet.config.k8s.io/v1beta1",
		"kind":                     "KubeletConfiguration",
		"address":                  b.s.Address,
		"port":                     b.s.Port(state.PortKubelet),
		"healthzBindAddress":       loopback,
		"healthzPort":              b.s.Port(state.PortKubeletHealth),
		"authentication":           map[string]any{"x509": map[string]any{"clientCAFile": b.pki(c, "ca.crt")}},
		"tlsCertFile":              b.pki(c, "kubelet-server.crt"),
		"tlsPrivateKeyFile":        b.pki(c, "kubelet-server.key"),
		"containerRuntimeEndpoint": "unix://" + b.l.ContainerdSocket(),
		"cgroupDriver":             "cgroupfs",
		"cgroupRoot":               b.l.CgroupRoot(),
		"failCgroupV1":             false,
		"failSwapOn":               false,
		"clusterDNS":               []string{b.s.Address},
		"clusterDomain":            clusterDomain,
		"resolvConf":               resolv,
		"maxPods":                  maxPods,
		"podLogsDir":               b.below("kubelet", "pod-logs"),
		"volumePluginDir":          b.below("kubelet", "volume-plugins"),
		// kube-proxy writes all rules that are needed; what the kubelet adds is for older versions of it.
		"makeIPTablesUtilChains": false,
		"oomScoreAdj":            0,
		"serializeImagePulls":    false,
		// The disk is that of a developer: that it is rather full must not evict pods, and an image that was loaded by hand
		// comes from nowhere else and must not be collected.
		"imageGCHighThresholdPercent": 100,
		"evictionHard":                map[string]any{"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
	}
}

func (b *builder) kubeProxy() Component {
	c := b.component("kube-proxy")
	name, _ := b.kubeconfig(c.Name)
	b.withKubeconfig(&c)
	health := b.s.Port(state.PortProxyHealth)
	c.Args = append(c.Args, "--config="+b.file(&c, "kube-proxy.json", b.render(map[string]any{
		"apiVersion":         "kubeproxy.config.k8s.io/v1alpha1",
		"kind":               "KubeProxyConfiguration",
		"clientConnection":   map[string]any{"kubeconfig": b.l.Config(name)},
		"clusterCIDR":        b.s.PodCIDR,
		"hostnameOverride":   b.l.NodeName(),
		"healthzBindAddress": hostPort(loopback, health),
		"metricsBindAddress": hostPort(loopback, b.s.Port(state.PortProxyMetrics)),
		"oomScoreAdj":        0,
		// One table of its own, which `down` deletes in one step, and no kernel settings.
		"mode": "nftables",
		// Zero leaves the kernel's limits as they are.
		"conntrack": map[string]any{"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
	})))
	c.Ready = plain(health, "/livez")
	return c
}

func (b *builder) coreDNS() Component {
	c := b.component("coredns")
	name, _ := b.kubeconfig(c.Name)
	b.withKubeconfig(&c)
	port := b.s.Port(state.PortCoreDNS)
	zones := clusterDomain + " in-addr.arpa ip6.arpa"
	c.Args = append(c.Args, "--conf="+b.file(&c, "Corefile", fmt.Appendf(nil, `# Other names are refused: see the component.
%s {
  bind %s
  errors
  ready %s
  kubernetes %s {
    kubeconfig %q
    ttl 5
  }
  cache 5
}
`, zones, b.s.Address, hostPort(loopback, port), zones, b.l.Config(name))))
	c.Ready = plain(port, "/ready")
	return c
}
