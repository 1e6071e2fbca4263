//! What units print: the last lines, and what is added.

use std::time::Duration;

use super::log_file::{self, Follower};
use super::target::LocalTarget;
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::Redactor;
use crate::unit::UnitId;

const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// The last lines of each unit's log.
pub fn tail(target: &LocalTarget, units: &[UnitId], lines: usize, print: impl Fn(&UnitId, &str)) -> Result<(), Diagnostic> {
    for unit in units {
        let path = target.folder.log(unit);
        let found = log_file::tail(&path, lines, &Redactor::default()).map_err(|error| unreadable(&path, &error))?;
        found.iter().for_each(|line| print(unit, line));
    }
    Ok(())
}

/// Everything that is added to the logs, until the caller stops waiting.
pub async fn follow(target: &LocalTarget, units: &[UnitId], print: impl Fn(&UnitId, &str)) -> Result<(), Diagnostic> {
    let mut followers: Vec<_> = units.iter().map(|unit| (unit, Follower::from_end(&target.folder.log(unit)))).collect();
    loop {
        for (unit, follower) in &mut followers {
            follower
                .read_new(&mut |line| print(unit, line))
                .map_err(|error| unreadable(&target.folder.log(unit), &error))?;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(codes::FILE_UNREADABLE, "cannot read a log").at(path.display().to_string()).cause(error.to_string())
}
