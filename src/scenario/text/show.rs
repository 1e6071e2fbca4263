//! `scenario show`: all parts of one scenario.

use super::{bullet, item, section};
use crate::scenario::model::{Link, Placement, Scenario};
use crate::scenario::phrase;
use crate::scenario::words::{Component, Side};
use crate::table::{self, Table};

/// Every part of a scenario, in tables.
pub fn show(scenario: &Scenario, width: usize) -> String {
    let mut out = format!("{}: {}\n\n{}\n", scenario.name, scenario.title, table::wrap(&scenario.summary, width, 0));
    let names: Vec<String> = scenario.aliases.iter().map(super::super::Alias::qualified).collect();
    if !names.is_empty() {
        let line = format!("Also called {}", names.join(", "));
        out.extend(["\n", &table::wrap(&line, width, 0), "\n"]);
    }
    section(&mut out, "COMPONENTS", &components(scenario, width));
    section(&mut out, "CONTRACT", &contract(scenario, width));
    section(&mut out, "NOTES ON THE CONTRACT", &contract_notes(scenario, width));
    section(&mut out, "CONNECTIONS", &links(scenario, width));
    section(&mut out, "REQUIREMENTS", &requirements(scenario, width));
    section(&mut out, "TRADE-OFFS", &trade_offs(scenario, width));
    out
}

fn components(scenario: &Scenario, width: usize) -> String {
    let mut table = Table::new(["component", "side", "runs on", ""]).indent(2);
    for placement in &scenario.components {
        table = table.row([
            placement.component.as_str().to_owned(),
            placement.side.as_str().to_owned(),
            phrase::targets(&placement.targets),
            remark(placement),
        ]);
    }
    table.render(width)
}

fn remark(placement: &Placement) -> String {
    let note = placement.note.as_deref();
    match (placement.optional, note) {
        (true, Some(note)) => format!("Optional. {note}"),
        (true, None) => "Optional.".to_owned(),
        (false, note) => note.unwrap_or_default().to_owned(),
    }
}

fn contract(scenario: &Scenario, width: usize) -> String {
    let mut table = Table::new(["data", "stored on", "in", "readable by", "crosses"]).indent(2);
    for rule in &scenario.contract {
        let stored_in = rule.stored_in.map_or("", super::super::Component::as_str);
        let crosses = if rule.may_cross { "may" } else { "never" };
        let nothing = rule.stored_on.is_empty();
        table = table.row([
            rule.data.as_str().to_owned(),
            phrase::sides(&rule.stored_on),
            stored_in.to_owned(),
            if nothing { String::new() } else { phrase::readers(&rule.readable_by) },
            if nothing { String::new() } else { crosses.to_owned() },
        ]);
    }
    table.render(width)
}

fn contract_notes(scenario: &Scenario, width: usize) -> String {
    let notes = scenario.contract.iter().filter_map(|rule| rule.note.as_ref().map(|note| (rule.data, note)));
    notes.map(|(data, note)| item(&format!("{}: {note}", phrase::data(data)), width)).collect()
}

/// Those between the sides first, under the rule that they obey.
fn links(scenario: &Scenario, width: usize) -> String {
    if scenario.links.is_empty() {
        return "  none\n".to_owned();
    }
    let mut out = String::new();
    let (crossing, inner): (Vec<&Link>, Vec<&Link>) = scenario.links.iter().partition(|link| link.crosses());
    if !scenario.is_single_sided() {
        let rule = format!("Between the sides: {}", phrase::crossings(scenario));
        out.extend([&table::wrap(&rule, width, 2), "\n"]);
        out.extend(crossing.into_iter().map(|link| described(link, width)));
        out.push_str("  On the customer's side\n");
    }
    out.extend(inner.into_iter().map(|link| described(link, width)));
    out
}

fn described(link: &Link, width: usize) -> String {
    let end = |component: Component, side: Side| {
        if link.crosses() { format!("{side} {component}") } else { component.as_str().to_owned() }
    };
    let mut facts = vec![format!("{} {}", link.port, link.protocol)];
    facts.extend(link.host.clone());
    facts.extend(link.mutual_tls.then(|| "mutual TLS".to_owned()));
    facts.extend(link.optional.then(|| "optional".to_owned()));
    let heading = format!("{} -> {}: {}", end(link.from, link.from_side), end(link.to, link.to_side), facts.join(", "));
    let carries = match link.carries.as_slice() {
        [] => String::new(),
        classes => format!(" Carries {}.", phrase::all_data(classes)),
    };
    let purpose = table::wrap(&format!("{}.{carries}", link.purpose), width, 6);
    format!("{}{purpose}\n", bullet(4, "-", &heading, width))
}

fn requirements(scenario: &Scenario, width: usize) -> String {
    let items = scenario.requirements.iter();
    items.map(|needed| item(&format!("{} ({}): {}", needed.what, needed.side, needed.why), width)).collect()
}

fn trade_offs(scenario: &Scenario, width: usize) -> String {
    scenario.trade_offs.iter().map(|trade_off| item(&format!("{}: {}", trade_off.what, trade_off.why), width)).collect()
}
