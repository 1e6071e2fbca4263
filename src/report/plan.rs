//! A plan for people and for scripts.

mod fields;

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::style::{BAD, BOLD, CARE, DIM, paint, sign};
use super::{API_VERSION, clean};
use crate::plan::{Action, Change, NOT_THERE, Plan, Summary};
use crate::scenario::{Component, Side, TargetKind, TradeOff};
use crate::secrets::Redactor;
use crate::table::{display_width, wrap, wrap_lines};
use crate::unit::DataFate;

/// Longer names of units push their titles to the right.
const UNIT: usize = 30;
const DETAIL_INDENT: usize = 8;

/// How to draw a plan.
pub struct View<'a> {
    pub width: usize,
    /// What becomes of the data in units that are deleted.
    pub data: DataFate,
    /// What the scenario costs; shown above the summary. Empty to leave it out.
    pub trade_offs: &'a [TradeOff],
    /// How many promises of the scenario were checked and are kept; zero to leave that out.
    pub promises: usize,
    pub redactor: &'a Redactor,
}

/// The plan as text: by side, then by component, then what others have to do, then how many of each. A plan that
/// changes nothing is one line.
pub fn draw(plan: &Plan, view: &View<'_>) -> String {
    if !plan.has_changes() && plan.summary.unavailable == 0 {
        return nothing_to_do(plan, view.width);
    }
    let changes: Vec<Change> = plan.visible_changes().map(|change| clean::change(change, view.redactor)).collect();
    let head = format!("Plan for {}: {}, ZenML {}", plan.deployment, plan.scenario, plan.release);
    let mut out = format!("{}\n", paint(BOLD, &head));
    let column = changes.iter().map(|change| display_width(change.unit.as_str())).max().unwrap_or(0).min(UNIT);
    for side in [Side::Customer, Side::Vendor] {
        let of_side: Vec<&Change> = changes.iter().filter(|change| change.side == side).collect();
        draw_side(&mut out, side, &of_side, column, view);
    }
    draw_trade_offs(&mut out, view);
    out.push('\n');
    out.push_str(&lost(&changes, view));
    if view.promises > 0 {
        let scenario = &plan.scenario;
        let kept = format!(
            "Contract: all {} promises of {scenario} are kept; `deploy plan -o json` lists them",
            view.promises
        );
        out.push_str(&wrap(&kept, view.width, 0));
        out.push('\n');
    }
    out.push_str(&wrap(&summary(plan), view.width, 0));
    out.push('\n');
    out
}

/// The plan for scripts: everything but what stays as it is, which is counted in `summary.unchanged`.
pub fn to_json(plan: &Plan) -> Value {
    json!({
        "apiVersion": API_VERSION,
        "deployment": plan.deployment,
        "scenario": plan.scenario,
        "release": plan.release,
        "changes": plan.visible_changes().collect::<Vec<_>>(),
        "summary": plan.summary,
    })
}

/// `Plan: 9 to create, 0 to change, 0 to repair, 0 to delete; 4 unchanged; 3 run by others`.
fn summary(plan: &Plan) -> String {
    let Summary { create, update, repair, delete, .. } = plan.summary;
    let text = format!("Plan: {create} to create, {update} to change, {repair} to repair, {delete} to delete");
    others(plan).into_iter().fold(text, |text, more| text + "; " + &more)
}

fn nothing_to_do(plan: &Plan, width: usize) -> String {
    let text = format!("{} is as it should be, nothing to do", plan.deployment);
    wrap(&others(plan).into_iter().fold(text, |text, more| text + "; " + &more), width, 0) + "\n"
}

/// What is not to be done, or not by us.
fn others(plan: &Plan) -> Vec<String> {
    let Summary { unchanged, provided, .. } = plan.summary;
    let needing = |target: TargetKind| {
        plan.changes.iter().filter(|change| change.action == Action::Unavailable && change.target == target).count()
    };
    let needs = TargetKind::ALL.iter().map(|target| (needing(*target), format!("need target {target}")));
    [(unchanged, "unchanged".to_owned())]
        .into_iter()
        .chain(needs)
        .chain([(provided, "run by others".to_owned())])
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect()
}

fn draw_side(out: &mut String, side: Side, changes: &[&Change], column: usize, view: &View<'_>) {
    if changes.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(BOLD, &side.as_str().to_uppercase()));
    for component in Component::ALL {
        let of_component: Vec<&Change> = changes
            .iter()
            .filter(|change| change.component == *component && change.action.changes())
            .copied()
            .collect();
        draw_group(out, component.as_str(), &of_component, column, view);
    }
    let with = |action: Action| changes.iter().filter(move |change| change.action == action).copied();
    for target in TargetKind::ALL {
        let needing: Vec<&Change> = with(Action::Unavailable).filter(|change| change.target == *target).collect();
        draw_group(out, &format!("needs target {target}, which this build cannot apply"), &needing, column, view);
    }
    let provided = match side {
        Side::Customer => "the customer's own, nothing to apply",
        Side::Vendor => "run by the vendor, nothing to apply",
    };
    draw_group(out, provided, &with(Action::Provided).collect::<Vec<_>>(), column, view);
}

fn draw_group(out: &mut String, heading: &str, changes: &[&Change], column: usize, view: &View<'_>) {
    if changes.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {heading}");
    for change in changes {
        out.push_str(&row(change, column, view.width));
        out.push_str(&details(change, view));
    }
}

/// `    + database/data      data folder of the database`.
fn row(change: &Change, column: usize, width: usize) -> String {
    let (sign, style) = sign(change.action);
    let unit = format!("{:<column$}", change.unit);
    let indent = 4 + 2 + display_width(&unit) + 2;
    let titles = wrap_lines(&change.title, width.saturating_sub(indent).max(16));
    let mut lines = titles.iter();
    let first = lines.next().map_or("", String::as_str);
    let mut text = format!("    {} {unit}  {first}", paint(style, sign)).trim_end().to_owned() + "\n";
    for line in lines {
        let _ = writeln!(text, "{}{line}", " ".repeat(indent));
    }
    text
}

fn details(change: &Change, view: &View<'_>) -> String {
    let mut text = String::new();
    if says_more(change) {
        text.push_str(&detail("because", &change.reason, view.width));
    }
    text.push_str(&fields::draw(&change.fields, DETAIL_INDENT, view.width));
    if change.action == Action::Delete {
        for held in &change.holds {
            let what = format!("{} ({})", held.what, held.class);
            text.push_str(&match view.data {
                DataFate::Keep => detail("data kept", &what, view.width),
                DataFate::Delete => paint_lines(BAD, &detail("DATA LOST", &what, view.width)),
            });
        }
    }
    text
}

/// Whether the reason tells what neither the sign nor the fields tell.
fn says_more(change: &Change) -> bool {
    match change.action {
        Action::Create => change.reason != NOT_THERE,
        Action::Update => change.fields.first().is_none_or(|field| !change.reason.starts_with(&field.field)),
        Action::Repair | Action::Delete => true,
        Action::Unchanged | Action::Provided | Action::Unavailable => false,
    }
}

fn detail(label: &str, text: &str, width: usize) -> String {
    let indent = DETAIL_INDENT + 11;
    let wrapped = wrap(text, width.max(indent + 16), indent);
    format!("{}{label:<11}{}\n", " ".repeat(DETAIL_INDENT), wrapped.trim_start())
}

fn paint_lines(style: anstyle::Style, text: &str) -> String {
    text.lines().map(|line| paint(style, line) + "\n").collect()
}

fn draw_trade_offs(out: &mut String, view: &View<'_>) {
    if view.trade_offs.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(BOLD, "TRADE-OFFS"));
    for TradeOff { what, why } in view.trade_offs {
        let wrapped = wrap(&format!("{what}: {why}"), view.width, 4);
        let _ = writeln!(out, "  {} {}", paint(DIM, "-"), wrapped.trim_start());
    }
}

/// The last warning before somebody says yes.
fn lost(changes: &[Change], view: &View<'_>) -> String {
    if view.data == DataFate::Keep {
        return String::new();
    }
    let mut what: Vec<&str> = Vec::new();
    for held in changes.iter().filter(|change| change.action == Action::Delete).flat_map(|change| &change.holds) {
        if !what.contains(&held.what.as_str()) {
            what.push(&held.what);
        }
    }
    if what.is_empty() {
        return String::new();
    }
    paint_lines(CARE, &wrap(&format!("Data would be lost: {}", what.join("; ")), view.width, 0))
}
