//! The contract as a strip: a column for each class of data.

use super::canvas::{Anchor, Canvas, Rect, Stroke};
use super::layout::MARGIN;
use super::measure::Face;
use super::palette;
use crate::scenario::model::{ContractRule, Scenario};
use crate::scenario::phrase;
use crate::scenario::words::Side;

pub(super) const STRIP_HEIGHT: i32 = 98;
const LABELS: i32 = 92;
const HEAD: Face = Face::bold(11);
const CELL: Face = Face::plain(10);

/// Draws the strip with its top at `y`.
pub(super) fn draw_strip(scenario: &Scenario, y: i32, canvas: &mut Canvas) {
    let strip = Rect::new(MARGIN, y, canvas.width - 2 * MARGIN, STRIP_HEIGHT);
    canvas.ground(strip, 8, "#f8fafc", Some(Stroke::new(palette::RULE, 10)));
    for (text, offset) in [("Stored by", 37), ("Read by", 60), ("Crosses", 90)] {
        canvas.text(strip.x + 12, y + offset, text, CELL, palette::MUTED, Anchor::Start);
    }
    canvas.text(strip.x + 12, y + 18, "Contract", HEAD, palette::INK, Anchor::Start);
    let count = i32::try_from(scenario.contract.len()).unwrap_or(1).max(1);
    let width = (strip.w - LABELS) / count;
    for (number, rule) in (0..).zip(&scenario.contract) {
        let cell = Rect::new(strip.x + LABELS + number * width, y, width, STRIP_HEIGHT);
        canvas.line(vec![(cell.x, y + 8), (cell.x, y + STRIP_HEIGHT - 8)], Stroke::new(palette::RULE, 10));
        draw_rule(rule, scenario, cell, canvas);
    }
}

fn draw_rule(rule: &ContractRule, scenario: &Scenario, cell: Rect, canvas: &mut Canvas) {
    let (x, y) = (cell.x + 10, cell.y);
    let room = cell.w - 16;
    canvas.text(x, y + 18, &HEAD.fit(rule.data.as_str(), room), HEAD, palette::INK, Anchor::Start);
    if rule.stored_on.is_empty() {
        canvas.text(x, y + 37, "none", CELL, palette::MUTED, Anchor::Start);
        return;
    }
    let mut left = x;
    for side in &rule.stored_on {
        let colors = (palette::side_ink(*side), palette::side_tint(*side));
        left += canvas.chip(left, y + 26, side.as_str(), Face::plain(9), colors) + 3;
    }
    let readers: Vec<&str> = rule.readable_by.iter().map(|reader| phrase::role(*reader)).collect();
    for (line, offset) in CELL.wrap(&readers.join(", "), room, 2).iter().zip([60, 73]) {
        canvas.text(x, y + offset, line, CELL, palette::INK, Anchor::Start);
    }
    let (words, ink) = match (rule.may_cross, scenario.is_single_sided()) {
        (_, true) => ("never", palette::MUTED),
        (true, false) => ("may cross", palette::WARNING),
        (false, false) => ("never", palette::side_ink(Side::Customer)),
    };
    canvas.text(x, y + 90, words, CELL, ink, Anchor::Start);
}
