// Package docs holds the documents to what they say. The quick tests read every document of the project: each link leads somewhere, each command is
// well formed, each flag, make target and field that is named exists, the map of the architecture is complete, and both languages of a guide say the
// same. `make docs-test` runs the commands themselves: each document as one scenario (see package scenario), one after the other in the order in
// which a reader comes to them, on a local cluster with real pods, with the tools that a reader has. It starts the cluster and removes it.
package docs
