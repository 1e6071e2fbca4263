//! What the vendor's chart calls things, by its version. Read from charts 0.73.0, 0.85.0 and 0.94.3; between two of them
//! the older one's way is taken, which the newer ones still understand.

use super::super::release_before;

/// Names and abilities of one version of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Top-level key of the server's values. Charts from 0.94.2 on merge both, and the old one wins there: exactly one
    /// may be written.
    pub(super) root: &'static str,
    /// `database.passwordSecretRef`
    pub(super) password_reference: bool,
    /// `database.ssl`, without which certificates do not switch TLS on; releases before 0.74 refuse it.
    pub(super) tls_switch: bool,
    /// `database.sslCa.secretRef`
    pub(super) certificate_references: bool,
    /// `environmentSecretKeyRefs`, with the last word over what the chart computes.
    pub(super) environment_references: bool,
    /// `proxy` and `certificates`
    pub(super) network: bool,
    /// `pro.workspaceID`; it was `pro.tenantID` before.
    pub(super) workspaces: bool,
}

impl Layout {
    pub(super) fn of(chart: &str) -> Self {
        let since = |version| !release_before(chart, version);
        Self {
            root: if since((0, 94, 2)) { "server" } else { "zenml" },
            password_reference: since((0, 85, 0)),
            tls_switch: since((0, 74, 0)),
            certificate_references: since((0, 85, 0)),
            environment_references: since((0, 94, 2)),
            network: since((0, 85, 0)),
            workspaces: since((0, 74, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_its_own_names() {
        let roots = ["0.73.0", "0.85.0", "0.94.1", "0.94.2", "0.98.0"].map(|version| Layout::of(version).root);
        assert_eq!(roots, ["zenml", "zenml", "zenml", "server", "server"]);
        assert!(!Layout::of("0.73.0").tls_switch && Layout::of("0.74.0").tls_switch);
    }
}
