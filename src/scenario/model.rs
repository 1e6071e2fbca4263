//! What a scenario file says, as types. The JSON Schema is generated from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::{Component, DataClass, Outgoing, Principal, Side, TargetKind, Vocabulary};

/// One scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// Named by placement; lower case, words joined with `-`.
    pub name: String,
    /// Place in lists, from everything on this machine over the vendor's service to everything on premises;
    /// neighbours in this order are what `explain` compares.
    #[serde(default)]
    pub order: u16,
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
    /// Who may open connections between the sides at all.
    #[serde(default)]
    pub crossings: Crossings,
    /// The connections that may be opened, by whom. Any other is a violation. What the vendor connects within its own
    /// side is the vendor's business and not listed.
    #[serde(default)]
    pub links: Vec<Link>,
    /// What must be there before it can be deployed.
    #[serde(default)]
    pub requirements: Vec<Requirement>,
    /// What it costs or what does not work in it.
    #[serde(default)]
    pub trade_offs: Vec<TradeOff>,
}

impl Scenario {
    /// Where a component runs; the first place where it may run on either side.
    pub fn placement(&self, component: Component) -> Option<&Placement> {
        self.components.iter().find(|placement| placement.component == component)
    }

    /// A component on one side.
    pub fn placement_on(&self, component: Component, side: Side) -> Option<&Placement> {
        self.components.iter().find(|placement| placement.component == component && placement.side == side)
    }

    /// The contract's row for a class of data. There is one in every scenario that was validated.
    pub fn rule(&self, data: DataClass) -> Option<&ContractRule> {
        self.contract.iter().find(|rule| rule.data == data)
    }

    /// Whether all components are on one side, so that nothing can cross.
    pub fn is_single_sided(&self) -> bool {
        let mut sides = self.components.iter().map(|placement| placement.side);
        let first = sides.next();
        sides.all(|side| Some(side) == first)
    }

    /// Whether all that the customer has to run can run on a target.
    pub fn runs_on(&self, target: TargetKind) -> bool {
        let customers =
            self.components.iter().filter(|placement| placement.side == Side::Customer && !placement.optional);
        let mut to_run = customers.filter(|placement| !placement.targets.contains(&TargetKind::Managed)).peekable();
        to_run.peek().is_some() && to_run.all(|placement| placement.targets.contains(&target))
    }

    /// The connections between the sides.
    pub fn crossing_links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| link.crosses())
    }
}

impl Link {
    /// Whether it leads from one side to the other.
    pub fn crosses(&self) -> bool {
        self.from_side != self.to_side
    }
}

impl Alias {
    /// With its vocabulary in front: `beta-1:2b`.
    pub fn qualified(&self) -> String {
        format!("{}:{}", self.vocabulary, self.name)
    }
}

/// A name that one of the vendor's documents uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alias {
    /// The document that uses it.
    pub vocabulary: Vocabulary,
    /// As the document writes it.
    pub name: String,
}

/// Who may open connections between the sides. The links name each of them; this is the rule that they obey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Crossings {
    /// The sides whose services may open connections into the other side; empty when none may.
    pub opened_by: Vec<Side>,
    /// How many connections there are between services, where the scenario fixes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exactly: Option<usize>,
    /// Whether clients (people's browsers and command lines, pipelines) may call services on the other side. They are
    /// users of a service, no service, so they are not counted above.
    #[serde(default)]
    pub clients: bool,
    /// What the customer's own services may reach that is no component of the scenario.
    #[serde(default = "installing")]
    pub outgoing: Outgoing,
}

impl Default for Crossings {
    fn default() -> Self {
        Self { opened_by: Vec::new(), exactly: None, clients: false, outgoing: installing() }
    }
}

fn installing() -> Outgoing {
    Outgoing::Installing
}

/// A component and where it runs.
///
/// A component that can run on either side is listed once for each, optional both times; the first is what `deploy`
/// takes unless told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Placement {
    /// What runs.
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
    /// The class of data that the row is about.
    pub data: DataClass,
    /// The sides on which it may be stored; empty when the scenario has no such data.
    pub stored_on: Vec<Side>,
    /// The component that holds it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_in: Option<Component>,
    /// Who may read it where it is stored; empty when nobody may, since there is none. What a reader hands on to its
    /// own users is not listed here: `may_cross` and the links say how far it goes.
    pub readable_by: Vec<Principal>,
    /// Whether values may travel between the sides, in either direction.
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
    /// The side that it stands on.
    pub from_side: Side,
    /// Who is called.
    pub to: Component,
    /// The side that it stands on.
    pub to_side: Side,
    /// Where it listens, unless the deployment says otherwise.
    pub port: u16,
    /// `https`, `mysql+tls`, `http` on loopback, …
    pub protocol: String,
    /// The address, where it is the same for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
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
    /// A few words.
    pub what: String,
    /// What does not work without it.
    pub why: String,
    /// Whose hand it needs.
    pub side: Side,
}

/// What a scenario costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TradeOff {
    /// A few words, as they are shown when a plan is made.
    pub what: String,
    /// Where it comes from.
    pub why: String,
}
