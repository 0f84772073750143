{{/* Who may talk to whom. */}}

{{/* A place that may be called. Takes the peers `to` and the `ports`. */}}
{{- define "aktenfluss.egress" -}}
- to:
    {{- toYaml .to | nindent 4 }}
  ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
{{- end -}}

{{- define "aktenfluss.dnsEgress" -}}
- to:
    {{- toYaml .to | nindent 4 }}
  ports:
    {{- range .ports }}
    - {protocol: UDP, port: {{ int . }}}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
{{- end -}}

{{/* The Service of a workload: for callers, and for Prometheus alone before a worker. Takes root and workload. */}}
{{- define "aktenfluss.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .workload.name }}
  labels:
    {{- include "aktenfluss.workloadLabels" . | nindent 4 }}
spec:
  {{- if not .workload.serves }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "aktenfluss.workloadSelector" . | nindent 4 }}
  ports:
    - {name: http, port: 8080, targetPort: http}
{{- end -}}

{{/* Exactly what a workload needs. Takes root and workload. */}}
{{- define "aktenfluss.networkPolicy" -}}
{{- $policy := .root.Values.networkPolicy -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .workload.name }}
  labels:
    {{- include "aktenfluss.workloadLabels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "aktenfluss.workloadSelector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- $from := concat $policy.metrics (ternary $policy.door list .workload.serves) (include "aktenfluss.callers" . | fromJson).items }}
    {{- if $from }}
    - from:
        {{- toYaml $from | nindent 8 }}
      ports:
        - {protocol: TCP, port: 8080}
    {{- else }}
    []
    {{- end }}
  egress:
    {{- include "aktenfluss.dnsEgress" $policy.egress.dns | nindent 4 }}
    {{- if .workload.facts.keeps }}
    {{- include "aktenfluss.egress" $policy.egress.database | nindent 4 }}
    {{- include "aktenfluss.egress" $policy.egress.objectStore | nindent 4 }}
    {{- end }}
    {{- if .workload.works }}
    {{- include "aktenfluss.egress" $policy.egress.eventBus | nindent 4 }}
    {{- end }}
    {{- if and .workload.serves .workload.facts.keeps (ne .root.Values.auth.issuer "embedded:") }}
    {{- include "aktenfluss.egress" $policy.egress.issuer | nindent 4 }}
    {{- end }}
    {{- if $policy.egress.traces.to }}
    {{- include "aktenfluss.egress" $policy.egress.traces | nindent 4 }}
    {{- end }}
    {{- with .workload.facts.calls }}
    - to:
        {{- range . }}
        - podSelector:
            matchLabels:
              {{- include "aktenfluss.selector" $.root | nindent 14 }}
              app.kubernetes.io/component: {{ . }}
        {{- end }}
      ports:
        - {protocol: TCP, port: 8080}
    {{- end }}
{{- end -}}

{{/* The pods that call the service of a workload, as a JSON list under `items`. */}}
{{- define "aktenfluss.callers" -}}
{{- $items := list -}}
{{- $facts := .root.Files.Get "files/services.yaml" | fromYaml -}}
{{- if .workload.serves -}}
{{- range $service, $fact := $facts -}}
{{- if has $.workload.service $fact.calls -}}
{{- $labels := include "aktenfluss.selector" $.root | fromYaml -}}
{{- $items = append $items (dict "podSelector" (dict "matchLabels" (set $labels "app.kubernetes.io/component" $service))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "items" $items | toJson -}}
{{- end -}}
