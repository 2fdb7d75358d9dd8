{{/*
What the schema cannot say, because it takes more than one value. Each refusal names the values, says what is wrong, and what to write.
*/}}
{{- define "connector-operator.validate" -}}
{{- $problems := list -}}

{{- if and .Values.class.create (not .Values.class.image) (not .Values.image.digest) -}}
{{- $problems = append $problems "image.digest is empty, and the ConnectorClass takes an image by digest only. Set image.digest to the digest of the operator's image (sha256: and 64 hexadecimal digits), or class.image to a gateway's image by digest, or class.create to false." -}}
{{- end -}}

{{- $names := list -}}
{{- $secrets := list -}}
{{- range .Values.hubs -}}
{{- if has .name $names -}}
{{- $problems = append $problems (printf "hubs names %q twice. Write each ExchangeHub once." .name) -}}
{{- end -}}
{{- $secret := include "connector-operator.identitySecret" . -}}
{{- if has $secret $secrets -}}
{{- $problems = append $problems (printf "hubs has two identities in the Secret %q. Give each hub a secretName of its own: an identity is good on one hub." $secret) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- $secrets = append $secrets $secret -}}
{{- end -}}

{{- range $path, $certificate := dict "metrics.certificate" .Values.metrics.certificate "report.certificate" .Values.report.certificate -}}
{{- if and $certificate.issuerRef (not $certificate.issuerRef.name) -}}
{{- $problems = append $problems (printf "%s.issuerRef has no name. Write name and kind of an issuer, or leave it empty for a certificate that signs itself." $path) -}}
{{- end -}}
{{- end -}}

{{- if and .Values.monitoring.serviceMonitor.enabled (not (and .Values.metrics.enabled .Values.metrics.service.create)) -}}
{{- $problems = append $problems "monitoring.serviceMonitor.enabled is true, but there is nothing to scrape. Set metrics.enabled and metrics.service.create to true." -}}
{{- end -}}

{{- if and .Values.metrics.enabled .Values.report.enabled (eq (int .Values.metrics.port) (int .Values.report.port)) -}}
{{- $problems = append $problems (printf "metrics.port and report.port are both %d. Choose two different ports." (int .Values.metrics.port)) -}}
{{- end -}}
{{- range $path, $port := dict "metrics.port" .Values.metrics.port "report.port" .Values.report.port -}}
{{- if eq (int $port) 8081 -}}
{{- $problems = append $problems (printf "%s is 8081, at which the kubelet asks whether the manager is well. Choose another port." $path) -}}
{{- end -}}
{{- end -}}

{{- if and (eq .Values.manager.spread.hosts "Required") .Values.manager.affinity.podAntiAffinity -}}
{{- $problems = append $problems "manager.affinity.podAntiAffinity takes the place of manager.spread.hosts, which is Required. Set manager.spread.hosts to None, or leave podAntiAffinity out." -}}
{{- end -}}

{{- range .Values.manager.extraArgs -}}
{{- $flag := regexFind "^--?[a-z-]+" . | trimPrefix "-" | trimPrefix "-" -}}
{{- $value := get (dict
  "leader-elect" "manager.replicas" "identity-dir" "hubs" "metrics-bind-address" "metrics.port" "metrics-cert-dir" "metrics.certificate"
  "report-bind-address" "report.port" "report-cert-dir" "report.certificate" "cert-manager-user" "certManager" "concurrency" "manager.concurrency"
  "notice-deny-networks" "notices.denyNetworks" "notice-allow-networks" "notices.allowNetworks" "health-probe-bind-address" "manager.readinessProbe"
  "namespace" "the release's namespace") $flag -}}
{{- if $value -}}
{{- $problems = append $problems (printf "manager.extraArgs sets --%s, which the chart sets by itself. Use %s instead." $flag $value) -}}
{{- end -}}
{{- end -}}

{{- with $problems -}}
{{- fail (printf "\n\nThe values of connector-operator do not fit together:\n- %s\n" (join "\n- " .)) -}}
{{- end -}}
{{- end }}
