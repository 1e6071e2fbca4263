//! What a registry wants to see before it answers: a password, or a token from a service that it names.

use reqwest::Method;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::credentials::{Credentials, Proof};
use super::failure;
use super::http::{Answer, Authorization, Client, Request};
use crate::diagnostics::Diagnostic;

const LARGEST_TOKEN: u64 = 1024 * 1024;

/// What the header `WWW-Authenticate` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    /// The best of those that are understood.
    pub(super) fn find(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenges: Vec<Self> = values.filter_map(Self::parse).collect();
        let bearer = challenges.iter().find(|challenge| matches!(challenge, Self::Bearer { .. }));
        bearer.or(challenges.first()).cloned()
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let parameters = parameters(rest);
        let parameter = |name: &str| {
            let found = parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
        };
        Some(Self::Bearer { realm: parameter("realm")?, service: parameter("service"), scope: parameter("scope") })
    }
}

/// `key="value", key=value` with `\"` inside of quotes.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_matches(|character: char| character == ',' || character.is_whitespace()).to_owned();
        let mut value = String::new();
        if let Some(quoted) = after.strip_prefix('"') {
            let mut characters = quoted.char_indices();
            let mut end = quoted.len();
            while let Some((at, character)) = characters.next() {
                match character {
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                    other => value.push(other),
                }
            }
            rest = &quoted[end..];
        } else {
            let end = after.find(',').unwrap_or(after.len());
            after[..end].trim().clone_into(&mut value);
            rest = &after[end..];
        }
        found.push((key, value));
    }
    found
}

/// How a token service was asked, and what came of it.
pub(super) enum Granted {
    Header(Authorization),
    /// The service's own refusal.
    Refused(Answer),
}

/// What a token service prints.
#[derive(Deserialize)]
struct Token {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
}

/// The header that answers a challenge. None where credentials are missing.
pub(super) async fn answer(
    client: &Client,
    challenge: &Challenge,
    credentials: Option<&Credentials>,
    registry: &Url,
    repository: &str,
) -> Result<Option<Granted>, Box<Diagnostic>> {
    match (challenge, credentials.map(|credentials| &credentials.proof)) {
        (_, Some(Proof::Access(token))) => Ok(Some(Granted::Header(Authorization::Bearer(token.clone())))),
        (Challenge::Basic, Some(Proof::Password(login))) => {
            Ok(Some(Granted::Header(Authorization::Basic(login.clone()))))
        }
        (Challenge::Basic, _) => Ok(None),
        (Challenge::Bearer { realm, service, scope }, proof) => {
            let realm = realm_url(realm, registry, proof.is_some())?;
            let default = format!("repository:{repository}:pull");
            let scope = scope.as_deref().unwrap_or(&default);
            token(client, realm, service.as_deref(), scope, proof).await.map(Some)
        }
    }
}

/// Where tokens are given out. A registry with TLS may not send us to a place without it, where others read along.
fn realm_url(realm: &str, registry: &Url, with_credentials: bool) -> Result<Url, Box<Diagnostic>> {
    let host = failure::host(registry);
    let refuse = |cause: String| Box::new(failure::senseless(&host, &cause));
    let url = Url::parse(realm).map_err(|_| refuse("it names no address for tokens".to_owned()))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if registry.scheme() == "http" || !with_credentials => Ok(url),
        "http" => {
            let place = failure::shown(&url);
            Err(refuse(format!("it wants credentials to be sent without TLS, to {place}; they were not sent")))
        }
        other => Err(refuse(format!("it wants tokens to be fetched by `{other}`"))),
    }
}

async fn token(
    client: &Client,
    mut realm: Url,
    service: Option<&str>,
    scope: &str,
    proof: Option<&Proof>,
) -> Result<Granted, Box<Diagnostic>> {
    let host = failure::host(&realm);
    let accept = "application/json";
    let answer = if let Some(Proof::Identity(token)) = proof {
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", "deploy"),
            ("scope", scope),
            ("refresh_token", token.expose_secret()),
        ];
        form.extend(service.map(|service| ("service", service)));
        let request = Request { method: Method::POST, form: Some(&form), ..Request::get(realm, accept, LARGEST_TOKEN) };
        client.send(&request).await?
    } else {
        {
            let mut query = realm.query_pairs_mut();
            if let Some(service) = service {
                query.append_pair("service", service);
            }
            // Several scopes are parameters of their own.
            for scope in scope.split(' ').filter(|scope| !scope.is_empty()) {
                query.append_pair("scope", scope);
            }
        }
        let authorization = match proof {
            Some(Proof::Password(login)) => Some(Authorization::Basic(login.clone())),
            _ => None,
        };
        client.send(&Request { authorization, ..Request::get(realm, accept, LARGEST_TOKEN) }).await?
    };
    if !answer.status.is_success() {
        return Ok(Granted::Refused(answer));
    }
    let token = serde_json::from_slice::<Token>(&answer.body).ok().and_then(|token| token.token.or(token.access_token));
    match token.filter(|token| !token.expose_secret().is_empty()) {
        Some(token) => Ok(Granted::Header(Authorization::Bearer(token))),
        None => Err(Box::new(failure::senseless(&host, "there is no token in it"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_in_all_their_forms() {
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            let own = |text: &str| text.to_owned();
            Some(Challenge::Bearer { realm: own(realm), service: service.map(own), scope: scope.map(own) })
        };
        let table = [
            ("Basic realm=\"x\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                r#"Bearer realm="https://a/token",service="reg",scope="repository:a/b:pull,push""#,
                bearer("https://a/token", Some("reg"), Some("repository:a/b:pull,push")),
            ),
            (r#"bearer  service=reg , realm="https://a/\"x\"""#, bearer("https://a/\"x\"", Some("reg"), None)),
            ("Bearer service=\"reg\"", None),
            ("Bearer realm=\"unterminated", bearer("unterminated", None, None)),
            ("Negotiate", None),
        ];
        for (text, expected) in table {
            assert_eq!(Challenge::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn credentials_are_not_sent_without_tls_where_the_registry_has_it() {
        let registry = Url::parse("https://r.example/").unwrap();
        assert!(realm_url("http://r.example/token", &registry, true).is_err());
        assert!(realm_url("http://r.example/token", &registry, false).is_ok());
        assert!(realm_url("https://auth.example/token", &registry, true).is_ok());
        assert!(realm_url("ftp://auth.example/token", &registry, false).is_err());
        assert!(realm_url("/token", &registry, false).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_challenge_is_too_strange(text in "\\PC{0,60}") {
            let _ = Challenge::parse(&text);
            let _ = Challenge::parse(&format!("Bearer {text}"));
        }
    }
}
