//! Errors of charts as findings.

use super::error::ChartError;
use crate::diagnostics::{Code, Diagnostic, codes};

impl ChartError {
    pub fn code(&self) -> Code {
        match self {
            Self::Load { .. } => codes::CHART_UNREADABLE,
            Self::Values(_) => codes::CHART_VALUES,
            Self::Dependencies(_) => codes::CHART_DEPENDENCIES,
            Self::Schema(_) => codes::CHART_SCHEMA,
            Self::KubeVersion(_) => codes::CHART_KUBE_VERSION,
            Self::Parse(_) => codes::CHART_TEMPLATE_SYNTAX,
            Self::Execution(_) => codes::CHART_TEMPLATE_FAILED,
            Self::Manifest { .. } => codes::CHART_MANIFEST,
            Self::Selection(_) => codes::CHART_NO_TEMPLATE,
            Self::Record(_) => codes::CHART_RECORD,
        }
    }
}

/// The first line of Helm's text is the title, what follows it is evidence.
impl From<ChartError> for Diagnostic {
    fn from(error: ChartError) -> Self {
        let text = error.to_string();
        let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let mut diagnostic = Self::error(error.code(), title);
        diagnostic.evidence.extend(rest.lines().map(str::to_owned));
        if let ChartError::Load { cause: Some(cause), .. } = error {
            diagnostic = diagnostic.cause(cause);
        }
        diagnostic
    }
}
