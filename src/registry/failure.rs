//! What went wrong on the way to a host: the first cause, in the words of the system.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::CertificateError;
use url::Url;

use crate::diagnostics::{Code, Diagnostic, codes};

/// Host, and port where it is not the usual one.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// An address without user, password and query, which may be secret.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// The innermost cause.
pub(super) fn deepest(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map_or_else(String::new, ToString::to_string)
}

/// An error with its causes. Input errors keep theirs where `source` does not show it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    for error in chain(error) {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
    }
    None
}

/// The kind that the operating system told.
fn input_error(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    let errors = chain(error).filter_map(|error| error.downcast_ref::<io::Error>());
    errors
        .filter(|error| error.raw_os_error().is_some() || error.kind() != ErrorKind::Other)
        .map(io::Error::kind)
        .last()
}

/// Connections that broke while they were used, not those that never came about.
pub(super) fn is_worth_a_retry(error: &reqwest::Error) -> bool {
    if error.is_timeout() || find::<rustls::Error>(error).is_some() || error.is_redirect() || error.is_builder() {
        return false;
    }
    let broke = matches!(
        input_error(error),
        Some(
            ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof
        )
    );
    broke || (!error.is_connect() && (error.is_request() || error.is_body() || error.is_decode()))
}

/// No answer came.
pub(super) fn transport(error: &reqwest::Error, url: &Url) -> Diagnostic {
    let host = host(url);
    let finding = |code: Code, title: String| {
        Diagnostic::error(code, title).at(shown(url)).cause(deepest(error)).changed("nothing was changed")
    };
    if error.is_timeout() {
        return timed_out(url, if error.is_connect() { "no connection came about" } else { "it fell silent" });
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, &host, finding);
    }
    if chain(error).any(|error| error.to_string() == "dns error") {
        return finding(codes::REGISTRY_UNREACHABLE, format!("the host {host} is not known"))
            .next(format!("check the name, and that this machine can resolve it: getent hosts {}", name(url)));
    }
    if chain(error).any(|error| error.to_string() == "tls handshake eof") {
        return finding(codes::REGISTRY_UNREACHABLE, format!("{host} ends the connection when TLS begins"))
            .next("pass `--plain-http` if the registry is meant to be without TLS");
    }
    let proxied = chain(error).any(|error| error.to_string().contains("tunnel"));
    if proxied {
        return finding(codes::REGISTRY_UNREACHABLE, format!("the proxy does not lead to {host}"))
            .next("check HTTPS_PROXY and HTTP_PROXY; NO_PROXY names hosts that are reached without a proxy");
    }
    match input_error(error) {
        Some(ErrorKind::ConnectionRefused) => finding(codes::REGISTRY_UNREACHABLE, format!("nobody listens at {host}"))
            .next("check host and port, and that the registry runs"),
        _ if error.is_connect() => finding(codes::REGISTRY_UNREACHABLE, format!("{host} cannot be reached"))
            .next("check host and port, and whether a firewall or proxy stands between"),
        _ => finding(codes::REGISTRY_ANSWER, format!("{host} broke off its answer"))
            .note("it was tried three times")
            .next("try again later"),
    }
}

fn name(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

fn of_tls(error: &rustls::Error, host: &str, finding: impl Fn(Code, String) -> Diagnostic) -> Diagnostic {
    const INSECURE: &str = "or go on without knowing who answers: `--insecure-skip-tls-verify`";
    match error {
        rustls::Error::InvalidCertificate(reason) => {
            let title = match reason {
                CertificateError::UnknownIssuer => {
                    format!("the certificate of {host} was signed by an authority that is not trusted")
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    format!("the certificate of {host} is for another name")
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    format!("the certificate of {host} has expired")
                }
                _ => format!("the certificate of {host} is not accepted"),
            };
            let found = finding(codes::REGISTRY_UNTRUSTED, title);
            match reason {
                CertificateError::UnknownIssuer => {
                    found.next("pass the certificate of its authority: `--ca-file FILE`").next(INSECURE)
                }
                _ => found.next("have the certificate of the registry mended").next(INSECURE),
            }
        }
        rustls::Error::InvalidMessage(_) => finding(codes::REGISTRY_UNREACHABLE, format!("{host} does not speak TLS"))
            .next("pass `--plain-http` if the registry is meant to be without TLS"),
        _ => finding(codes::REGISTRY_UNREACHABLE, format!("no TLS connection to {host} comes about"))
            .next("check that the registry speaks TLS 1.2 or newer"),
    }
}

/// A host that did not say enough in time.
pub(super) fn timed_out(url: &Url, how: &str) -> Diagnostic {
    Diagnostic::error(codes::REGISTRY_TIMED_OUT, format!("{} takes too long", host(url)))
        .at(shown(url))
        .cause(how)
        .changed("nothing was changed")
        .next("check host and port, and whether a firewall drops packets; otherwise try again, with a longer `--pull-timeout`")
}

/// More than may come.
pub(super) fn too_large(url: &Url, largest: u64) -> Diagnostic {
    Diagnostic::error(codes::REGISTRY_TOO_LARGE, format!("what {} sends is too large", host(url)))
        .at(shown(url))
        .cause(format!("no more than {largest} bytes are taken"))
        .changed("nothing was changed")
        .next("check that the name is that of a chart")
}

/// An answer that registries do not give.
pub(super) fn senseless(host: &str, cause: &str) -> Diagnostic {
    Diagnostic::error(codes::REGISTRY_ANSWER, format!("the answer of {host} makes no sense"))
        .cause(cause)
        .changed("nothing was changed")
        .next("check that the address is that of a registry of charts")
}

/// What a server wrote, in one short line without control characters. Servers may repeat what they were sent, so it
/// has to go through the redactor.
pub(super) fn words(body: &[u8]) -> String {
    const LONGEST: usize = 300;
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * LONGEST)]).into_owned();
    let line = text.split(|character: char| character.is_whitespace() || character.is_control());
    let line = line.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect()
}
