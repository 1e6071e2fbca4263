//! A scenario on a slide.

use super::canvas::{Anchor, Canvas, Stroke};
use super::contract::{STRIP_HEIGHT, draw_strip};
use super::frame::{draw_heading, draw_legend};
use super::layout::{HEIGHT, Lane, Layout, Panel, layout};
use super::measure::Face;
use super::{palette, wires};
use crate::scenario::model::{Link, Scenario};
use crate::scenario::phrase;
use crate::scenario::words::Side;

const PANEL: Face = Face::bold(12);
const PORT: Face = Face::bold(11);
const LOAD: Face = Face::plain(10);

/// A picture that needs nothing but itself, 1280 by 720: both sides, what runs and what is stored where, every
/// connection, and the contract. A scenario too large for that makes it higher, never smaller.
pub fn svg(scenario: &Scenario) -> String {
    let title = format!("{} ({})", scenario.title, scenario.name);
    draw(scenario).to_svg(&title, &scenario.summary)
}

pub(super) fn draw(scenario: &Scenario) -> Canvas {
    let layout = layout(scenario);
    let height = HEIGHT + layout.excess;
    let mut canvas = Canvas::new(layout.width, height);
    canvas.ground(super::canvas::Rect::new(0, 0, layout.width, height), 0, palette::PAPER, None);
    draw_heading(scenario, &mut canvas);
    for panel in &layout.panels {
        draw_panel(panel, scenario, &mut canvas);
        if scenario.links.is_empty() && scenario.is_single_sided() {
            draw_absence(panel, &mut canvas);
        }
    }
    draw_rule_of_gutter(scenario, &layout, &mut canvas);
    for wiring in &layout.wirings {
        wires::draw(&wiring.ends, &wiring.links, wiring.channel, wiring.x, &mut canvas);
    }
    for placed in &layout.boxes {
        placed.part.draw(placed.rect, &mut canvas);
    }
    for lane in &layout.lanes {
        draw_lane(lane, &layout, &mut canvas);
    }
    let strip = layout.bottom() + 12;
    draw_strip(scenario, strip, &mut canvas);
    draw_legend(scenario, strip + STRIP_HEIGHT + 22, &mut canvas);
    canvas
}

/// Why there is no line: said where lines would be.
fn draw_absence(panel: &Panel, canvas: &mut Canvas) {
    let (middle, y) = (panel.rect.x + panel.rect.w / 2, panel.rect.middle());
    canvas.text(middle, y, "no connection over a network", LOAD, palette::MUTED, Anchor::Middle);
}

fn draw_panel(panel: &Panel, scenario: &Scenario, canvas: &mut Canvas) {
    let (side, rect) = (panel.side, panel.rect);
    let ink = palette::side_ink(side);
    canvas.ground(rect, 10, palette::side_ground(side), Some(Stroke::new(ink, 10)));
    let name = phrase::sentence(side.as_str());
    canvas.text(rect.x + 14, rect.y + 22, &name, PANEL, ink, Anchor::Start);
    let words = match side {
        _ if scenario.is_single_sided() => "everything on one side, nothing crosses",
        Side::Vendor => "runs it as a service",
        Side::Customer => "own machines, cluster and cloud",
    };
    let left = rect.x + 14 + PANEL.width(&name) + 10;
    canvas.text(left, rect.y + 22, &LOAD.fit(words, rect.right() - 8 - left), LOAD, palette::MUTED, Anchor::Start);
}

/// What may cross as a whole, above the lanes.
fn draw_rule_of_gutter(scenario: &Scenario, layout: &Layout<'_>, canvas: &mut Canvas) {
    let Some(gutter) = layout.gutter else { return };
    let middle = gutter.x + gutter.w / 2;
    canvas.text(middle, gutter.y + 10, "Between the sides", PORT, palette::INK, Anchor::Middle);
    for (line, y) in LOAD.wrap(&phrase::crossings(scenario), gutter.w, 2).iter().zip([23, 35]) {
        canvas.text(middle, gutter.y + y, line, LOAD, palette::MUTED, Anchor::Middle);
    }
}

/// A thick line in the colour of the side that opens the connection: port above, load below.
fn draw_lane(lane: &Lane<'_>, layout: &Layout<'_>, canvas: &mut Canvas) {
    let link = lane.link;
    let ink = palette::side_ink(link.from_side);
    let stroke = Stroke::new(ink, 24).dashed(link.optional);
    let to_right = link.from_side == Side::Vendor;
    let mut points = lane.points.clone();
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else { return };
    let (source, target) = if to_right { (first, last) } else { (last, first) };
    // The line ends inside the head, or it would blunt the point.
    if let Some(point) = if to_right { points.last_mut() } else { points.first_mut() } {
        point.0 += if to_right { -9 } else { 9 };
    }
    canvas.line(points, stroke);
    canvas.arrow_head(target.0, target.1, to_right, 6, ink);
    canvas.dot(source.0, source.1, 4, palette::PAPER, Some(Stroke::new(ink, 20)));
    let Some(gutter) = layout.gutter else { return };
    let middle = gutter.x + gutter.w / 2;
    canvas.text(middle, lane.y - 6, &port(link, gutter.w), PORT, ink, Anchor::Middle);
    let classes: Vec<&str> = link.carries.iter().map(|data| data.as_str()).collect();
    let load = if classes.is_empty() { "no data of the contract".to_owned() } else { classes.join(", ") };
    canvas.text(middle, lane.y + 14, &LOAD.fit(&load, gutter.w), LOAD, palette::MUTED, Anchor::Middle);
}

/// As much as fits: port and protocol, then that both ends show certificates, then the host.
fn port(link: &Link, room: i32) -> String {
    let mut text = format!("{} {}", link.port, link.protocol);
    if link.mutual_tls {
        text.push_str(", mutual TLS");
    }
    let with_host = link.host.as_ref().map(|host| format!("{text} · {host}"));
    with_host.filter(|text| PORT.width(text) <= room).unwrap_or_else(|| PORT.fit(&text, room))
}
