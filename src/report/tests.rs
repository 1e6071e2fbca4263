//! What the drawings look like, as files below `tests/golden/report/`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::plain::Lines;
use super::plan::View;
use super::status::components;
use super::terminal::Board;
use super::*;
use crate::deployment::{Deployment, Layer, ResolveOptions, resolve};
use crate::diagnostics::{Diagnostic, SourceText, codes};
use crate::engine::{Outcome, RunRecord, StepOutcome};
use crate::plan::{Action, Change, Graph, Plan, Summary, change_for, deletion_of};
use crate::scenario::{Catalogue, TargetKind};
use crate::secrets::{Redactor, SecretName};
use crate::unit::{DataFate, Observation, Outputs, Owned, Present, Unit, UnitId};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

/// Compares a text with a file, or writes the file when `UPDATE_GOLDEN` is set.
fn assert_golden(file: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/report").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let same = expected.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
    assert!(expected == text, "{file} differs from line {} on:\n{text}", same + 1);
}

fn plain_text(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn deployment(text: &str) -> (Deployment, Vec<Unit>) {
    let layer = Layer::File(crate::yaml::parse(&SourceText::new("deployment.yaml", text)).unwrap());
    let resolved = resolve(&[layer], &|name| CATALOGUE.find(name), &ResolveOptions::default()).unwrap();
    let units = crate::components::units(&resolved.deployment, &resolved.secrets);
    (resolved.deployment, Graph::new(units).unwrap().units().to_vec())
}

fn is_without_driver(unit: &Unit) -> bool {
    unit.kind == "elsewhere" || unit.kind.starts_with("kubernetes.")
}

/// As the engine sees units that are not there and those that it has no driver for.
fn creation(unit: &Unit) -> Change {
    let mut change = change_for(unit, &[], &Observation::Absent, &BTreeMap::new());
    if is_without_driver(unit) {
        change.action = if unit.target == TargetKind::Managed { Action::Provided } else { Action::Unavailable };
        change.reason = "it is run somewhere else".to_owned();
    }
    change
}

/// As the engine sees a unit that was made with another spec.
fn update(unit: &Unit, before: &Value, secrets: &[(&str, &str, &str)]) -> Change {
    let side = |pick: fn(&(&str, &str, &str)) -> String| {
        secrets.iter().map(|secret| (SecretName::new(secret.0), pick(secret))).collect::<BTreeMap<_, _>>()
    };
    let present = Present { spec: before.clone(), secrets: side(|s| s.1.to_owned()), ..Present::default() };
    change_for(unit, &[], &Observation::Present(Box::new(present)), &side(|s| s.2.to_owned()))
}

fn plan(deployment: &Deployment, changes: Vec<Change>) -> Plan {
    Plan::new(&deployment.name, &deployment.scenario.name, &deployment.release, changes, Vec::new())
}

fn create_plan(text: &str) -> (Deployment, Plan) {
    let (deployment, units) = deployment(text);
    let plan = plan(&deployment, units.iter().map(creation).collect());
    (deployment, plan)
}

fn drawn(plan: &Plan, width: usize, data: DataFate, trade_offs: &[crate::scenario::TradeOff]) -> String {
    let redactor = Redactor::default();
    let text = plain_text(&plan::draw(plan, &View { width, data, trade_offs, promises: 12, redactor: &redactor }));
    for line in text.lines() {
        assert!(crate::table::display_width(line) <= width, "too wide for {width}: {line}");
        assert_eq!(line, line.trim_end());
    }
    text
}

const ON_PREM: &str = "name: acme-prod\nscenario: on-prem\ntarget: local\n";

/// On-premises as it was before: another port, no MLflow store, a replaced password, a broken process.
fn update_plan() -> (Deployment, Plan) {
    let (deployment, units) = deployment(ON_PREM);
    let mut changes: Vec<Change> = units
        .iter()
        .map(|unit| {
            let mut before = unit.spec.clone();
            match unit.id.as_str() {
                "server" => {
                    before["port"]["wanted"] = json!(8240);
                    before["environment"]["ZENML_ANALYTICS_OPT_IN"] = json!("True");
                    before["environment"]["HTTPS_PROXY"] = json!("http://proxy.acme.example:3128");
                    update(unit, &before, &[("admin-password", "aa", "bb")])
                }
                "server/python" => {
                    before["packages"] = json!(["zenml[server]==0.97.0"]);
                    update(unit, &before, &[])
                }
                "database" => {
                    before["files"]["my.cnf"] = json!("[mariadbd]\nmax_connections=100\n");
                    update(unit, &before, &[])
                }
                "mlflow" => {
                    let present = Present {
                        spec: before,
                        broken: Some("it was killed by signal 9 (SIGKILL)".into()),
                        ..Present::default()
                    };
                    change_for(unit, &[], &Observation::Present(Box::new(present)), &BTreeMap::new())
                }
                _ if is_without_driver(unit) => creation(unit),
                _ => update(unit, &before, &[]),
            }
        })
        .collect();
    changes.extend(leftovers());
    (deployment.clone(), plan(&deployment, changes))
}

/// Units of a deployment that kept everything in SQLite.
fn leftovers() -> Vec<Change> {
    let (_, units) = deployment("name: acme-prod\nscenario: on-prem\ntarget: local\ndatabase: sqlite\n");
    let owned = units.into_iter().filter(|unit| ["mlflow/store", "secret/jwt-key"].contains(&unit.id.as_str()));
    owned
        .map(|unit| {
            deletion_of(&Owned { unit, present: Present::default() }, "it is not part of the deployment any more")
        })
        .collect()
}

#[test]
fn plans_are_those_of_the_golden_files() {
    let (on_prem, create) = create_plan(ON_PREM);
    let (_, update) = update_plan();
    let (_, workspace) = create_plan("name: acme-prod\nscenario: hybrid-workspace\n");
    let (_, cluster) = create_plan("name: acme-prod\nscenario: on-prem\ntarget: kubernetes\ncontrolPlane: {}\n");
    for width in [80, 120] {
        assert_golden(
            &format!("plan-create-{width}.txt"),
            &drawn(&create, width, DataFate::Keep, &on_prem.scenario.trade_offs),
        );
        assert_golden(&format!("plan-update-{width}.txt"), &drawn(&update, width, DataFate::Keep, &[]));
        assert_golden(&format!("plan-update-delete-data-{width}.txt"), &drawn(&update, width, DataFate::Delete, &[]));
        assert_golden(&format!("plan-hybrid-workspace-{width}.txt"), &drawn(&workspace, width, DataFate::Keep, &[]));
        assert_golden(&format!("plan-kubernetes-{width}.txt"), &drawn(&cluster, width, DataFate::Keep, &[]));
    }
    assert_golden("plan-update.json", &format!("{:#}\n", plan::to_json(&update)));
}

#[test]
fn a_plan_that_changes_nothing_is_one_line() {
    let (deployment, units) = deployment("name: trial\nscenario: local-server\n");
    let changes = units.iter().map(|unit| update(unit, &unit.spec, &[])).collect();
    let text = drawn(&plan(&deployment, changes), 80, DataFate::Keep, &[]);
    assert_eq!(text, "trial is as it should be, nothing to do; 9 unchanged\n");
}

#[test]
fn a_value_that_is_known_to_be_secret_is_not_cut_in_half() {
    let (deployment, units) = deployment("name: trial\nscenario: local-server\n");
    let server = units.iter().find(|unit| unit.id.as_str() == "server").unwrap();
    let mut before = server.spec.clone();
    let secret = "hunter2".repeat(12);
    before["environment"]["TOKEN"] = json!(format!("{}{secret}", "x".repeat(60)));
    let plan = plan(&deployment, vec![update(server, &before, &[])]);
    let redactor = Redactor::new([(&SecretName::new("token"), &secrecy::SecretString::from(secret))]);
    let text =
        plan::draw(&plan, &View { width: 80, data: DataFate::Keep, trade_offs: &[], promises: 0, redactor: &redactor });
    assert!(!text.contains("hunter2"), "{text}");
}

fn id(unit: &str) -> UnitId {
    UnitId::new(unit)
}

fn started(unit: &str, title: &str, action: Action, step: usize) -> Event {
    Event::StepStarted {
        unit: id(unit),
        title: title.into(),
        action,
        reason: "it is not there yet".into(),
        step,
        steps: 14,
    }
}

fn waiting(unit: &str, reason: &str, elapsed: f64) -> Event {
    Event::StepWaiting { unit: id(unit), reason: reason.into(), elapsed }
}

fn done(unit: &str, seconds: f64) -> Event {
    Event::StepFinished { unit: id(unit), outcome: StepOutcome::Done, seconds }
}

fn refused() -> Diagnostic {
    Diagnostic::error(codes::DATABASE_REFUSED_LOGIN, "server cannot start: the database refused its login")
        .at("server (ZenML server with its dashboard)")
        .cause("(1045, \"Access denied for user 'zenml'@'127.0.0.1' (using password: YES)\")")
        .evidence("server.log:88  sqlalchemy.exc.OperationalError")
        .evidence("exited with code 3, 3 times in 9 s")
        .changed("nothing was changed in the database")
        .next("deploy logs server")
}

/// A first run that fails at the server, with the second at which each event happens.
fn failing_run() -> Vec<(f64, Event)> {
    let summary = Summary { create: 7, provided: 2, ..Summary::default() };
    let failed = StepOutcome::Failed { diagnostic: Box::new(refused()) };
    let cut = Diagnostic::warning(codes::RUN_CLOCK, "the clock moved back by 40 s").changed("nothing depends on it");
    vec![
        (
            0.0,
            Event::RunStarted {
                run: "r-0142".into(),
                verb: "apply".into(),
                deployment: "acme-prod".into(),
                steps: 14,
                summary,
            },
        ),
        (
            0.0,
            Event::Resuming {
                run: "r-0141".into(),
                verb: "apply".into(),
                done: 2,
                interrupted: vec![id("database/data")],
            },
        ),
        (0.1, Event::Notice { diagnostic: Box::new(cut.clone()) }),
        (0.1, Event::Notice { diagnostic: Box::new(cut) }),
        (0.1, started("secret/database-password", "the server's password at its database", Action::Create, 1)),
        (0.1, done("secret/database-password", 0.012)),
        (0.2, started("database/data", "data folder of the database", Action::Create, 4)),
        (0.2, started("server/python", "Python environment with ZenML", Action::Create, 6)),
        (0.3, waiting("server/python", "resolving 1 package", 0.1)),
        (0.4, waiting("database/data", "making system tables", 0.2)),
        (2.5, waiting("database/data", "making system tables", 2.3)),
        (3.1, done("database/data", 2.912)),
        (3.2, started("database", "database server", Action::Repair, 5)),
        (
            4.0,
            waiting(
                "server/python",
                "installing 120 packages: sqlalchemy, pydantic, fastapi, uvicorn, alembic and so on",
                3.8,
            ),
        ),
        (4.1, waiting("server/python", "installing 121 packages", 3.9)),
        (
            4.6,
            Event::StepRetried {
                unit: id("server/python"),
                cause: "connection reset by packages.example".into(),
                attempt: 2,
            },
        ),
        (5.0, done("database", 1.8)),
        (20.2, done("server/python", 20.004)),
        (20.3, started("server", "ZenML server with its dashboard", Action::Create, 9)),
        (22.0, waiting("server", "it exited with code 3 and is started again", 1.7)),
        (61.3, Event::StepFinished { unit: id("server"), outcome: failed, seconds: 41.0 }),
        (61.4, Event::RunFinished { run: "r-0142".into(), outcome: Outcome::Partial, seconds: 61.4 }),
    ]
}

#[test]
fn a_failing_run_in_plain_lines() {
    for width in [80, 120] {
        let mut lines = Lines::default();
        let mut text = String::new();
        let mut clock = 0.0;
        for (at, event) in failing_run() {
            // The second hand goes on between events.
            while clock + 1.0 < at {
                clock += 1.0;
                text.push_str(&lines.tick(clock));
            }
            text.push_str(&lines.event(&event, at, width));
        }
        assert_golden(&format!("run-plain-{width}.txt"), &plain_text(&text));
    }
}

#[test]
fn a_count_that_goes_up_is_told_now_and_then() {
    let mut lines = Lines::default();
    lines.event(&started("server/python", "Python environment", Action::Create, 1), 0.0, 80);
    let mut told = String::new();
    for second in 1..=40 {
        let reason = if second < 5 { "resolving".to_owned() } else { format!("collecting packages ({second} so far)") };
        told.push_str(&lines.event(&waiting("server/python", &reason, f64::from(second)), f64::from(second), 80));
    }
    let counted: Vec<&str> = told.lines().map(|line| line.split_once("  ").unwrap().1.trim()).collect();
    assert_eq!(
        counted,
        [
            "server/python             resolving (after 2.0 s)",
            "server/python             collecting packages (5 so far) (after 5.0 s)",
            "server/python             collecting packages (15 so far) (after 15 s)",
            "server/python             collecting packages (25 so far) (after 25 s)",
            "server/python             collecting packages (35 so far) (after 35 s)",
        ]
    );
}

#[test]
fn a_failing_run_on_a_terminal() {
    for width in [80, 120] {
        let mut board = Board::new(style::marks(true));
        let mut text = String::new();
        for (at, event) in failing_run() {
            board.event(&event, at, width);
            if [2.5, 4.6, 22.0].contains(&at) {
                text.push_str(&format!("-- at {at} s\n{}", board.take_scroll()));
                let frame = board.frame(at, width, None);
                assert!(frame.iter().all(|line| crate::table::display_width(line) < width));
                text.push_str(&(frame.join("\n") + "\n"));
            }
        }
        text.push_str(&format!("-- at the end\n{}", board.end(width)));
        assert_golden(&format!("run-terminal-{width}.txt"), &plain_text(&text));
    }
}

/// What a terminal of endless columns shows after these bytes, and whether it shows a cursor.
fn screen(bytes: &str) -> (String, bool) {
    let (mut lines, mut row, mut column, mut cursor) = (vec![String::new()], 0, 0, true);
    let mut rest = bytes.chars();
    while let Some(character) = rest.next() {
        match character {
            '\r' => column = 0,
            '\n' => (row, column) = (row + 1, 0),
            '\u{1b}' => {
                let sequence: String = rest.by_ref().skip(1).take_while_inclusive(char::is_ascii_alphabetic);
                match sequence.as_str() {
                    "?25l" => cursor = false,
                    "?25h" => cursor = true,
                    "J" => lines.truncate(row),
                    colour if colour.ends_with('m') => {}
                    up => row -= up.strip_suffix('A').unwrap().parse::<usize>().unwrap(),
                }
            }
            other => {
                assert_eq!(lines[row].chars().count(), column, "drawn over {:?}", lines[row]);
                lines[row].push(other);
                column += 1;
            }
        }
        lines.resize(lines.len().max(row + 1), String::new());
    }
    (lines.join("\n"), cursor)
}

trait TakeWhileInclusive {
    fn take_while_inclusive(self, stop: fn(&char) -> bool) -> String;
}

impl<I: Iterator<Item = char>> TakeWhileInclusive for I {
    /// Characters up to and with the first that `stop` knows.
    fn take_while_inclusive(self, stop: fn(&char) -> bool) -> String {
        let mut taken = String::new();
        for character in self {
            taken.push(character);
            if stop(&character) {
                break;
            }
        }
        taken
    }
}

#[test]
fn a_terminal_is_left_as_it_was_found_with_the_lasting_lines_on_it() {
    let surface = Surface { colour: true, animated: true, columns: Some(80), ..Surface::plain() };
    let (output, captured) = Output::captured(Surface::plain(), surface);
    let output = Arc::new(output);
    let live = reporter(&output, false);
    for (number, (_, event)) in failing_run().into_iter().enumerate() {
        live.event(&event);
        if number % 4 == 3 {
            std::thread::sleep(std::time::Duration::from_millis(120));
        }
        if number == 12 {
            let (seen, cursor) = screen(&captured.talk());
            assert!(!cursor && seen.contains("Python environment with ZenML"), "{seen}");
            output.talk("somebody else has something to say");
        }
    }
    let (seen, cursor) = screen(&captured.talk());
    assert!(cursor);
    assert!(!seen.contains("apply acme-prod") && seen.contains("somebody else has something to say"), "{seen}");
    assert_eq!(seen.matches("✓ ").count() + seen.matches("✗ ").count(), 5, "{seen}");
    assert_eq!(seen.matches("error[").count(), 1, "{seen}");
    drop(live);
    assert_eq!(screen(&captured.talk()).0, seen);
}

#[test]
fn a_run_that_is_dropped_in_the_middle_leaves_no_picture_behind() {
    let surface = Surface { animated: true, columns: Some(80), ..Surface::plain() };
    let (output, captured) = Output::captured(Surface::plain(), surface);
    let live = reporter(&Arc::new(output), false);
    for (_, event) in failing_run().into_iter().take(9) {
        live.event(&event);
    }
    std::thread::sleep(std::time::Duration::from_millis(250));
    assert!(!screen(&captured.talk()).1);
    drop(live);
    let (seen, cursor) = screen(&captured.talk());
    assert!(cursor && !seen.contains("apply acme-prod"), "{seen}");
}

#[test]
fn a_failing_run_as_json_lines() {
    let (output, captured) = Output::captured(Surface::plain(), Surface::plain());
    let output = Arc::new(output);
    let reporter = reporter(&output, true);
    for (_, event) in failing_run() {
        reporter.event(&event);
    }
    Json::result(&output, &json!({ "apiVersion": API_VERSION, "outcome": "partial", "failure": refused().to_json() }));
    for line in captured.data().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["apiVersion"], API_VERSION);
        assert!(event["event"].is_string(), "{line}");
    }
    assert_eq!(captured.talk(), "");
    assert_golden("run.jsonl", &captured.data());
}

/// A run of some steps, with what became of each.
fn run_of(verb: &str, outcome: Outcome, steps: &[(&str, Action, StepOutcome)]) -> String {
    let mut summary = Summary::default();
    for (_, action, _) in steps {
        match action {
            Action::Create => summary.create += 1,
            Action::Update => summary.update += 1,
            _ => summary.delete += 1,
        }
    }
    let mut events =
        vec![Event::RunStarted { run: "r-1".into(), verb: verb.into(), deployment: "trial".into(), steps: 5, summary }];
    for (unit, action, outcome) in steps {
        events.push(started(unit, "title of it", *action, 1));
        if outcome_is_last(unit) {
            events.push(Event::Cancelling { running: vec![id(unit)] });
        }
        events.push(Event::StepFinished { unit: id(unit), outcome: outcome.clone(), seconds: 1.2 });
    }
    events.push(Event::RunFinished { run: "r-1".into(), outcome, seconds: 12.3 });
    let mut lines = Lines::default();
    events.iter().map(|event| plain_text(&lines.event(event, 0.0, 80))).collect()
}

fn outcome_is_last(unit: &str) -> bool {
    unit == "last"
}

#[test]
fn endings_are_told_in_one_sentence() {
    let (done, failed) = (StepOutcome::Done, StepOutcome::Failed { diagnostic: Box::new(refused()) });
    let kept = StepOutcome::Kept { kept: vec!["/home/ana/.local/state/deploy/trial/database".into()] };
    let both = [("database", Action::Create, done.clone()), ("server", Action::Update, done.clone())];
    let gone = [("server", Action::Delete, done.clone()), ("database", Action::Delete, kept)];
    let runs = [
        ("apply", Outcome::Applied, both.to_vec()),
        ("apply", Outcome::Unchanged, vec![]),
        ("destroy", Outcome::Destroyed, gone.to_vec()),
        ("destroy", Outcome::Partial, vec![gone[0].clone(), ("database", Action::Delete, failed.clone())]),
        ("apply", Outcome::Failed, vec![("database", Action::Create, failed)]),
        ("apply", Outcome::Cancelled, vec![both[0].clone(), ("last", Action::Create, done)]),
        ("apply", Outcome::TimedOut, both.to_vec()),
    ];
    let told =
        runs.iter().map(|(verb, outcome, steps)| format!("-- {}\n{}", outcome.as_str(), run_of(verb, *outcome, steps)));
    assert_golden("endings.txt", &told.collect::<String>());
}

#[test]
fn status_is_a_table() {
    let (_, plan) = update_plan();
    let outputs = BTreeMap::from([
        (id("server"), Outputs::from([("url".into(), "http://127.0.0.1:8237".into())])),
        (id("database"), Outputs::from([("address".into(), "127.0.0.1:3307".into())])),
        (
            id("artifact-store"),
            Outputs::from([("path".into(), "/home/ana/.local/state/deploy/acme-prod/artifacts".into())]),
        ),
    ]);
    let found = components(&plan.changes, &outputs);
    for width in [80, 120] {
        assert_golden(&format!("status-{width}.txt"), &plain_text(&status::draw(&found, width)));
    }
    assert_golden("status.json", &format!("{:#}\n", status::to_json("acme-prod", &found)));
}

fn record(run: &str, verb: &str, by: &str, minute: i64, outcome: Option<Outcome>) -> RunRecord {
    let started_at = Timestamp::from_second(1_793_192_520 + minute * 60).unwrap();
    RunRecord {
        run: run.into(),
        verb: verb.into(),
        by: by.into(),
        scenario: "on-prem".into(),
        release: "0.98.0".into(),
        started_at,
        finished_at: outcome.map(|_| started_at.checked_add(jiff::SignedDuration::from_millis(130_400)).unwrap()),
        outcome,
        steps_done: 7,
        failure: None,
        unfinished: Vec::new(),
    }
}

#[test]
fn history_is_a_table_with_the_newest_run_first() {
    let failure =
        "DEP-DATABASE-004 server: (1045, \"Access denied for user 'zenml'@'127.0.0.1' (using password: YES)\")";
    let runs = [
        RunRecord {
            failure: Some(failure.into()),
            ..record(
                "01JDC0ZK3W6V9QW3N5B8T2M4XA",
                "apply",
                "ana@build-runner-17.acme.example",
                0,
                Some(Outcome::Partial),
            )
        },
        RunRecord {
            unfinished: vec![id("server")],
            ..record("01JDC1ZK3W6V9QW3N5B8T2M4XB", "apply", "ana@laptop", 30, None)
        },
        record("01JDC2ZK3W6V9QW3N5B8T2M4XC", "apply", "ana@laptop", 60, Some(Outcome::Applied)),
        RunRecord {
            unfinished: vec![id("mlflow")],
            ..record("01JDC3ZK3W6V9QW3N5B8T2M4XD", "destroy", "ben@desk", 90, None)
        },
    ];
    let running = Some("01JDC3ZK3W6V9QW3N5B8T2M4XD");
    for width in [80, 120] {
        let text = plain_text(&history::draw(&runs, running, &TimeZone::UTC, width));
        assert_golden(&format!("history-{width}.txt"), &text);
    }
    assert_golden("history.json", &format!("{:#}\n", history::to_json("acme-prod", &runs, running)));
}
