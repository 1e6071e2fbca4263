//! From arguments and environment to plain values. Nothing below reads the process's environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::args::{Arguments, Selection};
use super::failure::Failure;
use crate::deployment::{Assignment, Layer, hide_secret_lines, key_named, parse_assignment};
use crate::diagnostics::{Diagnostic, Origin, codes, suggest};
use crate::engine::Entry;
use crate::scenario::Catalogue;
use crate::world::World;
use crate::yaml;

/// Where the command line touches the process it runs in; a test brings its own.
#[derive(Default)]
pub struct Seams {
    pub environment: BTreeMap<String, String>,
    pub current_folder: PathBuf,
    /// This program's file.
    pub program: PathBuf,
    /// Told of each journal line once it is on disk.
    pub journal_observer: Option<fn(&Entry)>,
}

impl Seams {
    /// Those of the running process.
    pub fn of_process() -> Self {
        Self {
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            current_folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("deploy")),
            journal_observer: None,
        }
    }
}

/// What every command gets.
pub(super) struct Settings {
    pub(super) world: World,
    pub(super) journal_observer: Option<fn(&Entry)>,
    scenarios: Option<PathBuf>,
}

pub(super) fn read(arguments: &Arguments, seams: Seams) -> Result<Settings, Failure> {
    let from_environment =
        |name: &str| seams.environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = match arguments.global.home.clone().or_else(|| from_environment("DEPLOY_HOME")) {
        Some(home) => seams.current_folder.join(home),
        None => match default_home(&seams.environment) {
            Ok(home) => home,
            Err(_) if !arguments.command.needs_state() => PathBuf::new(),
            Err(failure) => return Err(failure),
        },
    };
    let scenarios = arguments.global.scenarios.clone().or_else(|| from_environment("DEPLOY_SCENARIOS"));
    let world = World::new(seams.environment, home, seams.current_folder, seams.program);
    Ok(Settings { world, journal_observer: seams.journal_observer, scenarios })
}

/// The XDG state folder, as the specification says.
fn default_home(environment: &BTreeMap<String, String>) -> Result<PathBuf, Failure> {
    let variable = |name: &str| environment.get(name).filter(|value| value.starts_with('/')).map(PathBuf::from);
    variable("XDG_STATE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))
        .map(|state| state.join("deploy"))
        .ok_or_else(|| {
            Diagnostic::error(codes::TARGET_HOME_UNWRITABLE, "there is no folder for state")
                .at("environment variables HOME, XDG_STATE_HOME and DEPLOY_HOME")
                .cause("none of them is set to an absolute path")
                .changed("nothing was changed")
                .next("set DEPLOY_HOME to a folder that can be written, or name one with `--home DIR`")
                .into()
        })
}

impl Settings {
    pub(super) fn catalogue(&self) -> Result<Catalogue, Failure> {
        let catalogue = match &self.scenarios {
            Some(folder) => Catalogue::from_dir(&self.world.current_folder.join(folder)),
            None => Catalogue::embedded(),
        };
        catalogue.map_err(Failure::from)
    }

    /// The user's file or files, then the environment, then flags.
    pub(super) fn layers(&self, selection: &Selection, files: &[PathBuf]) -> Result<Vec<Layer>, Failure> {
        let mut layers = Vec::new();
        for file in files {
            layers.push(Layer::File(read_layer(file, &self.world)?));
        }
        layers.extend(self.assignments(selection)?.into_iter().map(Layer::Assignment));
        Ok(layers)
    }

    /// Values from environment and flags.
    pub(super) fn assignments(&self, selection: &Selection) -> Result<Vec<Assignment>, Failure> {
        let mut found = Vec::new();
        for (name, value) in &self.world.environment {
            if let Some(path) = name.strip_prefix("DEPLOY_VALUE_") {
                found.push(from_environment(name, path, value)?);
            }
        }
        for text in &selection.set {
            let path = text.split_once('=').map_or(text.as_str(), |(path, _)| path);
            found.push(parse_assignment(text, &Origin::Flag(format!("--set {path}")))?);
        }
        for text in &selection.set_file {
            found.push(self.file_content(text)?);
        }
        if let Some(port) = selection.port {
            found.push(parse_assignment(&format!("server.port={port}"), &Origin::Flag("--port".into()))?);
        }
        if let Some(folder) = &selection.wheelhouse {
            let origin = Origin::Flag("--wheelhouse".into());
            let folder = self.world.current_folder.join(folder).display().to_string();
            let mut assignment = parse_assignment("target.local.wheelhouse=x", &origin)?;
            assignment.value = yaml::Node::new(yaml::Value::Text(folder), origin);
            found.push(assignment);
        }
        Ok(found)
    }

    fn file_content(&self, text: &str) -> Result<Assignment, Failure> {
        let (path, file) = text.split_once('=').unwrap_or((text, ""));
        let origin = Origin::Flag(format!("--set-file {path}"));
        if file.is_empty() {
            return Err(Diagnostic::error(codes::USAGE, format!("`--set-file {text}` names no file"))
                .changed("nothing was changed")
                .next("write it as `--set-file PATH=FILE`")
                .into());
        }
        let mut assignment = parse_assignment(&format!("{path}=x"), &origin)?;
        let source = yaml::read_file(&self.world.current_folder.join(file)).map_err(|mut unreadable| {
            unreadable.next = vec![format!("correct the path behind `--set-file {path}=`")];
            unreadable
        })?;
        assignment.value = yaml::Node::new(yaml::Value::Text(source.text.clone()), origin);
        Ok(assignment)
    }

    /// Asks a person for a secret; none without a terminal.
    pub(super) fn ask_secret() -> Option<fn(&str) -> std::io::Result<SecretString>> {
        use std::io::IsTerminal as _;
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        Some(|purpose| {
            dialoguer::Password::new()
                .with_prompt(purpose)
                .interact()
                .map(SecretString::from)
                .map_err(|error| std::io::Error::other(error.to_string()))
        })
    }

    /// `ana@laptop`, for locks and history.
    pub(super) fn who(&self) -> String {
        let user = ["USER", "LOGNAME"].into_iter().find_map(|name| self.world.variable(name));
        let user = user.map_or_else(|| rustix::process::getuid().as_raw().to_string(), str::to_owned);
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        format!("{user}@{host}")
    }
}

/// A file, or standard input for `-`.
fn read_layer(path: &Path, world: &World) -> Result<yaml::Node, Failure> {
    let source = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let limit = yaml::MAX_FILE_BYTES + 1;
        std::io::Read::read_to_end(&mut std::io::Read::take(std::io::stdin(), limit), &mut bytes).map_err(|error| {
            Diagnostic::error(codes::FILE_UNREADABLE, "cannot read standard input").cause(error.to_string())
        })?;
        yaml::source_from_bytes("standard input", bytes)?
    } else {
        yaml::read_file(&shown_path(path, world))?
    };
    Ok(yaml::parse(&source).map_err(hide_secret_lines)?)
}

/// As the user named it, where that leads to the file.
fn shown_path(path: &Path, world: &World) -> PathBuf {
    let here = std::env::current_dir().is_ok_and(|folder| folder == world.current_folder);
    if here || path.is_absolute() { path.to_owned() } else { world.current_folder.join(path) }
}

/// `DEPLOY_VALUE_SERVER__PORT=8240` is `server.port`: `__` stands between keys, case and `_` do not count.
fn from_environment(name: &str, path: &str, value: &str) -> Result<Assignment, Failure> {
    let origin = Origin::Environment(name.to_owned());
    let mut keys: Vec<String> = Vec::new();
    for word in path.split("__") {
        // Below a map of the user's own, keys are taken as they are.
        let (key, known) = key_named(&keys, word);
        let key = match key {
            Some(key) => key,
            None if known.is_empty() => word.to_owned(),
            None => return Err(no_such_key(name, &keys, word, &known).into()),
        };
        keys.push(key);
    }
    Ok(Assignment::new(keys, value, &origin)?)
}

fn no_such_key(variable: &str, before: &[String], word: &str, known: &[String]) -> Diagnostic {
    let below = if before.is_empty() { "a deployment file".to_owned() } else { format!("`{}`", before.join(".")) };
    let cause = if word.is_empty() {
        "a key is missing between or behind `__`".to_owned()
    } else {
        format!("{below} has no key `{word}`")
    };
    let diagnostic =
        Diagnostic::error(codes::FILE_UNKNOWN_KEY, format!("{variable} names no key of a deployment file"))
            .at(format!("environment variable {variable}"))
            .cause(cause)
            .note(format!("known there: {}", known.join(", ")))
            .changed("nothing was changed");
    match suggest::nearest(word, known) {
        Some(near) => {
            let path: Vec<String> = before.iter().map(String::as_str).chain([near]).map(as_variable).collect();
            diagnostic.next(format!("name it DEPLOY_VALUE_{}", path.join("__")))
        }
        None => diagnostic.next("write keys with `__` between them: DEPLOY_VALUE_SERVER__PORT=8240"),
    }
}

/// `adminUser` as a part of a variable's name: `ADMIN_USER`.
fn as_variable(key: &str) -> String {
    let mut name = String::new();
    for character in key.chars() {
        if character.is_uppercase() {
            name.push('_');
        }
        name.extend(character.to_uppercase());
    }
    name
}
