package rights

// Persona is somebody with the rights of this project's roles and no others.
type Persona struct {
	// Name in the table.
	Name string
	// Everywhere are the ClusterRoles that the persona is bound to in the whole cluster.
	Everywhere []string
	// Own are the ClusterRoles that it is bound to in its own namespace.
	Own []string
	// System are the Roles that it is bound to in the operator's namespace.
	System []string
}

// Names of personas.
const (
	PlatformAdmin  = "platform-admin"
	Tenant         = "tenant"
	Assessor       = "assessor"
	Auditor        = "auditor"
	MetricsReader  = "metrics-reader"
	ReportReader   = "report-reader"
	BreakGlass     = "break-glass"
	Operator       = "operator"
	rolesBeginWith = "connector-operator-"
)

// Personas in the order of the table. The operator is the last; it is bound by the installation.
func Personas() []Persona {
	role := func(name string) []string { return []string{rolesBeginWith + name} }
	return []Persona{
		{Name: PlatformAdmin, Everywhere: role(PlatformAdmin), System: role(PlatformAdmin)},
		{Name: Tenant, Own: role(Tenant), Everywhere: role("tenant-reader")},
		{Name: Assessor, Own: role(Assessor), Everywhere: role("tenant-reader")},
		{Name: Auditor, Everywhere: role(Auditor)},
		{Name: MetricsReader, Everywhere: role(MetricsReader)},
		{Name: ReportReader, Everywhere: role(ReportReader)},
		{Name: BreakGlass, Everywhere: role(BreakGlass)},
		{Name: Operator},
	}
}
