//! MLflow's own pages.

use super::check::Seen;
use super::http::{Answer, NoAnswer};
use super::process::{caused_by, with_process};
use super::round::{Asking, known};
use super::server::says_ok;
use crate::causes::{self, Speaker};
use crate::diagnostics::{Diagnostic, codes};
use crate::scenario::Component;
use crate::unit::Text;

pub(super) async fn health(asking: &Asking<'_>, url: &Text) -> Seen {
    let title = "MLflow does not answer /health";
    let answer = get(asking, url, "/health", title).await?;
    if answer.is_good() && says_ok(&answer) {
        Ok(format!("{} says ok", answer.url))
    } else {
        Err(refused(asking, &answer, title).await)
    }
}

pub(super) async fn version(asking: &Asking<'_>, url: &Text, expected: &str) -> Seen {
    let title = "MLflow does not say its version";
    let answer = get(asking, url, "/version", title).await?;
    if !answer.is_good() {
        return Err(refused(asking, &answer, title).await);
    }
    let found: String = answer.text().trim().chars().take(40).collect();
    if found == expected {
        return Ok(found);
    }
    let finding =
        Diagnostic::error(codes::HEALTH_MLFLOW_VERSION, "MLflow is not what was planned: version").at(answer.url);
    Err(Box::new(
        finding
            .cause(format!("version is {found}, planned {expected}"))
            .next("deploy apply brings it back to the plan"),
    ))
}

async fn get(asking: &Asking<'_>, url: &Text, path: &str, title: &str) -> Result<Answer, Box<Diagnostic>> {
    match asking.http.get(&known(url)?, path).await? {
        Ok(answer) => Ok(answer),
        Err(none) => Err(unanswered(asking, none, title).await),
    }
}

pub(super) async fn unanswered(asking: &Asking<'_>, none: NoAnswer, title: &str) -> Box<Diagnostic> {
    let finding = none.into_diagnostic(codes::MLFLOW_STOPPED, title);
    Box::new(with_next(with_process(asking, Component::Mlflow, finding).await))
}

/// Behind a name that it was not told, MLflow refuses everything but /health.
pub(super) async fn refused(asking: &Asking<'_>, answer: &Answer, title: &str) -> Box<Diagnostic> {
    let words = answer.words();
    let finding = Diagnostic::error(codes::HEALTH_MLFLOW_ROUND_TRIP, title).at(&answer.url).cause(words.clone());
    if words.contains("Invalid Host header") {
        return Box::new(
            finding.next("MLflow was not told this name: add it to its allowed hosts (`--allowed-hosts`)"),
        );
    }
    if let Some(known) = causes::recognise(Speaker::Mlflow, None, &words) {
        return Box::new(caused_by(known, finding));
    }
    let finding = if answer.status >= 500 { with_process(asking, Component::Mlflow, finding).await } else { finding };
    Box::new(with_next(finding))
}

fn with_next(finding: Diagnostic) -> Diagnostic {
    if finding.next.is_empty() { finding.next("deploy logs mlflow -f shows what it is doing") } else { finding }
}
