package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Names of the authorities: the files are <name>.crt and <name>.key.
const (
	ClusterCA    = "ca"
	EtcdCA       = "etcd-ca"
	FrontProxyCA = "front-proxy-ca"
	// ServiceAccountKey signs the tokens of pods; its public half is ServiceAccountKey + ".pub".
	ServiceAccountKey = "sa"
)

// Request asks for one leaf, kept as <Name>.crt and <Name>.key, from the authority named CA.
type Request struct {
	Name string
	CA   string
	Leaf
}

// Identity is what differs between the certificates of two clusters.
type Identity struct {
	// Address is where the API server and the kubelet listen.
	Address string
	// KubernetesService is the cluster IP under which pods reach the API server.
	KubernetesService string
	NodeName          string
}

var (
	server = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	client = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	both   = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
)

// Requests lists the leaves of a cluster. Each component has a name of its own, so that what it may do is for RBAC to
// say; only "admin", which the user is given, belongs to system:masters.
func Requests(id Identity) []Request {
	local := Leaf{CommonName: "localhost", DNSNames: []string{"localhost"}, IPs: []string{"127.0.0.1"}, Usages: server}
	apiserver := Leaf{
		CommonName: "kube-apiserver",
		DNSNames: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local"},
		IPs:    []string{"127.0.0.1", id.Address, id.KubernetesService},
		Usages: server,
	}
	kubelet := Leaf{CommonName: "system:node:" + id.NodeName, Groups: []string{"system:nodes"},
		DNSNames: []string{id.NodeName}, IPs: []string{id.Address}, Usages: server}
	peer := local
	peer.Usages = both

	return []Request{
		{"etcd-server", EtcdCA, local},
		{"etcd-peer", EtcdCA, peer},
		{"etcd-client", EtcdCA, Leaf{CommonName: "kube-apiserver-etcd-client", Usages: client}},
		{"kube-apiserver", ClusterCA, apiserver},
		{"kube-apiserver-kubelet-client", ClusterCA, Leaf{CommonName: "kube-apiserver-kubelet-client", Usages: client}},
		{"front-proxy-client", FrontProxyCA, Leaf{CommonName: "front-proxy-client", Usages: client}},
		{"kube-controller-manager-server", ClusterCA, local},
		{"kube-scheduler-server", ClusterCA, local},
		{"kubelet-server", ClusterCA, kubelet},
		{"admin", ClusterCA, Leaf{CommonName: "localcluster-admin", Groups: []string{"system:masters"}, Usages: client}},
		{"kube-controller-manager", ClusterCA, Leaf{CommonName: "system:kube-controller-manager", Usages: client}},
		{"kube-scheduler", ClusterCA, Leaf{CommonName: "system:kube-scheduler", Usages: client}},
		{"kube-proxy", ClusterCA, Leaf{CommonName: "system:kube-proxy", Usages: client}},
		{"kubelet", ClusterCA, Leaf{CommonName: "system:node:" + id.NodeName, Groups: []string{"system:nodes"}, Usages: client}},
		{"coredns", ClusterCA, Leaf{CommonName: "coredns", Usages: client}},
		{"kwok", ClusterCA, Leaf{CommonName: "kwok", Usages: client}},
		// The name and groups that its ServiceAccount would give it inside of the cluster.
		{"cert-manager", ClusterCA, Leaf{CommonName: "system:serviceaccount:cert-manager:cert-manager",
			Groups: []string{"system:serviceaccounts", "system:serviceaccounts:cert-manager"}, Usages: client}},
	}
}

// Ensure makes dir hold everything that the cluster needs, and touches nothing that is good already.
func Ensure(dir string, id Identity, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory for keys: %w", err)
	}
	file := func(name, suffix string) string { return filepath.Join(dir, name+suffix) }
	authorities := map[string]*Authority{}
	for _, name := range []string{ClusterCA, EtcdCA, FrontProxyCA} {
		a, err := EnsureAuthority(file(name, ".crt"), file(name, ".key"), "localcluster "+name, now)
		if err != nil {
			return err
		}
		authorities[name] = a
	}
	for _, r := range Requests(id) {
		if err := authorities[r.CA].EnsureLeaf(file(r.Name, ".crt"), file(r.Name, ".key"), r.Leaf, now); err != nil {
			return err
		}
	}
	return ensureServiceAccountKey(file(ServiceAccountKey, ".key"), file(ServiceAccountKey, ".pub"))
}

// ensureServiceAccountKey never replaces a key that exists: every token in the cluster would be void.
func ensureServiceAccountKey(keyFile, pubFile string) error {
	if _, err := os.Stat(pubFile); err == nil {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make the key for service accounts: %w", err)
	}
	keyPEM, err := encodeKey(key)
	if err != nil {
		return fmt.Errorf("encode the key for service accounts: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return fmt.Errorf("encode the public key for service accounts: %w", err)
	}
	if err := os.WriteFile(keyFile, keyPEM, 0o600); err != nil {
		return fmt.Errorf("write the key for service accounts: %w", err)
	}
	// Last, because its presence means that the pair is complete.
	if err := os.WriteFile(pubFile, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		return fmt.Errorf("write the public key for service accounts: %w", err)
	}
	return nil
}
