//! Parts that do not run on this machine: the vendor's, and those that come with another target. They are in every
//! plan, so that a plan shows the whole scenario and says what comes from where.

use serde::{Deserialize, Serialize};

use crate::deployment::{Cloud, Deployment, Target};
use crate::scenario::{Component, Placement, Side, TargetKind};
use crate::unit::{Spec, Unit};

/// A part that another target or the vendor provides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Elsewhere {
    pub component: Component,
    pub provider: Provider,
    /// What is special about it here.
    pub note: Option<String>,
}

/// Who provides a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Provider {
    /// The vendor runs it: nothing to apply.
    Vendor,
    /// The customer has it already, or brings it.
    Customer,
    Kubernetes,
    Aws,
    Gcp,
    Azure,
}

impl Spec for Elsewhere {
    const KIND: &'static str = "elsewhere";
}

pub(super) fn units(deployment: &Deployment) -> Vec<Unit> {
    let local = matches!(deployment.target, Target::Local(_));
    deployment
        .scenario
        .components
        .iter()
        .filter(|placement| !(local && placement.targets.contains(&TargetKind::Local)))
        .filter(|placement| wanted(deployment, placement) && !super::release::brings(deployment, placement))
        .map(|placement| unit(deployment, placement))
        .collect()
}

/// Optional parts are there when the file speaks of them.
fn wanted(deployment: &Deployment, placement: &Placement) -> bool {
    if !placement.optional {
        return placement.component != Component::Mlflow || deployment.mlflow.enabled;
    }
    match placement.component {
        Component::Mlflow => deployment.mlflow.enabled,
        Component::ControlPlane | Component::ControlPlaneDatabase | Component::ControlPlaneDashboard => {
            deployment.control_plane.is_some()
        }
        _ => false,
    }
}

fn unit(deployment: &Deployment, placement: &Placement) -> Unit {
    let provider = provider(deployment, placement);
    let target = match provider {
        Provider::Vendor | Provider::Customer => TargetKind::Managed,
        _ => TargetKind::Kubernetes,
    };
    let title = match provider {
        Provider::Vendor => format!("{}, run by the vendor", placement.component),
        Provider::Customer => format!("{} of the customer", placement.component),
        Provider::Kubernetes => format!("{} on Kubernetes", placement.component),
        Provider::Aws => format!("{} on AWS", placement.component),
        Provider::Gcp => format!("{} on Google Cloud", placement.component),
        Provider::Azure => format!("{} on Azure", placement.component),
    };
    let spec = Elsewhere { component: placement.component, provider, note: placement.note.clone() };
    let id = match placement.side {
        Side::Vendor => format!("vendor/{}", placement.component),
        Side::Customer => placement.component.to_string(),
    };
    Unit::new(&id, &title, placement.component, placement.side, target, &spec)
}

fn provider(deployment: &Deployment, placement: &Placement) -> Provider {
    if placement.side == Side::Vendor {
        return Provider::Vendor;
    }
    let from_cloud = matches!(
        placement.component,
        Component::Database | Component::ArtifactStore | Component::SecretsStore | Component::ContainerRegistry
    );
    match &deployment.cloud {
        Some(Cloud::Aws { .. }) if from_cloud => Provider::Aws,
        Some(Cloud::Gcp { .. }) if from_cloud => Provider::Gcp,
        Some(Cloud::Azure { .. }) if from_cloud => Provider::Azure,
        _ if placement.component == Component::Client || placement.targets == [TargetKind::Managed] => {
            Provider::Customer
        }
        _ => Provider::Kubernetes,
    }
}
