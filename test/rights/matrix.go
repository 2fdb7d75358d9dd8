package rights

import "slices"

// Place is where a right holds.
type Place string

// Places of the matrix.
const (
	// Own is the namespace of the agency whose tenant and assessor are asked about.
	Own Place = "own namespace"
	// Another is the namespace of another agency.
	Another Place = "another agency's namespace"
	// System is the namespace of the operator.
	System Place = "lienthong-system"
	// Cluster is for what has no namespace.
	Cluster Place = "cluster"
	// Path is for URLs that are no resources.
	Path Place = "URL"
)

// Row says who may do what to one resource in one place. What is not listed is refused.
type Row struct {
	Place Place
	// Group, Resource and Name of what is asked about; with a Name, nothing else of the resource is meant. For Path, Resource is the path.
	Group, Resource, Name string
	// Verbs that are asked about; Kubernetes' own if empty.
	Verbs []string
	// Allowed verbs by persona.
	Allowed map[string][]string
}

// Asked are the verbs of a row.
func (r Row) Asked() []string {
	if len(r.Verbs) > 0 {
		return r.Verbs
	}
	return []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
}

// Allows tells whether a persona may.
func (r Row) Allows(persona, verb string) bool { return slices.Contains(r.Allowed[persona], verb) }

const (
	group        = "lienthong.gov.vn"
	certManager  = "cert-manager.io"
	rbac         = "rbac.authorization.k8s.io"
	apps         = "apps"
	networking   = "networking.k8s.io"
	policy       = "policy"
	admission    = "admissionregistration.k8s.io"
	coordination = "coordination.k8s.io"
	extensions   = "apiextensions.k8s.io"
)

func get() []string  { return []string{"get"} }
func read() []string { return []string{"get", "list", "watch"} }
func readAnd(verbs ...string) []string {
	return append(read(), verbs...)
}
func write() []string { return readAnd("create", "update", "patch", "delete") }
func keep() []string  { return readAnd("create", "update") } // what the operator does to what it owns

type allowed = map[string][]string

// Matrix is the whole table.
func Matrix() []Row {
	return slices.Concat(declared(), ofConnectors(), written(), statuses(), inNamespace(), elsewhere(), ofOperator(), ofCluster(), paths())
}

// declared are the kinds by which the platform says what is.
func declared() []Row {
	var rows []Row
	for _, resource := range []string{"agencies", "connectorclasses", "exchangehubs", "rolloutplans", "securityprofiles"} {
		rows = append(rows, Row{Place: Cluster, Group: group, Resource: resource, Allowed: allowed{
			PlatformAdmin: write(), Tenant: read(), Assessor: read(), Auditor: read(), BreakGlass: write(), Operator: read(),
		}})
	}
	return rows
}

// ofConnectors are the kinds in the namespaces of agencies.
func ofConnectors() []Row {
	var rows []Row
	for _, place := range []Place{Own, Another} {
		tenant, assessor, records := write(), read(), readAnd("create")
		tenantReads := read()
		if place == Another {
			tenant, assessor, records, tenantReads = nil, nil, nil, nil
		}
		rows = append(rows,
			Row{Place: place, Group: group, Resource: "connectors", Allowed: allowed{
				PlatformAdmin: write(), Tenant: tenant, Assessor: assessor, Auditor: read(), BreakGlass: write(), Operator: read(),
			}},
			Row{Place: place, Group: group, Resource: "complianceevidences", Allowed: allowed{
				PlatformAdmin: read(), Tenant: tenantReads, Assessor: records, Auditor: read(), BreakGlass: write(), Operator: read(),
			}},
			Row{Place: place, Group: group, Resource: "dutywaivers", Allowed: allowed{
				PlatformAdmin: write(), Tenant: tenantReads, Assessor: assessor, Auditor: read(), BreakGlass: write(), Operator: read(),
			}},
		)
	}
	return append(rows,
		Row{Place: Own, Group: group, Resource: "connectors", Verbs: []string{"override"}, Allowed: allowed{BreakGlass: {"override"}}},
		Row{Place: Own, Group: group, Resource: "connectors/finalizers", Allowed: allowed{Operator: {"update"}}},
	)
}

// written are the kinds that the operator writes.
func written() []Row {
	record := func(resource string, operator []string) Row {
		return Row{Place: Cluster, Group: group, Resource: resource, Allowed: allowed{
			PlatformAdmin: read(), Auditor: read(), BreakGlass: write(), Operator: operator,
		}}
	}
	return []Row{
		record("milestonerecords", readAnd("create")), record("readinessreports", readAnd("create")),
		record("noticequeues", readAnd("create", "patch", "delete")),
	}
}

// statuses are what the operator saw.
func statuses() []Row {
	var rows []Row
	for _, resource := range []string{"agencies", "connectorclasses", "exchangehubs", "noticequeues", "rolloutplans", "securityprofiles"} {
		rows = append(rows, Row{Place: Cluster, Group: group, Resource: resource + "/status", Allowed: allowed{
			PlatformAdmin: get(), Auditor: get(), BreakGlass: {"get", "update", "patch"}, Operator: {"patch"},
		}})
	}
	for _, resource := range []string{"complianceevidences", "connectors", "dutywaivers"} {
		rows = append(rows, Row{Place: Own, Group: group, Resource: resource + "/status", Allowed: allowed{
			PlatformAdmin: get(), Tenant: get(), Assessor: get(), Auditor: get(), BreakGlass: {"get", "update", "patch"}, Operator: {"patch"},
		}})
	}
	return rows
}

// inNamespace is what is beside a Connector in its namespace.
func inNamespace() []Row {
	own := func(group, resource string, of allowed) Row {
		return Row{Place: Own, Group: group, Resource: resource, Allowed: of}
	}
	shown := func(operator []string) allowed {
		return allowed{PlatformAdmin: read(), Tenant: read(), Operator: operator}
	}
	return []Row{
		own("", "secrets", nil),
		own("", "configmaps", allowed{Tenant: {"get", "list", "create", "update", "delete"}, Operator: keep()}),
		own("", "serviceaccounts", shown(keep())),
		own("", "services", shown(keep())),
		own(apps, "deployments", shown(keep())),
		own(networking, "networkpolicies", shown(keep())),
		own(policy, "poddisruptionbudgets", shown(keep())),
		own(certManager, "certificates", shown(keep())),
		own(certManager, "certificates/status", allowed{Operator: {"patch"}}),
		own(certManager, "certificaterequests", shown(readAnd("delete"))),
		own(certManager, "certificaterequests/status", allowed{Operator: {"patch"}}),
		own(certManager, "issuers", allowed{PlatformAdmin: read()}),
		own("", "pods", shown(readAnd("patch"))),
		own("", "pods/log", allowed{Tenant: get()}),
		own("", "pods/eviction", allowed{Operator: {"create"}}),
		own("", "pods/exec", nil), own("", "pods/attach", nil), own("", "pods/portforward", nil), own("", "pods/proxy", nil),
		own("", "pods/ephemeralcontainers", nil), own("", "services/proxy", nil),
		own(apps, "replicasets", shown(nil)),
		own(apps, "deployments/scale", nil), own(apps, "statefulsets", nil), own(apps, "daemonsets", nil),
		own("batch", "jobs", nil), own("batch", "cronjobs", nil),
		own("", "events", shown(nil)),
		own("events.k8s.io", "events", shown([]string{"create", "patch"})),
		own(rbac, "roles", nil),
		own(rbac, "rolebindings", allowed{PlatformAdmin: readAnd("create")}),
		own("", "serviceaccounts/token", nil),
		{Place: Own, Resource: "serviceaccounts", Verbs: []string{"impersonate"}},
	}
}

// elsewhere is what is in the namespace of another agency.
func elsewhere() []Row {
	other := func(group, resource string, of allowed) Row {
		return Row{Place: Another, Group: group, Resource: resource, Allowed: of}
	}
	return []Row{
		other("", "secrets", nil),
		other("", "configmaps", allowed{Operator: keep()}),
		other("", "pods", allowed{PlatformAdmin: read(), Operator: readAnd("patch")}),
		other("", "pods/log", nil),
		other("", "pods/exec", nil),
		other(certManager, "certificates", allowed{PlatformAdmin: read(), Operator: keep()}),
		other(rbac, "rolebindings", allowed{PlatformAdmin: readAnd("create")}),
	}
}

// ofOperator is what is in the operator's own namespace: who writes its workload or takes its token is the operator.
func ofOperator() []Row {
	system := func(group, resource string, of allowed) Row {
		return Row{Place: System, Group: group, Resource: resource, Allowed: of}
	}
	return []Row{
		system("", "configmaps", allowed{PlatformAdmin: write(), Operator: keep()}),
		system("", "secrets", nil),
		system("", "pods", allowed{PlatformAdmin: read(), Operator: readAnd("patch")}),
		system("", "pods/log", allowed{PlatformAdmin: get()}),
		system("", "pods/exec", nil),
		system("", "serviceaccounts/token", nil),
		system(apps, "deployments", allowed{PlatformAdmin: read(), Operator: keep()}),
		system(apps, "controllerrevisions", allowed{Operator: readAnd("create", "update", "delete")}),
		system(coordination, "leases", allowed{Operator: readAnd("create", "update", "patch")}),
		{Place: System, Resource: "serviceaccounts", Verbs: []string{"impersonate"}},
	}
}

// ofCluster is what rules the cluster, and the ways to more rights.
func ofCluster() []Row {
	cluster := func(group, resource string, of allowed) Row {
		return Row{Place: Cluster, Group: group, Resource: resource, Allowed: of}
	}
	rows := []Row{
		cluster("", "namespaces", allowed{PlatformAdmin: readAnd("create")}),
		cluster("", "nodes", nil),
		cluster(rbac, "clusterroles", allowed{PlatformAdmin: read()}),
		cluster(rbac, "clusterrolebindings", allowed{PlatformAdmin: readAnd("create")}),
		cluster(admission, "validatingadmissionpolicies", allowed{PlatformAdmin: read()}),
		cluster(admission, "validatingadmissionpolicybindings", allowed{PlatformAdmin: read()}),
		cluster(extensions, "customresourcedefinitions", allowed{PlatformAdmin: read()}),
		cluster(certManager, "clusterissuers", allowed{PlatformAdmin: read()}),
		cluster("authentication.k8s.io", "tokenreviews", allowed{Operator: {"create"}}),
		cluster("authorization.k8s.io", "subjectaccessreviews", allowed{Operator: {"create"}}),
		{Place: Cluster, Group: certManager, Resource: "signers", Name: "clusterissuers.cert-manager.io/*", Verbs: []string{"approve"},
			Allowed: allowed{Operator: {"approve"}}},
		{Place: Cluster, Group: certManager, Resource: "signers", Name: "issuers.cert-manager.io/*", Verbs: []string{"approve"}},
		{Place: Cluster, Resource: "users", Verbs: []string{"impersonate"}},
		{Place: Cluster, Resource: "groups", Verbs: []string{"impersonate"}},
	}
	bound := allowed{PlatformAdmin: {"bind"}}
	for _, persona := range []string{Assessor, Auditor, MetricsReader, ReportReader, Tenant, "tenant-reader"} {
		rows = append(rows, binding(rolesBeginWith+persona, bound))
	}
	for _, role := range []string{"cluster-admin", "admin", "edit", rolesBeginWith + "manager", rolesBeginWith + PlatformAdmin, rolesBeginWith + BreakGlass} {
		rows = append(rows, binding(role, nil))
	}
	return rows
}

// binding is of one ClusterRole.
func binding(role string, of allowed) Row {
	return Row{Place: Cluster, Group: rbac, Resource: "clusterroles", Name: role, Verbs: []string{"bind", "escalate"}, Allowed: of}
}

// paths are what the operator itself serves to whom the API server lets read it.
func paths() []Row {
	return []Row{
		{Place: Path, Resource: "/metrics", Verbs: get(), Allowed: allowed{PlatformAdmin: get(), MetricsReader: get()}},
		{Place: Path, Resource: "/report", Verbs: get(), Allowed: allowed{PlatformAdmin: get(), ReportReader: get()}},
	}
}
