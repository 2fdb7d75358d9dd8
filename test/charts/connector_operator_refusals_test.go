//go:build charts

package charts

import "testing"

func TestConnectorOperatorRefusesWrongValues(t *testing.T) {
	t.Parallel()
	refuses(t, "connector-operator", "ci/default-values.yaml", map[string]refusal{
		"a value that is not there":            {"replicas: 3", "at ''", "additional properties 'replicas' not allowed"},
		"a typing error within":                {"manager: {replica: 3}", "at '/manager'", "additional properties 'replica' not allowed"},
		"no replicas":                          {"manager: {replicas: 0}", "at '/manager/replicas'", "got 0, want 1"},
		"replicas as text":                     {`manager: {replicas: "2"}`, "at '/manager/replicas'", "want integer"},
		"a digest without its algorithm":       {"image: {digest: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}", "at '/image/digest'", "a digest: sha256: and 64 hexadecimal digits"},
		"a digest that is cut":                 {"image: {digest: sha256:0123}", "at '/image/digest'", "a digest: sha256: and 64 hexadecimal digits"},
		"no digest for the class":              {`image: {digest: ""}`, "image.digest is empty", "Set image.digest to the digest of the operator's image"},
		"a class's image by tag":               {"class: {image: registry.example/gateway:1.0}", "at '/class/image'", "an image by its digest, such as registry.example"},
		"a registry in the repository's place": {"image: {repository: registry.example:5000/operator}", "at '/image/repository'", "a repository without its registry"},
		"a policy that does not exist":         {"image: {pullPolicy: Sometimes}", "at '/image/pullPolicy'", "'IfNotPresent', 'Always', 'Never'"},
		"an architecture without image":        {"architectures: [amd64, riscv64]", "at '/architectures/1'", "'amd64', 'arm64'"},
		"a spread that does not exist":         {"manager: {spread: {hosts: Yes please}}", "at '/manager/spread/hosts'", "'Preferred', 'Required', 'None'"},
		"memory without a unit of its own":     {"manager: {resources: {limits: {memory: 512MB}}}", "at '/manager/resources/limits/memory'", "an amount such as 100m or 2 of cpu, and 512Mi"},
		"an argument that the chart sets":      {"manager: {extraArgs: [--concurrency=4]}", "manager.extraArgs sets --concurrency", "Use manager.concurrency instead."},
		"an argument that is none":             {"manager: {extraArgs: [verbose]}", "at '/manager/extraArgs/0'", "an argument of the manager that begins with two dashes"},
		"a label that is none":                 {"manager: {podLabels: {team: a b}}", "at '/manager/podLabels/team'", "the value of a label"},
		"two wishes for spreading":             {"manager: {spread: {hosts: Required}, affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}}", "manager.affinity.podAntiAffinity takes the place", "Set manager.spread.hosts to None"},
		"the port of the probes":               {"metrics: {port: 8081}", "metrics.port is 8081", "Choose another port."},
		"an address that is no network":        {"networkPolicy: {apiServer: {cidrs: [10.96.0.1]}}", "at '/networkPolicy/apiServer/cidrs/0'", "a network in CIDR form, such as 10.96.0.0/12; one address alone ends in /32"},
		"a port out of range":                  {"networkPolicy: {apiServer: {ports: [70000]}}", "at '/networkPolicy/apiServer/ports/0'", "got 70,000, want 65,535"},
		"no signer":                            {"rbac: {approveSigners: []}", "at '/rbac/approveSigners'", "minItems: got 0, want 1"},
		"a signer that is only a name":         {"rbac: {approveSigners: [national-hub]}", "at '/rbac/approveSigners/0'", "an issuer as cert-manager names signers, such as clusterissuers.cert-manager.io/national-hub"},
		"a binding of a tenant":                {"rbac: {bindings: {tenant: {groups: [g12]}}}", "at '/rbac/bindings'", "additional properties 'tenant' not allowed"},
		"a binding as a list":                  {"rbac: {bindings: {auditor: [auditors]}}", "at '/rbac/bindings/auditor'", "got array, want object"},
		"a hub without a name":                 {"hubs: [{secretName: identity}]", "at '/hubs/0'", "missing property 'name'"},
		"hubs as a map":                        {"hubs: {national-hub: {}}", "at '/hubs'", "got object, want array"},
		"a hub twice":                          {"hubs: [{name: national-hub}, {name: national-hub, secretName: other}]", `hubs names "national-hub" twice`, "Write each ExchangeHub once."},
		"one identity on two hubs":             {"hubs: [{name: a, secretName: s}, {name: b, secretName: s}]", `hubs has two identities in the Secret "s"`, "secretName of its own"},
		"a certificate without an issuer":      {"hubs: [{name: a, certificate: {trustDomain: lienthong.gov.vn}}]", "at '/hubs/0/certificate'", "missing property 'issuerRef'"},
		"days as a duration":                   {"metrics: {certificate: {duration: 90d}}", "at '/metrics/certificate/duration'", "a duration in hours, minutes and seconds"},
		"an issuer without a name":             {"metrics: {certificate: {create: true, issuerRef: {kind: ClusterIssuer}}}", "metrics.certificate.issuerRef has no name", "Write name and kind of an issuer"},
		"a monitor of nothing":                 {"metrics: {enabled: false}\nmonitoring: {serviceMonitor: {enabled: true}}", "monitoring.serviceMonitor.enabled is true", "Set metrics.enabled"},
		"two listeners on one port":            {"metrics: {port: 8444}\nreport: {enabled: true}", "metrics.port and report.port are both 8444", "Choose two different ports."},
		"a privileged port":                    {"metrics: {port: 443}", "at '/metrics/port'", "got 443, want 1,024"},
		"a page address that ends in a slash":  {"monitoring: {prometheusRule: {runbookBaseURL: 'https://wiki.example/'}}", "at '/monitoring/prometheusRule/runbookBaseURL'", "does not end in a slash"},
		"a regime that is not shipped":         {"profiles: {regimes: [nd99-2030]}", "at '/profiles/regimes/0'", "'nd331-2026', 'nd85-2016'"},
		"a profile that is not shipped":        {"profiles: {overrides: {nd331-2026-level-6: {tls: {}}}}", "at '/profiles/overrides'", "additional properties 'nd331-2026-level-6' not allowed"},
		"a part that a profile has not":        {"profiles: {overrides: {nd331-2026-level-3: {replicas: 3}}}", "at '/profiles/overrides/nd331-2026-level-3'", "additional properties 'replicas' not allowed"},
		"a change of the level":                {"profiles: {overrides: {nd331-2026-level-3: {level: 2}}}", "at '/profiles/overrides/nd331-2026-level-3'", "additional properties 'level' not allowed"},
		"root":                                 {"podSecurityContext: {runAsUser: 0}", "at '/podSecurityContext/runAsUser'", "got 0, want 1"},
		"no time to give the lease back":       {"manager: {terminationGracePeriodSeconds: 5}", "at '/manager/terminationGracePeriodSeconds'", "got 5, want 15"},
		"yes for true":                         {`crds: {upgrade: "yes"}`, "at '/crds/upgrade'", "got string, want boolean"},
		"a budget of nobody":                   {"podDisruptionBudget: {maxUnavailable: 0}", "at '/podDisruptionBudget/maxUnavailable'", "a number of replicas from 1, or a percentage"},
		"a gateway without a limit":            {"class: {resources: {limits: {cpu: null}}}", "at '/class/resources/limits'", "missing property 'cpu'"},
		"a time as the day of an image":        {"class: {imageBuiltOn: yesterday}", "at '/class/imageBuiltOn'", "a date in quotes, year first, such as 2026-07-01"},
		"cert-manager's user as its account":   {"certManager: {serviceAccount: 'system:serviceaccount:cert-manager:cert-manager'}", "at '/certManager/serviceAccount'", "the name of an object in Kubernetes"},
	})
}
