//! `deploy chart render` as a user calls it. What is expected here is what `helm template` 4.3.1 printed.

use crate::support::TestEnv;

/// A chart of one object, one hook and one test.
fn chart(template: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    env.write("c/values.yaml", "a: 1\nb: {x: default}\n");
    env.write("c/templates/t.yaml", template);
    env.write("c/templates/hook.yaml", "kind: Job\nmetadata: {annotations: {helm.sh/hook: pre-install}}\n");
    env.write("c/templates/test.yaml", "kind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}\n");
    env
}

const TEMPLATE: &str = "kind: {{ .Release.Name }}.{{ .Release.Namespace }}\na: {{ .Values.a }}\nb: {{ .Values.b.x }}\n";

#[test]
fn manifests_come_first_and_hooks_after_them() {
    let env = chart(TEMPLATE);
    let run = env.deploy(["chart", "render", "c", "--name", "r", "-n", "ns"]).run().succeeds();
    assert_eq!(
        run.stdout,
        "---\n# Source: c/templates/t.yaml\nkind: r.ns\na: 1\nb: default\n\
         ---\n# Source: c/templates/test.yaml\nkind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}\n\n\
         ---\n# Source: c/templates/hook.yaml\nkind: Job\nmetadata: {annotations: {helm.sh/hook: pre-install}}\n\n"
    );
    assert_eq!(run.stderr, "");
    let run = env.deploy(["chart", "render", "./c", "--no-hooks"]).run().succeeds();
    assert_eq!(run.stdout, "---\n# Source: c/templates/t.yaml\nkind: release-name.default\na: 1\nb: default\n");
    let run = env.deploy(["chart", "render", "c", "--show-only", "templates/ho*.yaml"]).run().succeeds();
    assert_eq!(
        run.stdout,
        "---\n# Source: c/templates/hook.yaml\nkind: Job\nmetadata: {annotations: {helm.sh/hook: pre-install}}\n\n\n"
    );
}

#[test]
fn values_come_from_files_input_and_flags() {
    let env = chart(TEMPLATE);
    env.write("v.yaml", "a: file\nb: {x: file}\n");
    let call = ["chart", "render", "c", "--no-hooks", "-f", "v.yaml", "-f", "-", "--set", "b.x=flag"];
    let run = env.deploy(call).input("a: input\n").run().succeeds();
    assert!(run.stdout.ends_with("a: input\nb: flag\n"), "{}", run.transcript());
    let run = env.deploy(["chart", "render", "c", "--set", "a"]).run().exits(1);
    assert!(run.stderr.contains("error[DEP-CHART-002]: failed parsing --set data: key \"a\" has no value\n"));
    let run = env.deploy(["chart", "render", "c", "-f", "none.yaml"]).run().exits(1);
    assert!(run.stderr.contains("error[DEP-CHART-002]: open none.yaml: no such file or directory\n"));
}

#[test]
fn errors_stand_in_helms_words_on_one_line() {
    let cases = [
        ("a: {{ fail \"boom\" }}", "007", "execution error at (c/templates/t.yaml:1:6): boom"),
        ("a: {{ nope }}", "006", "parse error at (c/templates/t.yaml:1): function \"nope\" not defined"),
        (
            "a: b: c",
            "008",
            "YAML parse error on c/templates/t.yaml: error converting YAML to JSON: yaml: mapping values are not allowed \
             in this context",
        ),
    ];
    for (template, code, line) in cases {
        let env = chart(template);
        let run = env.deploy(["chart", "render", "c"]).run().exits(1);
        assert!(run.stderr.starts_with(&format!("error[DEP-CHART-{code}]: {line}\n")), "{}", run.transcript());
        assert_eq!(run.stdout, "");
    }
    let run = chart("a: b: c").deploy(["chart", "render", "c", "--debug"]).run().exits(1);
    assert!(run.stdout.contains("# Source: c/templates/t.yaml\na: b: c\n"), "{}", run.transcript());
    let run = chart(TEMPLATE).deploy(["chart", "render", "./none"]).run().exits(1);
    assert!(run.stderr.starts_with("error[DEP-CHART-001]: path \"./none\" not found\n"), "{}", run.transcript());
}

#[test]
fn the_same_call_makes_the_same_secrets_and_another_release_others() {
    let env = chart("a: {{ randAlphaNum 20 }} {{ now | date \"2006\" }}\n");
    let render = |name: &str| env.deploy(["chart", "render", "c", "--name", name]).run().succeeds().stdout;
    assert_eq!(render("one"), render("one"));
    assert_ne!(render("one"), render("two"));
}

#[test]
fn a_link_out_of_the_chart_is_followed_only_on_request() {
    let env = chart("a: {{ .Files.Get \"secret\" }}\n");
    let outside = env.write("outside", "taken");
    std::os::unix::fs::symlink(outside, env.folder().join("c/secret")).unwrap();
    let run = env.deploy(["chart", "render", "c"]).run().exits(1);
    assert!(run.stderr.contains("secret is a symbolic link that leads out of the chart"), "{}", run.transcript());
    let run = env.deploy(["chart", "render", "c", "--follow-links", "--no-hooks"]).run().succeeds();
    assert!(run.stdout.ends_with("a: taken\n"), "{}", run.transcript());
}
