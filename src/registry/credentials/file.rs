//! `config.json` of docker and of Helm.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{Credentials, Login, Proof};
use crate::diagnostics::{Diagnostic, codes};

/// Larger files are no configuration.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What one file says.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Configuration {
    auths: BTreeMap<String, Entry>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

/// What is known about one registry.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    /// `user:password` in base64.
    auth: Option<SecretString>,
    username: Option<String>,
    password: Option<SecretString>,
    identitytoken: Option<SecretString>,
    registrytoken: Option<SecretString>,
}

/// A file; none where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Configuration>, Box<Diagnostic>> {
    let unreadable = |cause: String| {
        Box::new(
            Diagnostic::error(codes::REGISTRY_CREDENTIALS, format!("{} cannot be read", path.display()))
                .cause(cause)
                .note("it may hold the credentials that the registry asks for")
                .changed("nothing was changed")
                .next("mend the file, or pass `--username NAME --password-stdin`"),
        )
    };
    match std::fs::metadata(path) {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error.to_string())),
        Ok(metadata) if metadata.len() > LARGEST => return Err(unreadable("it is too large".to_owned())),
        Ok(_) => {}
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    // The parser's own words could repeat a part of the file, so only the place is told.
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let reason = if error.is_data() { "a value has another type than expected" } else { "it is no JSON" };
        unreadable(format!("{reason} (line {}, column {})", error.line(), error.column()))
    })
}

impl Configuration {
    /// The program that keeps the credentials of a registry, without `docker-credential-`.
    pub(super) fn helper(&self, key: &str) -> Option<&str> {
        let of_registry = self.cred_helpers.get(key).or_else(|| {
            let named = self.cred_helpers.iter().find(|(address, _)| host_name(address) == host_name(key));
            named.map(|(_, helper)| helper)
        });
        of_registry.map(String::as_str).or(Some(&self.creds_store)).filter(|helper| !helper.is_empty())
    }

    /// What the file itself holds about a registry.
    pub(super) fn entry(&self, key: &str, path: &Path) -> Result<Option<Credentials>, Box<Diagnostic>> {
        let entry = self.auths.get(key).or_else(|| {
            let named = self.auths.iter().find(|(address, _)| host_name(address) == host_name(key));
            named.map(|(_, entry)| entry)
        });
        let Some(entry) = entry else { return Ok(None) };
        let origin = path.display().to_string();
        let proof = entry.proof().map_err(|cause| {
            Diagnostic::error(codes::REGISTRY_CREDENTIALS, format!("the entry of {key} in {origin} cannot be used"))
                .cause(cause)
                .changed("nothing was changed")
                .next(format!("log in again with the tool of your registry, such as `docker login {key}`"))
        })?;
        Ok(proof.map(|proof| Credentials { proof, origin }))
    }
}

impl Entry {
    fn proof(&self) -> Result<Option<Proof>, &'static str> {
        let present = |token: &Option<SecretString>| token.clone().filter(|token| !token.expose_secret().is_empty());
        if let Some(token) = present(&self.identitytoken) {
            return Ok(Some(Proof::Identity(token)));
        }
        if let Some(token) = present(&self.registrytoken) {
            return Ok(Some(Proof::Access(token)));
        }
        if let Some(auth) = present(&self.auth) {
            let decoded = STANDARD.decode(auth.expose_secret().trim()).map_err(|_| "`auth` is no base64")?;
            let decoded = String::from_utf8(decoded).map_err(|_| "`auth` holds no text")?;
            let (username, password) = decoded.split_once(':').ok_or("`auth` holds no `user:password`")?;
            let password = SecretString::from(password.trim_end_matches('\0'));
            return Ok(Some(Proof::Password(Login { username: username.to_owned(), password })));
        }
        Ok(match (&self.username, present(&self.password)) {
            (Some(username), Some(password)) => Some(Proof::Password(Login { username: username.clone(), password })),
            _ => None,
        })
    }
}

/// Without scheme and path, which docker wrote in earlier days.
fn host_name(address: &str) -> &str {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(text: &str, key: &str) -> Option<String> {
        let configuration: Configuration = serde_json::from_str(text).unwrap();
        let found = configuration.entry(key, Path::new("/config.json")).unwrap()?;
        Some(match &found.proof {
            Proof::Password(login) => format!("{}:{}", login.username, login.password.expose_secret()),
            Proof::Identity(token) => format!("identity {}", token.expose_secret()),
            Proof::Access(token) => format!("access {}", token.expose_secret()),
        })
    }

    #[test]
    fn entries_in_all_their_forms() {
        let table = [
            (r#"{"auths":{"h:5000":{"auth":"YW5hOnA6dw=="}}}"#, "h:5000", Some("ana:p:w")),
            (r#"{"auths":{"https://h/v1/":{"username":"ana","password":"pw"}}}"#, "h", Some("ana:pw")),
            (r#"{"auths":{"h":{"identitytoken":"t","auth":"YTpi"}}}"#, "h", Some("identity t")),
            (r#"{"auths":{"h":{"registrytoken":"t"}}}"#, "h", Some("access t")),
            (r#"{"auths":{"h":{}}}"#, "h", None),
            (r#"{"auths":{"h":{"auth":"YTpi"}},"HttpHeaders":{"a":"b"}}"#, "h:5000", None),
            (
                r#"{"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"}}}"#,
                "https://index.docker.io/v1/",
                Some("a:b"),
            ),
        ];
        for (text, key, expected) in table {
            assert_eq!(proof(text, key).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn helpers_of_one_registry_come_before_the_one_of_all() {
        let text = r#"{"credsStore":"all","credHelpers":{"h":"one"}}"#;
        let configuration: Configuration = serde_json::from_str(text).unwrap();
        assert_eq!((configuration.helper("h"), configuration.helper("i")), (Some("one"), Some("all")));
        assert_eq!(Configuration::default().helper("h"), None);
    }

    #[test]
    fn a_broken_file_is_named_and_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        assert!(read(&path).unwrap().is_none());
        for text in [r#"{"auths":{"h":{"auth":"Planted-1"#, r#"{"auths":"Planted-1"}"#] {
            std::fs::write(&path, text).unwrap();
            let Err(refused) = read(&path) else { panic!("{text} was read") };
            assert!(refused.title.contains("config.json") && !format!("{refused:?}").contains("Planted-1"));
        }
    }
}
