//! The grammar of `--set`, `--set-string`, `--set-json`, `--set-file` and `--set-literal`, quirks and errors included.

use super::origin::{Part, Path};
use super::types;
use crate::go_json;
use crate::template::{Dict, Value};

/// How the text behind `=` is read.
pub enum Reading<'a> {
    /// `--set`: booleans, null and integers are told from text.
    Typed,
    /// `--set-string`
    Strings,
    /// `--set-json`: a JSON value per key.
    Json,
    /// `--set-file`: the name of a file, whose content is the value.
    Files(&'a mut dyn FnMut(&str) -> Result<Value, String>),
    /// `--set-literal`: everything behind the first `=`, as it is.
    Literal,
}

/// Puts the values of one flag into `values`; gives back the paths that were set.
pub fn set(text: &str, values: &Dict, reading: Reading<'_>) -> Result<Vec<Path>, String> {
    let mut parser = Parser { characters: text.chars().collect(), at: 0, reading, path: Vec::new(), paths: Vec::new() };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(parser.paths),
            Err(Stop::Error(message)) => return Err(message),
        }
    }
}

const LARGEST_INDEX: i64 = 65_536;
const DEEPEST_NAME: usize = 30;

/// Why reading stops. The end of the text is no error, wherever it comes: `--set a[0` sets nothing and says nothing.
enum Stop {
    End,
    Error(String),
}

impl Stop {
    fn error<T>(message: impl Into<String>) -> Result<T, Self> {
        Err(Self::Error(message.into()))
    }
}

struct Parser<'a> {
    characters: Vec<char>,
    at: usize,
    reading: Reading<'a>,
    /// Where the parser is, for `paths`.
    path: Path,
    paths: Vec<Path>,
}

/// What was read, and the character that ended it: none at the end of the text.
struct Run {
    text: String,
    stopped_by: Option<char>,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let character = self.characters.get(self.at).copied()?;
        self.at += 1;
        Some(character)
    }

    fn is_literal(&self) -> bool {
        matches!(self.reading, Reading::Literal)
    }

    /// Up to one of the characters; a backslash takes the next one as it is, unless all is literal.
    fn until(&mut self, stops: &[char]) -> Run {
        let mut text = String::new();
        while let Some(character) = self.next() {
            if stops.contains(&character) {
                return Run { text, stopped_by: Some(character) };
            }
            if character == '\\' && !self.is_literal() {
                match self.next() {
                    Some(escaped) => text.push(escaped),
                    None => return Run { text, stopped_by: None },
                }
            } else {
                text.push(character);
            }
        }
        Run { text, stopped_by: None }
    }

    fn key(&mut self, data: &Dict, level: usize) -> Result<(), Stop> {
        let stops: &[char] = if self.is_literal() { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let Run { text: key, stopped_by } = self.until(stops);
        self.path.push(Part::Key(key.clone()));
        let result = match stopped_by {
            None if key.is_empty() => Err(Stop::End),
            None => Stop::error(format!("key {} has no value", quote(&key))),
            Some('[') => self.indexed(data, &key, level),
            Some('=') => self.assigned(data, &key),
            Some(',') => {
                insert(data, &key, Value::string(""));
                Stop::error(format!("key {} has no value (cannot end with ,)", quote(&key)))
            }
            Some(_) => self.nested(data, &key, level + 1),
        };
        self.path.pop();
        result
    }

    fn indexed(&mut self, data: &Dict, key: &str, level: usize) -> Result<(), Stop> {
        let index = self.index()?;
        let mut list = match data.get(key) {
            None => Vec::new(),
            Some(Value::List(list)) => list.elements().to_vec(),
            Some(other) => return wrong_type(&other, "[]interface {}"),
        };
        let result = self.item(&mut list, index, level);
        insert(data, key, Value::list(list));
        result
    }

    fn nested(&mut self, data: &Dict, key: &str, level: usize) -> Result<(), Stop> {
        if level > DEEPEST_NAME {
            return Stop::error(format!(
                "value name nested level is greater than maximum supported nested level of {DEEPEST_NAME}"
            ));
        }
        let inner = match data.get(key) {
            None => Dict::new(),
            Some(Value::Dict(inner)) => inner,
            Some(other) => return wrong_type(&other, "map[string]interface {}"),
        };
        let result = self.key(&inner, level);
        if result.is_ok() && inner.is_empty() {
            return Stop::error(format!("key map {} has no value", quote(key)));
        }
        if !inner.is_empty() {
            insert(data, key, Value::Dict(inner));
        }
        result
    }

    fn assigned(&mut self, data: &Dict, key: &str) -> Result<(), Stop> {
        self.paths.push(self.path.clone());
        match self.reading {
            Reading::Literal => {
                let rest = self.until(&[]).text;
                insert(data, key, Value::string(rest));
                Ok(())
            }
            Reading::Json => {
                let value = self.json()?;
                insert(data, key, value);
                Ok(())
            }
            _ => {
                let (value, stop) = self.value()?;
                insert(data, key, value);
                stop
            }
        }
    }

    /// The value behind `=`, and what is to be said after it was set.
    fn value(&mut self) -> Result<(Value, Result<(), Stop>), Stop> {
        match self.next() {
            None => Ok((Value::string(""), Err(Stop::End))),
            Some('{') => {
                let (list, result) = self.list()?;
                Ok((Value::list(list), result))
            }
            Some(_) => {
                self.at -= 1;
                let text = self.until(&[',']).text;
                Ok(match self.read(&text) {
                    Ok(value) => (value, Ok(())),
                    Err(message) => (Value::Nil, Stop::error(message)),
                })
            }
        }
    }

    /// `{a,b}`, whose opening bracket is read.
    fn list(&mut self) -> Result<(Vec<Value>, Result<(), Stop>), Stop> {
        let mut list = Vec::new();
        loop {
            let Run { text, stopped_by } = self.until(&[',', '}']);
            let Some(stop) = stopped_by else { return Stop::error("list must terminate with '}'") };
            if stop == '}' && self.characters.get(self.at) == Some(&',') {
                self.at += 1;
            }
            match self.read(&text) {
                Ok(value) => list.push(value),
                Err(message) => return Stop::error(message),
            }
            if stop == '}' {
                return Ok((list, Ok(())));
            }
        }
    }

    fn read(&mut self, text: &str) -> Result<Value, String> {
        match &mut self.reading {
            Reading::Files(read) => read(text),
            Reading::Strings => Ok(Value::string(text)),
            _ => Ok(typed(text)),
        }
    }

    /// One JSON value; nothing at all is null. Blanks and a comma behind it are read too.
    fn json(&mut self) -> Result<Value, Stop> {
        if self.skip_blanks_and_comma() {
            return Ok(Value::Nil);
        }
        let rest: String = self.characters[self.at..].iter().collect();
        match go_json::read_first(rest.as_bytes()) {
            Ok((value, consumed)) => {
                self.at += String::from_utf8_lossy(&rest.as_bytes()[..consumed]).chars().count();
                self.skip_blanks_and_comma();
                Ok(value)
            }
            // The caller names the flag and not the reason.
            Err(error) => Stop::error(error.to_string()),
        }
    }

    /// Whether the text ended, or a comma was met.
    fn skip_blanks_and_comma(&mut self) -> bool {
        loop {
            match self.next() {
                None | Some(',') => return true,
                Some(character) if character.is_whitespace() => {}
                Some(_) => {
                    self.at -= 1;
                    return false;
                }
            }
        }
    }

    fn index(&mut self) -> Result<i64, Stop> {
        let Run { text, stopped_by } = self.until(&[']']);
        if stopped_by.is_none() {
            return Err(Stop::End);
        }
        text.parse().or_else(|_| {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let reason = if is_number { "value out of range" } else { "invalid syntax" };
            Stop::error(format!("error parsing index: strconv.Atoi: parsing {}: {reason}", quote(&text)))
        })
    }

    fn item(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Result<(), Stop> {
        if index < 0 {
            return Stop::error(format!("negative {index} index not allowed"));
        }
        let Run { text: key, stopped_by } = self.until(&['[', '.', '=']);
        if !key.is_empty() {
            return Stop::error(format!("unexpected data at end of array index: {}", quote_each(&key)));
        }
        self.path.push(Part::Index(usize::try_from(index).unwrap_or(usize::MAX)));
        let result = match stopped_by {
            None => Err(Stop::End),
            Some('=') => self.item_assigned(list, index),
            Some('[') => self.item_list(list, index, level),
            Some(_) => self.item_dict(list, index, level),
        };
        self.path.pop();
        result
    }

    fn item_assigned(&mut self, list: &mut Vec<Value>, index: i64) -> Result<(), Stop> {
        self.paths.push(self.path.clone());
        let value = match self.reading {
            Reading::Literal => Value::string(self.until(&[]).text),
            Reading::Json => self.json()?,
            _ => {
                let (value, stop) = self.value()?;
                if let Err(Stop::Error(message)) = stop {
                    return Stop::error(message);
                }
                value
            }
        };
        set_index(list, index, value)
    }

    fn item_list(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Result<(), Stop> {
        let next = self.index()?;
        let mut inner = match usize::try_from(index).ok().and_then(|index| list.get(index)) {
            None | Some(Value::Nil) => Vec::new(),
            Some(Value::List(inner)) => inner.elements().to_vec(),
            Some(other) => return wrong_type(other, "[]interface {}"),
        };
        self.item(&mut inner, next, level)?;
        set_index(list, index, Value::list(inner))
    }

    fn item_dict(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Result<(), Stop> {
        let inner = match usize::try_from(index).ok().and_then(|index| list.get_mut(index)) {
            None => Dict::new(),
            Some(Value::Dict(inner)) => inner.clone(),
            Some(other) => {
                let inner = Dict::new();
                *other = Value::Dict(inner.clone());
                inner
            }
        };
        self.key(&inner, level)?;
        set_index(list, index, Value::Dict(inner))
    }
}

/// A key that is empty is not set.
fn insert(data: &Dict, key: &str, value: Value) {
    if !key.is_empty() {
        data.insert(key, value);
    }
}

fn set_index(list: &mut Vec<Value>, index: i64, value: Value) -> Result<(), Stop> {
    if index > LARGEST_INDEX {
        return Stop::error(format!("index of {index} is greater than maximum supported index of {LARGEST_INDEX}"));
    }
    let index = usize::try_from(index).unwrap_or(0);
    if list.len() <= index {
        list.resize(index + 1, Value::Nil);
    }
    list[index] = value;
    Ok(())
}

/// Go's panic, as the parser catches and reports it.
fn wrong_type<T>(found: &Value, wanted: &str) -> Result<T, Stop> {
    Stop::error(format!(
        "unable to parse key: interface conversion: interface {{}} is {}, not {wanted}",
        types::go_type(found)
    ))
}

fn typed(text: &str) -> Value {
    for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Nil)] {
        if text.eq_ignore_ascii_case(word) {
            return value;
        }
    }
    // A number with a leading zero is text: an account, a postcode.
    if (text == "0" || !text.starts_with('0'))
        && let Ok(number) = text.parse()
    {
        return Value::int64(number);
    }
    Value::string(text)
}

/// As Go quotes a slice of characters.
fn quote_each(text: &str) -> String {
    let characters: Vec<String> = text.chars().map(crate::template::quote_character).collect();
    format!("[{}]", characters.join(" "))
}

/// Go's `%q`.
pub(crate) fn quote(text: &str) -> String {
    crate::template::quote(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, reading: Reading<'_>) -> String {
        let values = Dict::new();
        match set(text, &values, reading) {
            Ok(_) => types::to_json(&Value::Dict(values)).to_string(),
            Err(message) => message,
        }
    }

    #[test]
    fn set_reads_as_helm_does() {
        // Results of strvals of Helm 4.3.1.
        let cases = [
            ("a=1,b=true,c=null,d=x,e=007,f=0,g=", r#"{"a":1,"b":true,"c":null,"d":"x","e":"007","f":0,"g":""}"#),
            ("a.b.c=1,a.b.d=2", r#"{"a":{"b":{"c":1,"d":2}}}"#),
            ("a={1,b,}", r#"{"a":[1,"b",""]}"#),
            ("a={}", r#"{"a":[""]}"#),
            ("a[0]=1,a[2]=3", r#"{"a":[1,null,3]}"#),
            ("a[0].b=1,a[0].c=2", r#"{"a":[{"b":1,"c":2}]}"#),
            ("a[0][1]=x", r#"{"a":[[null,"x"]]}"#),
            (r"a=b\,c,d\.e=f", r#"{"a":"b,c","d.e":"f"}"#),
            ("a[0", "{}"),
            ("a[0]", r#"{"a":[]}"#),
            ("a", r#"key "a" has no value"#),
            ("a,b=1", r#"key "a" has no value (cannot end with ,)"#),
            ("a.=1", r#"key map "a" has no value"#),
            ("a={1", "list must terminate with '}'"),
            ("a[x]=1", r#"error parsing index: strconv.Atoi: parsing "x": invalid syntax"#),
            ("a[-1]=1", "negative -1 index not allowed"),
            ("a[65537]=1", "index of 65537 is greater than maximum supported index of 65536"),
            ("a[0]x=1", r"unexpected data at end of array index: ['x']"),
            (
                "a=1,a.b=2",
                "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}",
            ),
            ("a=1,a[0]=2", "unable to parse key: interface conversion: interface {} is int64, not []interface {}"),
            ("a=-5,b=+5,c=-0", r#"{"a":-5,"b":5,"c":0}"#),
        ];
        for (text, expected) in cases {
            assert_eq!(after(text, Reading::Typed), expected, "{text}");
        }
    }

    #[test]
    fn other_flags_read_their_own_way() {
        assert_eq!(after("a=1,b=true", Reading::Strings), r#"{"a":"1","b":"true"}"#);
        assert_eq!(after(r"a.b=x,y={1\", Reading::Literal), r#"{"a":{"b":"x,y={1\\"}}"#);
        assert_eq!(after(r#"a={"b":[1,2]}, c = 3"#, Reading::Json), r#"{" c ":3,"a":{"b":[1,2]}}"#);
        assert_eq!(after("a=,b= ", Reading::Json), r#"{"a":null,"b":null}"#);
    }

    #[test]
    fn paths_are_remembered() {
        let values = Dict::new();
        let paths = set("a.b[1].c=1,d={x}", &values, Reading::Typed).unwrap();
        let shown: Vec<String> = paths.iter().map(|path| super::super::origin::show(path)).collect();
        assert_eq!(shown, ["a.b[1].c", "d"]);
    }
}
