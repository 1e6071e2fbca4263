//! Why a chart cannot be rendered, in Helm's words.

/// An error of one of the stages. What `Display` prints is what `helm template` prints after `Error: `.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// The chart's files cannot be read, or are no chart.
    #[error("{text}")]
    Load {
        text: String,
        /// Where Helm keeps silent on the reason.
        cause: Option<String>,
    },
    /// The user's values cannot be read.
    #[error("{0}")]
    Values(String),
    /// Subcharts are missing or do not fit.
    #[error("{0}")]
    Dependencies(String),
    /// Values do not meet a `values.schema.json`.
    #[error("{0}")]
    Schema(String),
    /// A version of Kubernetes that is none, or that the chart does not run on.
    #[error("{0}")]
    KubeVersion(String),
    /// A template does not parse.
    #[error("{0}")]
    Parse(String),
    /// A template fails while it runs.
    #[error("{0}")]
    Execution(String),
    /// What was rendered is no YAML.
    #[error("{text}")]
    Manifest {
        text: String,
        /// The rendered files, as far as they go: `helm template --debug` prints them.
        rendered: String,
    },
    /// A file that was asked for is not there.
    #[error("{0}")]
    Selection(String),
    /// A release record cannot be read.
    #[error("{0}")]
    Record(String),
}

impl ChartError {
    pub(super) fn load(text: impl Into<String>) -> Self {
        Self::Load { text: text.into(), cause: None }
    }
}
