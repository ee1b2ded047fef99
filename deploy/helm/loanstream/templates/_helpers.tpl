{{- define "loanstream.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of everything; call with (dict "root" $ "role" "monitor"). */}}
{{- define "loanstream.labels" -}}
{{ include "loanstream.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{- define "loanstream.selector" -}}
app.kubernetes.io/name: loanstream
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "loanstream.image" -}}
{{- $image := .root.Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
loanstream/{{ .role }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* What every pod of ours has: a user who is not root, and nobody's token of the cluster. */}}
{{- define "loanstream.pod" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext: {runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
{{- end -}}

{{- define "loanstream.container" -}}
image: {{ include "loanstream.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
envFrom:
  - secretRef: {name: {{ .root.Values.existingSecret }}}
securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
{{- end -}}

{{- define "loanstream.filesVolume" -}}
{{- with .Values.existingFilesSecret }}
- {name: files, secret: {secretName: {{ . }}, defaultMode: 288}}
{{- end }}
{{- end -}}

{{- define "loanstream.filesMount" -}}
{{- if .Values.existingFilesSecret }}
- {name: files, mountPath: /etc/loanstream, readOnly: true}
{{- end }}
{{- end -}}

{{/* A probe by HTTP at a role's own port, as its image's health check asks. */}}
{{- define "loanstream.probes" -}}
startupProbe:
  httpGet: {path: {{ .path }}, port: {{ .port }}}
  periodSeconds: 5
  failureThreshold: 60
readinessProbe:
  httpGet: {path: {{ .path }}, port: {{ .port }}}
  periodSeconds: 10
  timeoutSeconds: 5
livenessProbe:
  httpGet: {path: {{ .path }}, port: {{ .port }}}
  periodSeconds: 30
  timeoutSeconds: 10
  failureThreshold: 6
{{- end -}}

{{- define "loanstream.doors" -}}
http://{{ include "loanstream.name" . }}-serve-svc:8000
{{- end -}}

{{- define "loanstream.claim" -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "loanstream.name" .root }}-{{ .role }}
  labels: {{- include "loanstream.labels" . | nindent 4 }}
  annotations: {helm.sh/resource-policy: keep}
spec:
  accessModes: [ReadWriteOnce]
  {{- with .storage.className }}
  storageClassName: {{ . }}
  {{- end }}
  resources: {requests: {storage: {{ .storage.size }}}}
{{- end -}}

{{/* Whose tokens are believed: the same at the doors and at the ledger. */}}
{{- define "loanstream.callers" -}}
{{- with .Values.identityProvider }}
{{- if .issuer }}
- {name: LOANSTREAM_JWT_ISSUER, value: {{ .issuer | quote }}}
- {name: LOANSTREAM_JWT_JWKS_URL, value: {{ .jwksUrl | quote }}}
- {name: LOANSTREAM_JWT_AUDIENCE, value: {{ .audience | quote }}}
- {name: LOANSTREAM_JWT_ROLES_CLAIM, value: {{ .rolesClaim | quote }}}
{{- end }}
{{- end }}
{{- end -}}
