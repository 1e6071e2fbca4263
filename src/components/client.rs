//! The client on this machine, in the scenario without a server.

use super::{database, server};
use crate::deployment::{Database, Deployment, RuntimeKind, Target};
use crate::scenario::{Component, TargetKind};
use crate::unit::local::Client;
use crate::unit::{Text, Unit};

pub(super) const CLIENT: &str = "client";

/// Whether the deployment has a client of its own: where no server is, it is the way to the store.
pub(super) fn is_configured(deployment: &Deployment) -> bool {
    let Target::Local(local) = &deployment.target else { return false };
    let sqlite = matches!(deployment.database, Database::Sqlite(_));
    let alone = deployment.has(Component::Database) && !deployment.has(Component::Server);
    sqlite && alone && local.runtime == RuntimeKind::Process
}

pub(super) fn units(deployment: &Deployment) -> Vec<Unit> {
    if !is_configured(deployment) {
        return Vec::new();
    }
    let mut environment = database::environment(deployment);
    environment.insert("ZENML_ANALYTICS_OPT_IN".to_owned(), Text::literal("False"));
    let spec = Client { bin: Text::output(server::PYTHON, "bin"), environment };
    let side = deployment.side(Component::Client);
    vec![
        Unit::new(CLIENT, "configured client", Component::Client, side, TargetKind::Local, &spec)
            .after(server::SCHEMA, "the client opens the store"),
    ]
}
