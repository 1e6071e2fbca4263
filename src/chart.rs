//! Helm charts: loading, values, dependencies, schemas, rendering, manifests and release records, without Helm.
//!
//! The stages stand apart and are called one after the other: [`load`] gives a [`Chart`], [`values::collect`] the
//! user's values, [`dependencies::process`] decides which subcharts take part, [`values::coalesce`] merges, and
//! [`render`] runs the templates. [`template`](self::template) does all of it. Truth is `helm template` 4.3.1.

mod capabilities;
pub mod dependencies;
mod diagnosis;
mod error;
mod file;
mod glob;
mod ignore;
pub mod load;
mod metadata;
mod path_match;
pub mod release;
pub mod render;
pub mod schema;
pub mod template;
pub mod values;
mod version;

use std::cell::RefCell;
use std::rc::Rc;

use jiff::Timestamp;

pub use capabilities::{Capabilities, KubeVersion};
pub use error::ChartError;
pub use file::File;
pub use metadata::{Dependency, Invalid, Maintainer, Metadata};

use crate::template::Dict;

/// A chart with its subcharts. Clones share files and values.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Shared between the copies that aliases make of a subchart's own subcharts, as in Helm.
    pub metadata: Rc<RefCell<Metadata>>,
    pub lock: Option<Lock>,
    /// Defaults; nil without a `values.yaml`.
    pub values: Dict,
    pub schema: Option<File>,
    /// Below `templates/`.
    pub templates: Rc<[File]>,
    /// All others.
    pub files: Rc<[File]>,
    /// Every file as it was read.
    pub raw: Rc<[File]>,
    pub modified: Option<Timestamp>,
    dependencies: Vec<Self>,
}

/// `Chart.lock` or `requirements.lock`.
#[derive(Debug, Clone, Default)]
pub struct Lock {
    pub generated: String,
    pub digest: String,
    pub dependencies: Vec<Dependency>,
}

impl Chart {
    pub fn name(&self) -> String {
        self.metadata.borrow().name.clone()
    }

    /// Subcharts; after [`dependencies::process`] those that take part.
    pub fn dependencies(&self) -> &[Self] {
        &self.dependencies
    }
}
