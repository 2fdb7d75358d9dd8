package state

import (
	"fmt"
	"net"
)

// What the ports are for.
const (
	PortAPIServer         = "kube-apiserver"
	PortEtcd              = "etcd"
	PortEtcdPeer          = "etcd-peer"
	PortControllerManager = "kube-controller-manager"
	PortScheduler         = "kube-scheduler"
	PortCertManager       = "cert-manager-health"
	PortKwok              = "kwok-health"
	PortKubelet           = "kubelet"
	PortKubeletHealth     = "kubelet-health"
	PortProxyHealth       = "kube-proxy-health"
	PortProxyMetrics      = "kube-proxy-metrics"
	PortCoreDNS           = "coredns-ready"
)

// Ports come from a range below the ephemeral ports, whose numbers an outgoing connection could take while the cluster
// is stopped, and below the node ports of Kubernetes.
const (
	firstPort = 20000
	lastPort  = 29999
)

// PortUses lists what a cluster of the given mode needs ports for.
func PortUses(mode Mode) []string {
	uses := []string{PortAPIServer, PortEtcd, PortEtcdPeer, PortControllerManager, PortScheduler, PortCertManager}
	if mode == Containers {
		return append(uses, PortKubelet, PortKubeletHealth, PortProxyHealth, PortProxyMetrics, PortCoreDNS)
	}
	return append(uses, PortKwok)
}

// ChoosePorts gives each use a port that is free and that no other cluster has chosen. The search starts at seed, so that
// the same cluster tends to get the same ports again.
func ChoosePorts(uses []string, seed uint32, taken map[int]bool, free func(int) bool) (map[string]int, error) {
	ports := make(map[string]int, len(uses))
	size := lastPort - firstPort + 1
	next := int(seed % uint32(size))
	for tried := 0; tried < size && len(ports) < len(uses); tried++ {
		port := firstPort + (next+tried)%size
		if !taken[port] && free(port) {
			ports[uses[len(ports)]] = port
		}
	}
	if len(ports) < len(uses) {
		return nil, fmt.Errorf("only %d of the %d ports that the cluster needs are free between %d and %d: stop what listens there",
			len(ports), len(uses), firstPort, lastPort)
	}
	return ports, nil
}

// PortFree tells whether the port can be listened on.
func PortFree(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
