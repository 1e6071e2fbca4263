//! Names of charts in registries: `oci://HOST[:PORT]/PATH[:TAG][@sha256:DIGEST]`.

use std::fmt;

use url::Url;

use super::digest::Digest;
use crate::diagnostics::{Diagnostic, codes};

/// How a reference begins.
pub const SCHEME: &str = "oci://";
const FORM: &str = "oci://HOST[:PORT]/PATH[:TAG][@sha256:DIGEST]";
/// Of a tag, in bytes; the specification of registries sets it.
const LONGEST_TAG: usize = 128;

/// A chart in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Host, and port if one is given.
    pub registry: String,
    /// Path below the host, without tag.
    pub repository: String,
    /// As registries write it: `_` in place of `+`.
    pub tag: Option<String>,
    pub digest: Option<Digest>,
}

impl Reference {
    /// Reads a reference, with `oci://` before it.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let rest = text.strip_prefix(SCHEME).unwrap_or(text);
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains('@') && rest.contains('/') {
            // What stands before the `@` may be a password, so nothing of it is repeated.
            return Err(unreadable("the chart's reference", "user and password do not belong into a reference")
                .next("pass `--username NAME --password-stdin`, or log in with the tool of your registry"));
        }
        let wrong = |cause: String| unreadable(&format!("the reference {text}"), &cause);
        let (rest, digest) = match rest.rsplit_once('@') {
            None => (rest, None),
            Some((rest, digest)) => match Digest::parse(digest) {
                Some(digest) => (rest, Some(digest)),
                None => return Err(wrong(format!("`{digest}` is no digest: `sha256:` and 64 digits from 0 to f"))),
            },
        };
        let Some((registry, path)) = rest.split_once('/') else {
            return Err(wrong("there is no path behind the host".to_owned()));
        };
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag.replace('+', "_"))),
            _ => (path, None),
        };
        if !is_host(registry) {
            return Err(wrong(format!("`{registry}` is no host")));
        }
        if !repository.split('/').all(is_path_part) {
            return Err(wrong(format!("`{repository}` is no path: lower-case letters, digits, `.`, `_`, `-` and `/`")));
        }
        if let Some(tag) = tag.as_deref().filter(|tag| !is_tag(tag)) {
            return Err(wrong(format!("`{tag}` is no tag")));
        }
        Ok(Self { registry: registry.to_owned(), repository: repository.to_owned(), tag, digest })
    }

    /// The last part of the path: a chart's name, unless somebody pushed it under another one.
    pub fn base_name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }

    /// The same repository under another tag.
    #[must_use]
    pub fn with_tag(&self, tag: &str) -> Self {
        Self { tag: Some(tag.replace('+', "_")), digest: None, ..self.clone() }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

/// Whether a text may be a tag.
pub(super) fn is_tag(text: &str) -> bool {
    let is_first = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.starts_with(is_first)
        && text.len() <= LONGEST_TAG
        && text.chars().all(|character| is_first(character) || matches!(character, '.' | '-'))
}

fn is_host(text: &str) -> bool {
    let is_plain = !text.contains(['?', '#', '\\', '%', ' ']);
    is_plain && Url::parse(&format!("https://{text}/")).is_ok_and(|url| url.has_host() && url.path() == "/")
}

/// Runs of letters and digits with one `.`, one or two `_`, or any number of `-` between them.
fn is_path_part(text: &str) -> bool {
    let is_word = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let separators = text.split(is_word).filter(|separator| !separator.is_empty());
    text.starts_with(is_word)
        && text.ends_with(is_word)
        && separators.into_iter().all(|separator| {
            matches!(separator, "." | "_" | "__") || separator.bytes().all(|character| character == b'-')
        })
}

fn unreadable(what: &str, cause: &str) -> Diagnostic {
    Diagnostic::error(codes::REGISTRY_REFERENCE, format!("{what} cannot be read"))
        .cause(cause)
        .changed("nothing was changed")
        .next(format!("write it as {FORM}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart_and_put_together() {
        let digest = Digest::of(b"").to_string();
        let table = [
            ("oci://127.0.0.1:5055/charts/demo".to_owned(), "charts/demo", None, false),
            ("oci://ghcr.io/a/b-c__d.e:1.0.0".to_owned(), "a/b-c__d.e", Some("1.0.0"), false),
            ("oci://r.example/a:1.0.0+build.5".to_owned(), "a", Some("1.0.0_build.5"), false),
            (format!("oci://localhost:5000/a:1@{digest}"), "a", Some("1"), true),
            (format!("oci://[::1]:5000/a@{digest}"), "a", None, true),
        ];
        for (text, repository, tag, pinned) in table {
            let reference = Reference::parse(&text).unwrap();
            assert_eq!(reference.repository, repository, "{text}");
            assert_eq!(reference.tag.as_deref(), tag, "{text}");
            assert_eq!(reference.digest.is_some(), pinned, "{text}");
            assert_eq!(reference.to_string(), text.replace('+', "_"));
        }
    }

    #[test]
    fn what_is_no_reference_is_refused_with_the_reason() {
        let table = [
            ("oci://host", "no path"),
            ("oci:///a", "no host"),
            ("oci://host/", "no path"),
            ("oci://host/UPPER", "no path"),
            ("oci://host/a//b", "no path"),
            ("oci://host/a-:1", "no path"),
            ("oci://host/a:", "no tag"),
            ("oci://host/a:b c", "no tag"),
            ("oci://host/a@sha256:12", "no digest"),
            ("oci://host/a@latest", "no digest"),
            ("oci://ho st/a", "no host"),
            ("oci://host?x/a", "no host"),
        ];
        for (text, cause) in table {
            let refused = Reference::parse(text).unwrap_err();
            assert!(refused.cause.as_ref().unwrap().contains(cause), "{text}: {refused:?}");
        }
    }

    #[test]
    fn a_password_in_a_reference_is_not_repeated() {
        let refused = Reference::parse("oci://ana:Tr0ub4dor@host:5000/a/b:1").unwrap_err();
        assert!(!format!("{refused:?}").contains("Tr0ub4dor"));
        assert!(refused.cause.unwrap().contains("do not belong"));
    }
}
