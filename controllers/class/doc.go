// Package class keeps the status of ConnectorClasses: whether each can run at all, and how many Connectors use it. It is the
// only writer of that status, and it writes nothing else.
//
// A pass reads the class and the Connectors that name it; then it judges (status.go), without a client, and writes once.
//
// Conditions:
//
//	Accepted  False if a container asks for more of a resource than it is limited to, because no pod could be made of it
//	Ready     the same, as there is nothing else to wait for
//
// Passes follow the spec and, gathered over two seconds, the Connectors. When the operator restarts, each class is counted
// once more.
package class
