//! What real programs said on a real machine, each with the cause that an engineer would name.

mod cases;

use proptest::prelude::*;

use super::*;
use cases::CASES;

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/causes/{name}.log", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn speaker(fixture: &str) -> Speaker {
    match fixture.split('-').next() {
        Some("zenml") => Speaker::Zenml,
        Some("mariadb") => Speaker::Mariadb,
        Some("mlflow") => Speaker::Mlflow,
        Some("installer") => Speaker::Installer,
        _ => Speaker::ContainerEngine,
    }
}

/// Stopped from outside: no text of theirs says why.
const SILENT: &[&str] = &["zenml-migration-killed", "zenml-stopped-cleanly"];

#[test]
fn real_logs_give_their_cause() {
    for (name, code, cause) in CASES {
        let found = recognise(speaker(name), Some(Exit::Code(1)), &fixture(name))
            .unwrap_or_else(|| panic!("{name} is not recognised"));
        assert_eq!(found.code, *code, "{name}: {}", found.cause);
        assert!(found.cause.starts_with(cause), "{name}: {}", found.cause);
        assert_eq!(found.evidence[0], "exited with code 1", "{name}");
        assert!(found.evidence.len() > 1 && !found.next.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn every_fixture_is_expected_somewhere() {
    let folder = format!("{}/tests/fixtures/causes", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().trim_end_matches(".log").to_owned();
        assert!(CASES.iter().any(|case| case.0 == name) || SILENT.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn a_refused_login_never_forgets_tls() {
    let found = recognise(Speaker::Zenml, None, &fixture("zenml-db-no-tls-migrate")).unwrap();
    assert!(found.next[0].contains("TLS"), "{:?}", found.next);
}

#[test]
fn a_kill_is_a_kill_and_memory_is_memory() {
    let log = fixture("zenml-migration-killed");
    for (exit, code) in [
        (Exit::Signal(9), codes::PROCESS_KILLED),
        (Exit::Code(137), codes::PROCESS_KILLED),
        (Exit::OutOfMemory, codes::PROCESS_OUT_OF_MEMORY),
    ] {
        let cause = recognise(Speaker::Zenml, Some(exit), &log).unwrap();
        assert_eq!(cause.code, code);
        assert!(cause.evidence.iter().any(|line| line.contains("Creating database tables")), "{cause:?}");
    }
}

#[test]
fn a_clean_end_is_not_called_an_error() {
    let cause = of(Speaker::Zenml, Some(Exit::Code(143)), &fixture("zenml-stopped-cleanly"));
    assert_eq!(
        (cause.code, cause.cause.as_str()),
        (codes::SERVER_STOPPED, "was asked to stop and ended in good order")
    );
}

#[test]
fn what_did_not_end_it_is_not_the_cause_of_its_end() {
    let up = "INFO:     Uvicorn running on http://127.0.0.1:1\n";
    let complaint = "ERROR:    (2003, \"Can't connect to MySQL server on '127.0.0.1'\")\n";
    let told_to_go = format!("{up}{complaint}INFO:     Shutting down\nINFO:     Finished server process [1]\n");
    assert_eq!(
        of(Speaker::Zenml, Some(Exit::Signal(15)), &told_to_go).cause,
        "was asked to stop and ended in good order"
    );
    let visits = "INFO:     127.0.0.1:1 - \"GET /health HTTP/1.1\" 200 OK\n".repeat(300);
    assert_eq!(recognise(Speaker::Zenml, Some(Exit::Signal(11)), &format!("{up}{complaint}{visits}")), None);
    let full = format!("{up}{complaint}{visits}OSError: [Errno 28] No space left on device\n");
    assert_eq!(of(Speaker::Zenml, Some(Exit::Code(1)), &full).code, codes::PROCESS_DISK_FULL);
}

#[test]
fn an_old_failure_does_not_explain_a_new_one() {
    let log = fixture("zenml-port-taken") + &fixture("zenml-db-down");
    assert_eq!(of(Speaker::Zenml, Some(Exit::Code(3)), &log).code, codes::DATABASE_UNREACHABLE);
    let well = fixture("mariadb-port-taken") + "2026-11-20 18:20:00 0 [Note] mariadbd: ready for connections.\n";
    assert_eq!(recognise(Speaker::Mariadb, Some(Exit::Code(1)), &well), None);
}

#[test]
fn what_nobody_knows_is_said_in_the_programs_own_words() {
    let log = "2026-11-20 18:14:09 0 [ERROR] The flux capacitor is empty\n2026-11-20 18:14:09 0 [ERROR] Aborting\n";
    let cause = of(Speaker::Mariadb, Some(Exit::Code(1)), log);
    assert_eq!(cause.cause, "The flux capacitor is empty");
    let silent = of(Speaker::Mlflow, Some(Exit::Code(4)), "");
    assert_eq!(silent.cause, "exited with code 4 without a word about why");
}

fn exits() -> impl Strategy<Value = Option<Exit>> {
    prop_oneof![
        Just(None),
        any::<i32>().prop_map(|code| Some(Exit::Code(code))),
        (1..65_i32).prop_map(|signal| Some(Exit::Signal(signal))),
        Just(Some(Exit::OutOfMemory)),
        Just(Some(Exit::Unseen)),
    ]
}

fn pieces() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        prop::sample::select(vec![
            "╭── Traceback (most recent call last) ──╮",
            "│ ❱ 1 x │",
            "╰──╯",
            "Traceback (most recent call last):",
            "  File \"x\", line 1",
            "(2003, \"",
            "(pymysql.err.OperationalError) (1045, ",
            "[SQL: ",
            "  cause: ",
            "╰─> [1 lines of output]",
            "[ERROR] ",
            "2026-11-20 18:14:09 0 ",
            "2026-11-20",
            "\u{1b}[31m",
            "\u{1b}]0;",
            "Could not find a version that satisfies the requirement ==",
            "Retrying (Retry(",
            "(from versions: ",
            "ERROR: subprocess-exited-with-error",
            "[end of output]",
            "Ignored the following versions that require a different python: ",
            "\r",
            "\n",
            "\n",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,40}",
    ]
}

proptest! {
    #[test]
    fn any_log_gives_one_line_and_little_evidence(parts in prop::collection::vec(pieces(), 0..40), exit in exits(), who in 0..5_usize) {
        let speaker = [Speaker::Zenml, Speaker::Mariadb, Speaker::Mlflow, Speaker::Installer, Speaker::ContainerEngine][who];
        let cause = of(speaker, exit, &parts.concat());
        prop_assert!(!cause.cause.is_empty() && !cause.cause.contains(['\n', '\r', '\u{1b}']), "{:?}", cause.cause);
        prop_assert!(cause.evidence.len() <= 12 && cause.evidence.iter().all(|line| !line.contains('\n')));
        prop_assert!(cause.cause.chars().count() <= 450 && !cause.next.is_empty());
    }
}
