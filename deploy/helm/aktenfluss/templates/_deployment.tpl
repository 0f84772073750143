{{/* One workload: what its processes are told, and how they run. Takes root and workload. */}}

{{- define "aktenfluss.configuration" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .workload.name }}
  labels:
    {{- include "aktenfluss.workloadLabels" . | nindent 4 }}
data:
  {{- include "aktenfluss.plain" .root | nindent 2 }}
  HOST: 0.0.0.0
  PORT: "8080"
  ROLE: {{ .workload.role }}
  PEER_URLS: {{ include "aktenfluss.peerUrls" . | squote }}
  {{- if not .workload.facts.keeps }}
  # It keeps nothing; the folder of the embedded store is made all the same.
  OBJECT_STORE_URL: file:///tmp/objects
  {{- end }}
  {{- if .workload.recognises }}
  OCR_MODEL: /usr/share/tessdata/Latin.traineddata
  {{- end }}
  {{- with .workload.settings }}
  {{- include "aktenfluss.settings" . | trim | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "aktenfluss.deployment" -}}
{{- $spec := .workload.spec -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .workload.name }}
  labels:
    {{- include "aktenfluss.workloadLabels" . | nindent 4 }}
spec:
  {{- if not $spec.autoscaling.enabled }}
  replicas: {{ int $spec.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: {{ include "aktenfluss.text" $spec.maxSurge }}, maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "aktenfluss.workloadSelector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "aktenfluss.workloadLabels" . | nindent 8 }}
        {{- with $spec.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        checksum/configuration: {{ include "aktenfluss.configuration" . | sha256sum }}
        {{- with $spec.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "aktenfluss.fullname" .root }}
      {{- include "aktenfluss.podSecurity" .root | nindent 6 }}
      terminationGracePeriodSeconds: {{ int $spec.terminationGracePeriodSeconds }}
      {{- with $spec.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $spec.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $spec.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $spec.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - topologyKey: {{ . }}
          maxSkew: 1
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "aktenfluss.workloadSelector" $ | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      containers:
        - {{ include "aktenfluss.container" . | nindent 10 | trim }}
      volumes:
        {{- $keys := dict "issuer.pem" "issuer" -}}
        {{- if eq .workload.service "audit" }}{{ $_ := set $keys "audit.pem" "audit" }}{{ end }}
        {{- include "aktenfluss.volumes" (dict "root" .root "keys" $keys "temporarySize" $spec.temporarySize) | nindent 8 }}
{{- end -}}

{{- define "aktenfluss.container" -}}
{{- $secrets := dict "SECRET" "signing" -}}
{{- if .workload.facts.keeps }}{{ $secrets = merge $secrets (dict "DATABASE_URL" "database" "OBJECT_STORE_URL" "objectStore") }}{{ end -}}
{{- if .workload.works }}{{ $_ := set $secrets "EVENT_BUS_URL" "eventBus" }}{{ end -}}
name: {{ .workload.service }}
image: {{ include "aktenfluss.image" (merge (dict "root" .root) .workload.image) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: [python, -m, aktenfluss.{{ .workload.service }}]
args: [serve]
envFrom:
  - configMapRef: {name: {{ .workload.name }}}
env:
  {{- include "aktenfluss.secretEnvironment" (dict "root" .root "variables" $secrets) | trim | nindent 2 }}
ports:
  - {name: http, containerPort: 8080}
# Neither restarts a process because a database is away: /live and /startup never ask one.
startupProbe:
  httpGet: {path: /startup, port: http}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /live, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /ready, port: http}
  periodSeconds: 5
  # A database that is away is waited for DATABASE_CONNECT_SECONDS.
  timeoutSeconds: 6
  failureThreshold: 2
lifecycle:
  preStop:
    sleep: {seconds: {{ int .workload.spec.preStopSeconds }}}
resources:
  {{- toYaml .workload.spec.resources | nindent 2 }}
{{ include "aktenfluss.containerSecurity" .root }}
volumeMounts:
  {{- include "aktenfluss.volumeMounts" .root | nindent 2 }}
{{- end -}}
