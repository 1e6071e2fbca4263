//! Errors become exit codes here and nowhere else.

use crate::diagnostics::{Code, Diagnostic, Findings, Severity, codes};
use crate::report::Output;

/// How a command ended. The numbers are a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Ok,
    Error,
    /// There are changes, and `--detailed-exitcode` asks to say so.
    Changes,
    Unhealthy,
    Preflight,
    Contract,
    Locked,
    Permission,
    Cancelled,
    TimedOut,
    Partial,
    Usage,
}

impl Exit {
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Unhealthy => 3,
            Self::Preflight => 4,
            Self::Contract => 5,
            Self::Locked => 6,
            Self::Permission => 7,
            Self::Cancelled => 8,
            Self::TimedOut => 9,
            Self::Partial => 10,
            Self::Usage => 64,
        }
    }

    /// What a finding means for the exit code, if nothing more is known.
    fn of(code: Code) -> Self {
        const FAMILIES: &[(&str, Exit)] = &[("DEP-CONTRACT-", Exit::Contract), ("DEP-LOCK-", Exit::Locked)];
        match code {
            codes::RUN_CANCELLED => Self::Cancelled,
            codes::RUN_TIMED_OUT | codes::REGISTRY_TIMED_OUT => Self::TimedOut,
            codes::RUN_NO_PERMISSION | codes::REGISTRY_DENIED => Self::Permission,
            codes::RUN_PARTIAL => Self::Partial,
            codes::USAGE | codes::RUN_NOT_CONFIRMED => Self::Usage,
            other => FAMILIES
                .iter()
                .find(|(family, _)| other.as_str().starts_with(family))
                .map_or(Self::Error, |(_, exit)| *exit),
        }
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub findings: Vec<Diagnostic>,
    /// Already told to the user in another way.
    pub told: bool,
}

impl Failure {
    /// An exit whose reasons have been printed already.
    pub(super) fn told(exit: Exit) -> Self {
        Self { exit, findings: Vec::new(), told: true }
    }

    pub(super) fn print(self, output: &Output) -> Exit {
        if !self.told {
            print_findings(&self.findings, output);
        }
        self.exit
    }
}

/// Errors first cause first, each drawn in full.
pub(super) fn print_findings(findings: &[Diagnostic], output: &Output) {
    output.findings(&Findings(findings.to_vec()));
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Findings(vec![diagnostic]).into()
    }
}

impl From<Findings> for Failure {
    fn from(findings: Findings) -> Self {
        let first = findings.0.iter().find(|finding| finding.severity == Severity::Error);
        let exit = first.map_or(Exit::Error, |finding| Exit::of(finding.code));
        Self { exit, findings: findings.0, told: false }
    }
}

impl From<crate::unit::DriverError> for Failure {
    fn from(error: crate::unit::DriverError) -> Self {
        error.diagnostic.into()
    }
}

/// Help and version go to stdout and are no error; clap's own exit code 2 would read as "there are changes".
pub(super) fn print_usage(mut error: clap::Error) -> u8 {
    use clap::error::{ContextKind, ErrorKind};
    use std::io::Write as _;
    if !error.use_stderr() {
        // Nothing can be done about a closed terminal.
        let _ = error.print();
        return Exit::Ok.code();
    }
    // To pass a mistyped flag on as a value is never what was meant.
    if error.kind() == ErrorKind::UnknownArgument {
        error.remove(ContextKind::Suggested);
    }
    let text = error.render().ansi().to_string();
    let coded = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => text,
        _ => text.replacen("error:", &format!("error[{}]:", codes::USAGE), 1),
    };
    let _ = anstream::stderr().write_all(coded.as_bytes());
    Exit::Usage.code()
}
