// Package connector reconciles Connectors: the link of one agency, or of one of its sites, to an exchange hub.
//
// It promises that the objects of every accepted Connector are as package desired builds them, whoever changes or deletes
// them, and that the status tells only what was seen.
//
// Phases of a reconcile, in order:
//  1. read: the Connector, everything it refers to, and by what level and profile it is ruled (package ruling), from the cache, into a
//     scope (scope.go)
//  2. look: the leaf, what runs, and what each pod said of itself (look.go)
//  3. decide: an ordered chain of checks says whether the spec can be honoured (decide.go), and what is to be done beside keeping the
//     children as they should be: replace the leaf, restart pods, wait for a window (plan.go, replacement.go, restart.go)
//  4. act: the objects are applied, unless the Connector is refused or paused; one that lost its right keeps no pod (phases.go)
//  5. follow: pods that lag are urged, and one that does not follow is restarted (follow.go)
//  6. status: computed from the scope alone (status.go, certificate.go, rotation.go) and written once; with it how the Connector stands
//     under the regime of its hub and each other one (judge.go), and what its objects lack (technical.go)
//
// It owns, per Connector: ServiceAccount, Certificate, ConfigMap, NetworkPolicy, PodDisruptionBudget, Service, Deployment. They go
// with the Connector, through their owner references.
//
// Conditions: Accepted, CertificateReady, WorkloadAvailable, HubConnected, Compliant, and Ready as their summary; Paused,
// CertificateExpiring, MaintenanceHeld and RenewalAccepted only while there is something to tell.
//
// What time alone changes, such as a duty that comes to be overdue at the agency's midnight, is looked at when it does.
//
// If the operator restarts, the cache is read again and each pod is asked again; what is already right costs no write. A pass
// in which a pod has not answered yet leaves the status alone, because the answer is on its way (hold.go). Of a leaf of which nothing else
// tells, such as one that was restored from a backup, the status goes on telling what it told (remembered.go).
package connector
