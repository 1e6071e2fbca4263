//! Colours. Each stands for one thing in the whole picture; all text on its ground has a contrast of 4.5 or more.

use crate::scenario::words::{Component, Side};

pub(super) const PAPER: &str = "#ffffff";
pub(super) const INK: &str = "#0f172a";
pub(super) const MUTED: &str = "#52607a";
pub(super) const RULE: &str = "#d5dce6";
pub(super) const WARNING: &str = "#b91c1c";

/// The colour of a side: panel headings, connections that it opens, data that it stores.
pub(super) fn side_ink(side: Side) -> &'static str {
    match side {
        Side::Vendor => "#b4470b",
        Side::Customer => "#1d4ed8",
    }
}

/// The ground of a side's panel.
pub(super) fn side_ground(side: Side) -> &'static str {
    match side {
        Side::Vendor => "#fff7ed",
        Side::Customer => "#f0f6ff",
    }
}

/// The ground of a label about a side.
pub(super) fn side_tint(side: Side) -> &'static str {
    match side {
        Side::Vendor => "#ffedd5",
        Side::Customer => "#dbeafe",
    }
}

/// The bar of a component's box, and the connections within a side that it opens.
pub(super) fn component_ink(component: Component) -> &'static str {
    match component {
        Component::Client => "#475569",
        Component::Server | Component::Dashboard => "#0f766e",
        Component::ControlPlane | Component::ControlPlaneDashboard => "#be185d",
        Component::Mlflow => "#7c3aed",
        Component::Agent => "#15803d",
        Component::WorkloadManager => "#0e7490",
        Component::SecretsStore | Component::ServiceConnectors => "#a16207",
        Component::IdentityProvider => "#9d174d",
        Component::Database
        | Component::ControlPlaneDatabase
        | Component::ArtifactStore
        | Component::ContainerRegistry
        | Component::LogStore => "#64748b",
    }
}
