//! Interim drawing of health rounds.
use crate::health::{Round, Verdict};
use crate::table::Table;
pub fn round(round: &Round, width: usize) -> String {
    Table::new(["", "CODE", "CHECK", "SEEN"])
        .rows(round.checks.iter().map(|c| {
            [
                if c.ok {
                    "ok"
                } else if c.skipped {
                    "-"
                } else {
                    "FAIL"
                }
                .to_owned(),
                c.code.to_string(),
                c.name.clone(),
                c.detail.clone(),
            ]
        }))
        .render(width)
}
pub fn verdict(name: &str, verdict: &Verdict, _width: usize) -> String {
    let rounds = if verdict.in_a_row == 1 {
        "1 good round".to_owned()
    } else {
        format!("{} good rounds in a row", verdict.in_a_row)
    };
    format!("{name}: {}, {rounds}\n", if verdict.healthy { "healthy" } else { "unhealthy" })
}
