"""Messages: the Go templates that say what has happened; labels and annotations come in as data, never as templates."""

from __future__ import annotations

TITLE = '{{ template "interlock.title" . }}'
TEXT = '{{ template "interlock.text" . }}'
SLACK = '{{ template "interlock.slack" . }}'
HTML = '{{ template "interlock.html" . }}'
RUNBOOK = "{{ .CommonAnnotations.runbook_url }}"
"""The same for all alerts of a group."""

MESSAGES = """\
{{ define "interlock.title" -}}
[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] {{ .GroupLabels.alertname }}
{{- with .GroupLabels.component }} of {{ . }}{{ end }}
{{- with .GroupLabels.severity }}, {{ . }}{{ end }}
{{- with .CommonLabels.environment }}, in {{ . }}{{ end }}
{{- end }}

{{ define "interlock.text" -}}
{{ range .Alerts -}}
{{ or .Annotations.summary .Labels.alertname }}{{ if eq .Status "resolved" }} (resolved){{ end }}
{{ with .Annotations.description }}{{ . }}
{{ end -}}
{{ with .Labels.component }}Component: {{ . }}
{{ end -}}
{{ with .Labels.severity }}Severity: {{ . }}
{{ end -}}
{{ with .Labels.owner }}Owner: {{ . }}
{{ end -}}
Since: {{ .StartsAt.UTC.Format "2006-01-02 15:04:05 MST" }}
{{ with .Annotations.runbook_url }}Runbook: {{ . }}
{{ end }}
{{ end -}}
{{- end }}

{{/* Slack takes three characters for markup: https://docs.slack.dev/messaging/formatting-message-text */}}
{{ define "interlock.slack.plain" -}}
{{ . | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;" }}
{{- end }}

{{ define "interlock.slack" -}}
{{ range .Alerts -}}
*{{ template "interlock.slack.plain" (or .Annotations.summary .Labels.alertname) }}*{{ if eq .Status "resolved" }} (resolved){{ end }}
{{ with .Annotations.description }}{{ template "interlock.slack.plain" . }}
{{ end -}}
{{ with .Labels.component }}Component: {{ template "interlock.slack.plain" . }}
{{ end -}}
{{ with .Labels.severity }}Severity: {{ template "interlock.slack.plain" . }}
{{ end -}}
{{ with .Labels.owner }}Owner: {{ template "interlock.slack.plain" . }}
{{ end -}}
{{ with .Annotations.runbook_url }}Runbook: {{ template "interlock.slack.plain" . }}
{{ end }}
{{ end -}}
{{- end }}

{{ define "interlock.html" -}}
<!DOCTYPE html>
<html>
<body>
<h1>{{ template "interlock.title" . }}</h1>
{{ range .Alerts -}}
<h2>{{ or .Annotations.summary .Labels.alertname }}{{ if eq .Status "resolved" }} (resolved){{ end }}</h2>
{{ with .Annotations.description }}<p>{{ . }}</p>
{{ end -}}
<table>
{{ range .Labels.SortedPairs -}}
<tr><th align="left">{{ .Name }}</th><td>{{ .Value }}</td></tr>
{{ end -}}
<tr><th align="left">since</th><td>{{ .StartsAt.UTC.Format "2006-01-02 15:04:05 MST" }}</td></tr>
</table>
{{ with .Annotations.runbook_url -}}
{{ if match "^https?://" . }}<p><a href="{{ . }}">Runbook</a></p>{{ else }}<p>Runbook: {{ . }}</p>{{ end }}
{{ end -}}
{{ end -}}
<p><a href="{{ .ExternalURL }}">Alertmanager</a></p>
</body>
</html>
{{- end }}
"""


def to_text(header: str) -> str:
    return f"{{{{/* {header.replace('*/', '* /')} */}}}}\n{MESSAGES}"
