//! Values of a deployment's secrets: fetched from their sources, or generated once and kept.

use std::collections::BTreeMap;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use secrecy::{ExposeSecret as _, SecretString};

use super::{Alphabet, Fingerprints, Redactor, SecretName, SecretSource, SecretSpec};
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::world::World;

/// Values that were generated or typed, one file each, readable by their owner only.
#[derive(Debug, Clone)]
pub struct SecretStore {
    folder: PathBuf,
}

impl SecretStore {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, name: &SecretName) -> PathBuf {
        self.folder.join(name.as_str())
    }

    /// The kept value, if there is one.
    pub fn read(&self, name: &SecretName) -> Result<Option<SecretString>, Diagnostic> {
        let path = self.path(name);
        let broken = |cause: String| {
            Diagnostic::error(codes::SECRET_STORE_BROKEN, format!("cannot read the kept secret `{name}`"))
                .at(path.display().to_string())
                .cause(cause)
        };
        let metadata = match std::fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(error.to_string())),
        };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(broken(format!("its permissions are {mode:o}: others can read or change it"))
                .next(format!("chmod 600 {}, and change the secret if others may have seen it", path.display())));
        }
        let value = std::fs::read_to_string(&path).map_err(|error| broken(error.to_string()))?;
        if value.is_empty() {
            return Err(broken("the file is empty".to_owned()).next("restore it from a backup"));
        }
        Ok(Some(SecretString::from(value)))
    }

    /// Keeps a value, in one step: a reader sees the old one or the new one.
    pub fn write(&self, name: &SecretName, value: &SecretString) -> Result<(), Diagnostic> {
        let unwritable = |error: &std::io::Error| {
            Diagnostic::error(codes::of_unwritable(error), format!("cannot keep the secret `{name}`"))
                .at(self.folder.display().to_string())
                .cause(error.to_string())
                .next("make room or correct the permissions, then run the command again")
        };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(|e| unwritable(&e))?;
        write_atomically(&self.path(name), value.expose_secret().as_bytes()).map_err(|error| unwritable(&error))
    }

    /// Forgets one value.
    pub fn delete(&self, name: &SecretName) -> std::io::Result<()> {
        match std::fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// All secrets of one deployment during one run. Each source is asked at most once.
pub struct Secrets {
    specs: BTreeMap<SecretName, SecretSpec>,
    store: SecretStore,
    world: World,
    /// Asks a person; none where no terminal is.
    ask: Option<fn(&str) -> std::io::Result<SecretString>>,
    fetched: Mutex<BTreeMap<SecretName, SecretString>>,
    /// Typed by a person and not kept yet.
    typed: Mutex<BTreeMap<SecretName, SecretString>>,
}

/// Key of the fingerprints, in the store beside the others.
const FINGERPRINT_KEY: &str = "fingerprint-key";

impl Secrets {
    pub fn new(
        specs: impl IntoIterator<Item = SecretSpec>,
        store: SecretStore,
        world: World,
        ask: Option<fn(&str) -> std::io::Result<SecretString>>,
    ) -> Self {
        let specs = specs.into_iter().map(|spec| (spec.name.clone(), spec)).collect();
        Self { specs, store, world, ask, fetched: Mutex::default(), typed: Mutex::default() }
    }

    pub fn spec(&self, name: &SecretName) -> Option<&SecretSpec> {
        self.specs.get(name)
    }

    pub fn store(&self) -> &SecretStore {
        &self.store
    }

    /// The value, if it can be had without making or asking for one.
    pub fn peek(&self, name: &SecretName) -> Result<Option<SecretString>, Diagnostic> {
        if let Some(value) = self.remembered(name) {
            return Ok(Some(value));
        }
        let value = match self.specs.get(name).map(|spec| (spec, &spec.source)) {
            None | Some((_, SecretSource::Generate { .. } | SecretSource::Prompt)) => self.store.read(name)?,
            Some((spec, source)) => Some(self.fetch(spec, source)?),
        };
        if let Some(value) = &value {
            self.remember(name, value);
        }
        Ok(value)
    }

    /// The value; an error if it was never made.
    pub fn get(&self, name: &SecretName) -> Result<SecretString, Diagnostic> {
        self.peek(name)?.ok_or_else(|| {
            Diagnostic::error(codes::SECRET_SOURCE_EMPTY, format!("the secret `{name}` was never made"))
                .next("deploy apply makes it")
        })
    }

    /// The value, generated or asked for and kept if it is not there yet. The only place that makes values.
    pub fn ensure(&self, name: &SecretName) -> Result<SecretString, Diagnostic> {
        if let Some(value) = self.peek(name)? {
            return Ok(value);
        }
        let spec = self
            .specs
            .get(name)
            .ok_or_else(|| Diagnostic::error(codes::INTERNAL, format!("nobody declared the secret `{name}`")))?;
        let value = match &spec.source {
            SecretSource::Prompt => match lock(&self.typed).remove(name) {
                Some(value) => value,
                None => self.prompt(spec)?,
            },
            SecretSource::Generate { length } => generate(spec, *length)?,
            _ => return Err(empty(spec, "it gave nothing")),
        };
        check_fit(spec, &value)?;
        self.store.write(name, &value)?;
        self.remember(name, &value);
        Ok(value)
    }

    /// Fails if a person has to type a value and nobody can be asked.
    pub fn check_prompts(&self) -> Result<(), Diagnostic> {
        match (self.ask, self.to_be_typed()?.first()) {
            (None, Some(spec)) => Err(no_terminal(spec)),
            _ => Ok(()),
        }
    }

    /// Has all values typed that a person has to give, so that nobody is asked in the middle of a run.
    pub fn prompt_for_missing(&self) -> Result<(), Diagnostic> {
        for spec in self.to_be_typed()? {
            let value = self.prompt(spec)?;
            check_fit(spec, &value)?;
            lock(&self.typed).insert(spec.name.clone(), value);
        }
        Ok(())
    }

    fn to_be_typed(&self) -> Result<Vec<&SecretSpec>, Diagnostic> {
        let mut found = Vec::new();
        for spec in self.specs.values().filter(|spec| spec.source == SecretSource::Prompt) {
            if self.peek(&spec.name)?.is_none() {
                found.push(spec);
            }
        }
        Ok(found)
    }

    /// Fingerprints of those of the names that have a value.
    pub fn fingerprints<'a>(
        &self,
        names: impl IntoIterator<Item = &'a SecretName>,
    ) -> Result<BTreeMap<SecretName, String>, Diagnostic> {
        let key_name = SecretName::new(FINGERPRINT_KEY);
        let Some(key) = self.peek(&key_name)? else { return Ok(BTreeMap::new()) };
        let fingerprints = Fingerprints::new(key);
        let mut found = BTreeMap::new();
        for name in names {
            if let Some(value) = self.peek(name)? {
                found.insert(name.clone(), fingerprints.of(&value));
            }
        }
        Ok(found)
    }

    /// Makes the key of the fingerprints; done once, before the first unit is applied.
    pub fn ensure_fingerprint_key(&self) -> Result<(), Diagnostic> {
        let name = SecretName::new(FINGERPRINT_KEY);
        if self.store.read(&name)?.is_some() {
            return Ok(());
        }
        let key = Alphabet::Hexadecimal.generate(64).map_err(|error| {
            Diagnostic::error(codes::INTERNAL, "the system gives no randomness").cause(error.to_string())
        })?;
        self.store.write(&name, &key)
    }

    /// Knows every value that this run has or could have seen.
    pub fn redactor(&self) -> Redactor {
        for name in self.specs.keys() {
            // A source that gives nothing has nothing to hide.
            let _ = self.peek(name);
        }
        self.redactor_of_seen()
    }

    /// Knows every value that this run has seen so far, without asking any source.
    pub fn redactor_of_seen(&self) -> Redactor {
        let (fetched, typed) = (lock(&self.fetched), lock(&self.typed));
        Redactor::new(fetched.iter().chain(typed.iter()))
    }

    fn remembered(&self, name: &SecretName) -> Option<SecretString> {
        lock(&self.fetched).get(name).cloned()
    }

    fn remember(&self, name: &SecretName, value: &SecretString) {
        lock(&self.fetched).insert(name.clone(), value.clone());
    }

    fn fetch(&self, spec: &SecretSpec, source: &SecretSource) -> Result<SecretString, Diagnostic> {
        let value = match source {
            SecretSource::FromEnv(name) => {
                SecretString::from(self.world.variable(name).ok_or_else(|| empty(spec, "it is not set or empty"))?)
            }
            SecretSource::FromFile(path) => from_file(spec, &self.world.current_folder.join(path))?,
            SecretSource::FromCommand(command) => from_command(spec, command, &self.world)?,
            SecretSource::Inline(value) => (**value).clone(),
            SecretSource::Prompt | SecretSource::Generate { .. } => return Err(empty(spec, "it was never made")),
        };
        check_fit(spec, &value)?;
        Ok(value)
    }

    fn prompt(&self, spec: &SecretSpec) -> Result<SecretString, Diagnostic> {
        let Some(ask) = self.ask else { return Err(no_terminal(spec)) };
        ask(&spec.purpose).map_err(|error| empty(spec, &error.to_string()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn no_terminal(spec: &SecretSpec) -> Diagnostic {
    let title = format!("the secret `{}` ({}) has to be typed", spec.name, spec.purpose);
    Diagnostic::error(codes::SECRET_NEEDS_TERMINAL, title)
        .origin(&spec.origin, "asked for here")
        .cause("there is no terminal to ask on")
        .changed("nothing was changed")
        .next(format!("run it once on a terminal, or name another source: `{}: {{ fromEnv: NAME }}`", spec.path))
}

fn empty(spec: &SecretSpec, cause: &str) -> Diagnostic {
    let other = format!("or name another source: `{}: {{ fromEnv: NAME }}`", spec.path);
    let diagnostic = Diagnostic::error(
        codes::SECRET_SOURCE_EMPTY,
        format!("no value for the secret `{}` ({})", spec.name, spec.purpose),
    )
    .origin(&spec.origin, "its source")
    .cause(format!("{}: {cause}", spec.source))
    .changed("nothing was changed");
    match &spec.source {
        SecretSource::FromEnv(name) => {
            diagnostic.next(format!("set the environment variable {name} and run the command again"))
        }
        SecretSource::FromFile(path) => diagnostic.next(format!("write the value into {}", path.display())).next(other),
        SecretSource::FromCommand(_) => diagnostic.next("run the command by hand to see what it does").next(other),
        _ => diagnostic,
    }
}

fn generate(spec: &SecretSpec, length: Option<u32>) -> Result<SecretString, Diagnostic> {
    let length = length.unwrap_or(spec.fit.length) as usize;
    spec.fit.alphabet.generate(length).map_err(|error| empty(spec, &error.to_string()))
}

fn check_fit(spec: &SecretSpec, value: &SecretString) -> Result<(), Diagnostic> {
    let value = value.expose_secret();
    let unfit = |cause: String| {
        Diagnostic::error(codes::SECRET_UNFIT, format!("the secret `{}` ({}) cannot be used", spec.name, spec.purpose))
            .at(format!("{} ({})", spec.path, spec.source))
            .cause(cause)
            .changed("nothing was changed")
            .next("give it a value that fits")
    };
    let length = value.chars().count();
    if length < spec.fit.min_length as usize {
        return Err(unfit(format!("it has {length} characters, at least {} are needed", spec.fit.min_length)));
    }
    if spec.fit.ascii && !value.is_ascii() {
        return Err(unfit(
            "it holds characters beyond ASCII, which programs send to a database in different ways".to_owned(),
        ));
    }
    if value.chars().any(char::is_control) {
        return Err(unfit("it holds a line end or another control character".to_owned()));
    }
    Ok(())
}

fn from_file(spec: &SecretSpec, path: &Path) -> Result<SecretString, Diagnostic> {
    let text = std::fs::read_to_string(path).map_err(|error| empty(spec, &error.to_string()))?;
    Ok(SecretString::from(zeroize::Zeroizing::new(text).trim_end_matches(['\r', '\n'])))
}

fn from_command(spec: &SecretSpec, command: &[String], world: &World) -> Result<SecretString, Diagnostic> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(empty(spec, "the command is empty"));
    };
    let output = std::process::Command::new(program)
        .args(arguments)
        .current_dir(&world.current_folder)
        .envs(&world.environment)
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| empty(spec, &error.to_string()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(empty(
            spec,
            &format!("it ended with {}: {}", output.status, words.lines().last().unwrap_or("it said nothing")),
        ));
    }
    let text = zeroize::Zeroizing::new(
        String::from_utf8(output.stdout).map_err(|_| empty(spec, "what it printed is no UTF-8 text"))?,
    );
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostics::Origin;
    use crate::secrets::Fit;

    fn fit(value: &str, ascii: bool) -> Result<(), Diagnostic> {
        let value = SecretString::from(value);
        let spec = SecretSpec {
            name: SecretName::new("database-password"),
            source: SecretSource::Inline(Arc::new(value.clone())),
            purpose: "test".to_owned(),
            fit: Fit { min_length: 8, length: 24, alphabet: Alphabet::Alphanumeric, ascii },
            origin: Origin::Default,
            path: "database.mysql.password".to_owned(),
        };
        check_fit(&spec, &value)
    }

    #[test]
    fn values_that_cannot_arrive_are_refused_and_not_shown() {
        let odd = "it's \"odd\" & /+%?#@:";
        assert_eq!(fit(odd, true), Ok(()));
        assert_eq!(fit("gr\u{fc}n-gr\u{fc}n", false), Ok(()));
        for (value, ascii) in [("gr\u{fc}n-gr\u{fc}n", true), ("two\nlines", false), ("short", false)] {
            let refused = fit(value, ascii).unwrap_err();
            assert_eq!(refused.code, codes::SECRET_UNFIT);
            assert!(!refused.to_json().to_string().contains(value), "{refused:?}");
        }
    }
}
