//! A component's box: what stands in it, how much room that takes, and its drawing.

use super::canvas::{Anchor, Canvas, Rect, Stroke, chip_width};
use super::glyph::glyph;
use super::measure::Face;
use super::palette;
use crate::scenario::model::{Placement, Scenario};
use crate::scenario::words::DataClass;
use crate::scenario::{held_by, phrase};

const NAME: Face = Face::bold(12);
const NOTE: Face = Face::plain(10);
pub(super) const CHIP: Face = Face::plain(9);

/// Name, note and chips begin here: right of bar and glyph.
const TEXT_LEFT: i32 = 36;
const LINE: i32 = 15;
const CHIP_LINE: i32 = 18;
const CHIP_GAP: i32 = 4;
/// Above and below what stands in a box.
const AIR: i32 = 6;
/// From this width on the chips stand beside the name, and the note finds room under it.
const WIDE: i32 = 280;

/// A component with the data that it stores.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) placement: &'a Placement,
    pub(super) holds: Vec<DataClass>,
}

impl<'a> Part<'a> {
    pub(super) fn new(scenario: &'a Scenario, placement: &'a Placement) -> Self {
        Self { placement, holds: held_by(scenario, placement) }
    }

    /// The least height for what stands in it and for `ports` lines that end at its side.
    pub(super) fn least_height(&self, width: i32, ports: usize) -> i32 {
        let ports = i32::try_from(ports).unwrap_or(i32::MAX / 64);
        (self.content(width).height() + 2 * AIR).max(super::wires::PORT_PITCH * ports + 8).max(44)
    }

    fn content(&self, width: i32) -> Content {
        let name = phrase::sentence(phrase::component(self.placement.component));
        let room = width - TEXT_LEFT - 8;
        if width < WIDE {
            let chips = chip_rows(&self.holds, room);
            return Content { name: NAME.wrap(&name, room, 2), note: None, chips, beside: false };
        }
        let name = NAME.fit(&name, room);
        let taken = NAME.width(&name) + 12;
        let chips = chip_rows(&self.holds, room - taken);
        // A second row of chips stands where the note would.
        let note = self.placement.note.as_deref().filter(|_| chips.len() < 2).map(|note| shortened(note, room));
        Content { name: vec![name], note, chips, beside: true }
    }

    /// Draws the box with all that stands in it.
    pub(super) fn draw(&self, rect: Rect, canvas: &mut Canvas) {
        let component = self.placement.component;
        let ink = palette::component_ink(component);
        let outline = Stroke::new(ink, 12).dashed(self.placement.optional);
        canvas.solid(rect, 6, palette::PAPER, Some(outline));
        canvas.ground(Rect::new(rect.x + 4, rect.y + 7, 3, rect.h - 14), 2, ink, None);
        let content = self.content(rect.w);
        let top = rect.y + (rect.h - content.height()) / 2;
        canvas.glyph(rect.x + 13, top - 1, glyph(component), ink);
        let left = rect.x + TEXT_LEFT;
        let mut y = top + 12;
        for line in &content.name {
            canvas.text(left, y, line, NAME, palette::INK, Anchor::Start);
            y += LINE;
        }
        if let Some(note) = &content.note {
            canvas.text(left, y, note, NOTE, palette::MUTED, Anchor::Start);
        }
        let chips = if content.beside {
            let width = content.chips.first().map_or(0, |row| row_width(row));
            (rect.right() - 8 - width, top)
        } else {
            (left, y - 10)
        };
        self.draw_chips(&content.chips, chips, canvas);
    }

    fn draw_chips(&self, rows: &[Vec<&'static str>], (left, top): (i32, i32), canvas: &mut Canvas) {
        let side = self.placement.side;
        let colors = (palette::side_ink(side), palette::side_tint(side));
        let mut y = top;
        for row in rows {
            let mut x = left;
            for text in row {
                x += canvas.chip(x, y, text, CHIP, colors) + CHIP_GAP;
            }
            y += CHIP_LINE;
        }
    }
}

/// A note, or as many of its sentences as fit; where not even one does, it is cut between clauses, and that shows.
fn shortened(note: &str, room: i32) -> String {
    let note = note.trim_end_matches('.');
    let longest = |marks: &[&str], tail: &str| {
        let ends = marks.iter().flat_map(|mark| note.match_indices(mark)).map(|(end, _)| end);
        let texts = ends.map(|end| format!("{}{tail}", &note[..end])).filter(|text| NOTE.width(text) <= room);
        texts.max_by_key(String::len)
    };
    if NOTE.width(note) <= room {
        return note.to_owned();
    }
    longest(&["; ", ". "], "").or_else(|| longest(&[", "], " …")).unwrap_or_else(|| NOTE.fit(note, room))
}

struct Content {
    name: Vec<String>,
    note: Option<String>,
    chips: Vec<Vec<&'static str>>,
    /// The chips stand beside the name, not under it.
    beside: bool,
}

impl Content {
    fn height(&self) -> i32 {
        let rows = |count: usize, height: i32| i32::try_from(count).unwrap_or(0) * height;
        let text = rows(self.name.len() + usize::from(self.note.is_some()), LINE);
        if self.beside { text.max(rows(self.chips.len(), CHIP_LINE)) } else { text + rows(self.chips.len(), CHIP_LINE) }
    }
}

fn chip_rows(holds: &[DataClass], room: i32) -> Vec<Vec<&'static str>> {
    let mut rows: Vec<Vec<&'static str>> = Vec::new();
    for data in holds {
        let fits = rows.last().is_some_and(|row| row_width(row) + CHIP_GAP + chip_width(data.as_str(), CHIP) <= room);
        match rows.last_mut() {
            Some(row) if fits => row.push(data.as_str()),
            _ => rows.push(vec![data.as_str()]),
        }
    }
    rows
}

fn row_width(row: &[&str]) -> i32 {
    let gaps = i32::try_from(row.len().saturating_sub(1)).unwrap_or(0) * CHIP_GAP;
    row.iter().map(|text| chip_width(text, CHIP)).sum::<i32>() + gaps
}
