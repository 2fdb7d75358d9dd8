{{/* What a request asks for, for the person who reviews it. Every value in it is kept on its line. */}}
{{- define "agency-connector.requestHeader" -}}
{{- $a := .Values.agency -}}
# Request to connect an agency to the document exchange hub / Yêu cầu kết nối cơ quan vào trục liên thông văn bản
#
#   agency / cơ quan:    {{ include "agency-connector.comment" $a.names.vi }}{{ with $a.names.en }} ({{ include "agency-connector.comment" . }}){{ end }}
#   code / mã định danh: {{ include "agency-connector.comment" $a.code }}{{ with $a.legacyCode }} (QCVN 102: {{ include "agency-connector.comment" . }}){{ end }}
#   object / đối tượng:  Agency {{ include "agency-connector.agencyName" . | include "agency-connector.comment" }}
{{- with include "agency-connector.codesDiffer" $a }}
#   TO COMPARE / CẦN ĐỐI CHIẾU: {{ include "agency-connector.comment" . }}
{{- end }}
{{- with $a.supersededBy }}
#   MERGED INTO / ĐÃ SÁP NHẬP VÀO: {{ include "agency-connector.comment" . }}
{{- end }}
{{- range $a.noticeSinks }}
#   is sent notices at:  {{ include "agency-connector.comment" .url }}
{{- end }}
{{- with $a.labels }}
#   labels / nhãn:       {{ toJson . | include "agency-connector.comment" }}
{{- end }}
{{- with .Values.request.namespace.labels }}
#   namespace's labels:  {{ toJson . | include "agency-connector.comment" }}
{{- end }}
#   type / loại:         {{ include "agency-connector.comment" $a.type }}{{ with $a.parent }}, belongs to {{ include "agency-connector.comment" . }}{{ end }}
#   focal point/đầu mối: {{ include "agency-connector.contact" $a.focalPoint }}
#   hub / trục:          {{ include "agency-connector.comment" .Values.hub }}
#   host names below:    {{ join ", " ($a.domains | default list) | default "no domain, so no host name" | include "agency-connector.comment" }}
#   acts in namespaces:  {{ prepend ($a.namespaces | default list) .Release.Namespace | uniq | join ", " | include "agency-connector.comment" }}
#   operators:           {{ include "agency-connector.people" .Values.request.operators }}
#   assessors:           {{ include "agency-connector.people" .Values.request.assessors }}
{{- range $name, $c := include "agency-connector.connectors" . | fromYaml }}
#   will install:        Connector {{ include "agency-connector.comment" $name }}, level / cấp độ {{ int $c.securityLevel }}, {{ join " " $c.services | include "agency-connector.comment" }}
{{- end }}
{{- with .Values.request.note }}
#   note / ghi chú:      {{ include "agency-connector.comment" . }}
{{- end }}
#
# To review: is the code the published one, do the domains belong to the agency, are these the people it names? Only an Agency that lists
# the namespace makes a Connector there act for the agency. Render the request yourself from the agency's values file, then compare and apply:
#
#   helm template {{ .Release.Name }} <this chart> --namespace {{ .Release.Namespace }} --values <values file> --set render=request > request.yaml
#   kubectl diff -f request.yaml          # of an agency that is there already
#   kubectl apply -f request.yaml
#
# The role connector-operator-platform-admin may do so, but for changing a namespace or a binding that is there: an administrator of the cluster does.
#
# If spec.agencyRefs of the hub names the agencies that may connect, add {{ include "agency-connector.agencyName" . | include "agency-connector.comment" }} there.
{{ end -}}

{{/* Who answers, in one line. */}}
{{- define "agency-connector.contact" -}}
{{- $c := . | default dict -}}
{{- compact (list $c.unit $c.email $c.phone) | join ", " | default "none given" | include "agency-connector.comment" -}}
{{- end -}}

{{/* Subjects of bindings in one line. */}}
{{- define "agency-connector.people" -}}
{{- $people := list -}}
{{- range . -}}
  {{- $people = append $people (printf "%s %s%s" .kind .name (ternary (printf " of %s" (default "this namespace" .namespace)) "" (eq .kind "ServiceAccount"))) -}}
{{- end -}}
{{- join ", " $people | default "none: no right is asked for" | include "agency-connector.comment" -}}
{{- end -}}

{{/* Subjects of a binding, as YAML; given a dict of root and of. */}}
{{- define "agency-connector.subjects" -}}
{{- $subjects := list -}}
{{- range .of -}}
  {{- if eq .kind "ServiceAccount" -}}
    {{- $subjects = append $subjects (dict "kind" .kind "name" .name "namespace" (.namespace | default $.root.Release.Namespace)) -}}
  {{- else -}}
    {{- $subjects = append $subjects (dict "kind" .kind "name" .name "apiGroup" "rbac.authorization.k8s.io") -}}
  {{- end -}}
{{- end -}}
{{- toYaml $subjects -}}
{{- end -}}
