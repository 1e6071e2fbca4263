//! URLs in parts, as Go's `net/url` takes them apart and puts them together.

mod address;
mod escaping;
mod url;

use std::collections::BTreeMap;

use self::url::{Url, UserInfo};
use super::Table;
use super::arguments::{Outcome, bytes, dict};
use super::lists::NIL_POINTER;
use super::types::kind_name;
use crate::template::{CallError, Dict, Function, Kind, Parameter, Text, Value};

use Parameter::String;

pub(super) fn table() -> Table {
    vec![
        ("urlJoin", Function::new(&[Parameter::Dict], |_, a| join(&dict(a, 0)))),
        ("urlParse", Function::new(&[String], |_, a| parse(bytes(a, 0)))),
    ]
}

fn parse(text: &[u8]) -> Outcome {
    let url = Url::parse(text).map_err(|error| CallError::from(format!("unable to parse url: {error}")))?;
    let hostname = url.hostname().to_vec();
    let user = url.user.as_ref().map(UserInfo::to_bytes).unwrap_or_default();
    let entries = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", user),
    ];
    let entries: BTreeMap<Text, Value> =
        entries.into_iter().map(|(key, part)| (Text::from(key), Value::string(part))).collect();
    Ok(Value::Dict(Dict::from_entries(entries)))
}

fn join(parts: &Dict) -> Outcome {
    let mut url = Url {
        scheme: part(parts, "scheme")?,
        host: part(parts, "host")?,
        path: part(parts, "path")?,
        query: part(parts, "query")?,
        opaque: part(parts, "opaque")?,
        fragment: part(parts, "fragment")?,
        ..Url::default()
    };
    let user = part(parts, "userinfo")?;
    if !user.is_empty() {
        let text = [b"proto://", &user[..], b"@host"].concat();
        let parsed = Url::parse(&text);
        url.user = parsed.map_err(|error| CallError::from(format!("unable to parse userinfo in dict: {error}")))?.user;
    }
    Ok(Value::string(url.to_bytes()))
}

fn part(parts: &Dict, key: &str) -> Result<Vec<u8>, CallError> {
    match parts.get(key) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.as_bytes().to_vec()),
        Some(Value::Nil) => Err(NIL_POINTER.into()),
        // A named string.
        Some(Value::Object(object)) if object.kind() == Kind::String => match object.to_plain() {
            Some(Value::String(text)) => Ok(text.as_bytes().to_vec()),
            _ => Ok(Vec::new()),
        },
        Some(other) => {
            let kind = kind_name(&other);
            Err(format!("unable to parse {key} key, must be of type string, but {kind} found").into())
        }
    }
}
