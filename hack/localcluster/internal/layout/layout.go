// Package layout says where everything of a local cluster lies on disk. It is the only package that joins such paths.
//
//	<data dir>/bin/                 the components binary and what is built with it, shared by all clusters, kept by `down`
//	<data dir>/<name>/kubeconfig    for the user
//	<data dir>/<name>/state.json    what the first `up` chose
//	<data dir>/<name>/pki           keys and certificates
//	<data dir>/<name>/config        what the components are configured with
//	<data dir>/<name>/run           one .pid file per process
//	<data dir>/<name>/logs          one .log file per process
//
// It holds no state: after a restart the same names give the same paths.
package layout

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// moduleDir is where the tool is built from, seen from the root of the repository.
const moduleDir = "hack/localcluster"

// maxSocketPath is what fits into a sockaddr_un, less the ".ttrpc" that containerd appends to its socket.
const maxSocketPath = 107 - len(".ttrpc")

var validName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$`)

// Cluster is the place of one named cluster.
type Cluster struct {
	Name    string
	DataDir string
	Dir     string
}

// New checks the name and returns where a cluster of that name lies below dataDir.
func New(dataDir, name string) (Cluster, error) {
	if !validName.MatchString(name) || name == "bin" {
		return Cluster{}, fmt.Errorf("the cluster name %q cannot be used: take up to 20 lower-case letters, digits and dashes, "+
			"starting with a letter, and not \"bin\"", name)
	}
	abs, err := filepath.Abs(dataDir)
	if err != nil {
		return Cluster{}, fmt.Errorf("make the data directory %s absolute: %w", dataDir, err)
	}
	return Cluster{Name: name, DataDir: abs, Dir: filepath.Join(abs, name)}, nil
}

// CheckSocket refuses a data directory whose sockets would be longer than the kernel allows.
func (c Cluster) CheckSocket() error {
	if len(c.ContainerdSocket()) > maxSocketPath {
		return fmt.Errorf("the socket path %s is longer than %d bytes, which is what the kernel allows: choose a shorter --data-dir",
			c.ContainerdSocket(), maxSocketPath)
	}
	return nil
}

// ID is a short identifier that differs between clusters of the same name in different data directories. Network
// interfaces, cgroups and the like, which the whole machine shares, are named by it.
func (c Cluster) ID() string {
	sum := sha256.Sum256([]byte(c.Dir))
	return hex.EncodeToString(sum[:4])
}

// NodeName is the name of the one node of a cluster with real containers.
func (c Cluster) NodeName() string { return "lienthong-" + c.Name }

// CgroupRoot is the cgroup, below the root of each hierarchy, that holds all pods of the cluster.
func (c Cluster) CgroupRoot() string { return "/lienthong-" + c.Name + "-" + c.ID() }

// The files and directories of the cluster.
func (c Cluster) Kubeconfig() string              { return filepath.Join(c.Dir, "kubeconfig") }
func (c Cluster) State() string                   { return filepath.Join(c.Dir, "state.json") }
func (c Cluster) PKI(file string) string          { return filepath.Join(c.Dir, "pki", file) }
func (c Cluster) Config(file string) string       { return filepath.Join(c.Dir, "config", file) }
func (c Cluster) PIDDir() string                  { return filepath.Join(c.Dir, "run") }
func (c Cluster) PIDFile(component string) string { return filepath.Join(c.PIDDir(), component+".pid") }
func (c Cluster) Log(component string) string     { return filepath.Join(c.Dir, "logs", component+".log") }
func (c Cluster) Data(component string) string    { return filepath.Join(c.Dir, component) }
func (c Cluster) ContainerdSocket() string        { return filepath.Join(c.Dir, "containerd.sock") }

// The files that all clusters of a data directory share.
func (c Cluster) BinDir() string        { return BinDir(c.DataDir) }
func (c Cluster) Components() string    { return filepath.Join(c.BinDir(), "components") }
func (c Cluster) Pause() string         { return filepath.Join(c.BinDir(), "pause") }
func (c Cluster) Asset(f string) string { return filepath.Join(c.BinDir(), "assets", f) }

// BinDir is where binaries are kept between clusters.
func BinDir(dataDir string) string { return filepath.Join(dataDir, "bin") }

// RepoRoot finds the root of the repository that the tool belongs to: above the working directory, which is
// hack/localcluster under `go -C hack/localcluster run .`, or above the executable.
func RepoRoot() (string, error) {
	starts := make([]string, 0, 2)
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, moduleDir, "go.mod")); err == nil {
				return dir, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", errors.New("no " + moduleDir + "/go.mod above the working directory or the executable: run the tool inside the repository")
}

// ModuleDir is where the sources of the tool and of the components are.
func ModuleDir(repoRoot string) string { return filepath.Join(repoRoot, moduleDir) }
