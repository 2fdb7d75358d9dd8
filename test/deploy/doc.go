// Package deploy tests that the operator is installed and removed by what the project ships for that: the single file that make
// build-installer writes and kubectl applies, make install and deploy, and the kustomizations, which others build their own on.
//
// Its tests run one after the other in one local cluster, and leave nothing of the operator there. They start it whether or not KUBECONFIG names
// another: in somebody's cluster they would remove the operator with every object of its kinds.
package deploy
