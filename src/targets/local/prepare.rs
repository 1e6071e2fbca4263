//! From a process's spec to what can be started: its own outputs filled in, its program found, its secrets revealed
//! at the last moment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

use super::record::unwritable;
use super::run_folder::RunFolder;
use super::target::LocalTarget;
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::secrets::Secrets;
use crate::unit::local::Process;
use crate::unit::{Outputs, Text, Unit, resolve, reveal};

/// What a process tells others.
pub(super) fn outputs(target: &LocalTarget, unit: &Unit, port: u16) -> Outputs {
    Outputs::from([
        ("port".to_owned(), port.to_string()),
        ("address".to_owned(), format!("127.0.0.1:{port}")),
        ("url".to_owned(), format!("http://127.0.0.1:{port}")),
        ("log".to_owned(), target.folder.log(&unit.id).display().to_string()),
        ("folder".to_owned(), target.folder.run(&unit.id).display().to_string()),
    ])
}

/// The spec with the unit's own outputs filled in.
pub(super) fn filled(unit: &Unit, outputs: &Outputs) -> Result<Process, Diagnostic> {
    let (value, unknown) = resolve(&unit.spec, &BTreeMap::from([(unit.id.clone(), outputs.clone())]));
    if let Some(open) = unknown.first() {
        return Err(Diagnostic::error(codes::INTERNAL, format!("{} cannot be started: {open}", unit.id)));
    }
    super::target::spec(&Unit { spec: value, ..unit.clone() })
}

/// The program's file: a path, or a name that is looked for.
pub(super) fn program(target: &LocalTarget, spec: &Process) -> Result<PathBuf, Diagnostic> {
    let name = plain(&spec.program, "the program")?;
    target.world.find_program(&name).ok_or_else(|| {
        Diagnostic::error(codes::PROCESS_NOT_STARTED, format!("there is no program `{name}`"))
            .cause(if name.contains('/') {
                "the file is missing or may not be executed"
            } else {
                "it is neither on PATH nor in the folders where systems keep servers"
            })
            .changed("what ran before was left as it is")
    })
}

/// Arguments can be read by everybody on the machine, so no secret may stand in them.
pub(super) fn arguments(spec: &Process) -> Result<Vec<String>, Diagnostic> {
    spec.arguments.iter().map(|argument| plain(argument, "an argument")).collect()
}

pub(super) fn mounts(spec: &Process) -> Result<Vec<String>, Diagnostic> {
    spec.mounts.iter().map(|mount| plain(mount, "a mount")).collect()
}

/// The unit's own environment, secrets revealed.
pub(super) fn environment(spec: &Process, secrets: &Secrets) -> Result<BTreeMap<String, SecretString>, Diagnostic> {
    spec.environment.iter().map(|(name, text)| Ok((name.clone(), reveal(text, secrets)?))).collect()
}

/// Writes the unit's files into its folder, for its owner only: MariaDB passes over files that others may write.
pub(super) fn write_files(spec: &Process, folder: &RunFolder) -> Result<(), Diagnostic> {
    for (name, text) in &spec.files {
        if name.contains('/') || name.starts_with('.') || RunFolder::reserves(name) {
            return Err(Diagnostic::error(codes::INTERNAL, format!("`{name}` cannot be the name of a unit's file")));
        }
        let path = folder.path().join(name);
        let text = plain(text, name)?;
        write_atomically(&path, text.as_bytes()).map_err(|error| unwritable(&path, &error))?;
    }
    Ok(())
}

pub(super) fn plain(text: &Text, what: &str) -> Result<String, Diagnostic> {
    text.known().ok_or_else(|| {
        Diagnostic::error(codes::INTERNAL, format!("{what} must not hold a secret: {}", text.describe()))
    })
}
