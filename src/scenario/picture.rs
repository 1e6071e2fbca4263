//! Pictures of a scenario: a Mermaid flowchart for documents, and an SVG that stands by itself on a slide.
//!
//! Both are made from the scenario alone, so the same scenario always gives the same bytes.

mod canvas;
mod contract;
mod frame;
mod glyph;
mod layout;
mod measure;
mod mermaid;
mod palette;
mod parts;
mod svg;
mod wires;

pub use mermaid::mermaid;
pub use svg::svg;

#[cfg(test)]
mod tests;
