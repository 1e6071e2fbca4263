//! What would be done: the graph of units, the change for each, and plans that can be saved and applied exactly.

mod change;
mod graph;
mod saved;

pub(crate) use change::NOT_THERE;
pub use change::{Action, Change, FieldChange, Summary, change_for, deletion_of};
pub use graph::{Edge, Graph};
pub use saved::Plan;
