//go:build charts

package charts

import "testing"

// TestConnectorOperatorRefusesWhatCannotWork holds that values are refused with which a cluster would be open to everybody, or which somebody would only
// miss later: what does not fit together, does not exist, or is never read.
func TestConnectorOperatorRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	refuses(t, "connector-operator", "ci/default-values.yaml", map[string]refusal{
		"nobody's registry":                           {`image: {registry: ""}`, "image.registry names no registry", "Set it to the registry that you pushed the image to"},
		"an address as the registry":                  {"image: {registry: 'https://registry.example'}", "at '/image/registry'", "a registry without https://"},
		"a tag that is a number":                      {"image: {tag: 1.0}", "at '/image/tag'", "the tag of an image, in quotes"},
		"a label that is a truth":                     {"commonLabels: {critical: true}", "at '/commonLabels/critical'", "in quotes where it looks like a number or is true or false"},
		"a namespace of the chart's own":              {"manager: {extraEnv: [{name: POD_NAMESPACE, value: other}]}", "manager.extraEnv sets POD_NAMESPACE", "install the release in the namespace that you want"},
		"FIPS 140 taken back":                         {"{fips: {enabled: true}, manager: {extraEnv: [{name: GODEBUG, value: fips140=off}]}}", "manager.extraEnv sets GODEBUG", "use fips.enabled instead"},
		"FIPS 140 by another way":                     {"manager: {extraEnv: [{name: GODEBUG, value: 'fips140=only'}]}", "manager.extraEnv sets GODEBUG", "use fips.enabled instead"},
		"a variable twice":                            {"manager: {extraEnv: [{name: GOGC, value: '50'}, {name: GOGC, value: '80'}]}", "manager.extraEnv sets GOGC twice", "Write each variable once."},
		"a variable by value and from elsewhere":      {"manager: {extraEnv: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}", "manager.extraEnv sets A by value and by valueFrom", "Write one of them."},
		"a variable that is a number":                 {"manager: {extraEnv: [{name: GOGC, value: 50}]}", "at '/manager/extraEnv/0/value'", "a text, in quotes"},
		"a typing error in a variable":                {"manager: {extraEnv: [{name: GOGC, valeu: '50'}]}", "at '/manager/extraEnv/0'", "additional properties 'valeu' not allowed"},
		"a folder of the node":                        {"manager: {extraVolumes: [{name: logs, hostPath: {path: /var/log}}]}", "at '/manager/extraVolumes/0'", "the restricted Pod Security Standard refuses others, such as hostPath"},
		"a volume of the chart's own":                 {"manager: {extraVolumes: [{name: identity-national-hub, emptyDir: {}}]}", `manager.extraVolumes has "identity-national-hub"`, "Choose another name."},
		"a volume that is nothing":                    {"manager: {extraVolumes: [{name: extra}]}", `manager.extraVolumes has to say of "extra" what it is`, "such as configMap with a name"},
		"a volume twice":                              {"manager: {extraVolumes: [{name: extra, emptyDir: {}}, {name: extra, emptyDir: {}}]}", `manager.extraVolumes has "extra" twice`, "Write each volume once."},
		"a mount without a volume":                    {"manager: {extraVolumeMounts: [{name: extra, mountPath: /etc/extra}]}", `manager.extraVolumeMounts mounts "extra"`, "not among manager.extraVolumes"},
		"a mount over the identities":                 {"manager: {extraVolumes: [{name: extra, emptyDir: {}}], extraVolumeMounts: [{name: extra, mountPath: /var/run//lienthong}]}", `mounts "extra" in /var/run/lienthong`, "Choose another mountPath."},
		"everybody as platform engineers":             {"rbac: {bindings: {platformAdmin: {groups: ['system:authenticated']}}}", "at '/rbac/bindings/platformAdmin/groups/0'", "not one that everybody is in"},
		"those who are not logged in as readers":      {"rbac: {bindings: {reportReader: {groups: ['system:unauthenticated']}}}", "at '/rbac/bindings/reportReader/groups/0'", "not one that everybody is in"},
		"all pods as auditors":                        {"rbac: {bindings: {auditor: {groups: ['system:serviceaccounts']}}}", "at '/rbac/bindings/auditor/groups/0'", "not one that everybody is in"},
		"nobody in particular as an assessor":         {"rbac: {bindings: {assessor: {users: ['system:anonymous']}}}", "at '/rbac/bindings/assessor/users/0'", "not one that stands for everybody"},
		"a star as users":                             {"rbac: {bindings: {metricsReader: {users: ['*']}}}", "at '/rbac/bindings/metricsReader/users/0'", "not one that stands for everybody"},
		"all Issuers of everybody":                    {"rbac: {approveSigners: ['issuers.cert-manager.io/*']}", "at '/rbac/approveSigners/0'", "* stands for all names only behind clusterissuers"},
		"all signers":                                 {"rbac: {approveSigners: ['*']}", "at '/rbac/approveSigners/0'", "an issuer as cert-manager names signers"},
		"a part of a name with a star":                {"rbac: {approveSigners: ['clusterissuers.cert-manager.io/national-*']}", "at '/rbac/approveSigners/0'", "* stands for all names only"},
		"a user with a quote":                         {`certManager: {extraUsers: ["a'b"]}`, "at '/certManager/extraUsers/0'", "without quotes, commas and spaces"},
		"every namespace at the metrics":              {"networkPolicy: {monitoringNamespaceLabels: {lienthong.gov.vn/monitoring: null}}", "networkPolicy.monitoringNamespaceLabels is empty", "which would let every namespace in"},
		"every namespace at the page":                 {"{report: {enabled: true}, networkPolicy: {reportNamespaceLabels: {lienthong.gov.vn/report: null}}}", "networkPolicy.reportNamespaceLabels is empty", "which would let every namespace in"},
		"a network with too many bits":                {"notices: {denyNetworks: [10.0.0.0/64]}", "at '/notices/denyNetworks/0'", "a network in CIDR form"},
		"a network that is none":                      {"notices: {denyNetworks: [10.0.0.256/8]}", "at '/notices/denyNetworks/0'", "a network in CIDR form"},
		"days as a renewal":                           {"metrics: {certificate: {duration: 720h, renewBefore: 30d}}", "at '/metrics/certificate/renewBefore'", "a day is 24h"},
		"a renewal without end":                       {"metrics: {certificate: {duration: 720h}}", "metrics.certificate.renewBefore is 720h, and metrics.certificate.duration is 720h", "Write a renewBefore that is shorter"},
		"a renewal without end of the page":           {"report: {certificate: {renewBefore: 91h30m, duration: 90h}}", "report.certificate.renewBefore is 91h30m", "renewed again and again"},
		"an identity that the usual renewal outlives": {"hubs: [{name: a, certificate: {trustDomain: a.example, issuerRef: {name: a}, duration: 6h}}]", "hubs[0].certificate.renewBefore is 8h, and hubs[0].certificate.duration is 6h", "renewed again and again"},
		"a certificate for minutes":                   {"hubs: [{name: a, certificate: {trustDomain: a.example, issuerRef: {name: a}, duration: 30m, renewBefore: 10m}}]", "hubs[0].certificate.duration is 30m", "lives shorter than 1h"},
		"minutes before hours":                        {"hooks: {timeout: 30m1h}", "at '/hooks/timeout'", "a duration in hours, minutes and seconds"},
		"a scrape that outlasts the interval":         {"monitoring: {serviceMonitor: {interval: 10s}}", "monitoring.serviceMonitor.interval is 10s", "which is 15s; Prometheus takes no such monitor"},
		"a scrape of gateways that outlasts it":       {"monitoring: {podMonitor: {scrapeTimeout: 1m30s}}", "monitoring.podMonitor.interval is 60s", "Write a scrapeTimeout that is not longer than the interval."},
		"alerts without pages":                        {"monitoring: {prometheusRule: {enabled: true}}", "monitoring.prometheusRule.runbookBaseURL is empty", "Set it to where your people read docs/runbooks"},
		"a typing error in a profile":                 {"profiles: {overrides: {nd331-2026-level-3: {workload: {minReplica: 3}}}}", "profiles.overrides.nd331-2026-level-3.workload has no field minReplica", "minReplicas"},
		"a typing error in a duty":                    {"profiles: {overrides: {nd331-2026-level-3: {duties: [{kind: RestoreTest, intervall: {}}]}}}", "profiles.overrides.nd331-2026-level-3.duties[0] has no field intervall", "Its fields are"},
		"a change of a profile that is not installed": {"profiles: {regimes: [nd331-2026], overrides: {nd85-2016-level-3: {workload: {minReplicas: 3}}}}", "profiles.overrides changes nd85-2016-level-3, which is not installed", "Add nd85-2016 to profiles.regimes"},
		"a day that there is not":                     {"class: {imageBuiltOn: '2026-02-31'}", "class.imageBuiltOn is 2026-02-31, and there is no such day", "year first, such as 2026-07-01"},
		"a leap day of no leap year":                  {"class: {imageBuiltOn: '2027-02-29'}", "class.imageBuiltOn is 2027-02-29", "there is no such day"},
		"a budget of more than all":                   {"podDisruptionBudget: {maxUnavailable: 100%}", "at '/podDisruptionBudget/maxUnavailable'", "a percentage in quotes such as 50%"},
		"all signers by leaving them out":             {"rbac: {approveSigners: null}", "missing property 'approveSigners'", "Leave the line out to keep what the chart has"},
		"a map whose lines are comments":              {"commonLabels:\n  # team: platform\n", "missing property 'commonLabels'", "a name with nothing or null behind it takes the value away"},
		"subjects whose lines are comments":           {"rbac: {bindings: {auditor: {groups: }}}", "at '/rbac/bindings/auditor': missing property 'groups'", "or write {}, []"},
	})
}
