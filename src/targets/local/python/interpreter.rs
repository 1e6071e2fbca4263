//! Which Python to build an environment with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::ask::Asker;
use super::releases::{Range, needed};
use crate::diagnostics::{Diagnostic, codes};

/// Tried in this order: the user's own choice first, then what most releases run on.
const CANDIDATES: [&str; 8] =
    ["python3", "python", "python3.12", "python3.11", "python3.13", "python3.10", "python3.14", "python3.9"];

/// An interpreter says what it is. The base executable, since an environment made from another environment's
/// interpreter dies with that one.
const QUESTION: &str = r#"
import json, sys
from importlib.util import find_spec
print(json.dumps({
    "path": getattr(sys, "_base_executable", None) or sys.executable,
    "version": list(sys.version_info[:3]),
    "venv": bool(find_spec("venv") and find_spec("ensurepip")),
}))
"#;

/// Starting an interpreter takes a moment on a cold disk, not longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// A Python that answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Interpreter {
    pub(super) path: PathBuf,
    pub(super) version: [u32; 3],
    /// Whether `-m venv` works without further packages of the distribution.
    pub(super) venv: bool,
}

impl Interpreter {
    /// `3.11.7`.
    pub(super) fn number(&self) -> String {
        self.version.map(|part| part.to_string()).join(".")
    }
}

/// The interpreter that was named, or the first fitting one on PATH.
pub(super) async fn find(
    asker: Asker<'_>,
    packages: &[String],
    named: Option<&Path>,
    needs_venv: bool,
) -> Result<Interpreter, Diagnostic> {
    let range = needed(packages);
    let mut seen = Vec::new();
    let names = match named {
        Some(path) => vec![path.display().to_string()],
        None => CANDIDATES.map(str::to_owned).to_vec(),
    };
    for name in names {
        let Some(program) = asker.world.find_program(&name) else { continue };
        // A shim of pyenv is on PATH for every version that is installed and answers for the chosen one only.
        let Some(interpreter) = interrogate(asker, &program).await else { continue };
        let fits = range.as_ref().is_none_or(|range| range.admits(interpreter.version));
        if fits && (interpreter.venv || !needs_venv) {
            return Ok(interpreter);
        }
        if !seen.contains(&interpreter) {
            seen.push(interpreter);
        }
    }
    Err(none_fits(range.as_ref(), named, &seen))
}

async fn interrogate(asker: Asker<'_>, program: &Path) -> Option<Interpreter> {
    let answer = asker.ask(program, &["-I", "-c", QUESTION], ANSWER_WITHIN).await.ok()?;
    serde_json::from_str(answer.trim()).ok()
}

fn none_fits(range: Option<&Range>, named: Option<&Path>, seen: &[Interpreter]) -> Diagnostic {
    let needs = range.map(|range| format!("{} runs on Python {}", range.of, range.in_words()));
    let fitting = seen.iter().find(|one| range.is_none_or(|range| range.admits(one.version)));
    let mut diagnostic = if let Some(one) = fitting {
        let minor = format!("{}.{}", one.version[0], one.version[1]);
        Diagnostic::error(codes::PYTHON_NO_VENV, format!("{} cannot make virtual environments", one.path.display()))
            .cause("its modules `venv` and `ensurepip` are not installed")
            .next(format!("Debian, Ubuntu: apt-get install python{minor}-venv"))
            .next("or install uv: https://docs.astral.sh/uv/")
    } else if let (Some(path), []) = (named, seen) {
        Diagnostic::error(codes::PYTHON_MISSING, format!("{} is no Python that can be started", path.display()))
            .next("correct `target.local.python`, or leave it out to use the first fitting Python on PATH")
    } else if seen.is_empty() {
        Diagnostic::error(codes::PYTHON_MISSING, "no Python found on PATH")
            .next("Debian, Ubuntu: apt-get install python3 python3-venv")
            .next("or install uv (https://docs.astral.sh/uv/), which can bring its own Python")
    } else {
        Diagnostic::error(codes::PYTHON_UNFIT, "no Python of a fitting version found")
            .next("install a fitting Python and name it with `target.local.python`")
            .next("or choose another `version`")
    };
    if diagnostic.cause.is_none() {
        diagnostic.cause = needs;
    }
    for one in seen {
        diagnostic = diagnostic.evidence(format!("{} is Python {}", one.path.display(), one.number()));
    }
    diagnostic.changed("nothing was changed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_fit_is_named() {
        let old = Interpreter { path: "/usr/bin/python3".into(), version: [3, 8, 18], venv: true };
        let range = needed(&["zenml[server]==0.98.0".to_owned()]);
        let unfit = none_fits(range.as_ref(), None, std::slice::from_ref(&old));
        assert_eq!(unfit.code, codes::PYTHON_UNFIT);
        assert_eq!(unfit.cause.as_deref(), Some("zenml 0.98.0 runs on Python >=3.10,<3.15"));
        assert_eq!(unfit.evidence, ["/usr/bin/python3 is Python 3.8.18"]);
        let bare = Interpreter { version: [3, 11, 2], venv: false, ..old };
        let without = none_fits(range.as_ref(), None, &[bare]);
        assert_eq!(without.code, codes::PYTHON_NO_VENV);
        assert!(without.next[0].contains("python3.11-venv"));
        assert_eq!(none_fits(range.as_ref(), None, &[]).code, codes::PYTHON_MISSING);
        assert_eq!(none_fits(None, Some(Path::new("/no/python")), &[]).code, codes::PYTHON_MISSING);
    }
}
