//! The few requests to a ZenML server that make its administrator. The same from 0.73 to 0.98.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::diagnostics::{Diagnostic, codes};

const TIME_LIMIT: Duration = Duration::from_secs(30);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// Nobody answered.
    #[error("{0}")]
    Unreachable(String),
    /// The answer was another one than expected.
    #[error("{what}: {status} {words}")]
    Answered { what: &'static str, status: u16, words: String },
    /// The answer was not what a ZenML server says.
    #[error("{0}")]
    Unreadable(String),
}

/// What a server says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    #[serde(default)]
    pub(super) name: String,
    /// Whether it has an administrator. Servers before 0.60 always have.
    #[serde(default = "yes")]
    pub(super) active: bool,
}

fn yes() -> bool {
    true
}

/// Opens everything that its user may see.
pub(super) struct Token(SecretString);

pub(super) enum Login {
    Token(Token),
    Refused,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

/// A server on this machine.
pub(super) struct Server {
    url: String,
    client: Client,
}

impl Server {
    pub(super) fn new(url: &str) -> Result<Self, Diagnostic> {
        // Loopback: no proxy has anything to do with it.
        let client = Client::builder().no_proxy().timeout(TIME_LIMIT).connect_timeout(CONNECT_LIMIT).build();
        let client = client.map_err(|error| {
            Diagnostic::error(codes::INTERNAL, "no HTTP client can be made").cause(error.to_string())
        })?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), client })
    }

    pub(super) fn address(&self) -> &str {
        &self.url
    }

    fn path(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.url)
    }

    pub(super) async fn info(&self) -> Result<Info, ApiError> {
        let answer = expect("information", self.client.get(self.path("info"))).await?;
        answer
            .json()
            .await
            .map_err(|error| ApiError::Unreadable(format!("{}: {}", self.path("info"), innermost(&error))))
    }

    /// Makes the first administrator. False if the server is active already.
    pub(super) async fn activate(
        &self,
        server: &str,
        username: &str,
        password: &SecretString,
    ) -> Result<bool, ApiError> {
        let body = json!({
            "server_name": server,
            "admin_username": username,
            "admin_password": password.expose_secret(),
            "display_announcements": false,
            "display_updates": false,
        });
        match expect("activation", self.client.put(self.path("activate")).json(&body)).await {
            Ok(_) => Ok(true),
            Err(ApiError::Answered { status: 403, .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    pub(super) async fn log_in(&self, username: &str, password: &SecretString) -> Result<Login, ApiError> {
        let form = [("username", username), ("password", password.expose_secret())];
        match expect("login", self.client.post(self.path("login")).form(&form)).await {
            Ok(answer) => {
                let granted: Granted = answer
                    .json()
                    .await
                    .map_err(|error| ApiError::Unreadable(format!("login: {}", innermost(&error))))?;
                Ok(Login::Token(Token(SecretString::from(granted.access_token))))
            }
            Err(ApiError::Answered { status: 401 | 403, .. }) => Ok(Login::Refused),
            Err(other) => Err(other),
        }
    }

    pub(super) async fn set_own_password(
        &self,
        token: &Token,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), ApiError> {
        let body = json!({ "password": new.expose_secret(), "old_password": old.expose_secret() });
        let request = self.client.put(self.path("current-user")).json(&body);
        expect("change of the password", with(token, request)).await.map(|_| ())
    }

    pub(super) async fn create_administrator(
        &self,
        token: &Token,
        username: &str,
        password: &SecretString,
    ) -> Result<(), ApiError> {
        let body = json!({
            "name": username,
            "is_admin": true,
            "active": true,
            "password": password.expose_secret(),
            "email_opted_in": false,
        });
        expect("creation of the administrator", with(token, self.client.post(self.path("users")).json(&body)))
            .await
            .map(|_| ())
    }

    pub(super) async fn deactivate(&self, token: &Token, username: &str) -> Result<(), ApiError> {
        let request = self.client.put(self.path(&format!("users/{username}/deactivate")));
        expect("deactivation of a user", with(token, request)).await.map(|_| ())
    }

    pub(super) async fn rename(&self, token: &Token, name: &str) -> Result<(), ApiError> {
        let request = self.client.put(self.path("settings")).json(&json!({ "server_name": name }));
        expect("change of the server's name", with(token, request)).await.map(|_| ())
    }
}

fn with(token: &Token, request: RequestBuilder) -> RequestBuilder {
    request.bearer_auth(token.0.expose_secret())
}

async fn expect(what: &'static str, request: RequestBuilder) -> Result<Response, ApiError> {
    let answer = request.send().await.map_err(|error| ApiError::Unreachable(innermost(&error)))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let words = answer.text().await.unwrap_or_default();
    let words = words.lines().next().unwrap_or_default().chars().take(300).collect();
    Err(ApiError::Answered { what, status: status.as_u16(), words })
}

/// The cause at the bottom: the layers above it only say that something failed.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
