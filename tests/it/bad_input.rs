//! What users get wrong, in files, flags and environment: each mistake is told with its place, its cause and a next
//! step, nothing is changed, and the mended file works.

use std::fmt::Write as _;

use crate::support::{Expected, Finding, Key, Run, TestEnv};

const GOOD: &str = "name: trial\nscenario: local-server\n";
/// Planted wherever a secret could be written by mistake.
const SECRET: &str = "hunter2-4711";

fn env() -> TestEnv {
    let mut env = TestEnv::new();
    env.set("COLUMNS", "80");
    env
}

/// Runs `lint` for people and `apply` for scripts on a bad file; both must tell the same and change nothing. The good
/// file is accepted afterwards.
#[track_caller]
fn refused(env: &TestEnv, text: impl AsRef<[u8]>, exit: i32, expected: &Expected<'_>) -> Run {
    std::fs::write(env.folder().join("deployment.yaml"), text).unwrap();
    let run = refused_here(env, &[], exit, expected);
    env.write("deployment.yaml", GOOD);
    env.deploy(["lint"]).run().succeeds();
    run
}

/// The same for what stands in the folder, with further flags.
#[track_caller]
fn refused_here(env: &TestEnv, flags: &[&str], exit: i32, expected: &Expected<'_>) -> Run {
    let run = env.deploy(["lint"]).args(flags).run().exits(exit).tells(expected).fits(80);
    let apply = env.deploy(["apply", "--yes", "-o", "json"]).args(flags).run().exits(exit).reports(expected);
    assert_eq!(apply.json()["outcome"], "failed");
    assert_eq!(apply.json()["apiVersion"], "deploy/v1");
    assert_eq!(apply.failure().changed, "nothing was changed", "{}", apply.transcript());
    assert_eq!(run.finding().next, apply.failure().next, "people and scripts are told the same");
    unchanged(env);
    without_secret(&run);
    without_secret(&apply);
    run
}

#[track_caller]
fn unchanged(env: &TestEnv) {
    assert_eq!(env.deployments(), Vec::<String>::new());
    assert_eq!(env.processes(), []);
}

#[track_caller]
fn without_secret(run: &Run) {
    let all = run.transcript();
    let printed = format!("{}{}", run.stdout, run.stderr);
    assert!(!printed.contains("hunter2") && !printed.contains("4711"), "the secret is shown\n{all}");
}

#[test]
fn files_that_are_no_deployment() {
    let env = env();
    let empty = Expected {
        code: "DEP-FILE-004",
        place: "deployment.yaml",
        cause: "nothing but white space and comments",
        next: "deploy init",
    };
    refused(&env, "", 1, &empty);
    refused(&env, "# name: trial\n\n---\n# scenario: local-server\n", 1, &empty);
    let text =
        Expected { code: "DEP-FILE-002", place: "deployment.yaml", cause: "is not UTF-8", next: "check that the path" };
    refused(&env, [b'n', 0xff, 0xfe, b'\n'], 1, &text);
    refused(&env, b"name: a\0b\n", 1, &text);
    let list = Expected {
        code: "DEP-FILE-006",
        place: "deployment.yaml:1:1",
        cause: "the file is a list, expected a map",
        next: "`name: …`",
    };
    refused(&env, "- name: trial\n- scenario: local-server\n", 1, &list);
    refused(&env, "just words\n", 1, &Expected { cause: "the file is the text", ..list });
}

#[test]
fn files_that_cannot_be_read() {
    let env = env();
    let missing = Expected {
        code: "DEP-FILE-001",
        place: "/deployment.yaml",
        cause: "No such file or directory",
        next: "deploy init",
    };
    refused_here(&env, &[], 1, &missing);
    refused_here(&env, &["-f", "prod.yaml"], 1, &Expected { place: "/prod.yaml", ..missing });
    let folder = Expected { cause: "it is a folder", next: "name a file in it", place: "", ..missing };
    refused_here(&env, &["-f", "."], 1, &folder);
    let large = Expected { cause: "it has 52428800 bytes", next: "check that the path", ..missing };
    let began = std::time::Instant::now();
    refused(&env, vec![b'a'; 50 << 20], 1, &large);
    assert!(began.elapsed().as_secs() < 20, "a large file is not read");
    refused_here(&env, &["-f", "/dev/zero"], 1, &Expected { place: "/dev/zero", cause: "no end in sight", ..large });
}

#[test]
fn a_file_on_standard_input_is_a_file() {
    let env = env();
    env.deploy(["lint", "-f", "-"]).input(GOOD).run().succeeds();
    let expected =
        Expected { code: "DEP-FILE-005", place: "standard input:3:1", cause: "unknown key `sever`", next: "`server:`" };
    env.deploy(["lint", "-f", "-"]).input(format!("{GOOD}sever: {{}}\n")).run().exits(1).tells(&expected);
    let empty = Expected { code: "DEP-FILE-004", place: "standard input", cause: "nothing but", next: "deploy init" };
    env.deploy(["lint", "-f", "-"]).run().exits(1).tells(&empty);
}

#[test]
fn yaml_that_is_none() {
    let env = env();
    let tabs =
        Expected { code: "DEP-FILE-003", place: "deployment.yaml:4:2", cause: "tabs", next: "mend the marked place" };
    let run = refused(&env, format!("{GOOD}server:\n\tport: 8240\n"), 1, &tabs);
    assert!(run.finding().notes.contains("YAML takes spaces only"), "{}", run.transcript());
    let twice = Expected {
        code: "DEP-FILE-003",
        place: "deployment.yaml:3:1",
        cause: "the key `name` stands twice",
        next: "keep one of the two",
    };
    let run = refused(&env, format!("{GOOD}name: other\n"), 1, &twice);
    assert!(run.stderr.contains("1 | name: trial"), "both places are shown\n{}", run.transcript());
    let documents = Expected {
        place: "deployment.yaml:4:1",
        cause: "a second document begins here",
        next: "`-f one.yaml -f two.yaml`",
        ..twice
    };
    refused(&env, format!("{GOOD}---\nname: other\n"), 1, &documents);
    let open = Expected { place: "deployment.yaml:", cause: "did not find expected ',' or '}'", next: "mend", ..twice };
    refused(&env, format!("{GOOD}server: {{ port: 1\nmlflow:\n"), 1, &open);
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    let too_much =
        Expected { code: "DEP-FILE-009", place: "deployment.yaml:", cause: "asks for too much", next: "fewer aliases" };
    refused(&env, bomb, 1, &too_much);
}

#[test]
fn anchors_and_merge_keys_work() {
    let env = env();
    let text =
        "name: &name trial\nscenario: local-server\nhealth: &window { rounds: 3 }\nserver:\n  adminUser: *name\n";
    env.write("deployment.yaml", text);
    env.write(
        "over.yaml",
        "name: trial\nscenario: local-server\nhealth:\n  <<: { rounds: 5, intervalSeconds: 7 }\n  rounds: 4\n",
    );
    let origins = origins(
        &env.deploy(["lint", "--show-origin", "-o", "json", "-f", "deployment.yaml", "-f", "over.yaml"])
            .run()
            .succeeds(),
    );
    assert_eq!(origins("server.adminUser").0, "trial");
    assert_eq!(origins("health.rounds").0, 4);
    assert_eq!(origins("health.intervalSeconds").0, 7);
}

#[test]
fn all_mistakes_of_a_file_in_one_run() {
    let env = env();
    let text = "name: 0.98\nscenario: local-server\nversion: 0.98\nservr: {}\nserver:\n  prot: 1\n  port: 70000\n  replicas: many\n\
                target: { local: { runtim: process } }\ndatabase: { mysql: { tls: { caa: x } } }\nmlflow: 7\nzzz: 1\n";
    env.write("deployment.yaml", text);
    let run = env.deploy(["lint"]).run().exits(1).fits(80);
    let found: Vec<String> = Finding::drawn(&run.stderr)
        .iter()
        .map(|f| format!("{} {} {} -> {}", f.code, f.place.trim_start_matches("deployment.yaml:"), f.title, f.next))
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r#"
    DEP-FILE-006 1:7 `name` is the number 0.98, expected a text -> put it in quotes: `"0.98"`
    DEP-FILE-006 3:10 `version` is the number 0.98, expected a text -> put it in quotes: `"0.98"`
    DEP-FILE-005 4:1 unknown key `servr` -> write `server:` instead of `servr:`
    DEP-FILE-005 6:3 unknown key `server.prot` -> write `port:` instead of `prot:`
    DEP-FILE-006 7:9 `server.port` is the number 70000, expected a whole number from 0 to 65535 -> write a whole number from 0 to 65535
    DEP-FILE-006 8:13 `server.replicas` is the text "many", expected a whole number that is not negative -> write a whole number that is not negative
    DEP-FILE-005 9:20 unknown key `target.local.runtim` -> write `runtime:` instead of `runtim:`
    DEP-FILE-005 10:29 unknown key `database.mysql.tls.caa` -> write `ca:` instead of `caa:`
    DEP-FILE-006 11:9 `mlflow` is the number 7, expected a map -> write keys with values below it
    DEP-FILE-005 12:1 unknown key `zzz` -> remove it, or move it to where it belongs
    "#);
    let json = env.deploy(["lint", "-o", "json"]).run().exits(1).json();
    assert_eq!(json["ok"], false);
    assert_eq!(json["findings"].as_array().unwrap().len(), found.len());
    unchanged(&env);
}

#[test]
fn a_drawn_mistake_shows_the_users_own_line() {
    let env = env();
    env.write("deployment.yaml", &format!("{GOOD}server:\n  prot: 8240\n"));
    let run = env.deploy(["lint"]).run().exits(1);
    insta::assert_snapshot!(run.stderr, @r"
    error[DEP-FILE-005]: unknown key `server.prot`
     --> deployment.yaml:4:3
      |
    4 |   prot: 8240
      |   ^^^^ did you mean `port`?
      changed   nothing was changed
      note      known here: port, listen, url, auth, adminUser, adminPassword,
                jwtSecretKey, replicas, analytics, environment, secretEnvironment
      next      write `port:` instead of `prot:`
      more      deploy explain DEP-FILE-005
    ");
}

#[test]
fn scenarios_that_do_not_exist_or_mean_several() {
    let env = env();
    let unknown = Expected {
        code: "DEP-SCENARIO-001",
        place: "deployment.yaml:2:11",
        cause: "no scenario is called `local-servr`",
        next: "did you mean local-server?",
    };
    let run = refused(&env, "name: trial\nscenario: local-servr\n", 1, &unknown);
    assert!(run.finding().notes.contains("hybrid-workspace"), "all names are listed\n{}", run.transcript());
    let stranger = Expected { cause: "`nonsense`", next: "deploy scenario list", ..unknown };
    refused(&env, "name: trial\nscenario: nonsense\n", 1, &stranger);
    let several = Expected {
        code: "DEP-SCENARIO-002",
        cause: "`2b` means several scenarios",
        next: "`hybrid-customer-data` or `private-secret-store`",
        ..unknown
    };
    let run = refused(&env, "name: trial\nscenario: 2b\n", 1, &several);
    assert!(run.stderr.contains("beta-1:2b is private-secret-store"), "candidates\n{}", run.transcript());
    assert!(run.finding().next.contains("`beta-2:2b`"), "{}", run.transcript());
    let missing = Expected {
        code: "DEP-FILE-007",
        place: "deployment.yaml:1:1",
        cause: "`scenario` is missing",
        next: "`scenario: …`",
    };
    refused(&env, "name: trial\n", 1, &missing);
    env.write("deployment.yaml", "name: trial\nscenario: \"beta-2:2b\"\n");
    env.deploy(["lint"]).run().succeeds();
}

#[test]
fn scenarios_of_ones_own_are_checked() {
    let env = env();
    env.write("deployment.yaml", GOOD);
    let own = std::fs::read_to_string(crate::support::repository().join("scenarios/local-server.yaml")).unwrap();
    let wrong = own.replacen("storedOn: [customer], storedIn: database", "storedOn: [vendor], storedIn: database", 1);
    assert_ne!(own, wrong);
    env.write("mine/local-server.yaml", &wrong);
    let expected = Expected { code: "DEP-SCENARIO-003", place: "mine/local-server.yaml:", cause: "metadata", next: "" };
    refused_here(&env, &["--scenarios", "mine"], 1, &expected);
    env.write("mine/local-server.yaml", "name: local-server\nsides: 3\n");
    let unknown = Expected {
        code: "DEP-FILE-005",
        place: "mine/local-server.yaml:2:1",
        cause: "unknown key `sides`",
        next: "remove it",
    };
    refused_here(&env, &["--scenarios", "mine"], 1, &unknown);
    let nothing = Expected { code: "DEP-FILE-001", place: "", cause: "No such file", next: "built-in" };
    refused_here(&env, &["--scenarios", "nowhere"], 1, &nothing);
    env.write("mine/local-server.yaml", &own);
    env.deploy(["lint", "--scenarios", "mine"]).run().succeeds();
}

#[test]
fn scenarios_on_targets_that_they_do_not_run_on() {
    let env = env();
    let expected = Expected {
        code: "DEP-SCENARIO-004",
        place: "deployment.yaml:3:9",
        cause: "local-server does not run on kubernetes",
        next: "leave `target` out",
    };
    refused(&env, format!("{GOOD}target: {{ kubernetes: {{}} }}\n"), 1, &expected);
    let agent = Expected { cause: "agent does not run on local", ..expected };
    refused(&env, "name: trial\nscenario: agent\ntarget: { local: {} }\n", 1, &agent);
    let slip =
        Expected { code: "DEP-FILE-006", place: "deployment.yaml:3:11", cause: "`kubernets`", next: "`kubernetes`" };
    refused(&env, format!("{GOOD}target: {{ kubernets: {{}} }}\n"), 1, &slip);
}

#[test]
fn what_the_scenario_does_not_allow() {
    let env = env();
    let check = |scenario: &str, line: &str, expected: Expected<'_>| {
        let expected = Expected { place: &format!("deployment.yaml:{}", expected.place), ..expected };
        refused(&env, format!("name: trial\nscenario: {scenario}\n{line}\n"), 5, &expected);
    };
    let listen = Expected {
        code: "DEP-CONTRACT-006",
        place: "3:19",
        cause: "`server.listen` lets others reach it",
        next: "127.0.0.1",
    };
    check("local-server", "server: { listen: 0.0.0.0 }", listen);
    let auth = Expected { code: "DEP-CONTRACT-006", place: "3:17", cause: "`server.auth`", next: "auth: password" };
    check("remote-server", "server: { auth: none }", auth);
    let reports =
        Expected { code: "DEP-CONTRACT-008", place: "3:22", cause: "`server.analytics`", next: "analytics: false" };
    check("on-prem", "server: { analytics: true }", reports);
    let store =
        Expected { code: "DEP-CONTRACT-010", place: "3:32", cause: "artifact store on this machine", next: "leave" };
    check("local-server", "artifactStore: { s3: { bucket: x } }", store);
    let secrets = Expected {
        code: "DEP-CONTRACT-001",
        place: "3:15",
        cause: "keeps secrets on the customer's side",
        next: "vault",
    };
    check("agent", "secretsStore: sql", secrets);
    let flag = Expected { code: "DEP-CONTRACT-006", place: "--set server.auth", ..auth };
    env.write("deployment.yaml", "name: trial\nscenario: remote-server\n");
    refused_here(&env, &["--set", "server.auth=none"], 5, &flag);
}

#[test]
fn what_this_build_cannot_apply_is_planned_and_rendered_and_not_begun() {
    let env = env();
    for name in ["full-saas", "hybrid-workspace", "agent"] {
        env.write("deployment.yaml", &format!("name: trial\nscenario: {name}\n"));
        let expected = Expected {
            code: "DEP-TARGET-001",
            place: "in the plan",
            cause: "run on target kubernetes",
            next: "`deploy plan` and `deploy render`",
        };
        env.deploy(["apply", "--yes"]).run().exits(1).tells(&expected).fits(80);
        let apply = env.deploy(["apply", "--yes", "-o", "json"]).run().exits(1).reports(&expected);
        assert_eq!(apply.json()["outcome"], "failed");
        env.deploy(["plan"]).run().succeeds().fits(80);
        let folder = env.folder().join(format!("rendered-{name}"));
        env.deploy(["render", "-o"]).arg(&folder).run().succeeds();
        assert!(folder.join("contract.yaml").exists());
        unchanged(&env);
    }
}

#[test]
fn secrets_in_plain_text_are_refused_and_never_shown() {
    let env = env();
    let inline = Expected {
        code: "DEP-FILE-010",
        place: "deployment.yaml:3:26",
        cause: "`server.adminPassword` holds a secret",
        next: "`server.adminPassword: { fromEnv: NAME }`",
    };
    refused(&env, format!("{GOOD}server: {{ adminPassword: {SECRET} }}\n"), 1, &inline);
    refused(&env, format!("{GOOD}server: {{ adminPassword: 47114711 }}\n"), 1, &inline);
    let further =
        Expected { cause: "`server.secretEnvironment.API`", place: "deployment.yaml:3:37", next: "fromEnv", ..inline };
    refused(&env, format!("{GOOD}server: {{ secretEnvironment: {{ API: {SECRET} }} }}\n"), 1, &further);
    let variable = Expected {
        cause: "`server.environment.API_TOKEN` seems to hold",
        place: "deployment.yaml:3:37",
        next: "server.secretEnvironment.API_TOKEN",
        ..inline
    };
    refused(&env, format!("{GOOD}server: {{ environment: {{ API_TOKEN: {SECRET} }} }}\n"), 1, &variable);
    let url = Expected {
        cause: "`database.mysql.url` holds a password",
        place: "deployment.yaml:3:27",
        next: "take the password out of the URL",
        ..inline
    };
    refused(
        &env,
        format!("{GOOD}database: {{ mysql: {{ url: \"mysql://zenml:{SECRET}@db:3306/zenml\" }} }}\n"),
        1,
        &url,
    );
    let store =
        format!("{GOOD}server: {{ environment: {{ ZENML_STORE_URL: \"mysql://zenml:{SECRET}@db/zenml\" }} }}\n");
    let expected = Expected {
        cause: "`server.environment.ZENML_STORE_URL` seems to hold",
        place: "deployment.yaml:3:43",
        next: "`database.mysql.url`, without a password and its password with `database.mysql.password: { fromEnv: NAME }`",
        ..inline
    };
    refused(&env, store, 1, &expected);
    let proxy = format!("{GOOD}server: {{ environment: {{ HTTPS_PROXY: \"http://u:{SECRET}@proxy:3128\" }} }}\n");
    refused(
        &env,
        proxy,
        1,
        &Expected { cause: "HTTPS_PROXY", place: "deployment.yaml:3:39", next: "secretEnvironment", ..inline },
    );
    let proxy = format!("{GOOD}network: {{ proxy: {{ url: \"http://u:{SECRET}@proxy:3128\" }} }}\n");
    let expected = Expected { cause: "`network.proxy.url` holds a password", place: "deployment.yaml:3:26", ..url };
    refused(&env, proxy, 1, &expected);
    for flag in [
        format!("server.adminPassword={SECRET}"),
        format!("server={{ adminPassword: {SECRET} }}"),
        format!("database.mysql.url=mysql://zenml:{SECRET}@db/zenml"),
    ] {
        let place = format!("--set {}", flag.split('=').next().unwrap());
        refused_here(
            &env,
            &["--set", &flag],
            1,
            &Expected { place: &place, cause: "holds a", next: "fromEnv", ..inline },
        );
    }
}

/// The mistake stands beside the secret, in its key or in the YAML around it.
#[test]
fn mistakes_near_a_secret_do_not_show_it() {
    let env = env();
    let beside = Expected {
        code: "DEP-FILE-005",
        place: "deployment.yaml:3:40 (the line is not shown",
        cause: "unknown key `server.prot`",
        next: "`port:`",
    };
    let text = format!("{GOOD}server: {{ adminPassword: {SECRET}, prot: 3 }}\n");
    std::fs::write(env.folder().join("deployment.yaml"), text).unwrap();
    without_secret(&env.deploy(["lint"]).run().exits(1).tells(&beside));
    for (text, code) in [
        (format!("server: {{ adminPasswrd: {SECRET} }}\n"), "DEP-FILE-005"),
        (format!("server:\n  adminPassword: \"{SECRET}\n"), "DEP-FILE-003"),
        (format!("server:\n  adminPassword: [{SECRET}\n"), "DEP-FILE-003"),
        (format!("server:\n  adminPassword: *{SECRET}\n"), "DEP-FILE-003"),
        (format!("server:\n  adminPassword: a\n  adminPassword: {SECRET}\n"), "DEP-FILE-003"),
        (format!("server:\n  secretEnvironment: {SECRET}\n"), "DEP-FILE-006"),
        (format!("server:\n  secretEnvironment:\n    A: [{SECRET}]\n"), "DEP-FILE-006"),
        (format!("database: mysql://zenml:{SECRET}@db/zenml\n"), "DEP-FILE-006"),
        (format!("database: {{ mysql: {{ url: \"mysql://zenml:{SECRET}@db/zen-ml\" }} }}\n"), "DEP-FILE-010"),
    ] {
        let expected = Expected { code, ..Expected::default() };
        refused(&env, format!("{GOOD}{text}"), 1, &expected);
    }
    for flag in [
        "server.adminPassword=[hunter2-4711",
        "server.adminPassword=*hunter2-4711",
        "server.adminPassword=\"hunter2-4711",
    ] {
        let expected = Expected {
            code: "DEP-USAGE-001",
            place: "--set server.adminPassword",
            cause: "is not valid YAML",
            next: "quotes",
        };
        refused_here(&env, &["--set", flag], 64, &expected);
    }
}

#[test]
fn secrets_in_plain_text_are_taken_from_who_insists_and_still_not_shown() {
    let env = env();
    env.write("deployment.yaml", &format!("{GOOD}server: {{ adminPassword: {SECRET} }}\n"));
    for arguments in [["lint", "--show-origin"], ["lint", "-ojson"], ["plan", "-ojson"], ["plan", "-otable"]] {
        without_secret(&env.deploy(arguments).arg("--allow-inline-secrets").run().succeeds());
    }
    let short = Expected {
        code: "DEP-SECRET-004",
        place: "server.adminPassword",
        cause: "5 characters, at least 8",
        next: "a value that fits",
    };
    env.write("deployment.yaml", &format!("{GOOD}server: {{ adminPassword: short }}\n"));
    env.deploy(["plan", "--allow-inline-secrets"]).run().exits(1).tells(&short);
}

#[test]
fn sources_that_give_nothing() {
    let env = env();
    let check = |source: &str, expected: Expected<'_>| {
        env.write("deployment.yaml", &format!("{GOOD}server: {{ adminPassword: {source} }}\n"));
        let expected = Expected { place: "deployment.yaml:3:26", ..expected };
        env.deploy(["apply", "--yes"]).run().exits(1).tells(&expected).fits(80);
        let apply = env.deploy(["apply", "--yes", "-o", "json"]).run().exits(1).reports(&expected);
        assert_eq!(apply.failure().changed, "nothing was changed");
        unchanged(&env);
    };
    let nothing = Expected { code: "DEP-SECRET-001", ..Expected::default() };
    check(
        "{ fromEnv: NOPE }",
        Expected {
            cause: "environment variable NOPE: it is not set or empty",
            next: "set the environment variable NOPE",
            ..nothing
        },
    );
    check(
        "{ fromFile: ./nope }",
        Expected { cause: "/nope: No such file or directory", next: "write the value into", ..nothing },
    );
    check(
        "{ fromCommand: [sh, -c, \"echo locked >&2; exit 3\"] }",
        Expected { cause: "exit status: 3: locked", next: "by hand", ..nothing },
    );
    check(
        "{ fromCommand: [no-such-program] }",
        Expected { cause: "No such file or directory", next: "by hand", ..nothing },
    );
    check(
        "prompt",
        Expected {
            code: "DEP-SECRET-002",
            cause: "there is no terminal to ask on",
            next: "{ fromEnv: NAME }",
            ..nothing
        },
    );
    env.write("deployment.yaml", &format!("{GOOD}server: {{ adminPassword: {{ fromEnv: NOPE }} }}\n"));
    env.deploy(["plan"]).variable("NOPE", "long-enough-now").run().succeeds();
}

#[test]
fn values_that_cannot_be() {
    let env = env();
    let cases: &[(&str, Expected<'_>)] = &[
        (
            "server: { port: 0 }",
            Expected { code: "DEP-FILE-008", place: ":3:17", cause: "0 is no port", next: "leave it out" },
        ),
        ("server: { port: 70000 }", Expected { code: "DEP-FILE-006", place: ":3:17", cause: "70000", next: "65535" }),
        (
            "server: { replicas: 0 }",
            Expected { code: "DEP-FILE-008", place: ":3:21", cause: "at least one", next: "1 or more" },
        ),
        (
            "server: { listen: 999.1.1.1 }",
            Expected { code: "DEP-FILE-008", place: ":3:19", cause: "invalid IP address", next: "127.0.0.1" },
        ),
        (
            "server: { auth: nobody }",
            Expected { code: "DEP-FILE-006", place: ":3:17", cause: "`nobody`", next: "password or none" },
        ),
        (
            "health: { rounds: 0 }",
            Expected { code: "DEP-FILE-008", place: ":3:19", cause: "nothing is checked", next: "1 or more" },
        ),
        (
            "version: \"0.98\"",
            Expected { code: "DEP-FILE-008", place: ":3:10", cause: "`0.98` is no release", next: "three numbers" },
        ),
        (
            "database: postgres",
            Expected { code: "DEP-FILE-006", place: ":3:11", cause: "`postgres`", next: "sqlite or mysql" },
        ),
        (
            "database: { mysql: { url: \"postgresql://db/zenml\", password: { fromEnv: X } } }",
            Expected {
                code: "DEP-FILE-008",
                place: ":3:27",
                cause: "only `mysql://` is",
                next: "mysql://host:3306/zenml",
            },
        ),
        (
            "database: { mysql: { url: \"mysql://db/zen-ml\", password: { fromEnv: X } } }",
            Expected { code: "DEP-DATABASE-010", place: ":3:27", cause: "`zen-ml`", next: "`zen_ml`" },
        ),
        (
            "database: { mysql: { url: \"mysql://db\", password: { fromEnv: X } } }",
            Expected { code: "DEP-DATABASE-010", place: ":3:27", cause: "``", next: "`/zenml`" },
        ),
        (
            "database: { mysql: { url: nonsense, password: { fromEnv: X } } }",
            Expected { code: "DEP-FILE-008", place: ":3:27", cause: "this is no URL", next: "mysql://host" },
        ),
        (
            "database: { mysql: { url: \"mysql://db/zenml?ssl=1\", password: { fromEnv: X } } }",
            Expected { code: "DEP-FILE-008", place: ":3:27", cause: "parameters", next: "database.mysql.tls" },
        ),
        (
            "database: { mysql: { url: \"mysql://db/zenml\" } }",
            Expected {
                code: "DEP-FILE-008",
                place: ":3:27",
                cause: "needs its own password",
                next: "password: { fromEnv: NAME }",
            },
        ),
        (
            "server: { adminPassword: { fromEnvv: X } }",
            Expected { code: "DEP-FILE-005", place: ":3:28", cause: "fromEnvv", next: "`fromEnv:`" },
        ),
        (
            "server: { adminPassword: { fromEnv: X, prompt: true } }",
            Expected { code: "DEP-FILE-008", place: ":3:26", cause: "not fromEnv and prompt", next: "correct" },
        ),
        (
            "server: { environment: { \"A=B\": c } }",
            Expected { code: "DEP-FILE-008", place: ":3:", cause: "`A=B` is no variable name", next: "no `=`" },
        ),
    ];
    for (line, expected) in cases {
        refused(&env, format!("{GOOD}{line}\n"), 1, expected);
    }
    let name = Expected {
        code: "DEP-FILE-008",
        place: "deployment.yaml:1:7",
        cause: "`My Trial!` cannot name",
        next: "`my-trial`",
    };
    refused(&env, "name: My Trial!\nscenario: local-server\n", 1, &name);
    let name = Expected { cause: "`../x`", next: "`x`", ..name };
    refused(&env, "name: ../x\nscenario: local-server\n", 1, &name);
}

#[test]
fn the_command_line_itself() {
    let env = env();
    env.write("deployment.yaml", GOOD);
    let usage = |arguments: &[&str], words: &[&str]| {
        let run = env.deploy(arguments).run().exits(64);
        assert!(run.stdout.is_empty(), "{}", run.transcript());
        for word in words {
            let text = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(word), "{word} is missing\n{}", run.transcript());
        }
        without_secret(&run);
        unchanged(&env);
    };
    usage(&[], &["Usage: deploy", "apply", "deploy init"]);
    usage(&["aply"], &["error[DEP-USAGE-001]", "'aply'", "'apply'"]);
    usage(&["apply", "--yess"], &["error[DEP-USAGE-001]", "'--yess'", "'--yes'"]);
    usage(&["apply", "--forse"], &["'--forse'", "--help"]);
    usage(&["apply", "-o", "nonsense"], &["'nonsense'", "table, json, yaml"]);
    usage(&["apply", "--timeout", "soon"], &["'soon'", "90s, 10m or 1h30m"]);
    usage(&["apply", "--parallelism", "0"], &["0 is not in 1"]);
    usage(&["lint", "--port", "70000"], &["70000 is not in 1..=65535"]);
    usage(
        &["lint", "-f", "deployment.yaml", "--name", "trial"],
        &["'--file <FILE>' cannot be used with '--name <NAME>'"],
    );
    usage(&["schema", "deploymnt"], &["'deploymnt'", "'deployment'"]);
    usage(&["scenario", "list", "--vocabulary", "beta3"], &["`beta3` is no vocabulary", "beta-1"]);
    usage(&["explain", "DEP-HELTH-021"], &["DEP-USAGE-001", "DEP-HEALTH-021"]);
    usage(&["explain", "NOPE"], &["`NOPE` is no code", "lists all codes"]);
    usage(&["plan", "-o", "one", "-o", "two"], &["`two` is the second", "-o json -o FILE"]);
    usage(&["lint", "--set", "server.port"], &["there is no `=`", "server.port=8240"]);
    usage(&["lint", "--set", &format!("={SECRET}")], &["a part of the path is empty"]);
    usage(&["lint", "--set", &format!("server..port={SECRET}")], &["a part of the path is empty"]);
    usage(&["lint", "--set-file", "server.adminUser"], &["names no file", "PATH=FILE"]);
    assert!(!env.folder().join("one").exists(), "a plan that is refused is not saved");
}

#[test]
fn names_of_things_that_are_not_there() {
    let env = env();
    env.write("deployment.yaml", GOOD);
    let tells = |arguments: &[&str], expected: Expected<'_>| {
        env.deploy(arguments).run().exits(1).tells(&expected).fits(80);
    };
    let unit = Expected { code: "DEP-PLAN-003", cause: "no unit is named `servr`", next: "`server`", place: "" };
    tells(&["why", "servr"], unit);
    tells(&["why", "nonsense"], Expected { cause: "`nonsense`", next: "deploy plan", ..unit });
    tells(&["logs", "nonsense"], Expected { cause: "`nonsense` has no log", next: "deploy apply", ..unit });
    let missing =
        Expected { code: "DEP-TARGET-005", cause: "no deployment `prod`", next: "apply it first", place: "/state" };
    for verb in ["status", "health", "plan", "history", "logs", "destroy", "apply"] {
        tells(&[verb, "--name", "prod"], missing);
    }
    let plan =
        Expected { code: "DEP-FILE-001", place: "/plan.json", cause: "No such file", next: "deploy plan -o FILE" };
    tells(&["apply", "plan.json"], plan);
    let file = Expected { place: "/deployment.yaml", cause: "it is no plan", next: "-f", ..plan };
    tells(&["apply", "deployment.yaml"], file);
    let set_file = Expected { place: "/nope", next: "--set-file server.adminUser=", ..plan };
    tells(&["lint", "--set-file", "server.adminUser=nope"], set_file);
    tells(
        &["scenario", "show", "agnt"],
        Expected { code: "DEP-SCENARIO-001", place: "", cause: "`agnt`", next: "agent" },
    );
    let quiet = env.deploy(["logs"]).run().succeeds();
    assert_eq!(quiet.stderr, "trial: nothing has been logged yet\n");
    unchanged(&env);
}

#[test]
fn a_plan_is_printed_as_json_and_saved_in_one_call() {
    let env = env();
    env.write("deployment.yaml", GOOD);
    let run = env.deploy(["plan", "-o", "json", "-o", "saved.plan"]).run().succeeds();
    assert_eq!(run.json()["apiVersion"], "deploy/v1");
    assert!(run.stderr.contains("deploy apply saved.plan"), "{}", run.transcript());
    assert!(env.folder().join("saved.plan").exists());
    let nowhere =
        Expected { code: "DEP-FILE-012", place: "/deployment.yaml/saved.plan", cause: "File exists", next: "" };
    env.deploy(["plan", "-o", "deployment.yaml/saved.plan"]).run().exits(1).tells(&nowhere);
}

/// Who decided a value: `("8240", "--set server.port")`.
fn origins(run: &Run) -> impl Fn(&str) -> (serde_json::Value, String) + use<> {
    let values = run.json()["values"].as_array().unwrap().clone();
    move |path| {
        let found = values.iter().find(|value| value["path"] == path).unwrap_or_else(|| panic!("no value {path}"));
        (found["value"].clone(), found["origin"].as_str().unwrap().to_owned())
    }
}

#[test]
fn later_files_win_and_flags_beat_the_environment_and_that_beats_files() {
    let mut env = env();
    env.write("base.yaml", &format!("{GOOD}server:\n  port: 8241\n  adminUser: ana\n  replicas: 1\n"));
    env.write("prod.yaml", "server: { port: 8242, adminUser: bob }\n");
    let call =
        |env: &TestEnv| env.deploy(["lint", "--show-origin", "-o", "json", "-f", "base.yaml", "-f", "prod.yaml"]);
    let found = origins(&call(&env).run().succeeds());
    assert_eq!(found("server.port"), (8242.into(), "prod.yaml:1:17".to_owned()));
    assert_eq!(found("server.replicas"), (1.into(), "base.yaml:6:13".to_owned()));
    assert_eq!(found("server.listen"), ("127.0.0.1".into(), "default".to_owned()));
    assert_eq!(found("mlflow.enabled").1, "scenario local-server");
    env.set("DEPLOY_VALUE_SERVER__PORT", "8243");
    env.set("DEPLOY_VALUE_SERVER__ADMIN_USER", "eve");
    let found = origins(&call(&env).run().succeeds());
    assert_eq!(found("server.port"), (8243.into(), "environment variable DEPLOY_VALUE_SERVER__PORT".to_owned()));
    let found = origins(&call(&env).args(["--set", "server.port=8244"]).run().succeeds());
    assert_eq!(found("server.port"), (8244.into(), "--set server.port".to_owned()));
    assert_eq!(found("server.adminUser").0, "eve");
    // A value keeps its line, so that `grep` finds all of it.
    let table = env.deploy(["lint", "--show-origin", "-f", "base.yaml", "-f", "prod.yaml"]).run().succeeds();
    let is_whole = |line: &str| line.starts_with("server.port ") && line.ends_with("DEPLOY_VALUE_SERVER__PORT");
    assert!(table.stdout.lines().any(is_whole), "{}", table.transcript());
    let found =
        origins(&call(&env).args(["--set", "database=mysql", "--set", "server.environment.a\\.b=x"]).run().succeeds());
    assert_eq!(found("database.mysql.username").0, "zenml");
}

#[test]
fn slips_in_names_of_environment_variables() {
    let env = env();
    env.write("deployment.yaml", GOOD);
    for (name, cause, next) in [
        ("DEPLOY_VALUE_SERVER__PROT", "`server` has no key `PROT`", "DEPLOY_VALUE_SERVER__PORT"),
        ("DEPLOY_VALUE_SERVR__PORT", "has no key `SERVR`", "DEPLOY_VALUE_SERVER"),
        ("DEPLOY_VALUE_SERVER__ADMN_USER", "`ADMN_USER`", "DEPLOY_VALUE_SERVER__ADMIN_USER"),
        ("DEPLOY_VALUE_", "a key is missing", "DEPLOY_VALUE_SERVER__PORT=8240"),
        ("DEPLOY_VALUE_SERVER____PORT", "a key is missing", "DEPLOY_VALUE_SERVER__PORT=8240"),
    ] {
        let expected = Expected { code: "DEP-FILE-005", place: &format!("environment variable {name}"), cause, next };
        env.deploy(["lint"]).variable(name, "8240").run().exits(1).tells(&expected).fits(80);
    }
    let value = Expected {
        code: "DEP-FILE-006",
        place: "environment variable DEPLOY_VALUE_SERVER__PORT",
        cause: "the text \"eight\"",
        next: "whole number",
    };
    env.deploy(["lint"]).variable("DEPLOY_VALUE_SERVER__PORT", "eight").run().exits(1).tells(&value);
    for text in [SECRET, "[hunter2-4711"] {
        let run = env.deploy(["lint"]).variable("DEPLOY_VALUE_SERVER__ADMIN_PASSWORD", text).run();
        assert!(matches!(run.code, Some(1 | 64)), "{}", run.transcript());
        without_secret(&run);
    }
}

#[test]
fn nothing_is_done_without_a_yes() {
    let env = env();
    env.write("deployment.yaml", GOOD);
    let expected = Expected { code: "DEP-RUN-006", place: "", cause: "no terminal to ask on", next: "--yes" };
    env.deploy(["apply"]).run().exits(64).tells(&expected).fits(80);
    let json = env.deploy(["apply", "-o", "json"]).run().exits(64).reports(&expected);
    assert_eq!(json.json()["outcome"], "failed");
    let events = env.deploy(["apply", "--events", "json"]).run().exits(64);
    let last = events.json_lines().pop().unwrap();
    assert_eq!((last["event"].as_str(), last["failure"]["code"].as_str()), (Some("result"), Some("DEP-RUN-006")));
    unchanged(&env);
    let mut session = env.deploy(["apply"]).on_terminal(40, 100);
    session.wait_for("Make these changes?");
    session.press(Key::Enter);
    let (code, screen) = session.finish();
    assert_eq!(code, 64, "{screen}");
    assert!(screen.contains("nothing was changed"), "{screen}");
    unchanged(&env);
}

#[test]
fn explanations_and_schemas_need_no_home() {
    let env = env();
    for arguments in [&["version"][..], &["explain", "DEP-FILE-001"], &["scenario", "list"], &["schema", "deployment"]]
    {
        env.deploy(arguments).without_variable("HOME").without_variable("DEPLOY_HOME").run().succeeds();
    }
    env.write("deployment.yaml", GOOD);
    env.deploy(["lint"]).without_variable("HOME").without_variable("DEPLOY_HOME").run().succeeds();
    let expected =
        Expected { code: "DEP-TARGET-003", place: "HOME", cause: "none of them is set", next: "DEPLOY_HOME" };
    env.deploy(["status"])
        .without_variable("HOME")
        .without_variable("DEPLOY_HOME")
        .run()
        .exits(1)
        .tells(&expected)
        .fits(80);
}
