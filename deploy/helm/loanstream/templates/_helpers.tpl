{{- define "loanstream.name" -}}
{{- if contains "loanstream" .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-loanstream" (.Release.Name | trunc 29 | trimSuffix "-") }}{{- end -}}
{{- end }}

{{/* Takes a list: the chart's context, and the role. */}}
{{- define "loanstream.selector" -}}
app.kubernetes.io/name: loanstream
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "loanstream.labels" -}}
{{ include "loanstream.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{- define "loanstream.image" -}}
{{- $root := index . 0 -}}
image: {{ printf "%sloanstream/%s:%s" $root.Values.image.registry (index . 1) ($root.Values.image.tag | default $root.Chart.AppVersion) }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
{{- end }}

{{- define "loanstream.pod" -}}
securityContext: {runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "loanstream.confined" -}}
securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
{{- end }}

{{/* Takes a list: the Secret, and keys in it; a key that ends with a question mark may be missing. */}}
{{- define "loanstream.secrets" -}}
{{- $secret := index . 0 -}}
{{- range rest . }}
- name: {{ trimSuffix "?" . }}
  valueFrom: {secretKeyRef: {name: {{ $secret }}, key: {{ trimSuffix "?" . }}{{ if hasSuffix "?" . }}, optional: true{{ end }}}}
{{- end }}
{{- end }}

{{- define "loanstream.kafka" -}}
{{- include "loanstream.secrets" (list .Values.secrets.cluster "KAFKA_BOOTSTRAP_SERVERS" "LOANSTREAM_KAFKA_SECURITY_PROTOCOL?" "LOANSTREAM_KAFKA_SASL_USERNAME?" "LOANSTREAM_KAFKA_SASL_PASSWORD?") }}
{{- include "loanstream.kafkaCa" . }}
{{- end }}

{{/* The authority that signed the brokers' certificates, where it is the bank's own. */}}
{{- define "loanstream.kafkaCa" -}}
{{- if .Values.kafka.caConfigMap }}
- {name: LOANSTREAM_KAFKA_SSL_CA_FILE, value: /etc/loanstream/kafka/ca.pem}
{{- end }}
{{- end }}

{{- define "loanstream.kafkaCaMount" -}}
{{- if .Values.kafka.caConfigMap }}
- {name: kafka-ca, mountPath: /etc/loanstream/kafka, readOnly: true}
{{- end }}
{{- end }}

{{- define "loanstream.kafkaCaVolume" -}}
{{- with .Values.kafka.caConfigMap }}
- name: kafka-ca
  configMap: {name: {{ . }}, items: [{key: ca.pem, path: ca.pem}]}
{{- end }}
{{- end }}

{{- define "loanstream.mlflow" -}}
{{- if .Values.mlflow.enabled }}
- {name: MLFLOW_TRACKING_URI, value: "http://{{ include "loanstream.name" . }}-mlflow:5000"}
{{- else }}
{{- include "loanstream.secrets" (list .Values.secrets.cluster "MLFLOW_TRACKING_URI") }}
{{- end }}
{{- end }}

{{/* Who may call: the same for the graph's doors and the ledger's, which both check every caller. */}}
{{- define "loanstream.callers" -}}
- {name: LOANSTREAM_USERS_FOLDER, value: /var/lib/loanstream-users}
- {name: LOANSTREAM_JWT_ISSUER, value: {{ .Values.identity.issuer | quote }}}
- {name: LOANSTREAM_JWT_JWKS_URL, value: {{ .Values.identity.jwksUrl | quote }}}
- {name: LOANSTREAM_JWT_AUDIENCE, value: {{ .Values.identity.audience | quote }}}
- {name: LOANSTREAM_JWT_ROLES_CLAIM, value: {{ .Values.identity.rolesClaim | quote }}}
{{- end }}

{{- define "loanstream.usersVolume" -}}
- name: users
  {{- if .Values.users.existingClaim }}
  persistentVolumeClaim: {claimName: {{ .Values.users.existingClaim }}}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}

{{/* Takes a list: port, and path. The first minute is the start's, as in the image's health check. */}}
{{- define "loanstream.probes" -}}
startupProbe:
  httpGet: {path: {{ index . 1 }}, port: {{ index . 0 }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 30
readinessProbe: {httpGet: {path: {{ index . 1 }}, port: {{ index . 0 }}}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3}
livenessProbe: {httpGet: {path: {{ index . 1 }}, port: {{ index . 0 }}}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
{{- end }}

{{/* Takes the storage of a role. */}}
{{- define "loanstream.claim" -}}
accessModes: [ReadWriteOnce]
{{- with .storageClass }}
storageClassName: {{ . }}
{{- end }}
resources: {requests: {storage: {{ .size }}}}
{{- end }}
