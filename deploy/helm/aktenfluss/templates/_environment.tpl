{{/* The environment of the processes: settings that may be read go into a ConfigMap, the others stay in their Secrets. */}}

{{/* A number without an exponent: Helm reads 2147483648 as 2.147483648e+09. */}}
{{- define "aktenfluss.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ toString . }}{{ end -}}
{{- end -}}

{{- define "aktenfluss.plain" -}}
AUTH_AUDIENCE: {{ .Values.auth.audience | quote }}
AUTH_ISSUER: {{ .Values.auth.issuer | quote }}
AUTH_ROLES_CLAIM: {{ .Values.auth.rolesClaim | quote }}
AUTH_TENANT_CLAIM: {{ .Values.auth.tenantClaim | quote }}
# What lies in it is mounted; nothing is written there.
DATA_FOLDER: /etc/aktenfluss
{{- if .Values.trust.configMap }}
SSL_CERT_FILE: /etc/aktenfluss/trust/ca.crt
{{- end }}
{{- end -}}

{{/* Settings by their names. */}}
{{- define "aktenfluss.settings" -}}
{{- range $name, $value := . }}
{{ $name }}: {{ include "aktenfluss.text" $value | quote }}
{{- end }}
{{- end -}}

{{- define "aktenfluss.peerUrls" -}}
{{- $urls := dict -}}
{{- range .workload.facts.calls -}}
{{- $_ := set $urls . (printf "http://%s-%s:8080" (include "aktenfluss.fullname" $.root) .) -}}
{{- end -}}
{{- $urls | toJson -}}
{{- end -}}

{{/* Variables out of Secrets. Takes root and variables: names of variables with names in `secrets`. */}}
{{- define "aktenfluss.secretEnvironment" -}}
{{- range $variable, $secret := .variables }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ (get $.root.Values.secrets $secret).name }}
      key: {{ (get $.root.Values.secrets $secret).key }}
{{- end }}
{{- end -}}

{{/* The folder /etc/aktenfluss: the keys and the authorities that are trusted. Takes root and keys: file names with names in `secrets`. */}}
{{- define "aktenfluss.volumes" -}}
- name: temporary
  emptyDir: {sizeLimit: {{ .temporarySize }}}
- name: keys
  projected:
    # The group may read what is root's: so Kubernetes hands a Secret to a process that is not root.
    defaultMode: 0440
    sources:
      {{- range $file, $secret := .keys }}
      - secret:
          name: {{ (get $.root.Values.secrets $secret).name }}
          items: [{key: {{ (get $.root.Values.secrets $secret).key }}, path: {{ $file }}}]
      {{- end }}
{{- with .root.Values.trust }}
{{- if .configMap }}
- name: trust
  configMap:
    name: {{ .configMap }}
    items: [{key: {{ .key }}, path: ca.crt}]
{{- end }}
{{- end }}
{{- end -}}

{{- define "aktenfluss.volumeMounts" -}}
- {name: temporary, mountPath: /tmp}
- {name: keys, mountPath: /etc/aktenfluss/keys, readOnly: true}
{{- if .Values.trust.configMap }}
- {name: trust, mountPath: /etc/aktenfluss/trust, readOnly: true}
{{- end }}
{{- end -}}
