{{ define "shared" }}of the database{{ end }}
