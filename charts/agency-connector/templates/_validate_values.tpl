{{/*
A network begins with its first address: 10.12.0.7/24 may mean that address or all 256. The schema cannot reckon; of IPv6 the API server says it.
*/}}
{{- define "agency-connector.validateNetworks" -}}
{{- range $name, $c := include "agency-connector.connectors" . | fromYaml -}}
  {{- range $network := ($c.backend | default dict).cidrs -}}
    {{- if regexMatch "^[0-9]+([.][0-9]+){3}/[0-9]+$" $network -}}
      {{- $parts := splitList "/" $network -}}
      {{- $address := 0 -}}
      {{- range splitList "." (first $parts) -}}
        {{- $address = add (mul $address 256) (atoi .) -}}
      {{- end -}}
      {{- $size := 1 -}}
      {{- range until (int (sub 32 (atoi (last $parts)))) -}}
        {{- $size = mul $size 2 -}}
      {{- end -}}
      {{- $begins := sub $address (mod $address $size) -}}
      {{- if ne $address $begins -}}
        {{- $whole := printf "%d.%d.%d.%d/%s" (div $begins 16777216) (mod (div $begins 65536) 256) (mod (div $begins 256) 256) (mod $begins 256) (last $parts) -}}
        {{- fail (printf "backend.cidrs: %s of the Connector %s begins in the middle of a network; write %s for the whole network, or %s/32 for that one address. / Mạng phải bắt đầu bằng địa chỉ đầu tiên; hãy ghi %s cho cả mạng, hoặc %s/32 cho riêng địa chỉ đó." $network $name $whole (first $parts) $whole (first $parts)) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* A time zone is one that exists, wherever the machine knows zones at all. */}}
{{- define "agency-connector.validateZones" -}}
{{- include "agency-connector.validateZone" (dict "at" "agency.timeZone" "zone" .Values.agency.timeZone) -}}
{{- range $name, $c := include "agency-connector.connectors" . | fromYaml -}}
  {{- range $i, $window := $c.maintenanceWindows -}}
    {{- include "agency-connector.validateZone" (dict "at" (printf "maintenanceWindows[%d].timeZone of the Connector %s" $i $name) "zone" $window.timeZone) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* Given a dict of at and zone. Of a zone that it does not know, dateInZone tells the time of UTC. */}}
{{- define "agency-connector.validateZone" -}}
{{- $day := toDate "2006-01-02" "2026-01-01" -}}
{{- $utc := list "UTC" "UCT" "Universal" "Zulu" "Etc/UTC" "Etc/UCT" "Etc/Universal" "Etc/Zulu" -}}
{{- if and .zone (eq (dateInZone "-0700" $day "Asia/Ho_Chi_Minh") "+0700") -}}
  {{- if or (eq .zone "Local") (and (eq (dateInZone "MST" $day .zone) "UTC") (not (has .zone $utc))) -}}
    {{- fail (printf "%s: there is no time zone %s in the IANA database; write a name as it stands there, such as Asia/Ho_Chi_Minh, which holds in all of Vietnam. / Không có múi giờ này trong cơ sở dữ liệu IANA; hãy ghi Asia/Ho_Chi_Minh cho Việt Nam." .at .zone) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* What is named is somebody else, and is named once. */}}
{{- define "agency-connector.validateReferences" -}}
{{- $agency := include "agency-connector.agencyName" . -}}
{{- range $field := list "parent" "supersededBy" -}}
  {{- if eq (index $.Values.agency $field | toString) $agency -}}
    {{- fail (printf "agency.%s: %s is this agency itself; write the name of another Agency, or leave it out. / Đây là chính cơ quan này; hãy ghi tên cơ quan khác, hoặc bỏ trường này." $field $agency) -}}
  {{- end -}}
{{- end -}}
{{- $sinks := list -}}
{{- range $i, $sink := .Values.agency.noticeSinks -}}
  {{- if has $sink.name $sinks -}}
    {{- fail (printf "agency.noticeSinks[%d].name: two sinks are named %s; give each a name of its own. / Hai nơi nhận thông báo trùng tên; hãy đặt tên riêng." $i $sink.name) -}}
  {{- end -}}
  {{- $sinks = append $sinks $sink.name -}}
{{- end -}}
{{- end -}}
