{{/*
What the schema cannot say, because it takes more than one value. Each refusal names the values, says what is wrong, and what to write. Every template below
is given (dict "root" $ "problems" list), and appends its refusals to the list; _validate_pods.tpl and _validate_platform.tpl have more of them.
*/}}
{{- define "connector-operator.validate" -}}
{{- $found := dict "root" . "problems" list -}}
{{- range list "Images" "Hubs" "Certificates" "Ports" "Monitoring" "NetworkPolicy" "Profiles" "Spread" "Arguments" "Environment" "Volumes" -}}
{{- $_ := include (printf "connector-operator.validate%s" .) $found -}}
{{- end -}}
{{- with $found.problems -}}
{{- fail (printf "\n\nThe values of connector-operator do not fit together:\n- %s\n" (join "\n- " .)) -}}
{{- end -}}
{{- end }}

{{/* Appends one refusal: (dict "to" <found> "says" <sentence>). */}}
{{- define "connector-operator.refuse" -}}
{{- $_ := set .to "problems" (append .to.problems .says) -}}
{{- end }}

{{/* The seconds of a duration of the schema's form. */}}
{{- define "connector-operator.seconds" -}}
{{- $seconds := 0 -}}
{{- range regexFindAll "[0-9]+[hms]" . -1 -}}
{{- $seconds = add $seconds (mul (regexFind "[0-9]+" . | atoi) (get (dict "h" 3600 "m" 60 "s" 1) (regexFind "[hms]" .))) -}}
{{- end -}}
{{- $seconds -}}
{{- end }}

{{- define "connector-operator.validateImages" -}}
{{- $values := .root.Values -}}
{{- $host := include "connector-operator.repository" .root | splitList "/" | first -}}
{{- if not (or (contains "." $host) (contains ":" $host) (eq $host "localhost")) -}}
{{- include "connector-operator.refuse" (dict "to" . "says" (printf "image.registry names no registry, so nodes would look for the image as %q at Docker Hub. Set it to the registry that you pushed the image to, such as registry.example:5000." (include "connector-operator.repository" .root))) -}}
{{- end -}}
{{- if and $values.class.create (not $values.class.image) (not $values.image.digest) -}}
{{- include "connector-operator.refuse" (dict "to" . "says" "image.digest is empty, and the ConnectorClass takes an image by digest only. Set image.digest to the digest of the operator's image (sha256: and 64 hexadecimal digits), or class.image to a gateway's image by digest, or class.create to false.") -}}
{{- end -}}
{{- with $values.class.imageBuiltOn -}}
{{- if ne . (toDate "2006-01-02" . | date "2006-01-02") -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "class.imageBuiltOn is %s, and there is no such day. Write the day on which the image was built, year first, such as 2026-07-01." .)) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "connector-operator.validateHubs" -}}
{{- $names := list -}}
{{- $secrets := list -}}
{{- range .root.Values.hubs -}}
{{- if has .name $names -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "hubs names %q twice. Write each ExchangeHub once." .name)) -}}
{{- end -}}
{{- $secret := include "connector-operator.identitySecret" . -}}
{{- if has $secret $secrets -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "hubs has two identities in the Secret %q. Give each hub a secretName of its own: an identity is good on one hub." $secret)) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- $secrets = append $secrets $secret -}}
{{- end -}}
{{- end }}

{{- define "connector-operator.validateCertificates" -}}
{{- $certificates := dict -}}
{{- range $path, $certificate := dict "metrics.certificate" .root.Values.metrics.certificate "report.certificate" .root.Values.report.certificate -}}
{{- if and $certificate.issuerRef (not $certificate.issuerRef.name) -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "%s.issuerRef has no name. Write name and kind of an issuer, or leave it empty for a certificate that signs itself." $path)) -}}
{{- end -}}
{{- $_ := set $certificates $path (pick $certificate "duration" "renewBefore") -}}
{{- end -}}
{{- range $index, $hub := .root.Values.hubs -}}
{{- with $hub.certificate -}}
{{- $_ := set $certificates (printf "hubs[%d].certificate" $index) (merge (pick . "duration" "renewBefore") (include "connector-operator.identityLife" $ | fromYaml)) -}}
{{- end -}}
{{- end -}}
{{- range $path, $life := $certificates -}}
{{- $duration := include "connector-operator.seconds" $life.duration | int -}}
{{- if lt $duration 3600 -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "%s.duration is %s, and cert-manager makes no certificate that lives shorter than 1h. Write a longer one." $path $life.duration)) -}}
{{- else if ge (include "connector-operator.seconds" $life.renewBefore | int) $duration -}}
{{- include "connector-operator.refuse" (dict "to" $ "says" (printf "%s.renewBefore is %s, and %s.duration is %s, so the certificate would be renewed again and again. Write a renewBefore that is shorter, such as a third of the duration." $path $life.renewBefore $path $life.duration)) -}}
{{- end -}}
{{- end -}}
{{- end }}
