//! A secret stored, read back and deleted through the API: the only proof that the secrets store works.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::check::Seen;
use super::http::Answer;
use super::login::{Session, Who, open};
use super::probe::is_at_least;
use super::round::{Asking, known};
use super::server::{Call, refused};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::Alphabet;
use crate::unit::Text;

/// All of ours begin with this.
const PREFIX: &str = "deploy-health-";
/// A round takes seconds; what is older was left by one that was killed.
const LEFT_OVER: SignedDuration = SignedDuration::from_mins(10);
const SECRETS: &str = "/api/v1/secrets";

pub(super) async fn round_trip(asking: &Asking<'_>, url: &Text, who: Who<'_>, release: &str) -> Seen {
    let session = open(asking, &known(url)?, who).await?;
    let (name, value) = (format!("{PREFIX}{}", random(12)?.expose_secret()), random(32)?);
    let removed = remove_left_over(asking, &session).await;
    let id = create(asking, &session, release, &name, &value).await?;
    let read = read_back(asking, &session, &id, &value).await;
    let deleted = delete(asking, &session, &id).await;
    read?;
    deleted?;
    Ok(match removed {
        0 => "stored a secret, read it back, deleted it".to_owned(),
        removed => {
            format!("stored a secret, read it back, deleted it; removed {removed} left by rounds that were killed")
        }
    })
}

fn random(length: usize) -> Result<SecretString, Box<Diagnostic>> {
    Alphabet::Hexadecimal.generate(length).map_err(|error| {
        Box::new(Diagnostic::error(codes::INTERNAL, "the system gives no randomness").cause(error.to_string()))
    })
}

async fn create(
    asking: &Asking<'_>,
    session: &Session,
    release: &str,
    name: &str,
    value: &SecretString,
) -> Result<String, Box<Diagnostic>> {
    let title = "the server does not store a secret";
    let values = json!({ "value": value.expose_secret() });
    let answer = if is_at_least(release, [0, 80]) {
        let body = json!({ "name": name, "private": false, "values": values });
        session.call(asking, Call { method: Method::POST, path: SECRETS, body: Some(body) }, title).await?
    } else {
        create_in_workspace(asking, session, name, values, title).await?
    };
    match answer.json().filter(|_| answer.is_good()).and_then(|secret| text(&secret, "id")) {
        Some(id) => Ok(id),
        None => Err(broken(asking, &answer, title).await),
    }
}

/// Before 0.80 a secret belongs to a workspace and names its user.
async fn create_in_workspace(
    asking: &Asking<'_>,
    session: &Session,
    name: &str,
    values: Value,
    title: &str,
) -> Result<Answer, Box<Diagnostic>> {
    let id = async |path: &str| -> Result<Result<String, Answer>, Box<Diagnostic>> {
        let answer = session.call(asking, Call { method: Method::GET, path, body: None }, title).await?;
        Ok(answer.json().filter(|_| answer.is_good()).and_then(|json| text(&json, "id")).ok_or(answer))
    };
    let (user, workspace) = match (id("/api/v1/current-user").await?, id("/api/v1/workspaces/default").await?) {
        (Ok(user), Ok(workspace)) => (user, workspace),
        (Err(answer), _) | (_, Err(answer)) => return Ok(answer),
    };
    let body = json!({ "name": name, "scope": "workspace", "user": user, "workspace": workspace, "values": values });
    session
        .call(
            asking,
            Call { method: Method::POST, path: "/api/v1/workspaces/default/secrets", body: Some(body) },
            title,
        )
        .await
}

async fn read_back(
    asking: &Asking<'_>,
    session: &Session,
    id: &str,
    value: &SecretString,
) -> Result<(), Box<Diagnostic>> {
    let title = "the server does not give back a secret that it stored";
    let path = format!("{SECRETS}/{id}");
    let answer = session.call(asking, Call { method: Method::GET, path: &path, body: None }, title).await?;
    let Some(secret) = answer.json().filter(|_| answer.is_good()) else {
        return Err(broken(asking, &answer, title).await);
    };
    if secret.pointer("/body/values/value").and_then(Value::as_str) == Some(value.expose_secret()) {
        return Ok(());
    }
    let finding =
        Diagnostic::error(codes::HEALTH_SECRET_ROUND_TRIP, "the server gives back another value than was stored")
            .at(answer.url)
            .cause("the value differs, or is missing");
    Err(Box::new(finding.next("deploy logs server shows what its secrets store said")))
}

async fn delete(asking: &Asking<'_>, session: &Session, id: &str) -> Result<(), Box<Diagnostic>> {
    let title = "the server does not delete a secret";
    let path = format!("{SECRETS}/{id}");
    let answer = session.call(asking, Call { method: Method::DELETE, path: &path, body: None }, title).await?;
    if answer.is_good() { Ok(()) } else { Err(broken(asking, &answer, title).await) }
}

/// Tidies up after rounds that were killed between storing and deleting. Failing at it is no finding: the round trip
/// itself is about to find out.
async fn remove_left_over(asking: &Asking<'_>, session: &Session) -> usize {
    let path = format!("{SECRETS}?size=100&name=startswith:{PREFIX}");
    let listed = session.call(asking, Call { method: Method::GET, path: &path, body: None }, "").await;
    let Ok(answer) = listed else { return 0 };
    let (Some(page), Some(now)) = (answer.json(), answer.date.as_deref().and_then(server_time)) else { return 0 };
    let mut removed = 0;
    for id in left_over(&page, now) {
        removed += usize::from(delete(asking, session, &id).await.is_ok());
    }
    removed
}

/// Ours that are too old to belong to a running round, by the server's own clock.
fn left_over(page: &Value, now: Timestamp) -> Vec<String> {
    let items = page.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter(|secret| text(secret, "name").is_some_and(|name| name.starts_with(PREFIX)))
        .filter(|secret| {
            let created = secret.pointer("/body/created").and_then(Value::as_str).and_then(utc);
            created.is_some_and(|created| now.duration_since(created) > LEFT_OVER)
        })
        .filter_map(|secret| text(secret, "id"))
        .collect()
}

/// The server writes its times in UTC and without saying so.
fn utc(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

/// `Fri, 20 Nov 2026 18:22:32 GMT`.
fn server_time(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(date).ok().map(|zoned| zoned.timestamp())
}

fn text(json: &Value, field: &str) -> Option<String> {
    json.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// A refusal here is the secrets store's, unless its words say otherwise.
async fn broken(asking: &Asking<'_>, answer: &Answer, title: &str) -> Box<Diagnostic> {
    let mut finding = refused(asking, answer, title).await;
    if finding.code == codes::SERVER_NOT_READY {
        finding.code = codes::HEALTH_SECRET_ROUND_TRIP;
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_secrets_of_ours_are_left_over() {
        let now = server_time("Fri, 20 Nov 2026 18:22:32 GMT").unwrap();
        let secret =
            |id: &str, name: &str, created: &str| json!({ "id": id, "name": name, "body": { "created": created } });
        let page = json!({ "items": [
            secret("old", "deploy-health-1", "2026-11-20T18:02:32.898100"),
            secret("young", "deploy-health-2", "2026-11-20T18:20:32"),
            secret("theirs", "password", "2026-11-20T10:00:00"),
            secret("zoned", "deploy-health-3", "2026-11-20T10:00:00Z"),
        ]});
        assert_eq!(left_over(&page, now), ["old", "zoned"]);
    }
}
