{{/*
What the schema cannot say, because it takes two values or the cluster. Every template that renders an object includes it. A lookup finds
nothing where no cluster is asked (helm template, Argo CD); there the API server refuses what it has to.
*/}}
{{- define "agency-connector.validate" -}}
{{- if eq .Release.Namespace "default" -}}
  {{- fail "The namespace is default, which is no agency's. Write the agency's own, for instance --namespace g12. / Hãy ghi namespace của cơ quan, ví dụ --namespace g12." -}}
{{- end -}}
{{- range prepend (.Values.agency.namespaces | default list) .Release.Namespace -}}
  {{- if or (hasPrefix "kube-" .) (has . (list "cert-manager" "lienthong-system")) -}}
    {{- fail (printf "The namespace %s is the cluster's or the platform's, and no agency's. Write the agency's own, for instance --namespace g12. / Hãy ghi namespace của cơ quan, ví dụ --namespace g12." .) -}}
  {{- end -}}
{{- end -}}
{{- include "agency-connector.validateCharacters" . -}}
{{- include "agency-connector.validateNames" . -}}
{{- include "agency-connector.validateHostnames" . -}}
{{- include "agency-connector.validateNetworks" . -}}
{{- include "agency-connector.validateZones" . -}}
{{- include "agency-connector.validateReferences" . -}}
{{- include "agency-connector.validatePeople" . -}}
{{- include "agency-connector.validateEvidence" . -}}
{{- include "agency-connector.validateUnchanged" . -}}
{{- end -}}

{{/*
Some characters break a line for a parser of YAML and not on a screen, or turn the direction of writing: with them a request could hold what its
reviewer does not see. In JSON some of them are always written as escapes.
*/}}
{{- define "agency-connector.validateCharacters" -}}
{{- range $part, $values := .Values -}}
  {{- if regexMatch "[\\p{Cf}\u007f-\u009f]|\\\\u202[89]|\\\\u00[01][0-9a-f]" (toJson $values) -}}
    {{- fail (printf "%s: a text in it has a character that no screen shows, such as a hidden line break or one that turns the direction of writing; type the text anew instead of pasting it. / Văn bản có ký tự ẩn; hãy gõ lại thay vì dán." $part) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* Names that are put together must still be short enough, and no two Connectors may have the same. */}}
{{- define "agency-connector.validateNames" -}}
{{- $names := list (include "agency-connector.connectorName" .) -}}
{{- range $suffix, $own := .Values.additionalConnectors -}}
  {{- $name := ($own | default dict).name | default (printf "%s-%s" (include "agency-connector.connectorName" $) $suffix) -}}
  {{- if has $name $names -}}
    {{- fail (printf "additionalConnectors.%s.name: two Connectors of this release would be named %s; give each a name of its own, for instance %s-backup. / Hai kết nối trùng tên; hãy đặt tên riêng cho mỗi kết nối." $suffix $name $name) -}}
  {{- end -}}
  {{- $names = append $names $name -}}
{{- end -}}
{{- range $names -}}
  {{- if not (regexMatch "^[a-z]([-a-z0-9]{0,49}[a-z0-9])?$" .) -}}
    {{- fail (printf "connector.name: a Connector would be named %q, but a name has at most 51 characters, begins with a lower-case letter and has lower-case letters, digits and dashes; write a shorter one, for instance connector.name: g12-18. / Tên kết nối tối đa 51 ký tự, bắt đầu bằng chữ thường, chỉ gồm chữ thường, chữ số và dấu gạch nối; hãy ghi tên ngắn hơn." .) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* A host name lies in a domain of the agency, as far as these values tell its domains. */}}
{{- define "agency-connector.validateHostnames" -}}
{{- $domains := .Values.agency.domains | default list -}}
{{- range $name, $c := include "agency-connector.connectors" . | fromYaml -}}
  {{- range $host := $c.hostnames -}}
    {{- $lies := and (not $domains) (has $.Values.render (list "tenant" "evidence")) -}}
    {{- range $domains -}}
      {{- if or (eq $host .) (hasSuffix (printf ".%s" .) $host) -}}
        {{- $lies = true -}}
      {{- end -}}
    {{- end -}}
    {{- if not $lies -}}
      {{- fail (printf "hostnames: %s of the Connector %s lies in none of agency.domains (%s); add its domain there, for instance agency.domains: [%s], and hand the request over again. / Tên máy chủ không thuộc tên miền nào của cơ quan; hãy bổ sung tên miền vào agency.domains và gửi lại đề nghị." $host $name (join ", " $domains | default "none is given") $host) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* Who operates does not judge. */}}
{{- define "agency-connector.validatePeople" -}}
{{- range $assessor := .Values.request.assessors -}}
  {{- range $.Values.request.operators -}}
    {{- if and (eq .kind $assessor.kind) (eq .name $assessor.name) (eq (.namespace | default $.Release.Namespace) ($assessor.namespace | default $.Release.Namespace)) -}}
      {{- fail (printf "request.assessors: %s %s is among request.operators too, and who operates the connectors does not record the evidence that they are judged by; name somebody else. / Người vận hành không được lập hồ sơ minh chứng; hãy ghi người khác." .kind .name) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* Records name a Connector of this release, and have a level exactly where it means something. */}}
{{- define "agency-connector.validateEvidence" -}}
{{- if and (eq .Values.render "evidence") (not .Values.evidence) -}}
  {{- fail "evidence: there is no record to render. Write the documents that prove what was done under evidence, each with kind, performedAt, performedBy, independentOfOperations, outcome and document. / Chưa có hồ sơ minh chứng nào; hãy ghi các tài liệu vào evidence." -}}
{{- end -}}
{{- $connectors := include "agency-connector.connectors" . | fromYaml -}}
{{- $names := list -}}
{{- range $i, $r := .Values.evidence -}}
  {{- $connector := $r.connector | default (include "agency-connector.connectorName" $) -}}
  {{- if not (hasKey $connectors $connector) -}}
    {{- fail (printf "evidence[%d].connector: no Connector of this release is named %s; write one of %s. / Không có kết nối nào mang tên này; hãy ghi một trong các tên trên." $i $connector (keys $connectors | sortAlpha | join ", ")) -}}
  {{- end -}}
  {{- $ofLevel := has $r.kind (list "LevelDetermination" "LevelAppraisal" "LevelApproval") -}}
  {{- if and $ofLevel (not $r.level) -}}
    {{- fail (printf "evidence[%d].level: a record of the kind %s says which level it is about; write it, for instance level: 3. / Hồ sơ loại này phải ghi cấp độ, ví dụ level: 3." $i $r.kind) -}}
  {{- end -}}
  {{- if and (not $ofLevel) $r.level -}}
    {{- fail (printf "evidence[%d].level: a record of the kind %s has no level; leave it out. / Hồ sơ loại này không có cấp độ; hãy bỏ level." $i $r.kind) -}}
  {{- end -}}
  {{- if and (eq $r.kind "LevelAppraisal") (not $r.independentOfOperations) -}}
    {{- fail (printf "evidence[%d].independentOfOperations: who operates the system may not appraise its level; have it appraised by a unit that does not, and write true. / Đơn vị vận hành không được thẩm định cấp độ; hãy để đơn vị độc lập thẩm định và ghi true." $i) -}}
  {{- end -}}
  {{- $name := include "agency-connector.evidenceName" (dict "record" $r "connector" $connector) -}}
  {{- if has $name $names -}}
    {{- fail (printf "evidence[%d].name: two records would be named %s; give this one a name, for instance %s-2. / Hai hồ sơ trùng tên; hãy đặt tên riêng." $i $name $name) -}}
  {{- end -}}
  {{- $names = append $names $name -}}
{{- end -}}
{{- end -}}

{{/*
What can never be changed is refused before anything is written. A Connector that is named after the code would otherwise be removed, and another
one made, when the code is changed. A cluster that does not know the kind is not asked: what helm says then is clearer than what lookup would.
*/}}
{{- define "agency-connector.validateUnchanged" -}}
{{- if and (has .Values.render (list "tenant" "all")) (.Capabilities.APIVersions.Has "lienthong.gov.vn/v1alpha1/Connector") -}}
{{- $agency := include "agency-connector.agencyName" . -}}
{{- $named := include "agency-connector.connectors" . | fromYaml -}}
{{- range $live := (lookup "lienthong.gov.vn/v1alpha1" "Connector" .Release.Namespace "").items -}}
  {{- $name := $live.metadata.name -}}
  {{- $ours := and $.Release.IsUpgrade (eq (index ($live.metadata.annotations | default dict) "meta.helm.sh/release-name" | toString) $.Release.Name) -}}
  {{- if or (hasKey $named $name) $ours -}}
    {{- if ne $live.spec.agencyRef.name $agency -}}
      {{- fail (printf "agency.code: the Connector %s acts for the Agency %s and cannot be made to act for %s, because its identity is the agency's. Put agency.code back. To connect another agency, install another release in its own namespace; to give this one up, run helm uninstall %s --namespace %s first. / Không thể đổi cơ quan của Connector; hãy ghi lại agency.code cũ." $name $live.spec.agencyRef.name $agency $.Release.Name $.Release.Namespace) -}}
    {{- end -}}
    {{- if ne $live.spec.hubRef.name $.Values.hub -}}
      {{- fail (printf "hub: the Connector %s is linked to the hub %s and cannot be moved to %s, because its identity is issued for its hub. Put hub back. For a second hub, install another release with another connector.name; to give this one up, run helm uninstall %s --namespace %s first. / Không thể đổi trục của Connector; hãy ghi lại hub cũ." $name $live.spec.hubRef.name $.Values.hub $.Release.Name $.Release.Namespace) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
