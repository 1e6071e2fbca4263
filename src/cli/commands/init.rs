//! `deploy init`: writes a deployment file, from questions or from flags, and prints the command that asks nothing.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use similar::{ChangeTag, TextDiff};

use crate::cli::args::Init;
use crate::cli::failure::{Exit, Failure};
use crate::cli::settings::Settings;
use crate::deployment::questions::{Draft, Form, Key, Question};
use crate::deployment::{Answers, commented_file, edit};
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::report::Output;
use crate::{scenario, yaml};

pub(super) fn run(args: &Init, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let catalogue = settings.catalogue()?;
    let folder_name = settings.world.current_folder.file_name().and_then(|name| name.to_str()).unwrap_or("trial");
    let mut draft = Draft::new(&catalogue, folder_name);
    for (key, value) in flags(args) {
        draft.answer(key, &value).map_err(|error| wrong_answer(key, &error))?;
    }
    if !args.yes {
        ask(&mut draft, args, output)?;
    }
    let (answers, scenario) = draft.finish().map_err(|error| Diagnostic::error(codes::USAGE, error))?;
    let path = settings.world.current_folder.join(&args.file);
    if path.exists() && !args.force {
        change_in_place(&path, &answers, output)?;
    } else {
        write_new(&path, &answers, scenario)?;
        output.talk(&format!("{} written\n", args.file.display()));
    }
    output.talk(&format!("the same without questions:\n  {}\n", answers.twin_command(&args.file)));
    let file = if args.file == Path::new(crate::deployment::DEFAULT_FILE) {
        String::new()
    } else {
        format!(" -f {}", args.file.display())
    };
    output.talk(&format!("next:\n  deploy plan{file}\n  deploy apply{file}\n"));
    Ok(Exit::Ok)
}

fn flags(args: &Init) -> Vec<(Key, String)> {
    let text = |key: Key, value: &Option<String>| value.clone().map(|value| (key, value));
    [
        text(Key::Scenario, &args.scenario),
        text(Key::Name, &args.name),
        text(Key::Target, &args.target),
        text(Key::Runtime, &args.runtime),
        text(Key::Version, &args.version),
        text(Key::Database, &args.database),
        args.port.map(|port| (Key::Port, port.to_string())),
        args.mlflow.map(|mlflow| (Key::Mlflow, mlflow.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn wrong_answer(key: Key, error: &str) -> Diagnostic {
    Diagnostic::error(codes::USAGE, format!("{}: {error}", key.flag())).changed("nothing was written")
}

/// Asks what no flag has answered. Without a terminal there is nobody to ask.
fn ask(draft: &mut Draft<'_>, args: &Init, output: &Output) -> Result<(), Failure> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !terminal {
        if args.scenario.is_some() {
            return Ok(());
        }
        return Err(Diagnostic::error(codes::USAGE, "there is no terminal to ask on, and no scenario was named")
            .changed("nothing was written")
            .next("deploy init --scenario local-server --yes")
            .next("`deploy scenario list` shows the scenarios")
            .into());
    }
    while let Some(question) = draft.next_question() {
        let answer = put(&question).map_err(|error| {
            Diagnostic::error(codes::RUN_NOT_CONFIRMED, "not answered")
                .cause(error.to_string())
                .changed("nothing was written")
        })?;
        if let Err(error) = draft.answer(question.key, &answer) {
            output.talk(&format!("{error}\n"));
        }
    }
    Ok(())
}

fn put(question: &Question) -> dialoguer::Result<String> {
    match &question.form {
        Form::Text { default, optional } => {
            let input = dialoguer::Input::<String>::new().with_prompt(&question.prompt).allow_empty(*optional);
            match default {
                Some(default) => input.default(default.clone()).interact_text(),
                None => input.interact_text(),
            }
        }
        Form::YesNo { default } => {
            let answer = dialoguer::Confirm::new().with_prompt(&question.prompt).default(*default).interact();
            answer.map(|yes| yes.to_string())
        }
        Form::Choice { choices, default } => {
            let width = choices.iter().map(|choice| choice.value.len()).max().unwrap_or(0);
            let items: Vec<String> =
                choices.iter().map(|choice| format!("{:width$}  {}", choice.value, choice.explanation)).collect();
            let select = dialoguer::Select::new().with_prompt(&question.prompt).items(&items).default(*default);
            select.interact().map(|index| choices[index].value.clone())
        }
    }
}

fn write_new(path: &Path, answers: &Answers, scenario: &scenario::Scenario) -> Result<(), Failure> {
    let text = commented_file(answers, scenario, None)?;
    write(path, &text)
}

/// Keys change; comments, order and every other line stay.
fn change_in_place(path: &Path, answers: &Answers, output: &Output) -> Result<(), Failure> {
    let source = yaml::read_file(path)?;
    let changes = answers.changes(&yaml::parse(&source)?);
    let edited = edit::set(&source.text, &changes)?;
    if edited == source.text {
        output.talk(&format!("{} says all of that already; nothing was changed\n", path.display()));
        return Ok(());
    }
    write(path, &edited)?;
    output.talk(&format!("{} changed, everything else in it is as it was:\n", path.display()));
    let diff = TextDiff::from_lines(&source.text, &edited);
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Delete => output.talk(&format!("  - {change}")),
            ChangeTag::Insert => output.talk(&format!("  + {change}")),
            ChangeTag::Equal => {}
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_atomically(path, text.as_bytes()).map_err(|error| {
        Diagnostic::error(codes::FILE_UNWRITABLE, "cannot write the deployment file")
            .at(path.display().to_string())
            .cause(error.to_string())
            .changed("nothing was written")
            .next("choose another place with --file")
            .into()
    })
}
