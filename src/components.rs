//! One file per component: each turns the resolved deployment into units, and says how its health is seen. Pure.

mod artifact_store;
mod client;
mod database;
mod elsewhere;
mod mlflow;
mod probes;
mod release;
mod secret;
mod secrets_store;
mod server;

use crate::deployment::{Deployment, Target};
use crate::scenario::Component;
use crate::secrets::SecretSpec;
use crate::unit::Unit;

pub use elsewhere::{Elsewhere, Provider};
pub use probes::probes;
pub use release::VENDOR_CHART;
pub use server::release_before;

/// All units of a deployment, in the order in which components are usually named.
pub fn units(deployment: &Deployment, secrets: &[SecretSpec]) -> Vec<Unit> {
    let mut units = Vec::new();
    if let Target::Local(local) = &deployment.target {
        units.extend(secret::units(secrets));
        // Where the vendor runs the server, its store is not here either.
        if deployment.has(Component::Database) {
            units.extend(database::units(deployment, local));
            units.extend(server::units(deployment, local));
        }
        units.extend(artifact_store::units(deployment));
        units.extend(mlflow::units(deployment, local));
        units.extend(client::units(deployment));
    }
    units.extend(release::units(deployment));
    units.extend(elsewhere::units(deployment));
    units
}
