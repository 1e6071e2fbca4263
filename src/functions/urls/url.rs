//! A URL in parts.

use super::super::words::lower;
use super::address;
use super::escaping::{Encoding, escape, quoted, unescape};

/// A URL in parts, unescaped but for the query and what is opaque.
#[derive(Debug, Default)]
pub(super) struct Url {
    pub scheme: Vec<u8>,
    pub opaque: Vec<u8>,
    pub user: Option<UserInfo>,
    /// With the port.
    pub host: Vec<u8>,
    pub path: Vec<u8>,
    pub query: Vec<u8>,
    pub fragment: Vec<u8>,
}

/// Who asks, and perhaps the password.
#[derive(Debug)]
pub(super) struct UserInfo {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl UserInfo {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut written = escape(&self.name, Encoding::UserPassword);
        if let Some(password) = &self.password {
            written.push(b':');
            written.extend(escape(password, Encoding::UserPassword));
        }
        written
    }
}

impl Url {
    /// Errors are Go's words.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let failure = |text: &[u8], reason: String| format!("parse {}: {reason}", quoted(text));
        let (before, fragment) = cut(text, b'#');
        let mut url = Self::parse_without_fragment(before).map_err(|reason| failure(before, reason))?;
        url.fragment = unescape(fragment, Encoding::Fragment).map_err(|reason| failure(text, reason))?;
        Ok(url)
    }

    fn parse_without_fragment(text: &[u8]) -> Result<Self, String> {
        if text.iter().any(u8::is_ascii_control) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        if text == b"*" {
            return Ok(Self { path: b"*".to_vec(), ..Self::default() });
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, query) = cut(rest, b'?');
        let mut url = Self { scheme: lower(scheme), query: query.to_vec(), ..Self::default() };
        if !rest.starts_with(b"/") {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let mut path = rest;
        if let Some(after) = rest.strip_prefix(b"//")
            && (!url.scheme.is_empty() || !after.starts_with(b"/"))
        {
            let end = after.iter().position(|byte| *byte == b'/').unwrap_or(after.len());
            path = &after[end..];
            url.set_authority(&after[..end])?;
        }
        url.path = unescape(path, Encoding::Path)?;
        Ok(url)
    }

    fn set_authority(&mut self, authority: &[u8]) -> Result<(), String> {
        let at = authority.iter().rposition(|byte| *byte == b'@');
        self.host = parse_host(&self.scheme, &authority[at.map_or(0, |at| at + 1)..])?;
        let Some(at) = at else { return Ok(()) };
        let user = &authority[..at];
        if !user.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte)) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = cut(user, b':');
        let name = unescape(name, Encoding::UserPassword)?;
        let password = if user.contains(&b':') { Some(unescape(password, Encoding::UserPassword)?) } else { None };
        self.user = Some(UserInfo { name, password });
        Ok(())
    }

    /// The host without port and without the brackets of an IPv6 address.
    pub(super) fn hostname(&self) -> &[u8] {
        let colon = self.host.iter().rposition(|byte| *byte == b':');
        let host = match colon {
            Some(colon) if is_optional_port(&self.host[colon..]) => &self.host[..colon],
            _ => &self.host,
        };
        host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host)
    }

    /// As Go's `String` method writes a URL that was put together from parts.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut written = Vec::new();
        if !self.scheme.is_empty() {
            written.extend_from_slice(&self.scheme);
            written.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut written);
        } else {
            written.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            written.push(b'?');
            written.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            written.push(b'#');
            written.extend(escape(&self.fragment, Encoding::Fragment));
        }
        written
    }

    fn write_hierarchy(&self, written: &mut Vec<u8>) {
        let has_authority = !self.host.is_empty() || self.user.is_some();
        if has_authority || (!self.scheme.is_empty() && !self.path.is_empty()) {
            written.extend_from_slice(b"//");
            if let Some(user) = &self.user {
                written.extend(user.to_bytes());
                written.push(b'@');
            }
            written.extend(escape(&self.host, Encoding::Host));
        }
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Encoding::Path) };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            written.push(b'/');
        }
        // A colon in the first segment would be taken for the end of a scheme (RFC 3986, 4.2).
        if written.is_empty() && cut(&path, b'/').0.contains(&b':') {
            written.extend_from_slice(b"./");
        }
        written.extend(path);
    }
}

/// What comes before and after the first such byte.
fn cut(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == separator) {
        Some(place) => (&text[..place], &text[place + 1..]),
        None => (text, b""),
    }
}

fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..index], &text[index + 1..])),
            _ => break,
        }
    }
    Ok((b"", text))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    match host.iter().rposition(|byte| *byte == b'[') {
        Some(0) => return parse_bracketed_host(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Lists of hosts with ports are let through where Go has always done so, which is not for the web.
    let is_web = matches!(scheme, b"http" | b"https");
    let mut colons = host.iter().enumerate().filter(|(_, byte)| **byte == b':').map(|(index, _)| index);
    let colon = if is_web { colons.next() } else { colons.next_back() };
    if let Some(colon) = colon {
        check_port(&host[colon..])?;
    }
    unescape(host, Encoding::Host)
}

/// `[fe80::1%25en0]:80`
fn parse_bracketed_host(host: &[u8]) -> Result<Vec<u8>, String> {
    let close = host.iter().rposition(|byte| *byte == b']').ok_or("missing ']' in host")?;
    let port = &host[close + 1..];
    check_port(port)?;
    let port = unescape(port, Encoding::Host)?;
    let inner = &host[1..close];
    let zone = memchr::memmem::find(inner, b"%25").unwrap_or(inner.len());
    let mut name = unescape(&inner[..zone], Encoding::Host)?;
    name.extend(unescape(&inner[zone..], Encoding::Zone)?);
    match address::check(&name) {
        Err(reason) => Err(format!("invalid host: {reason}")),
        Ok(address::Family::Version4) => Err("invalid IP-literal".to_owned()),
        Ok(address::Family::Version6) => Ok([b"[", &name[..], b"]", &port].concat()),
    }
}

fn check_port(port: &[u8]) -> Result<(), String> {
    if is_optional_port(port) { Ok(()) } else { Err(format!("invalid port {} after host", quoted(port))) }
}

/// Nothing, or a colon and perhaps digits.
fn is_optional_port(port: &[u8]) -> bool {
    match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}
