//! Watching a run: which template wrote what, and which values it read for it.

use std::rc::Rc;

use super::origin::Origin;
use super::tree::{NodeId, Tree};

/// A node of a template that runs.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    pub tree: &'a Tree,
    pub node: NodeId,
}

/// Is told what a run does. All methods do nothing unless they are written.
pub trait Observer {
    /// A template starts. The call is None for the outermost. If the output is captured, what is written until the
    /// template ends becomes the value of the call, and does not go to the output itself.
    fn entered(&mut self, tree: &Tree, call: Option<Site<'_>>, is_captured: bool) {
        let _ = (tree, call, is_captured);
    }

    /// The template that was entered last has ended, well or not.
    fn left(&mut self) {}

    /// A node wrote these bytes.
    fn wrote(&mut self, site: Site<'_>, bytes: &[u8]) {
        let _ = (site, bytes);
    }

    /// A node read a value by a path of fields. The origin is where the path starts in the data of the run, also
    /// within `with`, `range`, variables and called templates; None if it starts at a value that a template made.
    fn read(&mut self, site: Site<'_>, origin: Option<&Origin>, fields: &[Rc<str>]) {
        let _ = (site, origin, fields);
    }
}
