{{/*
The spec of a Connector, as YAML. What is unset is left out, so that the API server's default holds. It is given a dict of root and connector.
*/}}
{{- define "agency-connector.connectorSpec" -}}
{{- $c := .connector -}}
{{- $spec := dict
  "agencyRef" (dict "name" (include "agency-connector.agencyName" .root))
  "hubRef" (dict "name" .root.Values.hub)
  "securityLevel" (int $c.securityLevel)
  "services" $c.services
  "backend" (include "agency-connector.present" $c.backend | fromYaml) -}}
{{- $optional := pick $c "site" "className" "hostnames" "ipFamilyPolicy" "ipFamilies" "maintenanceWindows" "hardening" "paused" -}}
{{- $spec = merge $spec (include "agency-connector.present" $optional | fromYaml) -}}
{{- with $c.replicas -}}
  {{- $_ := set $spec "replicas" (int .) -}}
{{- end -}}
{{- toYaml $spec -}}
{{- end -}}

{{/* The spec of the Agency, as YAML. */}}
{{- define "agency-connector.agencySpec" -}}
{{- $a := .Values.agency -}}
{{- $spec := pick $a "code" "legacyCode" "type" "domains" "focalPoint" "operatedBy" "timeZone" "noticeSinks" -}}
{{- $spec = include "agency-connector.present" $spec | fromYaml -}}
{{- $_ := set $spec "names" (include "agency-connector.present" $a.names | fromYaml) -}}
{{- $_ := set $spec "namespaces" (prepend ($a.namespaces | default list) .Release.Namespace | uniq) -}}
{{- with $a.parent -}}
  {{- $_ := set $spec "parentRef" (dict "name" .) -}}
{{- end -}}
{{- with $a.supersededBy -}}
  {{- $_ := set $spec "lifecycle" "Superseded" -}}
  {{- $_ := set $spec "supersededBy" (dict "name" .) -}}
{{- end -}}
{{- toYaml $spec -}}
{{- end -}}

{{/* What is set of a map, as YAML: without what is empty. */}}
{{- define "agency-connector.present" -}}
{{- $present := dict -}}
{{- range $field, $value := . -}}
  {{- if $value -}}
    {{- $_ := set $present $field $value -}}
  {{- end -}}
{{- end -}}
{{- toYaml $present -}}
{{- end -}}

{{/* The spec of a record, as YAML; given a dict of record and connector. */}}
{{- define "agency-connector.evidenceSpec" -}}
{{- $r := .record -}}
{{- $by := include "agency-connector.present" (pick $r.performedBy "organisation" "unit") | fromYaml -}}
{{- with $r.performedBy.agency -}}
  {{- $_ := set $by "agencyRef" (dict "name" .) -}}
{{- end -}}
{{- $spec := pick $r "kind" "regime" "performedAt" "independentOfOperations" "outcome" "document" -}}
{{- $_ := set $spec "connectorRef" (dict "name" .connector) -}}
{{- $_ := set $spec "performedBy" $by -}}
{{- with $r.level -}}
  {{- $_ := set $spec "level" (int .) -}}
{{- end -}}
{{- with $r.supersedes -}}
  {{- $_ := set $spec "supersedes" (dict "name" .) -}}
{{- end -}}
{{- toYaml $spec -}}
{{- end -}}
