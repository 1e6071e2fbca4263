use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::*;
use crate::deployment::questions::{Draft, Key};
use crate::deployment::{Layer, ResolveOptions, Resolved, edit, resolve};
use crate::diagnostics::SourceText;
use crate::scenario::Catalogue;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

/// Compares a text with a file below `tests/golden/init/`, or writes the file when `UPDATE_GOLDEN` is set.
pub(in crate::deployment) fn assert_golden(file: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/init").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{file} differs:\n{text}");
}

fn read(text: &str) -> Resolved {
    let tree = crate::yaml::parse(&SourceText::new("deployment.yaml", text)).unwrap();
    let options = ResolveOptions { folder: PathBuf::from("/work"), ..ResolveOptions::default() };
    resolve(&[Layer::File(tree)], &|name| CATALOGUE.find(name), &options)
        .unwrap_or_else(|findings| panic!("{findings:?}\n{text}"))
}

/// Every way to answer that makes sense for the scenario: nothing, then all of each target and database.
fn possible_answers(scenario: &Scenario) -> Vec<Answers> {
    let mut all = vec![Answers::new("trial", &scenario.name), Answers::new("no", &scenario.name)];
    let customers = |component| scenario.placement_on(component, Side::Customer);
    let existing = DatabaseAnswer::Existing { url: "mysql://db.acme.example:3306/zenml".into() };
    let with_user = DatabaseAnswer::Existing { url: "mysql://app@db.acme.example:3306/zenml".into() };
    for target in [TargetKind::Local, TargetKind::Kubernetes].into_iter().filter(|target| scenario.runs_on(*target)) {
        for database in [
            None,
            Some(DatabaseAnswer::Sqlite),
            Some(DatabaseAnswer::Mysql),
            Some(existing.clone()),
            Some(with_user.clone()),
        ] {
            for runtime in [None, Some(RuntimeKind::Process), Some(RuntimeKind::Container)] {
                let local = target == TargetKind::Local;
                let server = customers(Component::Server).is_some();
                all.push(Answers {
                    version: Some("0.97.0".into()),
                    target: Some(target),
                    runtime: runtime.filter(|_| local),
                    database: database.clone().filter(|_| customers(Component::Database).is_some()),
                    port: (local && server).then_some(8240),
                    mlflow: customers(Component::Mlflow).map(|_| database.is_none()),
                    ..Answers::new("acme-prod", &scenario.name)
                });
            }
        }
    }
    all.dedup();
    all
}

fn assert_same(answers: &Answers, resolved: &Resolved) {
    let found = &resolved.deployment;
    assert_eq!((&found.name, &found.scenario.name), (&answers.name, &answers.scenario));
    assert_eq!(found.release, answers.version.as_deref().unwrap_or(DEFAULT_RELEASE));
    assert!(answers.target.is_none_or(|target| target == found.target_kind()));
    assert!(
        answers.runtime.is_none_or(|runtime| matches!(&found.target, Target::Local(local) if local.runtime == runtime))
    );
    assert_eq!(found.server.port, answers.port);
    assert!(answers.mlflow.is_none_or(|mlflow| mlflow == found.mlflow.enabled));
    let database = match &found.database {
        Database::Sqlite(_) => DatabaseAnswer::Sqlite,
        Database::Mysql(mysql) => {
            mysql.url.clone().map_or(DatabaseAnswer::Mysql, |url| DatabaseAnswer::Existing { url })
        }
    };
    assert!(answers.database.as_ref().is_none_or(|answer| *answer == database));
}

/// The file with every key set that it mentions. Above the name there is only prose; below, prose has one space
/// behind its mark and a key has none, or as many as it is deep.
fn uncommented(text: &str) -> String {
    let (prose, keys) = text.split_at(text.find("\nname:").unwrap());
    let line = |line: &str| match line.split_once('#') {
        Some((space, rest)) if space.trim().is_empty() && (!rest.starts_with(' ') || rest.starts_with("  ")) => {
            format!("{space}{rest}\n")
        }
        _ => format!("{line}\n"),
    };
    prose.to_owned() + &keys.lines().map(line).collect::<String>()
}

#[test]
fn every_file_resolves_to_its_answers_and_so_does_every_file_with_all_keys() {
    for scenario in CATALOGUE.iter() {
        for answers in possible_answers(scenario) {
            let text = commented_file(&answers, scenario, None).unwrap();
            let resolved = read(&text);
            assert_same(&answers, &resolved);
            // What nobody answered is what the scenario or a default says.
            let bare = read(&format!("name: {}\nscenario: {}\n", yaml(&answers.name), scenario.name));
            if answers == Answers::new(&answers.name, &scenario.name) {
                assert_eq!(resolved.deployment.to_json(), bare.deployment.to_json(), "{text}");
            }
            let whole = read(&uncommented(&text)).deployment;
            assert_eq!(
                (whole.target_kind(), whole.health),
                (resolved.deployment.target_kind(), resolved.deployment.health)
            );
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH + 2 && line.trim_end() == line), "{text}");
        }
    }
}

#[test]
fn files_are_those_of_the_golden_files() {
    let file = |answers: &Answers, schema| {
        commented_file(answers, CATALOGUE.find(&answers.scenario).unwrap(), schema).unwrap()
    };
    assert_golden("local-server.yaml", &file(&Answers::new("trial", "local-server"), None));
    let on_prem = Answers {
        version: Some("0.98.0".into()),
        target: Some(TargetKind::Local),
        runtime: Some(RuntimeKind::Process),
        database: Some(DatabaseAnswer::Mysql),
        port: Some(8240),
        ..Answers::new("acme-prod", "on-prem")
    };
    assert_golden("on-prem.yaml", &file(&on_prem, Some("./deployment.schema.json")));
    let existing = DatabaseAnswer::Existing { url: "mysql://db.acme.example:3306/zenml".into() };
    let workspace = Answers {
        target: Some(TargetKind::Kubernetes),
        database: Some(existing),
        mlflow: Some(true),
        ..Answers::new("acme-prod", "hybrid-workspace")
    };
    assert_golden("hybrid-workspace-kubernetes.yaml", &file(&workspace, None));
    assert_golden("full-saas.yaml", &file(&Answers::new("acme", "full-saas"), None));
}

/// Words of a command line as a shell splits them, for what [`Answers::twin_command`] writes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => quoted = !quoted,
            '\\' if !quoted => words.last_mut().unwrap().extend(characters.next()),
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

#[test]
fn the_twin_gives_the_same_answers() {
    for scenario in CATALOGUE.iter() {
        for answers in possible_answers(scenario) {
            let words = words(&answers.twin_command(Path::new("a b/it's.yaml")));
            assert_eq!(words[..5], ["deploy", "init", "--yes", "--file", "a b/it's.yaml"]);
            let mut draft = Draft::new(&CATALOGUE, "x");
            for pair in words[5..].chunks(2) {
                let key = Key::ALL.iter().find(|key| key.flag() == pair[0]).unwrap();
                draft.answer(*key, &pair[1]).unwrap();
            }
            assert_eq!(draft.finish().unwrap().0, answers);
        }
    }
    let short = Answers::new("trial", "local-server").twin_command(Path::new("deployment.yaml"));
    assert_eq!(short, "deploy init --yes --name trial --scenario local-server");
}

#[test]
fn answers_change_an_existing_file_and_nothing_else_in_it() {
    for scenario in
        ["local-server", "full-saas", "hybrid-workspace", "on-prem"].map(|name| CATALOGUE.find(name).unwrap())
    {
        let answers = possible_answers(scenario);
        for before in answers.iter().step_by(3) {
            for after in answers.iter().step_by(4) {
                let text = commented_file(before, scenario, None).unwrap();
                let tree = crate::yaml::parse(&SourceText::new("f", &text)).unwrap();
                let edited = edit::set(&text, &after.changes(&tree))
                    .unwrap_or_else(|error| panic!("{error:?}\n{after:?}\n{text}"));
                let comments = |text: &str| {
                    text.lines()
                        .filter(|line| line.trim_start().starts_with('#'))
                        .map(str::to_owned)
                        .collect::<Vec<_>>()
                };
                if before.target == after.target && before.database == after.database {
                    assert_eq!(comments(&text), comments(&edited));
                }
                // Keys that only the earlier answers set stay.
                let kept = Answers {
                    version: after.version.clone().or(before.version.clone()),
                    port: after.port.or(before.port),
                    mlflow: after.mlflow.or(before.mlflow),
                    ..after.clone()
                };
                assert_same(&kept, &read(&edited));
            }
        }
    }
}
