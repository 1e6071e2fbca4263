{{- define "language.count" -}}
{{- if gt (int .) 0 }}{{ . }}{{ include "language.count" (sub . 1) }}{{ end -}}
{{- end -}}
{{- define "language.tree" }}
{{- .name }}
{{- with .children }}({{ range $i, $child := . }}{{ if $i }}, {{ end }}{{ include "language.tree" $child }}{{ end }}){{ end }}
{{- end -}}
{{/*
A comment over
several lines.
*/}}
{{- define "language.merged" }}
{{- $base := dict "a" (dict "b" 1) }}
{{- $more := mustMergeOverwrite (deepCopy $base) (dict "a" (dict "c" 2)) }}
{{- toYaml $more }}
{{- end }}
