// Package deploy tests that the operator is installed and removed by what the project ships for that: the single file that make
// build-installer writes and kubectl applies, make install and deploy, and the kustomizations, which others build their own on.
//
// Its tests run in one cluster, one after the other, and leave nothing of the operator there. In a cluster of KUBECONFIG that has the
// operator already they do not run: they would remove it with every object of its kinds.
package deploy
