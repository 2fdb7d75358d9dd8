// Package observe asks every gateway pod over mTLS what it really serves, and wakes a Connector when an answer changes.
//
// It runs beside the reconcilers, in the elected operator only. A reconciler says which pods there are (Watch) and gets what
// is known of them; a pod that was never asked is simply absent. Answers live in memory: after a restart each pod is asked
// again before its Connector's status is touched, so a restart alone changes no status.
package observe
