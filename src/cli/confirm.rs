//! Asking a person before something is changed. Without a terminal nobody is asked and nothing is done.

use std::io::IsTerminal as _;

use super::failure::Failure;
use crate::diagnostics::{Diagnostic, codes};

/// Yes or no; the default is no.
pub(super) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    need_terminal(question)?;
    let answer = dialoguer::Confirm::new().with_prompt(question).default(false).interact();
    if matches!(answer, Ok(true)) { Ok(()) } else { Err(refused(question).into()) }
}

/// For what cannot be undone: the name has to be typed.
pub(super) fn confirm_by_name(question: &str, name: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    need_terminal(question)?;
    let prompt = format!("{question} Type `{name}` to go on");
    let answer = dialoguer::Input::<String>::new().with_prompt(prompt).allow_empty(true).interact_text();
    if answer.is_ok_and(|typed| typed == name) { Ok(()) } else { Err(refused(question).into()) }
}

fn need_terminal(question: &str) -> Result<(), Failure> {
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        return Ok(());
    }
    Err(refused(question)
        .cause("there is no terminal to ask on")
        .next("pass --yes to go on without being asked")
        .into())
}

fn refused(question: &str) -> Diagnostic {
    Diagnostic::error(codes::RUN_NOT_CONFIRMED, "not confirmed")
        .note(question.to_owned())
        .changed("nothing was changed")
}
