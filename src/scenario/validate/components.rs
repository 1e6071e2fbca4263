//! Components: each in one place, on targets that its side has.

use super::contradiction;
use crate::diagnostics::Diagnostic;
use crate::scenario::catalogue::ScenarioFile;
use crate::scenario::words::{Side, TargetKind};

pub(super) fn check(file: &ScenarioFile) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if file.scenario.components.is_empty() {
        found.push(contradiction(file, "nothing is in it", "components", "no component"));
    }
    for index in 0..file.scenario.components.len() {
        found.extend(listed_twice(file, index));
        found.extend(targets(file, index));
    }
    found
}

/// A component may stand on either side only where it is left to the deployment file, on which.
fn listed_twice(file: &ScenarioFile, index: usize) -> Option<Diagnostic> {
    let placement = &file.scenario.components[index];
    let (first_index, first) = file.scenario.components[..index]
        .iter()
        .enumerate()
        .find(|(_, earlier)| earlier.component == placement.component)?;
    let component = placement.component;
    let (title, label) = if first.side == placement.side {
        (format!("{component} is listed twice on the {} side", placement.side), "listed again")
    } else if first.optional && placement.optional {
        return None;
    } else {
        (format!("{component} is on both sides"), "on either side only if both are `optional`")
    };
    let diagnostic = contradiction(file, title, &format!("components.{index}.component"), label);
    Some(diagnostic.origin(file.origin(&format!("components.{first_index}.component")), "first listed here"))
}

fn targets(file: &ScenarioFile, index: usize) -> Option<Diagnostic> {
    let placement = &file.scenario.components[index];
    let targets = &placement.targets;
    let managed = targets.contains(&TargetKind::Managed);
    let (title, label) = match placement.side {
        _ if targets.is_empty() => ("runs nowhere", "at least one target is needed"),
        _ if (1..targets.len()).any(|at| targets[..at].contains(&targets[at])) => {
            ("has a target twice", "each target once")
        }
        Side::Vendor if targets.as_slice() != [TargetKind::Managed] => {
            ("is the vendor's, so `deploy` cannot run it", "`[managed]` on the vendor's side")
        }
        Side::Customer if managed => {
            ("is on the customer's side, so no vendor runs it", "`local`, `kubernetes` or both")
        }
        Side::Vendor | Side::Customer => return None,
    };
    let title = format!("{} {title}", placement.component);
    Some(contradiction(file, title, &format!("components.{index}.targets"), label))
}
