//! A scenario as a Mermaid flowchart, for documents that draw it themselves.

use std::fmt::Write as _;

use crate::scenario::model::{Link, Placement, Scenario};
use crate::scenario::words::{Component, Side};
use crate::scenario::{held_by, phrase};

/// The flowchart's text. Connections between the sides are thick, optional ones dotted.
pub fn mermaid(scenario: &Scenario) -> String {
    let mut out = format!("---\ntitle: {}\n---\nflowchart TB\n", serde_json::Value::from(scenario.title.as_str()));
    for side in Side::ALL {
        draw_side(scenario, *side, &mut out);
    }
    for link in &scenario.links {
        // Writing to a string does not fail.
        let _ = writeln!(out, "    {}", arrow(link));
    }
    for side in Side::ALL {
        let colors = match side {
            Side::Vendor => "fill:#fff7ed,stroke:#b4470b",
            Side::Customer => "fill:#f0f6ff,stroke:#1d4ed8",
        };
        if scenario.components.iter().any(|placement| placement.side == *side) {
            let _ = writeln!(out, "    style {side} {colors}");
        }
    }
    if scenario.components.iter().any(|placement| placement.optional) {
        out.push_str("    classDef optional stroke-dasharray: 5 4\n");
    }
    out
}

fn draw_side(scenario: &Scenario, side: Side, out: &mut String) {
    let here: Vec<&Placement> = scenario.components.iter().filter(|placement| placement.side == side).collect();
    if here.is_empty() {
        return;
    }
    let _ = writeln!(out, "    subgraph {side}[\"{}\"]", phrase::sentence(side.as_str()));
    for placement in here {
        let _ = writeln!(out, "        {}", node(scenario, placement));
    }
    out.push_str("    end\n");
}

/// Stores are drawn as cylinders, all others as boxes; the data stored stand under the name.
fn node(scenario: &Scenario, placement: &Placement) -> String {
    let id = id(placement.component, placement.side);
    let mut label = phrase::sentence(phrase::component(placement.component));
    let holds: Vec<&str> = held_by(scenario, placement).into_iter().map(super::super::DataClass::as_str).collect();
    if !holds.is_empty() {
        label.extend(["<br/>", &holds.join(", ")]);
    }
    let (open, close) = if is_cylinder(placement.component) { ("[(", ")]") } else { ("[", "]") };
    let class = if placement.optional { ":::optional" } else { "" };
    format!("{id}{open}\"{label}\"{close}{class}")
}

fn is_cylinder(component: Component) -> bool {
    matches!(
        component,
        Component::Database
            | Component::ControlPlaneDatabase
            | Component::SecretsStore
            | Component::ArtifactStore
            | Component::ContainerRegistry
            | Component::LogStore
    )
}

fn arrow(link: &Link) -> String {
    let line = match (link.crosses(), link.optional) {
        (_, true) => "-.->",
        (true, false) => "==>",
        (false, false) => "-->",
    };
    let mut label = format!("{} {}", link.port, plain(&link.protocol));
    if link.mutual_tls {
        label.push_str(", mutual TLS");
    }
    if !link.carries.is_empty() {
        let classes: Vec<&str> = link.carries.iter().map(|data| data.as_str()).collect();
        label.extend(["<br/>", &classes.join(", ")]);
    }
    format!("{} {line}|\"{label}\"| {}", id(link.from, link.from_side), id(link.to, link.to_side))
}

fn id(component: Component, side: Side) -> String {
    format!("{side}_{}", component.as_str().replace('-', "_"))
}

/// A user's words without what Mermaid takes for its own.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '#' => out.push_str("#35;"),
            '\n' | '\r' => out.push(' '),
            character => out.push(character),
        }
    }
    out
}
