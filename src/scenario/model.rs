//! What a scenario file says, as types. The JSON Schema is generated from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::{Component, DataClass, Principal, Side, TargetKind, Vocabulary};

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// Named by placement; lower case, words joined with `-`.
    pub name: String,
    /// A few words for lists and pictures.
    pub title: String,
    /// One or two sentences: what it is and for whom.
    pub summary: String,
    /// The vendor's own names for it.
    #[serde(default)]
    pub aliases: Vec<Alias>,
    /// Which components there are, and where each runs.
    pub components: Vec<Placement>,
    /// Where each class of data lives and who may read it. Every class has exactly one rule.
    pub contract: Vec<ContractRule>,
    /// The connections that may be opened, by whom. Any other is a violation.
    #[serde(default)]
    pub links: Vec<Link>,
    /// What must be there before it can be deployed.
    #[serde(default)]
    pub requirements: Vec<Requirement>,
    /// What it costs or what does not work in it.
    #[serde(default)]
    pub trade_offs: Vec<TradeOff>,
}

/// A name that one of the vendor's documents uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alias {
    pub vocabulary: Vocabulary,
    pub name: String,
}

/// A component and where it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Placement {
    pub component: Component,
    /// On whose side it runs.
    pub side: Side,
    /// The targets that `deploy` can run it on; `managed` means that the vendor runs it.
    pub targets: Vec<TargetKind>,
    /// Left out unless the deployment file asks for it.
    #[serde(default)]
    pub optional: bool,
    /// What is special about it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One row of the residency contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContractRule {
    pub data: DataClass,
    /// The sides on which it may be stored; empty when the scenario has no such data.
    pub stored_on: Vec<Side>,
    /// The component that holds it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_in: Option<Component>,
    /// Who may read it; empty when nobody may, since there is none.
    pub readable_by: Vec<Principal>,
    /// Whether values may travel from the side that stores them to the other.
    pub may_cross: bool,
    /// Said honestly: what the rule does not protect from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A connection between two components.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Link {
    /// Who opens the connection.
    pub from: Component,
    pub from_side: Side,
    pub to: Component,
    pub to_side: Side,
    pub port: u16,
    /// `https`, `mysql+tls`, `http` on loopback, …
    pub protocol: String,
    /// What for.
    pub purpose: String,
    /// Classes of data that travel on it.
    #[serde(default)]
    pub carries: Vec<DataClass>,
    /// Both ends show a certificate.
    #[serde(default)]
    pub mutual_tls: bool,
    /// Only there when an optional component is.
    #[serde(default)]
    pub optional: bool,
}

/// Something that must be there first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Requirement {
    pub what: String,
    pub why: String,
    /// Whose hand it needs.
    pub side: Side,
}

/// What a scenario costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TradeOff {
    pub what: String,
    pub why: String,
}
