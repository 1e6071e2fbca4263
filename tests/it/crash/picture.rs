//! All that a deployment consists of, as text that is the same for two deployments that came out the same: files,
//! records and processes. Something made twice or left behind is a line too many.

use std::collections::BTreeMap;
use std::path::Path;

use super::site::Site;

/// Lines and how often each comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture(BTreeMap<String, usize>);

impl Picture {
    pub(super) fn of(site: &Site) -> Self {
        let mut lines = BTreeMap::new();
        let mut add = |line: String| *lines.entry(stable(site, &line)).or_default() += 1;
        files(&site.env.deploy_home(), &site.env.deploy_home(), &mut add);
        for entry in std::fs::read_dir(site.folder().join("units")).into_iter().flatten().flatten() {
            // One that is being written has another name and is a file too many already.
            if let Ok(record) = serde_json::from_slice::<serde_json::Value>(&std::fs::read(entry.path()).unwrap()) {
                add(format!("record {record}"));
            }
        }
        for process in site.env.processes() {
            add(format!("process {}", process.command_line));
        }
        Self(lines)
    }

    /// What the other has more of (`+`) or less of (`-`).
    pub(super) fn difference(&self, other: &Self) -> Vec<String> {
        let count = |picture: &Self, line: &String| picture.0.get(line).copied().unwrap_or(0);
        let mut all: Vec<&String> = self.0.keys().chain(other.0.keys()).collect();
        all.sort();
        all.dedup();
        all.into_iter()
            .filter(|line| count(self, line) != count(other, line))
            .map(|line| {
                let sign = if count(self, line) < count(other, line) { '+' } else { '-' };
                format!("{sign} {line}")
            })
            .collect()
    }
}

/// Paths and kinds of everything below a folder, as far as we decide about it.
fn files(folder: &Path, home: &Path, add: &mut impl FnMut(String)) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        let relative = path.strip_prefix(home).unwrap();
        if is_of_others(relative) {
            continue;
        }
        let sign = if kind.is_dir() { "/" } else { "" };
        add(format!("file {}{sign}", relative.display()));
        if kind.is_dir() {
            files(&path, home, add);
        }
    }
}

/// What servers and clients write below the folders that they were given, in ways of their own.
fn is_of_others(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match parts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // MariaDB: of a database's folder only that it is there.
        ["deployments", _, "data", "database--data", _, _, ..]
        | ["deployments", _, "data", "client", "configuration", _, ..]
        | ["deployments", _, "run", _, _, _, ..] => true,
        // Its logs and buffers come and go.
        ["deployments", _, "data", "database--data", name] => {
            !matches!(name, "mysql" | "zenml" | "mlflow" | "marker" | "ibdata1") && !name.starts_with('.')
        }
        _ => false,
    }
}

/// The text without what differs from deployment to deployment: folder, ports, values of chance.
fn stable(site: &Site, text: &str) -> String {
    let mut text = site.env.stable(text);
    for (port, name) in
        [(site.server_port, "[SERVER]"), (site.database_port, "[DATABASE]"), (site.mlflow_port, "[MLFLOW]")]
    {
        text = text.replace(&port.to_string(), name);
    }
    without_chance(&text)
}

/// Runs of twelve hexadecimal digits and more are fingerprints.
fn without_chance(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_hexdigit() {
            run.push(character);
            continue;
        }
        out.push_str(if run.len() >= 12 { "#" } else { &run });
        run.clear();
        out.push(character);
    }
    out.pop();
    out
}

#[test]
fn only_chance_is_taken_out() {
    let text = "ca 0123456789abcdef0123456789abcdef.pem of 2026, deadbeef";
    assert_eq!(without_chance(text), "ca #.pem of 2026, deadbeef");
}
