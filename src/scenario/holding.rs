//! Which component can hold which data.

use super::model::{Placement, Scenario};
use super::words::{Component, DataClass, Side};

/// The components that can store a class of data, the usual one first.
pub fn holders(data: DataClass) -> &'static [Component] {
    use Component as C;
    match data {
        DataClass::Metadata => &[C::Database],
        DataClass::Artifacts => &[C::ArtifactStore],
        // Without a tracking server MLflow's library writes files beside the client; a tracking server can leave
        // its files to the artifact store.
        DataClass::Experiments => &[C::Mlflow, C::ArtifactStore, C::Client],
        DataClass::Images => &[C::ContainerRegistry, C::Client],
        DataClass::Logs => &[C::ArtifactStore, C::LogStore],
        DataClass::Code => &[C::Client, C::ArtifactStore, C::ContainerRegistry],
        DataClass::Secrets => &[C::SecretsStore],
        DataClass::Identity => &[C::Database, C::ControlPlaneDatabase, C::IdentityProvider],
        DataClass::Audit => &[C::ControlPlaneDatabase, C::LogStore],
    }
}

/// The component that stores a class of data on one side; none when it is not stored there.
pub fn holder_on(scenario: &Scenario, data: DataClass, side: Side) -> Option<&Placement> {
    let rule = scenario.rule(data).filter(|rule| rule.stored_on.contains(&side))?;
    let named = rule.stored_in.and_then(|component| scenario.placement_on(component, side));
    named.or_else(|| holders(data).iter().find_map(|component| scenario.placement_on(*component, side)))
}

/// The classes of data that a component stores where it stands, in the contract's order.
pub fn held_by(scenario: &Scenario, placement: &Placement) -> Vec<DataClass> {
    let holds = |data: &DataClass| {
        holder_on(scenario, *data, placement.side).is_some_and(|holder| std::ptr::eq(holder, placement))
    };
    scenario.contract.iter().map(|rule| rule.data).filter(holds).collect()
}
