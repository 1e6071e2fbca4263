//! A unit for each secret, so that a plan says which are made and which are read from where.

use crate::scenario::{Component, DataClass, Side, TargetKind};
use crate::secrets::{SecretName, SecretSource, SecretSpec};
use crate::unit::Unit;
use crate::unit::local::Secret;

/// Id of the unit that provides a secret.
pub(super) fn unit_id(name: &SecretName) -> String {
    format!("secret/{name}")
}

/// The secret behind a variable of the user's own.
pub(super) fn of_variable(variable: &str) -> SecretName {
    SecretName::new(format!("environment-{}", variable.to_lowercase().replace('_', "-")))
}

pub(super) fn units(secrets: &[SecretSpec]) -> Vec<Unit> {
    secrets.iter().map(unit).collect()
}

fn unit(secret: &SecretSpec) -> Unit {
    let spec = Secret { name: secret.name.clone(), source: secret.source.to_string(), purpose: secret.purpose.clone() };
    let of_database = ["database", "mlflow"].iter().any(|user| secret.name.as_str().starts_with(user));
    let component = if of_database { Component::Database } else { Component::Server };
    let unit = Unit::new(&unit_id(&secret.name), &secret.purpose, component, Side::Customer, TargetKind::Local, &spec);
    match secret.source {
        // Kept by us and nowhere else, so it would be lost with the unit.
        SecretSource::Generate { .. } | SecretSource::Prompt => unit.holding(DataClass::Secrets, &secret.purpose),
        _ => unit,
    }
}
