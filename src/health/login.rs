//! Sessions: one login per round, shared by all questions that need one.

use std::collections::BTreeMap;

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;

use super::check::Seen;
use super::http::Answer;
use super::round::{Asking, known};
use super::server::{Call, refused, unanswered};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::SecretName;
use crate::unit::Text;

/// Who asks, and with which password. Without one the server has to let everybody in.
pub(super) type Who<'a> = (&'a str, Option<&'a SecretName>);

/// The sessions of a round. A refused login is not tried again: the server counts them.
#[derive(Default)]
pub(super) struct Sessions(Mutex<BTreeMap<(String, String), Opened>>);

type Opened = Result<Session, Box<Diagnostic>>;

/// A way to call the API. The token never leaves it.
#[derive(Clone)]
pub(super) struct Session {
    url: String,
    token: Option<SecretString>,
}

pub(super) async fn login(asking: &Asking<'_>, url: &Text, username: &str, password: Option<&SecretName>) -> Seen {
    let session = open(asking, &known(url)?, (username, password)).await?;
    let title = "the server does not say who is logged in";
    let answer =
        session.call(asking, Call { method: Method::GET, path: "/api/v1/current-user", body: None }, title).await?;
    let name = answer.json().and_then(|user| user.get("name").and_then(Value::as_str).map(str::to_owned));
    match (answer.is_good(), name) {
        (true, Some(name)) if password.is_some() => Ok(format!("`{name}` logged in")),
        (true, Some(name)) => Ok(format!("everybody is let in as `{name}`, as planned")),
        _ => Err(refused(asking, &answer, title).await),
    }
}

/// The round's session of this user, opened if it is not open yet.
pub(super) async fn open(asking: &Asking<'_>, url: &str, who: Who<'_>) -> Opened {
    let mut sessions = asking.sessions.0.lock().await;
    let key = (url.to_owned(), who.0.to_owned());
    if let Some(opened) = sessions.get(&key) {
        return opened.clone();
    }
    let opened = open_new(asking, url, who).await;
    sessions.insert(key, opened.clone());
    opened
}

async fn open_new(asking: &Asking<'_>, url: &str, (username, password): Who<'_>) -> Opened {
    let Some(name) = password else { return Ok(Session { url: url.to_owned(), token: None }) };
    let password = asking.secret(name).await?;
    let title = format!("the server does not take the login of `{username}`");
    let request = asking.http.request(Method::POST, url, "/api/v1/login")?;
    let form = [("username", username), ("password", password.expose_secret())];
    let answer = match asking.http.send(request.form(&form)).await {
        Ok(answer) => answer,
        Err(none) => return Err(unanswered(asking, none, &title).await),
    };
    match token(&answer) {
        Some(token) => Ok(Session { url: url.to_owned(), token: Some(token) }),
        None if matches!(answer.status, 401 | 403) => Err(Box::new(wrong_password(&answer, username, name))),
        None => Err(refused(asking, &answer, &title).await),
    }
}

fn token(answer: &Answer) -> Option<SecretString> {
    let json = answer.json().filter(|_| answer.is_good())?;
    json.get("access_token").and_then(Value::as_str).map(SecretString::from)
}

fn wrong_password(answer: &Answer, username: &str, password: &SecretName) -> Diagnostic {
    Diagnostic::error(codes::SERVER_LOGIN_REFUSED, format!("the server refuses the login of `{username}`"))
        .at(&answer.url)
        .cause(answer.words())
        .evidence(format!("tried with the secret `{password}` of this deployment"))
        .note("the server says the same to a wrong password, to an unknown user and before it is activated")
        .next("if the password was changed by hand: give the new one as `server.adminPassword`, then deploy apply")
        .next("deploy secrets check shows where the password comes from")
}

impl Session {
    /// One call; the answer may still be a refusal.
    pub(super) async fn call(
        &self,
        asking: &Asking<'_>,
        call: Call<'_>,
        title: &str,
    ) -> Result<Answer, Box<Diagnostic>> {
        let mut request = asking.http.request(call.method, &self.url, call.path)?;
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        match asking.http.send(request).await {
            Ok(answer) => Ok(answer),
            Err(none) => Err(unanswered(asking, none, title).await),
        }
    }
}
