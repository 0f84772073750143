{{/* How many pods of a workload: the least that stay while nodes are drained, and how they grow. Takes root and workload. */}}

{{- define "aktenfluss.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .workload.name }}
  labels:
    {{- include "aktenfluss.workloadLabels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "aktenfluss.workloadSelector" . | nindent 6 }}
{{- end -}}

{{/* Whether what waits tells how many are needed: where KEDA is there, of those who carry events. */}}
{{- define "aktenfluss.scalesByLag" -}}
{{- if and .root.Values.keda.enabled .workload.works }}true{{ end -}}
{{- end -}}

{{- define "aktenfluss.scaler" -}}
{{- if include "aktenfluss.scalesByLag" . }}{{ include "aktenfluss.scaledObject" . }}{{ else }}{{ include "aktenfluss.horizontalScaler" . }}{{ end -}}
{{- end -}}

{{- define "aktenfluss.horizontalScaler" -}}
{{- $scaling := .workload.spec.autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .workload.name }}
  labels:
    {{- include "aktenfluss.workloadLabels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .workload.name }}}
  minReplicas: {{ int $scaling.minReplicas }}
  maxReplicas: {{ int $scaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ int $scaling.cpuPercent }}}
{{- end -}}

{{- define "aktenfluss.scaledObject" -}}
{{- $scaling := .workload.spec.autoscaling -}}
{{- $of := printf "namespace=%q,service=%q" .root.Release.Namespace .workload.service -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ .workload.name }}
  labels:
    {{- include "aktenfluss.workloadLabels" . | nindent 4 }}
spec:
  scaleTargetRef: {name: {{ .workload.name }}}
  minReplicaCount: {{ int $scaling.minReplicas }}
  maxReplicaCount: {{ int $scaling.maxReplicas }}
  triggers:
    - type: cpu
      metricType: Utilization
      metadata: {value: {{ int $scaling.cpuPercent | quote }}}
    # Facts that wait to be published. Each pod reads the same number out of the database.
    - type: prometheus
      metadata:
        serverAddress: {{ .root.Values.keda.prometheusUrl }}
        query: {{ printf "max(outbox_waiting_events{%s})" $of | squote }}
        threshold: {{ int .root.Values.keda.lagEvents | quote }}
    # Jobs that wait. Each pod reads the same number out of the database.
    - type: prometheus
      metadata:
        serverAddress: {{ .root.Values.keda.prometheusUrl }}
        query: {{ printf "max(waiting_jobs{%s})" $of | squote }}
        threshold: {{ int .root.Values.keda.waitingJobs | quote }}
    {{- if .workload.listens }}
    # Events that wait for a consumer. Each pod tells of the partitions that are its own.
    - type: prometheus
      metadata:
        serverAddress: {{ .root.Values.keda.prometheusUrl }}
        query: {{ printf "sum(event_lag{%s})" $of | squote }}
        threshold: {{ int .root.Values.keda.lagEvents | quote }}
    {{- end }}
{{- end -}}
