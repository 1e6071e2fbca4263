//! `scenario show`: all parts of one scenario.

use super::{item, section};
use crate::report::table::{self, Table};
use crate::scenario::model::{Link, Placement, Scenario};
use crate::scenario::phrase;

/// Every part of a scenario, in tables.
pub fn show(scenario: &Scenario, width: usize) -> String {
    let mut out = format!("{}: {}\n\n{}\n", scenario.name, scenario.title, table::wrap(&scenario.summary, width, 0));
    let names: Vec<String> = scenario.aliases.iter().map(super::super::Alias::qualified).collect();
    if !names.is_empty() {
        let line = format!("Also called {}", names.join(", "));
        out.push_str(&format!("\n{}\n", table::wrap(&line, width, 0)));
    }
    section(&mut out, "COMPONENTS", &components(scenario, width));
    section(&mut out, "CONTRACT", &contract(scenario, width));
    section(&mut out, "WHAT THE CONTRACT DOES NOT SAY BY ITSELF", &contract_notes(scenario, width));
    section(&mut out, &format!("CONNECTIONS (between the sides: {})", phrase::crossings(scenario)), &links(scenario, width));
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

/// Crossing ones first and marked; then each side's own.
fn links(scenario: &Scenario, width: usize) -> String {
    let (crossing, inner): (Vec<&Link>, Vec<&Link>) = scenario.links.iter().partition(|link| link.crosses());
    let mut table = Table::new(["opened by", "to", "port", "carries", "what for"]).right(2).indent(2);
    for link in crossing.into_iter().chain(inner) {
        table = table.row([
            end(link.from.as_str(), link, link.from_side.as_str()),
            end(link.to.as_str(), link, link.to_side.as_str()),
            format!("{}/{}", link.port, link.protocol),
            phrase::all_data(&link.carries),
            purpose(link),
        ]);
    }
    if scenario.links.is_empty() { "  none\n".to_owned() } else { table.render(width) }
}

fn end(component: &str, link: &Link, side: &str) -> String {
    if link.crosses() { format!("{side}: {component}") } else { component.to_owned() }
}

fn purpose(link: &Link) -> String {
    let mut words = link.purpose.clone();
    if let Some(host) = &link.host {
        words.push_str(&format!(" ({host})"));
    }
    for (is_so, remark) in [(link.mutual_tls, "mutual TLS"), (link.optional, "optional")] {
        if is_so {
            words.push_str(&format!("; {remark}"));
        }
    }
    words
}

fn requirements(scenario: &Scenario, width: usize) -> String {
    let items = scenario.requirements.iter();
    items.map(|needed| item(&format!("{} ({}): {}", needed.what, needed.side, needed.why), width)).collect()
}

fn trade_offs(scenario: &Scenario, width: usize) -> String {
    scenario.trade_offs.iter().map(|trade_off| item(&format!("{}: {}", trade_off.what, trade_off.why), width)).collect()
}
