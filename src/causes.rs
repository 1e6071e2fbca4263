//! First cause: what really went wrong, read from a program's exit and its own last words. Pure; knows the texts of
//! the programs that we run (ZenML, MariaDB, MLflow, pip, uv, uvicorn, docker, podman).

use serde::{Deserialize, Serialize};

use crate::diagnostics::Code;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Exit {
    Code(i32),
    Signal(i32),
    /// Killed by the kernel because memory ran out.
    OutOfMemory,
    /// Gone, and nobody was there to see how.
    Unseen,
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exited with code {code}"),
            Self::Signal(9) => f.write_str("was killed by signal 9 (SIGKILL)"),
            Self::Signal(signal) => write!(f, "was ended by signal {signal}"),
            Self::OutOfMemory => f.write_str("was killed because memory ran out"),
            Self::Unseen => f.write_str("is gone"),
        }
    }
}

/// Which program's words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Speaker {
    Zenml,
    Mariadb,
    Mlflow,
    Installer,
    ContainerEngine,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub code: Code,
    /// In the system's own words, one line, without decoration of the program that printed it.
    pub cause: String,
    /// The lines that show it, at most a dozen.
    pub evidence: Vec<String>,
    /// What to do, best first.
    pub next: Vec<String>,
}
