//! What people and scripts see. The only place that draws: run events, plans, tables, diagnostics, JSON documents.
//!
//! [`Output`] is the one way out. Data goes to stdout, talk to stderr, and nothing passes without being searched for
//! known secrets. A [`Reporter`] turns the engine's events into text as they happen.

mod clean;
mod duration;
pub mod health;
pub mod history;
mod json;
pub mod junit;
mod live;
mod output;
mod plain;
pub mod plan;
mod run;
pub mod status;
mod style;
mod surface;
mod terminal;
mod ticker;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use json::Json;
pub use live::restore_cursor;
pub use output::{Captured, Form, Output};
pub use plain::Plain;
pub use surface::Surface;
pub use terminal::Terminal;

use crate::engine::Event;

/// Version of every JSON document and event.
pub const API_VERSION: &str = "deploy/v1";

/// Draws what happens during a run, as it happens. Whoever ends a run early only has to drop the reporter: what it
/// still holds back is drawn then.
pub trait Reporter: Send + Sync {
    fn event(&self, event: &Event);
}

/// The reporter that fits where the text goes: JSON lines if they are asked for, a live table on a terminal, plain
/// lines everywhere else.
pub fn reporter(output: &Arc<Output>, json_events: bool) -> Arc<dyn Reporter> {
    if json_events {
        Arc::new(Json::new(Arc::clone(output)))
    } else if output.talk_surface().animated {
        Arc::new(Terminal::new(Arc::clone(output)))
    } else {
        Arc::new(Plain::new(Arc::clone(output)))
    }
}

/// A reporter in the form in which the engine takes it.
pub fn listener(reporter: Arc<dyn Reporter>) -> Arc<dyn Fn(Event) + Send + Sync> {
    Arc::new(move |event| reporter.event(&event))
}
