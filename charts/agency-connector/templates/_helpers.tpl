{{/* The name of an object for a code: capitals and dots are not legal in names. */}}
{{- define "agency-connector.slug" -}}
{{- . | lower | replace "." "-" -}}
{{- end -}}

{{/* The name of the Agency object. */}}
{{- define "agency-connector.agencyName" -}}
{{- .Values.agency.name | default (include "agency-connector.slug" .Values.agency.code) -}}
{{- end -}}

{{/* The name of the first Connector. */}}
{{- define "agency-connector.connectorName" -}}
{{- .Values.connector.name | default (include "agency-connector.agencyName" .) -}}
{{- end -}}

{{/* The labels of every object, as YAML. */}}
{{- define "agency-connector.labels" -}}
{{- $own := dict
  "app.kubernetes.io/name" "agency-connector"
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/part-of" "lienthong"
  "helm.sh/chart" (printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_")) -}}
{{- merge $own (.Values.labels | default dict) | toYaml -}}
{{- end -}}

{{/*
All Connectors of the release as a YAML map from name to values. An additional one is as the first, except what it says itself and what
must be its own. Whole fields are taken over, never parts: half of one backend and half of another would be no backend.
*/}}
{{- define "agency-connector.connectors" -}}
{{- $name := include "agency-connector.connectorName" . -}}
{{- $all := dict $name .Values.connector -}}
{{- range $suffix, $own := .Values.additionalConnectors -}}
  {{- $one := omit (deepCopy $.Values.connector) "name" "site" "hostnames" "renewRequestedAt" -}}
  {{- range $field, $value := ($own | default dict) -}}
    {{- $_ := set $one $field $value -}}
  {{- end -}}
  {{- $_ := set $all ($one.name | default (printf "%s-%s" $name $suffix)) $one -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* Text for a comment: on one line, whatever it contains, so that no value gets out of the comment. */}}
{{- define "agency-connector.comment" -}}
{{- regexReplaceAll "[^\\pL\\pM\\pN\\pP\\pS ]+" (toString .) " " -}}
{{- end -}}

{{/* The name of a record; given a dict of record and connector. */}}
{{- define "agency-connector.evidenceName" -}}
{{- .record.name | default (printf "%s-%s-%s" .connector (kebabcase .record.kind) .record.performedAt) -}}
{{- end -}}

{{/*
A sentence if the two codes of an agency read as different units: the same groups in the opposite order are the same, zeros in front aside. Units
that were coded after 2020 need not have codes that correspond, so it is for a person to compare, and nothing is refused.
*/}}
{{- define "agency-connector.codesDiffer" -}}
{{- $code := regexReplaceAll "(^|[.])0+" (toString .code) "${1}" -}}
{{- $legacy := regexReplaceAll "(^|[.])0+" (splitList "." (toString .legacyCode) | reverse | join ".") "${1}" -}}
{{- if and .legacyCode (ne $code (regexReplaceAll "[.]+$" $legacy "")) -}}
code {{ .code }} and legacyCode {{ .legacyCode }} read as different units; compare both with the published lists / hai mã có thể là của hai đơn vị khác nhau; hãy đối chiếu với danh mục đã công bố
{{- end -}}
{{- end -}}
