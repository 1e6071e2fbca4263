//! Pages of the ZenML server that need no login.

use reqwest::Method;
use serde_json::Value;

use super::check::Seen;
use super::http::{Answer, NoAnswer};
use super::probe::{ExpectedInfo, Page};
use super::process::{caused_by, with_process};
use super::round::{Asking, known};
use crate::causes::{self, Cause, Speaker};
use crate::diagnostics::{Diagnostic, codes};
use crate::scenario::Component;
use crate::unit::Text;

pub(super) async fn page(asking: &Asking<'_>, page: Page, url: &Text) -> Seen {
    let url = known(url)?;
    let title = format!("the server does not answer {}", page.path());
    let answer = match asking.http.get(&url, page.path()).await? {
        Ok(answer) => answer,
        Err(none) => return Err(unanswered(asking, none, &title).await),
    };
    if answer.is_good() && says_ok(&answer) {
        return Ok(format!("{} says ok", answer.url));
    }
    // Releases without the page answer it with the dashboard and status 200.
    Err(refused(asking, &answer, &title).await)
}

/// `ok`, or `"OK"` with quotes in older releases.
pub(super) fn says_ok(answer: &Answer) -> bool {
    answer.text().trim().trim_matches('"').eq_ignore_ascii_case("ok")
}

pub(super) async fn info(asking: &Asking<'_>, url: &Text, expected: &ExpectedInfo) -> Seen {
    let url = known(url)?;
    let title = "the server does not say what it is";
    let answer = match asking.http.get(&url, "/api/v1/info").await? {
        Ok(answer) => answer,
        Err(none) => return Err(unanswered(asking, none, title).await),
    };
    let Some(info) = answer.json().filter(|_| answer.is_good()) else {
        return Err(refused(asking, &answer, title).await);
    };
    let differences = differences(&info, &wanted(expected)?);
    if differences.is_empty() {
        let state = if expected.active { "active" } else { "not active" };
        let ExpectedInfo { version, database_type, secrets_store_type, auth_scheme, .. } = expected;
        return Ok(format!(
            "{version}, {database_type} database, secrets in {secrets_store_type}, {auth_scheme}, {state}"
        ));
    }
    Err(Box::new(mismatch(&answer.url, &differences)))
}

/// Field, what was planned, what was found.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    field: String,
    planned: String,
    found: String,
}

fn wanted(expected: &ExpectedInfo) -> Result<Vec<(String, String)>, Box<Diagnostic>> {
    let mut wanted = vec![
        ("version".to_owned(), expected.version.clone()),
        ("active".to_owned(), expected.active.to_string()),
        ("database_type".to_owned(), expected.database_type.clone()),
        ("secrets_store_type".to_owned(), expected.secrets_store_type.clone()),
        ("auth_scheme".to_owned(), expected.auth_scheme.clone()),
    ];
    for (field, text) in &expected.fields {
        wanted.push((field.clone(), known(text)?));
    }
    Ok(wanted)
}

fn differences(info: &Value, wanted: &[(String, String)]) -> Vec<Difference> {
    let said = |field: &str| match info.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "nothing".to_owned(),
        Some(other) => other.to_string(),
    };
    wanted
        .iter()
        .map(|(field, planned)| Difference { field: field.clone(), planned: planned.clone(), found: said(field) })
        .filter(|difference| !difference.planned.eq_ignore_ascii_case(&difference.found))
        .collect()
}

fn mismatch(url: &str, differences: &[Difference]) -> Diagnostic {
    let fields: Vec<_> = differences.iter().map(|difference| difference.field.as_str()).collect();
    let lines: Vec<_> =
        differences.iter().map(|d| format!("{} is {}, planned {}", d.field, d.found, d.planned)).collect();
    let mut finding =
        Diagnostic::error(codes::HEALTH_INFO, format!("the server is not what was planned: {}", fields.join(", ")))
            .at(url);
    finding.cause = lines.first().cloned();
    finding.evidence = lines;
    if differences.iter().any(|difference| difference.field == "active" && difference.found == "false") {
        finding =
            finding.note("until it is activated, anybody who reaches the server can make himself its administrator");
    }
    finding
        .next("deploy apply brings the server back to the plan")
        .next("if it is another program that answers here: `ss -ltnp` shows which one holds the port")
}

/// Nothing came back: the process behind it may say why.
pub(super) async fn unanswered(asking: &Asking<'_>, none: NoAnswer, title: &str) -> Box<Diagnostic> {
    // A certificate that is not trusted is not the server's doing.
    let trusted = !none.certificate;
    let finding = none.into_diagnostic(codes::SERVER_NOT_READY, title);
    let mut finding = if trusted { with_process(asking, Component::Server, finding).await } else { finding };
    if finding.next.is_empty() {
        finding = finding.next("deploy logs server -f shows what it is doing");
    }
    Box::new(finding)
}

/// Something else came back than what was hoped for. An error of the server often carries its database's words.
pub(super) async fn refused(asking: &Asking<'_>, answer: &Answer, title: &str) -> Box<Diagnostic> {
    let finding = Diagnostic::error(codes::SERVER_NOT_READY, title).at(&answer.url).cause(answer.words());
    if let Some(known) = causes::recognise(Speaker::Zenml, None, &said(answer)) {
        // Its evidence is the same answer once more.
        return Box::new(caused_by(Cause { evidence: Vec::new(), ..known }, finding));
    }
    let mut finding =
        if answer.status >= 500 { with_process(asking, Component::Server, finding).await } else { finding };
    if finding.next.is_empty() {
        finding = finding.next("deploy logs server -f shows what it is doing");
    }
    Box::new(finding)
}

/// What the body of an error says, in lines as a log would have them.
fn said(answer: &Answer) -> String {
    match answer.json().as_ref().and_then(|json| json.get("detail")) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(": "),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    }
}

/// A call of the API in the name of a session.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) body: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_name_field_planned_and_found() {
        let info = json!({"version": "0.97.0", "active": false, "database_type": "mysql", "server_url": null});
        let wanted =
            [("version", "0.98.0"), ("active", "true"), ("database_type", "mysql"), ("server_url", "http://x")]
                .map(|(field, planned)| (field.to_owned(), planned.to_owned()));
        let finding = mismatch("http://x/api/v1/info", &differences(&info, &wanted));
        assert_eq!(finding.cause.as_deref(), Some("version is 0.97.0, planned 0.98.0"));
        assert_eq!(finding.evidence.len(), 3);
        assert_eq!(finding.notes.len(), 1);
        assert_eq!(finding.evidence[2], "server_url is nothing, planned http://x");
    }
}
