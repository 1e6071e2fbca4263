//! Looks for planted secrets, in every disguise in which a program may have let them go.

use std::fmt;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::processes;

/// A secret where none should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// Name of the secret; the value is not shown again.
    pub secret: String,
    pub encoding: &'static str,
    /// A file, or another place.
    pub place: String,
    /// In bytes.
    pub offset: usize,
}

impl fmt::Display for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) in {} at byte {}", self.secret, self.encoding, self.place, self.offset)
    }
}

/// Knows the planted values in all their disguises.
pub struct SecretScanner {
    disguises: Vec<(String, &'static str)>,
    automaton: AhoCorasick,
}

impl SecretScanner {
    /// Values must be long enough not to occur by chance.
    pub fn new<'a>(planted: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut disguises = Vec::new();
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        for (name, value) in planted {
            assert!(value.len() >= 8, "the planted secret {name} is too short to be looked for");
            for (encoding, pattern) in disguises_of(value) {
                if !patterns.contains(&pattern) {
                    patterns.push(pattern);
                    disguises.push((name.to_owned(), encoding));
                }
            }
        }
        Self { disguises, automaton: AhoCorasick::new(patterns).unwrap() }
    }

    /// All places in a text.
    pub fn search_text(&self, place: &str, text: impl AsRef<[u8]>) -> Vec<Find> {
        self.automaton
            .find_overlapping_iter(text.as_ref())
            .map(|found| {
                let (secret, encoding) = &self.disguises[found.pattern().as_usize()];
                Find { secret: secret.clone(), encoding, place: place.to_owned(), offset: found.start() }
            })
            .collect()
    }

    /// All places in the names and contents of files below a folder, besides those below one of the `allowed` paths.
    /// A file that cannot be read fails the test: silence about it would be no proof.
    pub fn search_folder(&self, folder: &Path, allowed: &[PathBuf]) -> Vec<Find> {
        let mut finds = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap().flatten() {
                let (path, kind) = (entry.path(), entry.file_type().unwrap());
                if allowed.iter().any(|allowed| path.starts_with(allowed)) {
                    continue;
                }
                let place = path.display().to_string();
                finds.extend(self.search_text(&format!("the name {place}"), entry.file_name().as_encoded_bytes()));
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() {
                    match std::fs::read(&path) {
                        Ok(content) => finds.extend(self.search_text(&place, content)),
                        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                        Err(error) => panic!("cannot look into {place}: {error}"),
                    }
                }
            }
        }
        finds
    }

    /// All places in the arguments of running programs, which every user of the machine can see.
    pub fn search_command_lines(&self) -> Vec<Find> {
        let place = |pid| format!("the arguments of process {pid}");
        processes::all().flat_map(|pid| self.search_text(&place(pid), processes::command_line(pid))).collect()
    }

    /// Fails with every find, one per line.
    pub fn assert_none(finds: &[Find]) {
        let lines: Vec<String> = finds.iter().map(ToString::to_string).collect();
        assert!(finds.is_empty(), "planted secrets were found:\n{}", lines.join("\n"));
    }
}

fn disguises_of(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut disguises = vec![
        ("as it is", value.as_bytes().to_vec()),
        ("URL-encoded", percent(value, "-._~", "%20", false)),
        ("URL-encoded", percent(value, "-._~", "%20", true)),
        ("form-encoded", percent(value, "-._*", "+", false)),
        ("path-encoded", percent(value, "-._~!$&'()*+,;=:@", "%20", false)),
        ("JSON", json(value).into_bytes()),
        ("JSON with escaped slashes", json(value).replace('/', "\\/").into_bytes()),
        ("JSON in JSON", json(&json(value)).into_bytes()),
        ("shell-quoted", value.replace('\'', r"'\''").into_bytes()),
        ("hexadecimal", hexadecimal(value, false)),
        ("hexadecimal", hexadecimal(value, true)),
    ];
    for offset in 0..3 {
        disguises.push(("base64", base64_at(value, offset, &STANDARD_NO_PAD)));
        disguises.push(("base64url", base64_at(value, offset, &URL_SAFE_NO_PAD)));
    }
    disguises
}

/// The part of the base64 text of anything that holds the value at `offset` modulo 3, without the digits at either
/// end that also depend on the neighbours.
fn base64_at(value: &str, offset: usize, engine: &impl base64::Engine) -> Vec<u8> {
    let padded = [&b"\0\0"[..offset], value.as_bytes()].concat();
    let text = engine.encode(&padded).into_bytes();
    let first = (offset * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    text[first..last].to_vec()
}

fn percent(value: &str, kept: &str, space: &str, lower: bool) -> Vec<u8> {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b' ' => text.push_str(space),
            _ if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) => text.push(char::from(byte)),
            _ if lower => write!(text, "%{byte:02x}").unwrap(),
            _ => write!(text, "%{byte:02X}").unwrap(),
        }
    }
    text.into_bytes()
}

fn json(value: &str) -> String {
    let quoted = serde_json::to_string(value).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

fn hexadecimal(value: &str, upper: bool) -> Vec<u8> {
    let digits = |byte: u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    value.bytes().map(digits).collect::<String>().into_bytes()
}

#[test]
fn every_disguise_is_seen_through() {
    const SECRET: &str = "pa/ss \"w\\ord' ?ü&1";
    let scanner = SecretScanner::new([("password", SECRET)]);
    let in_json = serde_json::json!({ "key": SECRET }).to_string();
    let mut texts = vec![
        format!("before {SECRET} after"),
        serde_json::json!({ "text": in_json }).to_string(),
        in_json,
        url::form_urlencoded::Serializer::new(String::new()).append_pair("p", SECRET).finish(),
        String::from_utf8(hexadecimal(SECRET, false)).unwrap(),
        r#"psql 'pa/ss "w\ord'\'' ?ü&1'"#.to_owned(),
    ];
    for before in ["", "a", "ab", "abc"] {
        texts.push(STANDARD_NO_PAD.encode(format!("{before}{SECRET}")));
        texts.push(URL_SAFE_NO_PAD.encode(format!("{before}{SECRET}:more")));
    }
    for text in texts {
        assert!(!scanner.search_text("here", &text).is_empty(), "not seen in {text}");
    }
    assert_eq!(scanner.search_text("here", "pa/ss word, nothing else"), []);
}

#[test]
fn folders_are_searched_names_and_all() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    write("a/clean.log", "nothing");
    let log = write("a/b/server.log", "login with Planted-Secret-1");
    let kept = write("secrets/password", "Planted-Secret-1");
    write("c/Planted-Secret-1.txt", "");
    let scanner = SecretScanner::new([("password", "Planted-Secret-1")]);
    let finds = scanner.search_folder(folder.path(), &[folder.path().join("secrets")]);
    assert_eq!(finds.len(), 2, "{finds:?}");
    let in_log = finds.iter().find(|find| find.place == log.display().to_string()).unwrap();
    assert_eq!((in_log.secret.as_str(), in_log.encoding, in_log.offset), ("password", "as it is", 11));
    assert!(finds.iter().all(|find| find.place != kept.display().to_string()));
    let mut command = std::process::Command::new("sh");
    let mut child =
        command.args(["-c", "read line", "Planted-Secret-1"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
    // The kernel gives the new program's arguments a moment after it says that it runs.
    let mut seen = scanner.search_command_lines();
    while seen.is_empty() {
        seen = scanner.search_command_lines();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(seen.iter().any(|find| find.place.ends_with(&child.id().to_string())), "{seen:?}");
}
