//! A list of shapes, and how they are written as SVG.
//!
//! Whole numbers only, so that the bytes do not depend on a machine's way with fractions.

use std::fmt::Write as _;

use super::measure::Face;

/// Fonts that are on most machines, so that none has to be loaded.
const FONTS: &str = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";
const MONO_FONTS: &str = "'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) w: i32,
    pub(super) h: i32,
}

impl Rect {
    pub(super) fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Self { x, y, w, h }
    }

    pub(super) fn right(self) -> i32 {
        self.x + self.w
    }

    #[cfg(test)]
    pub(super) fn bottom(self) -> i32 {
        self.y + self.h
    }

    pub(super) fn middle(self) -> i32 {
        self.y + self.h / 2
    }
}

/// Where a text stands relative to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a line or an outline is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stroke {
    pub(super) color: &'static str,
    /// In tenths, since a hairline is less than one.
    pub(super) tenths: i32,
    pub(super) dashed: bool,
}

impl Stroke {
    pub(super) const fn new(color: &'static str, tenths: i32) -> Self {
        Self { color, tenths, dashed: false }
    }

    pub(super) const fn dashed(self, dashed: bool) -> Self {
        Self { dashed, ..self }
    }
}

/// What a rectangle is; tests treat each in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Ground for others.
    Ground,
    /// A component: nothing may run through it.
    Box,
    /// A label's own ground.
    Chip,
}

#[derive(Debug, Clone)]
pub(super) enum Shape {
    Rect {
        rect: Rect,
        radius: i32,
        fill: &'static str,
        stroke: Option<Stroke>,
        #[cfg_attr(not(test), expect(dead_code, reason = "asked by tests, what may lie on what"))]
        role: Role,
    },
    Text {
        x: i32,
        y: i32,
        face: Face,
        fill: &'static str,
        anchor: Anchor,
        text: String,
    },
    Line {
        points: Vec<(i32, i32)>,
        stroke: Stroke,
    },
    /// A filled shape such as an arrow's head.
    Polygon {
        points: Vec<(i32, i32)>,
        fill: &'static str,
    },
    Dot {
        x: i32,
        y: i32,
        radius: i32,
        fill: &'static str,
        ring: Option<Stroke>,
    },
    /// A little drawing of 18 by 18, moved to its place.
    Glyph {
        x: i32,
        y: i32,
        path: &'static str,
        color: &'static str,
    },
}

/// Shapes in the order in which they are painted.
#[derive(Debug)]
pub(super) struct Canvas {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) shapes: Vec<Shape>,
}

impl Canvas {
    pub(super) fn new(width: i32, height: i32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    pub(super) fn ground(&mut self, rect: Rect, radius: i32, fill: &'static str, stroke: Option<Stroke>) {
        self.shapes.push(Shape::Rect { rect, radius, fill, stroke, role: Role::Ground });
    }

    pub(super) fn solid(&mut self, rect: Rect, radius: i32, fill: &'static str, stroke: Option<Stroke>) {
        self.shapes.push(Shape::Rect { rect, radius, fill, stroke, role: Role::Box });
    }

    /// A small rounded label around its text. Gives back its width.
    pub(super) fn chip(&mut self, x: i32, y: i32, text: &str, face: Face, colors: (&'static str, &'static str)) -> i32 {
        let (ink, fill) = colors;
        let rect = Rect::new(x, y, chip_width(text, face), face.size + 6);
        let stroke = Some(Stroke::new(ink, 6));
        self.shapes.push(Shape::Rect { rect, radius: rect.h / 2, fill, stroke, role: Role::Chip });
        self.text(x + 6, y + face.size + 1, text, face, ink, Anchor::Start);
        rect.w
    }

    pub(super) fn text(&mut self, x: i32, y: i32, text: &str, face: Face, fill: &'static str, anchor: Anchor) {
        if !text.is_empty() {
            self.shapes.push(Shape::Text { x, y, face, fill, anchor, text: text.to_owned() });
        }
    }

    pub(super) fn line(&mut self, points: Vec<(i32, i32)>, stroke: Stroke) {
        self.shapes.push(Shape::Line { points, stroke });
    }

    /// A head that points left or right and ends at `x`.
    pub(super) fn arrow_head(&mut self, x: i32, y: i32, to_right: bool, size: i32, fill: &'static str) {
        let back = if to_right { x - 2 * size } else { x + 2 * size };
        self.shapes.push(Shape::Polygon { points: vec![(x, y), (back, y - size), (back, y + size)], fill });
    }

    pub(super) fn dot(&mut self, x: i32, y: i32, radius: i32, fill: &'static str, ring: Option<Stroke>) {
        self.shapes.push(Shape::Dot { x, y, radius, fill, ring });
    }

    pub(super) fn glyph(&mut self, x: i32, y: i32, path: &'static str, color: &'static str) {
        self.shapes.push(Shape::Glyph { x, y, path, color });
    }

    /// The whole picture. `title` and `description` are read out by screen readers.
    pub(super) fn to_svg(&self, title: &str, description: &str) -> String {
        let (width, height) = (self.width, self.height);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" font-family=\"{FONTS}\">\n<title>{}</title>\n<desc>{}</desc>\n",
            escape(title),
            escape(description)
        );
        for shape in &self.shapes {
            shape.write(&mut out);
        }
        out.push_str("</svg>\n");
        out
    }
}

/// Width of a [`Canvas::chip`].
pub(super) fn chip_width(text: &str, face: Face) -> i32 {
    face.width(text) + 12
}

impl Shape {
    fn write(&self, out: &mut String) {
        // Writing to a string does not fail.
        let _ = match self {
            Self::Rect { rect, radius, fill, stroke, .. } => {
                let Rect { x, y, w, h } = rect;
                let stroke = stroke.map_or_else(String::new, Stroke::attributes);
                writeln!(
                    out,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{radius}\" fill=\"{fill}\"{stroke}/>"
                )
            }
            Self::Text { x, y, face, fill, anchor, text } => {
                let (attributes, text) = (text_attributes(*face, *anchor), escape(text));
                writeln!(out, "<text x=\"{x}\" y=\"{y}\" fill=\"{fill}\"{attributes}>{text}</text>")
            }
            Self::Line { points, stroke } => {
                writeln!(out, "<polyline points=\"{}\" fill=\"none\"{}/>", points_of(points), stroke.attributes())
            }
            Self::Polygon { points, fill } => {
                writeln!(out, "<polygon points=\"{}\" fill=\"{fill}\"/>", points_of(points))
            }
            Self::Dot { x, y, radius, fill, ring } => {
                let ring = ring.map_or_else(String::new, Stroke::attributes);
                writeln!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\"{ring}/>")
            }
            Self::Glyph { x, y, path, color } => writeln!(
                out,
                "<path transform=\"translate({x} {y})\" d=\"{path}\" fill=\"none\" stroke=\"{color}\" \
                 stroke-width=\"1.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>"
            ),
        };
    }
}

impl Stroke {
    fn attributes(self) -> String {
        let dash = if self.dashed { " stroke-dasharray=\"5 4\"" } else { "" };
        let width = format!("{}.{}", self.tenths / 10, self.tenths % 10);
        format!(" stroke=\"{}\" stroke-width=\"{width}\"{dash}", self.color)
    }
}

fn text_attributes(face: Face, anchor: Anchor) -> String {
    let mut attributes = format!(" font-size=\"{}\"", face.size);
    if face.bold {
        attributes.push_str(" font-weight=\"600\"");
    }
    if face.mono {
        attributes.extend([" font-family=\"", MONO_FONTS, "\""]);
    }
    match anchor {
        Anchor::Start => {}
        Anchor::Middle => attributes.push_str(" text-anchor=\"middle\""),
        Anchor::End => attributes.push_str(" text-anchor=\"end\""),
    }
    attributes
}

fn points_of(points: &[(i32, i32)]) -> String {
    let words: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    words.join(" ")
}

/// Text that XML takes as it is; characters that XML does not have are left out.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' | '\t' => out.push(' '),
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {}
            character => out.push(character),
        }
    }
    out
}
