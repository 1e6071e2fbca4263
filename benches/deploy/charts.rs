//! Charts, beside the real Helm: whole processes in turn, and both engines in process.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use deploy::chart::render::ReleaseFacts;
use deploy::chart::template::{TemplateOptions, render_chart};
use deploy::chart::values::{UserValues, Warnings};
use deploy::chart::{Capabilities, load};
use deploy::functions::{Sources, Surroundings};
use deploy::template::Budget;

use super::{Bench, DEPLOY, Sample, median, row, show, time};

/// Rounds of whole processes.
const ROUNDS: usize = 21;

/// A chart to measure, and how often in process.
struct Case {
    name: &'static str,
    path: PathBuf,
    times: usize,
}

pub(super) fn measure(bench: &Bench) {
    let cases = cases(bench.folder.path());
    let helm = prepared("oracle/helm");
    for case in &cases {
        cold(bench, case, helm.as_deref());
    }
    let oracle = prepared("oracle/oracle");
    for case in &cases {
        in_process(case, oracle.as_deref());
    }
}

/// What tests/setup made, if it did.
fn prepared(name: &str) -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("DEPLOY_TEST_CACHE").or_else(|| {
        let caches = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")))?;
        Some(caches.join("deploy-tests"))
    })?;
    Some(cache.join(name)).filter(|path| path.exists())
}

fn cases(folder: &Path) -> Vec<Case> {
    let zenml = prepared("charts/zenml-0.73.0");
    let zenml = zenml.map(|path| Case { name: "ZenML 0.73.0", path, times: 300 });
    let objects = Case { name: "1,000 objects", path: many_objects(&folder.join("objects")), times: 30 };
    let heavy = Case { name: "much template", path: much_template(&folder.join("heavy")), times: 10 };
    zenml.into_iter().chain([objects, heavy]).collect()
}

/// Both programs from nothing to their last byte, one after the other.
fn cold(bench: &Bench, case: &Case, helm: Option<&Path>) {
    let chart = case.path.display().to_string();
    let home = bench.folder.path().display().to_string();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(bench.sample(DEPLOY, &["chart", "render", &chart, "--name", "r", "--namespace", "n"], &[]));
        if let Some(helm) = helm {
            let arguments = ["template", "r", &chart, "--namespace", "n"];
            theirs.push(bench.sample(&helm.display().to_string(), &arguments, &[("HELM_CACHE_HOME", &home)]));
        }
    }
    row(&format!("{}, deploy", case.name), &show(&ours));
    if helm.is_none() {
        row(&format!("{}, helm", case.name), "skipped: there is no helm (make oracle)");
        return;
    }
    row(&format!("{}, helm", case.name), &show(&theirs));
    if let (Some(mine), Some(other)) = (median(&ours), median(&theirs)) {
        let memory = peak(&theirs) / peak(&ours);
        let text = format!("{:.1} times faster (goal: 10), {memory:.1} times less memory (goal: 5)", other / mine);
        row(&format!("{}, ratio", case.name), &text);
    }
}

fn peak(samples: &[Sample]) -> f64 {
    samples.iter().map(|sample| sample.memory).fold(0.0, f64::max)
}

/// From loaded chart to ordered documents, again and again in one process.
fn in_process(case: &Case, oracle: Option<&Path>) {
    let name = format!("{}, in process", case.name);
    let Some(ours) = ours(case) else {
        row(&name, "failed");
        return;
    };
    match oracle.and_then(|oracle| theirs(case, oracle)) {
        Some(helm) => {
            let ratio = format!("{:.1} times faster (goal: 2)", helm / ours);
            row(&name, &format!("{}; Helm: {}; {ratio}", time(ours), time(helm)));
        }
        None => row(&name, &format!("{}; Helm: skipped (make oracle)", time(ours))),
    }
}

/// Median in seconds.
fn ours(case: &Case) -> Option<f64> {
    let mut warnings = Warnings::default();
    let loaded = load::path(&case.path, load::Links::Inside, &mut warnings).ok()?;
    let options = TemplateOptions {
        release: ReleaseFacts { name: "r".into(), namespace: "n".into(), revision: 1, is_upgrade: false },
        capabilities: Capabilities::default(),
        include_crds: false,
        skip_schema_validation: false,
    };
    let mut seconds: Vec<f64> = Vec::new();
    for _ in 0..case.times {
        let mut chart = loaded.clone();
        let surroundings = Surroundings::offline(Sources::fixed(jiff::Timestamp::UNIX_EPOCH, b"bench"));
        let began = Instant::now();
        let user = UserValues::default();
        render_chart(&mut chart, &user, &options, &surroundings, &Budget::default(), &mut warnings).ok()?;
        seconds.push(began.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied()
}

fn theirs(case: &Case, oracle: &Path) -> Option<f64> {
    let mut child = Command::new(oracle).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let question = serde_json::json!({
        "operation": "bench", "chart": { "path": case.path }, "name": "r", "namespace": "n", "times": case.times,
    });
    writeln!(child.stdin.take()?, "{question}").ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    child.wait().ok()?;
    let answer: serde_json::Value = serde_json::from_str(&line).ok()?;
    Some(answer["whole"]["median"].as_f64()? / 1e9)
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for a chart");
    std::fs::write(path, text).expect("a file of a chart");
}

const LABELS: &str = r#"{{- define "labels" -}}
app.kubernetes.io/name: {{ .Chart.Name | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}
"#;

/// A hundred templates with ten documents each.
fn many_objects(folder: &Path) -> PathBuf {
    write(folder, "Chart.yaml", "apiVersion: v2\nname: objects\nversion: 1.0.0\n");
    write(folder, "values.yaml", "data: {one: a, two: b}\nannotations: {team: platform}\n");
    write(folder, "templates/_labels.tpl", LABELS);
    let kinds =
        ["ConfigMap", "Secret", "Service", "Deployment", "ServiceAccount", "Role", "Job", "Pod", "Ingress", "Role"];
    for file in 0..100 {
        let mut text = String::new();
        for (index, kind) in kinds.iter().enumerate() {
            let _ = write!(
                text,
                "---\napiVersion: v1\nkind: {kind}\nmetadata:\n  name: {{{{ .Release.Name }}}}-{file}-{index}\n  labels:\n    \
                 {{{{- include \"labels\" . | nindent 4 }}}}\n  {{{{- with .Values.annotations }}}}\n  annotations:\n    \
                 {{{{- toYaml . | nindent 4 }}}}\n  {{{{- end }}}}\ndata:\n  {{{{- range $key, $value := .Values.data }}}}\n  \
                 {{{{ $key }}}}: {{{{ $value | quote }}}}\n  {{{{- end }}}}\n"
            );
        }
        write(folder, &format!("templates/file-{file}.yaml"), &text);
    }
    folder.to_owned()
}

/// Few documents, and much to do for each: templates within templates, maps that are merged, texts that are templates.
fn much_template(folder: &Path) -> PathBuf {
    write(folder, "Chart.yaml", "apiVersion: v2\nname: heavy\nversion: 1.0.0\n");
    let mut values = String::from("text: 'Hello {{ .name }}, {{ upper .name }}'\nservices:\n");
    for index in 0..60 {
        let _ = write!(
            values,
            "  service-{index}:\n    port: {}\n    replicas: {}\n    env: {{A: a{index}, B: \"{index}\", C: [x, y, z]}}\n    \
             resources: {{limits: {{cpu: 100m, memory: 128Mi}}, requests: {{cpu: 50m}}}}\n",
            8000 + index,
            index % 5
        );
    }
    write(folder, "values.yaml", &values);
    let library = r#"
{{- define "defaults" -}}
replicas: 1
image: {repository: example.com/app, tag: latest, pullPolicy: IfNotPresent}
probes: {liveness: {path: /live, port: http}, readiness: {path: /ready, port: http}}
{{- end -}}
{{- define "merged" -}}
{{- $defaults := include "defaults" . | fromYaml -}}
{{- toYaml (mustMergeOverwrite $defaults (deepCopy .service)) -}}
{{- end -}}
{{- define "environment" -}}
{{- range $key := keys .env | sortAlpha }}
- name: {{ $key | snakecase | upper | quote }}
  value: {{ get $.env $key | toJson | quote }}
{{- end }}
{{- end -}}
"#;
    write(folder, "templates/_library.tpl", &format!("{LABELS}{library}"));
    let template = r#"{{- $root := . }}
{{- range $round := until 5 }}
{{- range $name, $service := $root.Values.services }}
{{- $merged := include "merged" (dict "service" $service) | fromYaml }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ printf "%s-%s-%d" $root.Release.Name $name $round | trunc 63 | trimSuffix "-" }}
  labels: {{- include "labels" $root | nindent 4 }}
  annotations:
    checksum: {{ $merged | toJson | sha256sum }}
    greeting: {{ tpl $root.Values.text (dict "name" $name) | quote }}
spec:
  replicas: {{ $merged.replicas | int }}
  template:
    spec:
      containers:
        - image: "{{ $merged.image.repository }}:{{ $merged.image.tag | default "none" }}"
          {{- if and $merged.probes (gt (int $merged.replicas) 1) }}
          livenessProbe: {{- toYaml $merged.probes.liveness | nindent 12 }}
          {{- else if contains "7" $name }}
          command: [{{ regexReplaceAll "[0-9]+" $name "n" | quote }}]
          {{- end }}
          env: {{- include "environment" $merged | nindent 12 }}
          resources: {{- toYaml $merged.resources | nindent 12 }}
{{- end }}
{{- end }}
"#;
    write(folder, "templates/deployments.yaml", template);
    folder.to_owned()
}
