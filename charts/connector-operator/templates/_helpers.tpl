{{/*
One operator runs in a cluster: its ClusterRoles, its definitions and the job of its metrics have fixed names, as with kustomize. So nothing is named
after the release.
*/}}

{{/* The labels of every object. */}}
{{- define "connector-operator.labels" -}}
{{- $labels := dict
  "app.kubernetes.io/name" "connector-operator"
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_" | trunc 63)
  "app.kubernetes.io/part-of" "lienthong"
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) -}}
{{- toYaml (merge $labels .Values.commonLabels) -}}
{{- end }}

{{/* The labels by which the manager's pods are found, those of config/manager. */}}
{{- define "connector-operator.selectorLabels" -}}
app.kubernetes.io/name: connector-operator
app.kubernetes.io/component: manager
{{- end }}

{{/*
The metadata of an object: (dict "root" $ "name" … "namespaced" true "labels" dict "annotations" dict).
*/}}
{{- define "connector-operator.metadata" -}}
{{- $labels := merge (include "connector-operator.labels" .root | fromYaml) (.labels | default dict) -}}
{{- $annotations := merge (dict) (.annotations | default dict) .root.Values.commonAnnotations -}}
name: {{ .name }}
{{- if .namespaced }}
namespace: {{ .root.Release.Namespace }}
{{- end }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/*
An object that config/ has, as `make manifests` left it in files/: (dict "root" $ "file" <path> "labels" dict "annotations" dict). The namespace and the ServiceAccount
of config/ give way to those of the release, wherever they are written, and so does cert-manager's user to those of certManager.
*/}}
{{- define "connector-operator.shipped" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- $user := printf "system:serviceaccount:%s:%s" $namespace .root.Values.serviceAccount.name -}}
{{- $text := .root.Files.Get .file | fromYaml | toJson | replace "system:serviceaccount:lienthong-system:connector-operator" $user | replace "lienthong-system" $namespace -}}
{{- $users := include "connector-operator.certManagerUsers" .root | splitList "," -}}
{{- if gt (len $users) 1 -}}
{{- $text = $text | replace "== 'system:serviceaccount:cert-manager:cert-manager'" (printf "in ['%s']" (join "', '" $users)) -}}
{{- end -}}
{{- $text = $text | replace "system:serviceaccount:cert-manager:cert-manager" (first $users) -}}
{{- $object := fromJson $text -}}
{{- $_ := merge $object.metadata (dict "labels" dict "annotations" dict) -}}
{{- $_ := set $object.metadata "labels" (merge (include "connector-operator.labels" .root | fromYaml) (.labels | default dict) $object.metadata.labels) -}}
{{- $_ := set $object.metadata "annotations" (merge (dict) (.annotations | default dict) $object.metadata.annotations .root.Values.commonAnnotations) -}}
{{- if not $object.metadata.annotations -}}
{{- $_ := unset $object.metadata "annotations" -}}
{{- end -}}
{{- toYaml $object -}}
{{- end }}

{{/* The repository of the operator's image, with its registry. */}}
{{- define "connector-operator.repository" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry -}}
{{- if $registry -}}{{ $registry }}/{{- end -}}
{{ .Values.image.repository }}
{{- end }}

{{/* The operator's image: by digest, if there is one. */}}
{{- define "connector-operator.image" -}}
{{- $tag := .Values.image.tag -}}
{{- if and (not $tag) (not .Values.image.digest) -}}{{- $tag = .Chart.AppVersion -}}{{- end -}}
{{ include "connector-operator.repository" . }}
{{- with $tag }}:{{ . }}{{ end -}}
{{- with .Values.image.digest }}@{{ . }}{{ end -}}
{{- end }}

{{/* The image of the gateways: by digest in any case. connector-operator.validate holds that there is one. */}}
{{- define "connector-operator.classImage" -}}
{{- if .Values.class.image -}}
{{- .Values.class.image -}}
{{- else -}}
{{ include "connector-operator.repository" . }}@{{ .Values.image.digest }}
{{- end -}}
{{- end }}

{{/* imagePullSecrets of the chart's own pods. */}}
{{- define "connector-operator.imagePullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.imagePullSecrets | uniq }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the restricted Pod Security Standard asks of a pod, and more. */}}
{{- define "connector-operator.podSecurityContext" -}}
runAsNonRoot: true
{{- range $key, $id := .Values.podSecurityContext }}
{{- if not (kindIs "invalid" $id) }}
{{ $key }}: {{ int64 $id }}
{{- end }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* What the restricted Pod Security Standard asks of a container, and more. */}}
{{- define "connector-operator.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
  - ALL
{{- end }}

{{/* What decides on which nodes the chart's pods may run. */}}
{{- define "connector-operator.nodeAffinity" -}}
{{- with .Values.architectures }}
requiredDuringSchedulingIgnoredDuringExecution:
  nodeSelectorTerms:
  - matchExpressions:
    - key: kubernetes.io/arch
      operator: In
      values:
      {{- toYaml . | nindent 6 }}
{{- end }}
{{- end }}

{{/* The affinity of the manager: what the values say, and for the parts on which they are silent, what the chart makes of the rest. */}}
{{- define "connector-operator.affinity" -}}
{{- $affinity := dict -}}
{{- with include "connector-operator.nodeAffinity" . -}}
{{- $_ := set $affinity "nodeAffinity" (fromYaml .) -}}
{{- end -}}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "connector-operator.selectorLabels" . | fromYaml)) -}}
{{- if eq .Values.manager.spread.hosts "Required" -}}
{{- $_ := set $affinity "podAntiAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $term)) -}}
{{- else if eq .Values.manager.spread.hosts "Preferred" -}}
{{- $_ := set $affinity "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term))) -}}
{{- end -}}
{{- range $part, $said := .Values.manager.affinity -}}
{{- $_ := set $affinity $part $said -}}
{{- end -}}
{{- with $affinity }}{{ toYaml . }}{{ end -}}
{{- end }}

{{/* The users that cert-manager makes requests as, as the manager's flag takes them. */}}
{{- define "connector-operator.certManagerUsers" -}}
{{- $user := printf "system:serviceaccount:%s:%s" .Values.certManager.namespace .Values.certManager.serviceAccount -}}
{{- prepend .Values.certManager.extraUsers $user | join "," -}}
{{- end }}

{{/* The name of the Secret with the operator's identity on a hub. */}}
{{- define "connector-operator.identitySecret" -}}
{{- .secretName | default (printf "connector-operator-identity-%s" .name) -}}
{{- end }}

{{/* How long the operator's identity on a hub lives, and how long before its end it is renewed, unless its certificate says otherwise. */}}
{{- define "connector-operator.identityLife" -}}
duration: 24h
renewBefore: 8h
{{- end }}

{{/*
An Issuer that signs itself, and a Certificate of one of the manager's listeners, for: (dict "root" $ "name" … "certificate" <values> "dnsNames" list).
*/}}
{{- define "connector-operator.listenerCertificate" -}}
{{- if not .certificate.issuerRef.name }}
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  {{- include "connector-operator.metadata" (dict "root" .root "name" .name "namespaced" true) | nindent 2 }}
spec:
  selfSigned: {}
---
{{- end }}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "connector-operator.metadata" (dict "root" .root "name" .name "namespaced" true) | nindent 2 }}
spec:
  secretName: {{ .certificate.secretName }}
  duration: {{ .certificate.duration }}
  renewBefore: {{ .certificate.renewBefore }}
  dnsNames:
  {{- toYaml .dnsNames | nindent 2 }}
  usages:
  - digital signature
  - server auth
  privateKey:
    algorithm: ECDSA
    size: 256
    rotationPolicy: Always
  issuerRef:
    name: {{ .certificate.issuerRef.name | default .name }}
    kind: {{ .certificate.issuerRef.kind | default "Issuer" }}
    group: {{ .certificate.issuerRef.group | default "cert-manager.io" }}
{{- end }}

{{/* The rule that lets a pod reach the API server. */}}
{{- define "connector-operator.apiServerEgress" -}}
{{- $api := .Values.networkPolicy.apiServer -}}
- ports:
  {{- range $api.ports }}
  - port: {{ . }}
    protocol: TCP
  {{- end }}
  {{- with $api.cidrs }}
  to:
  {{- range . }}
  - ipBlock:
      cidr: {{ . | quote }}
  {{- end }}
  {{- end }}
{{- end }}

{{/* The parts of a pod that runs for a moment and ends. */}}
{{- define "connector-operator.momentaryPod" -}}
restartPolicy: Never
{{- include "connector-operator.imagePullSecrets" . }}
securityContext:
  {{- include "connector-operator.podSecurityContext" . | nindent 2 }}
{{- with .Values.manager.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.manager.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "connector-operator.nodeAffinity" . }}
affinity:
  nodeAffinity:
    {{- . | nindent 4 }}
{{- end }}
{{- end }}

{{/* The parts of a container that runs for a moment and ends. */}}
{{- define "connector-operator.momentaryContainer" -}}
image: {{ include "connector-operator.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
resources:
  {{- toYaml .Values.hooks.resources | nindent 2 }}
securityContext:
  {{- include "connector-operator.containerSecurityContext" . | nindent 2 }}
{{- end }}

{{/* The network policy of such a pod, which talks to the API server only: (dict "root" $ "component" … "annotations" dict). */}}
{{- define "connector-operator.momentaryNetworkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "connector-operator.metadata" (dict "root" .root "name" (printf "connector-operator-%s" .component) "namespaced" true
    "labels" (dict "app.kubernetes.io/component" .component) "annotations" .annotations) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: connector-operator
      app.kubernetes.io/component: {{ .component }}
  policyTypes:
  - Ingress
  - Egress
  ingress: []
  egress:
  {{- include "connector-operator.apiServerEgress" .root | nindent 2 }}
{{- end }}

{{/* Groups and users as subjects of a binding; a user that is a ServiceAccount is written as one. */}}
{{- define "connector-operator.subjects" -}}
{{- range .groups }}
- apiGroup: rbac.authorization.k8s.io
  kind: Group
  name: {{ . | quote }}
{{- end }}
{{- range .users }}
{{- $parts := splitList ":" . }}
{{- if and (hasPrefix "system:serviceaccount:" .) (eq (len $parts) 4) }}
- kind: ServiceAccount
  namespace: {{ index $parts 2 }}
  name: {{ index $parts 3 }}
{{- else }}
- apiGroup: rbac.authorization.k8s.io
  kind: User
  name: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}
