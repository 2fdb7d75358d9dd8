//go:build components

package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

// runEtcd never returns while etcd works: etcd ends the process itself.
func runEtcd() int {
	etcdmain.Main(os.Args)
	return 0
}
