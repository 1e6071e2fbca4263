//! The dashboard: the page and everything that it names.
//!
//! The server answers every unknown path with the page itself and status 200, so a status proves nothing: the content
//! type has to fit, too.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use html5gum::{DefaultEmitter, Token, Tokenizer};
use reqwest::Method;
use url::Url;

use super::check::Seen;
use super::http::Answer;
use super::round::{Asking, known};
use super::server::{refused, unanswered};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::Text;

/// As many as a browser asks for at once.
const AT_ONCE: usize = 6;

/// What a part has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Script,
    Style,
    Icon,
}

impl Kind {
    fn fits(self, content_type: &str) -> bool {
        match self {
            Self::Script => content_type.contains("javascript") || content_type.contains("ecmascript"),
            Self::Style => content_type.starts_with("text/css"),
            Self::Icon => content_type.starts_with("image/"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Script => "a script",
            Self::Style => "a style sheet",
            Self::Icon => "a picture",
        }
    }
}

pub(super) async fn loads(asking: &Asking<'_>, url: &Text) -> Seen {
    let url = known(url)?;
    let title = "the dashboard's page does not load";
    let page = match asking.http.get(&url, "/").await? {
        Ok(answer) => answer,
        Err(none) => return Err(unanswered(asking, none, title).await),
    };
    if !page.is_good() {
        return Err(refused(asking, &page, title).await);
    }
    let (parts, foreign) = parts(&page).map_err(|cause| broken(title, &page.url, &cause))?;
    let size = page.body.len() + load_all(asking, &parts).await?;
    let elsewhere = if foreign == 0 {
        String::new()
    } else {
        format!("; {foreign} more are on other hosts and were not asked for")
    };
    Ok(format!("the page and its {} parts load, {} kB{elsewhere}", parts.len(), size.div_ceil(1024)))
}

async fn load_all(asking: &Asking<'_>, parts: &BTreeSet<(Kind, Url)>) -> Result<usize, Box<Diagnostic>> {
    let loads = parts.iter().map(|(kind, url)| load(asking, *kind, url));
    let results: Vec<_> = stream::iter(loads).buffered(AT_ONCE).collect().await;
    let broken: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    let Some(first) = broken.first() else { return Ok(results.into_iter().flatten().sum()) };
    let mut finding = Diagnostic::error(
        codes::HEALTH_DASHBOARD,
        format!("{} of the dashboard's {} parts do not load", broken.len(), parts.len()),
    )
    .at(first.url.clone())
    .cause(format!("{}: {}", first.path, first.cause))
    .note("the page stays empty or broken in a browser, whatever its status says");
    finding.evidence = broken.iter().skip(1).take(8).map(|part| format!("{}: {}", part.path, part.cause)).collect();
    Err(Box::new(finding.next("the installation of the server is incomplete: deploy apply rebuilds it")))
}

/// A part that does not load.
struct BrokenPart {
    url: String,
    path: String,
    cause: String,
}

async fn load(asking: &Asking<'_>, kind: Kind, url: &Url) -> Result<usize, BrokenPart> {
    let broken = |cause: String| BrokenPart { url: url.to_string(), path: url.path().to_owned(), cause };
    let request = asking.http.request(Method::GET, url.as_str(), "").map_err(|finding| broken(finding.title))?;
    let answer = asking.http.send(request).await.map_err(|none| broken(none.words))?;
    if !answer.is_good() {
        return Err(broken(answer.words()));
    }
    if !kind.fits(&answer.content_type) {
        return Err(broken(format!("the answer is {}, not {}", named(&answer.content_type), kind.name())));
    }
    if answer.body.is_empty() { Err(broken("the file is empty".to_owned())) } else { Ok(answer.body.len()) }
}

fn named(content_type: &str) -> &str {
    match content_type.split(';').next().unwrap_or_default().trim() {
        "" => "of no type",
        "text/html" => "a page of HTML",
        other => other,
    }
}

fn broken(title: &str, url: &str, cause: &str) -> Box<Diagnostic> {
    let finding = Diagnostic::error(codes::HEALTH_DASHBOARD, title).at(url).cause(cause);
    Box::new(finding.next("the installation of the server is incomplete: deploy apply rebuilds it"))
}

/// The parts that the page names on its own host, and how many it names on others.
fn parts(page: &Answer) -> Result<(BTreeSet<(Kind, Url)>, usize), String> {
    if !page.content_type.starts_with("text/html") {
        return Err(format!("the answer is {}, not a page of HTML", named(&page.content_type)));
    }
    let base = Url::parse(&page.url).map_err(|error| error.to_string())?;
    let names = named_parts(&page.text());
    if !names.iter().any(|(kind, _)| *kind == Kind::Script) {
        return Err("the page names no script".to_owned());
    }
    let urls: BTreeSet<_> = names.into_iter().filter_map(|(kind, name)| Some((kind, base.join(&name).ok()?))).collect();
    let all = urls.len();
    let own: BTreeSet<_> = urls.into_iter().filter(|(_, url)| url.origin() == base.origin()).collect();
    let foreign = all - own.len();
    Ok((own, foreign))
}

fn named_parts(html: &str) -> Vec<(Kind, String)> {
    let mut found = Vec::new();
    let mut emitter = DefaultEmitter::<()>::default();
    // The text of a script may hold tags that are none.
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        let Token::StartTag(tag) = token else { continue };
        let attribute = |name: &[u8]| tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
        match tag.name.as_slice() {
            b"script" => found.extend(attribute(b"src").map(|source| (Kind::Script, source))),
            b"link" => {
                let kind = attribute(b"rel").and_then(|rel| link_kind(&rel));
                found.extend(kind.zip(attribute(b"href")));
            }
            _ => {}
        }
    }
    found.retain(|(_, name)| !name.is_empty() && !name.starts_with("data:"));
    found
}

fn link_kind(rel: &str) -> Option<Kind> {
    rel.split_ascii_whitespace().find_map(|word| match word.to_ascii_lowercase().as_str() {
        "stylesheet" => Some(Kind::Style),
        "modulepreload" => Some(Kind::Script),
        "icon" => Some(Kind::Icon),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_as_a_browser_finds_them() {
        let html = r#"<!doctype html><head><link rel="shortcut icon" href=/favicon.svg><link rel='modulepreload' crossorigin href="/assets/a.js">
            <LINK REL="stylesheet" HREF="assets/b.css"><link rel="prefetch" href="/x.woff2"><!-- <script src="/no.js"></script> -->
            <script type="module" src="/assets/index.js"></script><script>var s = '<script src="/also-no.js">';</script>
            <script src="https://cdn.example/lib.js"></script></head>"#;
        let page = Answer {
            url: "http://127.0.0.1:1/".into(),
            status: 200,
            content_type: "text/html; charset=utf-8".into(),
            date: None,
            body: html.into(),
        };
        let (own, foreign) = parts(&page).unwrap();
        let paths: Vec<_> = own.iter().map(|(kind, url)| (*kind, url.path().to_owned())).collect();
        let expected = [
            (Kind::Script, "/assets/a.js"),
            (Kind::Script, "/assets/index.js"),
            (Kind::Style, "/assets/b.css"),
            (Kind::Icon, "/favicon.svg"),
        ];
        assert_eq!(paths, expected.map(|(kind, path)| (kind, path.to_owned())));
        assert_eq!(foreign, 1);
    }

    #[test]
    fn a_page_without_scripts_is_no_dashboard() {
        let page = |content_type: &str| Answer {
            url: "http://x/".into(),
            status: 200,
            content_type: content_type.into(),
            date: None,
            body: b"<p>It works!".to_vec(),
        };
        assert_eq!(parts(&page("text/html")).unwrap_err(), "the page names no script");
        assert_eq!(parts(&page("application/json")).unwrap_err(), "the answer is application/json, not a page of HTML");
    }
}
