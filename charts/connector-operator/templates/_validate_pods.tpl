{{/* What _validate.tpl refuses of the manager's pods. */}}

{{- define "connector-operator.validatePorts" -}}
{{- $values := .root.Values -}}
{{- if and $values.metrics.enabled $values.report.enabled (eq (int $values.metrics.port) (int $values.report.port)) -}}
{{- include "connector-operator.refuse" (dict "to" . "says" (printf "metrics.port and report.port are both %d. Choose two different ports." (int $values.metrics.port))) -}}
{{- end -}}
{{- range $path, $port := dict "metrics.port" $values.metrics.port "report.port" $values.report.port -}}
{{- if eq (int $port) 8081 -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "%s is 8081, at which the kubelet asks whether the manager is well. Choose another port." $path)) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "connector-operator.validateSpread" -}}
{{- if and (eq .root.Values.manager.spread.hosts "Required") .root.Values.manager.affinity.podAntiAffinity -}}
{{- include "connector-operator.refuse" (dict "to" . "says" "manager.affinity.podAntiAffinity takes the place of manager.spread.hosts, which is Required. Set manager.spread.hosts to None, or leave podAntiAffinity out.") -}}
{{- end -}}
{{- end }}

{{- define "connector-operator.validateArguments" -}}
{{- range .root.Values.manager.extraArgs -}}
{{- $flag := regexFind "^--?[a-z-]+" . | trimPrefix "-" | trimPrefix "-" -}}
{{- $value := get (dict
  "leader-elect" "manager.replicas" "identity-dir" "hubs" "metrics-bind-address" "metrics.port" "metrics-cert-dir" "metrics.certificate"
  "report-bind-address" "report.port" "report-cert-dir" "report.certificate" "cert-manager-user" "certManager" "concurrency" "manager.concurrency"
  "notice-deny-networks" "notices.denyNetworks" "notice-allow-networks" "notices.allowNetworks" "health-probe-bind-address" "manager.readinessProbe"
  "namespace" "the release's namespace") $flag -}}
{{- if $value -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "manager.extraArgs sets --%s, which the chart sets by itself. Use %s instead." $flag $value)) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "connector-operator.validateEnvironment" -}}
{{- $fips := .root.Values.fips.enabled -}}
{{- $names := list -}}
{{- range .root.Values.manager.extraEnv -}}
{{- if eq .name "POD_NAMESPACE" -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" "manager.extraEnv sets POD_NAMESPACE, which the chart sets to the release's namespace. Leave it out, and install the release in the namespace that you want.") -}}
{{- else if and (eq .name "GODEBUG") (or $fips (contains "fips140" (.value | default ""))) -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" "manager.extraEnv sets GODEBUG, with which the chart turns FIPS 140 on. Leave it out, and use fips.enabled instead.") -}}
{{- else if has .name $names -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "manager.extraEnv sets %s twice. Write each variable once." .name)) -}}
{{- end -}}
{{- if and .value .valueFrom -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "manager.extraEnv sets %s by value and by valueFrom. Write one of them." .name)) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end }}

{{- define "connector-operator.validateVolumes" -}}
{{- $taken := list "metrics-certificate" "report-tls" -}}
{{- range .root.Values.hubs -}}
{{- $taken = append $taken (printf "identity-%s" .name) -}}
{{- end -}}
{{- $volumes := list -}}
{{- range .root.Values.manager.extraVolumes -}}
{{- if has .name $taken -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "manager.extraVolumes has %q, which is the name of a volume of the chart. Choose another name." .name)) -}}
{{- else if has .name $volumes -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "manager.extraVolumes has %q twice. Write each volume once." .name)) -}}
{{- else if ne (len .) 2 -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "manager.extraVolumes has to say of %q what it is, once: such as configMap with a name, or emptyDir." .name)) -}}
{{- end -}}
{{- $volumes = append $volumes .name -}}
{{- end -}}
{{- range .root.Values.manager.extraVolumeMounts -}}
{{- if not (has .name $volumes) -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "manager.extraVolumeMounts mounts %q, which is not among manager.extraVolumes. Write the volume there too." .name)) -}}
{{- end -}}
{{- if hasPrefix "/var/run/lienthong/" (printf "%s/" (clean .mountPath)) -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "manager.extraVolumeMounts mounts %q in /var/run/lienthong, where the operator finds its identities. Choose another mountPath." .name)) -}}
{{- end -}}
{{- end -}}
{{- end }}
