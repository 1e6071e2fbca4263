//! The client on this machine, in the scenario without a server.

use super::{database, server};
use crate::deployment::{Database, Deployment, LocalTarget, RuntimeKind};
use crate::scenario::{Component, TargetKind};
use crate::unit::local::Client;
use crate::unit::{Text, Unit};

pub(super) fn units(deployment: &Deployment, local: &LocalTarget) -> Vec<Unit> {
    if deployment.has(Component::Server) || local.runtime != RuntimeKind::Process {
        return Vec::new();
    }
    let Database::Sqlite(_) = deployment.database else { return Vec::new() };
    let mut environment = database::environment(deployment);
    environment.insert("ZENML_ANALYTICS_OPT_IN".to_owned(), Text::literal("False"));
    let spec = Client { bin: Text::output(server::PYTHON, "bin"), environment };
    let side = deployment.side(Component::Client);
    vec![
        Unit::new("client", "configured client", Component::Client, side, TargetKind::Local, &spec)
            .after(server::SCHEMA, "the client opens the store"),
    ]
}
