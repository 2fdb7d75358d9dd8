package config

import (
	"context"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/kube"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/state"
)

// Requests per second and at once that the controllers may send. The defaults (20 and 30) would stretch the creation of some
// hundred objects to minutes, and what is measured on a local cluster should be the operator.
const (
	clientQPS   = 200
	clientBurst = 400
)

func (b *builder) etcd() Component {
	c := b.component("etcd")
	clientURL := "https://" + hostPort(loopback, b.s.Port(state.PortEtcd))
	peerURL := "https://" + hostPort(loopback, b.s.Port(state.PortEtcdPeer))
	c.Args = append(c.Args,
		"--name=local",
		"--data-dir="+b.l.Data("etcd"),
		"--listen-client-urls="+clientURL,
		"--advertise-client-urls="+clientURL,
		"--listen-peer-urls="+peerURL,
		"--initial-advertise-peer-urls="+peerURL,
		"--initial-cluster=local="+peerURL,
		"--client-cert-auth=true",
		"--trusted-ca-file="+b.pki(&c, "etcd-ca.crt"),
		"--cert-file="+b.pki(&c, "etcd-server.crt"),
		"--key-file="+b.pki(&c, "etcd-server.key"),
		"--peer-client-cert-auth=true",
		"--peer-trusted-ca-file="+b.pki(&c, "etcd-ca.crt"),
		"--peer-cert-file="+b.pki(&c, "etcd-peer.crt"),
		"--peer-key-file="+b.pki(&c, "etcd-peer.key"),
		"--quota-backend-bytes=4294967296",
	)
	if b.s.Mode == state.Simulated {
		// A simulated cluster lives for a test run. Nobody needs its data after a power cut, and waiting for the disk
		// at every write would measure the disk of the machine.
		c.Args = append(c.Args, "--unsafe-no-fsync=true")
	}
	c.Ready = func(ctx context.Context) error {
		client, err := kube.NewClient(clientURL, b.l.PKI("etcd-ca.crt"), b.l.PKI("etcd-client.crt"), b.l.PKI("etcd-client.key"))
		if err != nil {
			return err
		}
		return client.Get(ctx, "/readyz", nil)
	}
	return c
}

func (b *builder) apiServer() Component {
	c := b.component("kube-apiserver")
	port := b.s.Port(state.PortAPIServer)
	c.Args = append(c.Args,
		"--bind-address="+b.s.Address,
		"--advertise-address="+b.s.Address,
		flag("secure-port", port),
		"--service-cluster-ip-range="+b.s.ServiceCIDR,
		"--allow-privileged=true",
		"--profiling=false",
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--client-ca-file="+b.pki(&c, "ca.crt"),
		"--tls-cert-file="+b.pki(&c, "kube-apiserver.crt"),
		"--tls-private-key-file="+b.pki(&c, "kube-apiserver.key"),
		"--etcd-servers=https://"+hostPort(loopback, b.s.Port(state.PortEtcd)),
		"--etcd-cafile="+b.pki(&c, "etcd-ca.crt"),
		"--etcd-certfile="+b.pki(&c, "etcd-client.crt"),
		"--etcd-keyfile="+b.pki(&c, "etcd-client.key"),
		"--kubelet-certificate-authority="+b.pki(&c, "ca.crt"),
		"--kubelet-client-certificate="+b.pki(&c, "kube-apiserver-kubelet-client.crt"),
		"--kubelet-client-key="+b.pki(&c, "kube-apiserver-kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP",
		"--proxy-client-cert-file="+b.pki(&c, "front-proxy-client.crt"),
		"--proxy-client-key-file="+b.pki(&c, "front-proxy-client.key"),
		"--requestheader-client-ca-file="+b.pki(&c, "front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file="+b.pki(&c, "sa.pub"),
		"--service-account-signing-key-file="+b.pki(&c, "sa.key"),
	)
	if b.s.Mode == state.Simulated {
		// An API server on loopback has no address that pods could reach, and there are no pods that would try.
		c.Args = append(c.Args, "--endpoint-reconciler-type=none")
	}
	c.Ready = b.verified(b.s.Address, port, "/readyz")
	return c
}

func (b *builder) controllerManager() Component {
	c := b.component("kube-controller-manager")
	b.withKubeconfig(&c, "--kubeconfig", "--authentication-kubeconfig", "--authorization-kubeconfig")
	port := b.s.Port(state.PortControllerManager)
	c.Args = append(c.Args,
		"--bind-address="+loopback,
		flag("secure-port", port),
		"--leader-elect=false",
		"--profiling=false",
		flag("kube-api-qps", clientQPS),
		flag("kube-api-burst", clientBurst),
		"--use-service-account-credentials=true",
		// The default is a directory of the system, which would be made if it is missing.
		"--flex-volume-plugin-dir="+b.below("kubelet", "volume-plugins"),
		"--tls-cert-file="+b.pki(&c, "kube-controller-manager-server.crt"),
		"--tls-private-key-file="+b.pki(&c, "kube-controller-manager-server.key"),
		"--client-ca-file="+b.pki(&c, "ca.crt"),
		"--requestheader-client-ca-file="+b.pki(&c, "front-proxy-ca.crt"),
		"--root-ca-file="+b.pki(&c, "ca.crt"),
		"--cluster-signing-cert-file="+b.pki(&c, "ca.crt"),
		"--cluster-signing-key-file="+b.pki(&c, "ca.key"),
		"--service-account-private-key-file="+b.pki(&c, "sa.key"),
	)
	c.Ready = b.verified(loopback, port, "/healthz")
	return c
}

func (b *builder) scheduler() Component {
	c := b.component("kube-scheduler")
	b.withKubeconfig(&c, "--authentication-kubeconfig", "--authorization-kubeconfig")
	name, _ := b.kubeconfig(c.Name)
	port := b.s.Port(state.PortScheduler)
	c.Args = append(c.Args,
		"--config="+b.file(&c, "kube-scheduler.json", b.render(map[string]any{
			"apiVersion":     "kubescheduler.config.k8s.io/v1",
			"kind":           "KubeSchedulerConfiguration",
			"leaderElection": map[string]any{"leaderElect": false},
			"clientConnection": map[string]any{
				"kubeconfig": b.l.Config(name), "qps": clientQPS, "burst": clientBurst,
			},
		})),
		"--bind-address="+loopback,
		flag("secure-port", port),
		"--tls-cert-file="+b.pki(&c, "kube-scheduler-server.crt"),
		"--tls-private-key-file="+b.pki(&c, "kube-scheduler-server.key"),
		"--client-ca-file="+b.pki(&c, "ca.crt"),
		"--requestheader-client-ca-file="+b.pki(&c, "front-proxy-ca.crt"),
	)
	c.Ready = b.verified(loopback, port, "/healthz")
	return c
}

func (b *builder) certManager() Component {
	c := b.component("cert-manager")
	b.withKubeconfig(&c, "--kubeconfig")
	port := b.s.Port(state.PortCertManager)
	c.Args = append(c.Args,
		"--cluster-resource-namespace=cert-manager",
		"--health-address="+hostPort(loopback, port),
		flag("kube-api-qps", clientQPS),
		flag("kube-api-burst", clientBurst),
	)
	c.Ready = plain(port, "/livez")
	return c
}
