//! Links: ends that exist, directions that the rule on crossings allows, loads that the contract lets travel.

use super::contradiction;
use crate::diagnostics::Diagnostic;
use crate::scenario::catalogue::ScenarioFile;
use crate::scenario::model::Link;
use crate::scenario::phrase;
use crate::scenario::words::Component;

pub(super) fn check(file: &ScenarioFile) -> Vec<Diagnostic> {
    let mut found = rule_on_crossings(file);
    for (index, link) in file.scenario.links.iter().enumerate() {
        let end = LinkAt { file, index, link };
        found.extend(end.ends());
        found.extend(end.repeated());
        found.extend(end.load());
        found.extend(end.port());
        if link.crosses() {
            found.extend(end.direction());
            found.extend(end.encryption());
        }
    }
    found
}

/// What the scenario says about crossings as a whole fits its components and its links.
fn rule_on_crossings(file: &ScenarioFile) -> Vec<Diagnostic> {
    let crossings = &file.scenario.crossings;
    let mut found = Vec::new();
    if file.scenario.is_single_sided() {
        if !crossings.opened_by.is_empty() || crossings.clients || crossings.exactly.is_some() {
            let title = "everything is on one side, so nothing can cross";
            found.push(contradiction(file, title, "crossings", "there is no other side"));
        }
        return found;
    }
    for (number, side) in crossings.opened_by.iter().enumerate() {
        let path = format!("crossings.openedBy.{number}");
        if crossings.opened_by[..number].contains(side) {
            found.push(contradiction(file, format!("crossings names the {side} side twice"), &path, "again"));
        } else if !between_services(file).any(|link| link.from_side == *side) {
            let title = format!("the {side} side may open connections, and no link says which");
            found.push(contradiction(file, title, &path, "no service on this side has a link to the other"));
        }
    }
    let count = between_services(file).count();
    if let Some(exactly) = crossings.exactly.filter(|exactly| *exactly != count) {
        let title = format!("{exactly} connections between services are allowed, and {count} are listed");
        found.push(contradiction(file, title, "crossings.exactly", "does not fit the links"));
    }
    found
}

/// Crossing links that no client opens.
fn between_services(file: &ScenarioFile) -> impl Iterator<Item = &Link> {
    file.scenario.crossing_links().filter(|link| link.from != Component::Client)
}

struct LinkAt<'a> {
    file: &'a ScenarioFile,
    index: usize,
    link: &'a Link,
}

impl LinkAt<'_> {
    fn says(&self, title: String, key: &str, label: impl Into<String>) -> Diagnostic {
        contradiction(self.file, title, &format!("links.{}.{key}", self.index), label)
    }

    fn name(&self) -> String {
        format!("link from {} to {}", self.link.from, self.link.to)
    }

    /// Both ends exist on their sides, and a link that is always there needs ends that are.
    fn ends(&self) -> Vec<Diagnostic> {
        let link = self.link;
        let mut found = Vec::new();
        for (key, component, side) in [("from", link.from, link.from_side), ("to", link.to, link.to_side)] {
            match self.file.scenario.placement_on(component, side) {
                None => {
                    let title = format!("{}: there is no {component} on the {side} side", self.name());
                    found.push(self.says(title, key, "not a component of that side"));
                }
                Some(placement) if placement.optional && !link.optional => {
                    let title = format!("{}: {component} may be left out, the link may not", self.name());
                    found.push(self.says(title, key, "optional, so the link has to be `optional` too"));
                }
                Some(_) => {}
            }
        }
        if (link.from, link.from_side) == (link.to, link.to_side) {
            found.push(self.says(
                format!("{}: leads back to where it begins", self.name()),
                "to",
                "the same component",
            ));
        }
        found
    }

    fn repeated(&self) -> Option<Diagnostic> {
        let key = |link: &Link| (link.from, link.from_side, link.to, link.to_side, link.port);
        let links = &self.file.scenario.links;
        let first = links[..self.index].iter().position(|earlier| key(earlier) == key(self.link))?;
        let diagnostic = self.says(format!("{} is listed twice", self.name()), "from", "listed again");
        Some(diagnostic.origin(self.file.origin(&format!("links.{first}.from")), "first listed here"))
    }

    /// What travels exists, and may travel between sides where the link does.
    fn load(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (number, data) in self.link.carries.iter().enumerate() {
            // A missing row is a finding of its own.
            let Some((row, rule)) = self.file.scenario.contract.iter().enumerate().find(|(_, rule)| rule.data == *data)
            else {
                continue;
            };
            let (title, label, key) = if self.link.carries[..number].contains(data) {
                (format!("{} names {data} twice", self.name()), "again", "data")
            } else if rule.stored_on.is_empty() {
                (format!("{} carries {data}, and the contract knows none", self.name()), "there is none", "storedOn")
            } else if self.link.crosses() && !rule.may_cross {
                (format!("{} carries {data} to the other side", self.name()), "may not cross", "mayCross")
            } else {
                continue;
            };
            let diagnostic = self.says(title, &format!("carries.{number}"), label);
            found.push(diagnostic.origin(self.file.origin(&format!("contract.{row}.{key}")), "says the contract"));
        }
        found
    }

    fn port(&self) -> Option<Diagnostic> {
        let title = || format!("{} has no port", self.name());
        (self.link.port == 0).then(|| self.says(title(), "port", "a port from 1 to 65535"))
    }

    fn direction(&self) -> Option<Diagnostic> {
        let crossings = &self.file.scenario.crossings;
        let Link { from, from_side, to_side, .. } = self.link;
        let (allowed, who) = if *from == Component::Client {
            let clients_of_an_opening_side = crossings.opened_by.contains(from_side);
            (crossings.clients || clients_of_an_opening_side, "clients")
        } else {
            (crossings.opened_by.contains(from_side), "services")
        };
        if allowed {
            return None;
        }
        let title = format!("{}: {who} on the {from_side} side may not open connections to the {to_side}", self.name());
        let rule = format!("allowed: {}", phrase::crossings(&self.file.scenario));
        Some(self.says(title, "fromSide", "opens the connection").origin(self.file.origin("crossings"), rule))
    }

    fn encryption(&self) -> Option<Diagnostic> {
        let protocol = &self.link.protocol;
        let encrypted = protocol == "https" || protocol.ends_with("+tls");
        let title = || format!("{} crosses in clear text", self.name());
        (!encrypted).then(|| self.says(title(), "protocol", "`https`, or a protocol `…+tls`"))
    }
}
