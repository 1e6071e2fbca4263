//! Title, summary and legend.

use super::canvas::{Anchor, Canvas, Rect, Stroke, chip_width};
use super::layout::MARGIN;
use super::measure::Face;
use super::palette;
use super::parts;
use crate::scenario::model::{Alias, Scenario};
use crate::scenario::words::Side;

const TITLE: Face = Face::bold(26);
const NAME: Face = Face::mono(13);
const ALSO: Face = Face::plain(11);
const SUMMARY: Face = Face::plain(13);
const LEGEND: Face = Face::plain(10);
const COMMAND: Face = Face::mono(10);

/// Title left, the name to type and the vendor's names right, the summary below.
pub(super) fn draw_heading(scenario: &Scenario, canvas: &mut Canvas) {
    let right = canvas.width - MARGIN;
    let name_width = NAME.width(&scenario.name) + 20;
    let names: Vec<String> = scenario.aliases.iter().map(Alias::qualified).collect();
    let also = ALSO.fit(&names.join(" · "), 330);
    let also_width = if also.is_empty() { 0 } else { ALSO.width(&also) + 14 };
    let room = right - MARGIN - name_width - also_width - 20;
    canvas.text(MARGIN, 46, &TITLE.fit(&scenario.title, room), TITLE, palette::INK, Anchor::Start);
    let pill = Rect::new(right - name_width, 26, name_width, 25);
    canvas.ground(pill, 6, "#f1f5f9", Some(Stroke::new(palette::RULE, 10)));
    canvas.text(pill.x + 10, 43, &scenario.name, NAME, palette::INK, Anchor::Start);
    canvas.text(pill.x - 14, 43, &also, ALSO, palette::MUTED, Anchor::End);
    for (line, y) in SUMMARY.wrap(&scenario.summary, right - MARGIN, 2).iter().zip([71, 89]) {
        canvas.text(MARGIN, y, line, SUMMARY, palette::MUTED, Anchor::Start);
    }
}

/// What lines, outlines and labels mean; only those that the picture has.
pub(super) fn draw_legend(scenario: &Scenario, y: i32, canvas: &mut Canvas) {
    let mut x = MARGIN;
    for side in Side::ALL {
        if scenario.crossing_links().any(|link| link.from_side == *side) {
            x = key(canvas, (x, y), Stroke::new(palette::side_ink(*side), 24), &format!("opened by the {side}'s side"));
        }
    }
    if scenario.links.iter().any(|link| !link.crosses()) {
        x = key(canvas, (x, y), Stroke::new(palette::MUTED, 14), "within a side");
    }
    if scenario.components.iter().any(|placement| placement.optional) {
        x = key(canvas, (x, y), Stroke::new(palette::MUTED, 14).dashed(true), "only if asked for");
    }
    for side in Side::ALL {
        if scenario.contract.iter().any(|rule| rule.stored_on.contains(side)) {
            let colors = (palette::side_ink(*side), palette::side_tint(*side));
            canvas.chip(x, y - 11, "data", parts::CHIP, colors);
            x += chip_width("data", parts::CHIP) + 6;
            x = words(canvas, (x, y), &format!("stored by the {side}"));
        }
    }
    let command = format!("deploy scenario show {}", scenario.name);
    if x + COMMAND.width(&command) <= canvas.width - MARGIN {
        canvas.text(canvas.width - MARGIN, y, &command, COMMAND, palette::MUTED, Anchor::End);
    }
}

fn key(canvas: &mut Canvas, (x, y): (i32, i32), stroke: Stroke, text: &str) -> i32 {
    canvas.line(vec![(x, y - 4), (x + 22, y - 4)], stroke);
    canvas.arrow_head(x + 30, y - 4, true, 4, stroke.color);
    words(canvas, (x + 36, y), text)
}

fn words(canvas: &mut Canvas, (x, y): (i32, i32), text: &str) -> i32 {
    canvas.text(x, y, text, LEGEND, palette::MUTED, Anchor::Start);
    x + LEGEND.width(text) + 20
}
