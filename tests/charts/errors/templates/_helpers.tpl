{{ define "deep" }}
  {{- include "deeper" . }}
{{ end }}
{{ define "deeper" }}{{ .Values.list | first | upper }}{{ end }}
{{ define "outer" }}{{ with .Values }}{{ template "inner" . }}{{ end }}{{ end }}
{{ define "inner" }}

   {{ .text.nothing }}{{ end }}
{{ define "forever" }}{{ include "forever" . }}{{ end }}
