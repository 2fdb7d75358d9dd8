{{/* What _validate.tpl refuses of monitoring, the network and the security profiles. */}}

{{- define "connector-operator.validateMonitoring" -}}
{{- $values := .root.Values -}}
{{- if and $values.monitoring.serviceMonitor.enabled (not (and $values.metrics.enabled $values.metrics.service.create)) -}}
{{- include "connector-operator.refuse" (dict "to" . "says" "monitoring.serviceMonitor.enabled is true, but there is nothing to scrape. Set metrics.enabled and metrics.service.create to true.") -}}
{{- end -}}
{{- range $path, $monitor := pick $values.monitoring "serviceMonitor" "podMonitor" -}}
{{- if lt (include "connector-operator.seconds" $monitor.interval | int) (include "connector-operator.seconds" $monitor.scrapeTimeout | int) -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "monitoring.%s.interval is %s and shorter than monitoring.%s.scrapeTimeout, which is %s; Prometheus takes no such monitor. Write a scrapeTimeout that is not longer than the interval." $path $monitor.interval $path $monitor.scrapeTimeout)) -}}
{{- end -}}
{{- end -}}
{{- if and $values.monitoring.prometheusRule.enabled (not $values.monitoring.prometheusRule.runbookBaseURL) -}}
{{- include "connector-operator.refuse" (dict "to" . "says" "monitoring.prometheusRule.runbookBaseURL is empty, so no alert would lead to its page. Set it to where your people read docs/runbooks, such as https://git.example/connector-operator/docs/runbooks.") -}}
{{- end -}}
{{- end }}

{{- define "connector-operator.validateNetworkPolicy" -}}
{{- $values := .root.Values -}}
{{- if $values.networkPolicy.enabled -}}
{{- range $served, $labels := dict "metrics" "monitoringNamespaceLabels" "report" "reportNamespaceLabels" -}}
{{- if and (get $values $served).enabled (not (get $values.networkPolicy $labels)) -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "networkPolicy.%s is empty, which would let every namespace in. Write a label of the namespaces that are to be let in, or set %s.enabled to false." $labels $served)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The definition of the profiles, which the chart ships, says what fields there are. */}}
{{- define "connector-operator.validateProfiles" -}}
{{- $profiles := .root.Values.profiles -}}
{{- range $name, $override := $profiles.overrides -}}
{{- $regime := regexReplaceAll "-level-[0-9]$" $name "" -}}
{{- if and $profiles.create (not (has $regime $profiles.regimes)) -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "profiles.overrides changes %s, which is not installed. Add %s to profiles.regimes, or leave the change out." $name $regime)) -}}
{{- end -}}
{{- $definition := $.root.Files.Get "crds/lienthong.gov.vn_securityprofiles.yaml" | fromYaml -}}
{{- $schema := (first $definition.spec.versions).schema.openAPIV3Schema.properties.spec -}}
{{- include "connector-operator.validateFields" (dict "found" $ "path" (printf "profiles.overrides.%s" $name) "value" $override "schema" $schema) -}}
{{- end -}}
{{- end }}

{{/* Refuses fields that a definition does not have: (dict "found" … "path" … "value" … "schema" …). */}}
{{- define "connector-operator.validateFields" -}}
{{- $given := . -}}
{{- if and (kindIs "map" .value) .schema.properties -}}
{{- range $key, $value := .value -}}
{{- with get $given.schema.properties $key -}}
{{- include "connector-operator.validateFields" (dict "found" $given.found "path" (printf "%s.%s" $given.path $key) "value" $value "schema" .) -}}
{{- else -}}
{{- include "connector-operator.refuse" (dict "to" $given.found "says" (printf "%s has no field %s. Its fields are %s." $given.path $key (keys $given.schema.properties | sortAlpha | join ", "))) -}}
{{- end -}}
{{- end -}}
{{- else if and (kindIs "slice" .value) .schema.items -}}
{{- range $index, $value := .value -}}
{{- include "connector-operator.validateFields" (dict "found" $given.found "path" (printf "%s[%d]" $given.path $index) "value" $value "schema" $given.schema.items) -}}
{{- end -}}
{{- end -}}
{{- end }}
