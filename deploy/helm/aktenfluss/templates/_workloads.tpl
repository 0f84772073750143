{{/*
All workloads as a JSON list under `items`: one for each role of each service, its values merged over those of `workload`.
A worker is named for its role; who answers requests has the name of the service.
*/}}
{{- define "aktenfluss.workloads" -}}
{{- $items := list -}}
{{- $facts := .Files.Get "files/services.yaml" | fromYaml -}}
{{- range $service, $values := .Values.services -}}
{{- range $role := $values.roles -}}
{{- $name := printf "%s-%s" (include "aktenfluss.fullname" $) $service -}}
{{- $serves := ne $role "worker" -}}
{{- $works := and (ne $role "api") (get $facts $service).keeps -}}
{{- $recognises := and $works (eq $service "documents") $values.ocr.enabled -}}
{{- $spec := mergeOverwrite (deepCopy $.Values.workload) (deepCopy (get $values $role)) -}}
{{- $items = append $items (dict
      "name" (ternary $name (printf "%s-worker" $name) $serves)
      "label" (ternary $service (printf "%s-worker" $service) $serves)
      "service" $service
      "role" $role
      "serves" $serves
      "works" $works
      "listens" (and $works (get $facts $service).listens)
      "facts" (get $facts $service)
      "recognises" $recognises
      "image" (ternary (dict "service" (printf "%s-ocr" $service) "digest" ($values.ocr).digest)
                       (dict "service" $service "digest" $values.digest) $recognises)
      "settings" (merge (dict) $values.settings $.Values.settings)
      "spec" $spec) -}}
{{- end -}}
{{- end -}}
{{- dict "items" $items | toJson -}}
{{- end -}}

{{/*
Labels that select the pods of one workload. The role is none of them: a Deployment never changes whom it selects, and a
service may go over from [all] to [api, worker]. Takes root and workload.
*/}}
{{- define "aktenfluss.workloadSelector" -}}
{{ include "aktenfluss.selector" .root }}
app.kubernetes.io/component: {{ .workload.service }}
aktenfluss.de/workload: {{ .workload.label }}
{{- end -}}

{{- define "aktenfluss.workloadLabels" -}}
{{ include "aktenfluss.labels" .root }}
app.kubernetes.io/component: {{ .workload.service }}
aktenfluss.de/workload: {{ .workload.label }}
aktenfluss.de/role: {{ .workload.role }}
{{- end -}}
