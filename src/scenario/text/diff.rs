//! `scenario diff`.

use super::{bullet, section};
use crate::scenario::difference::{Change, ComponentChange, LinkChange, RuleChange, ScenarioDiff};
use crate::scenario::model::{ContractRule, Link, Placement};
use crate::scenario::phrase;

/// The differences, each behind a mark: `+` gained, `-` lost, `>` moved to the other side, `~` changed.
pub fn diff(diff: &ScenarioDiff, width: usize) -> String {
    let mut out = format!("From {} to {}\n", diff.from, diff.to);
    if diff.is_empty() {
        out.push_str("\nNothing differs.\n");
        return out;
    }
    section(&mut out, "COMPONENTS", &all(&diff.components, width, component));
    section(&mut out, "CONTRACT", &all(&diff.contract, width, |change| ('~', rule(change))));
    section(&mut out, "CONNECTIONS", &connections(diff, width));
    section(&mut out, "REQUIREMENTS", &{
        let gained = all(&diff.requirements.gained, width, |needed| ('+', format!("{}: {}", needed.what, needed.why)));
        gained + &all(&diff.requirements.lost, width, |needed| ('-', needed.what.clone()))
    });
    section(&mut out, "TRADE-OFFS", &{
        let gained = all(&diff.trade_offs.gained, width, |cost| ('+', format!("{}: {}", cost.what, cost.why)));
        gained + &all(&diff.trade_offs.lost, width, |cost| ('-', cost.what.clone()))
    });
    out
}

fn all<T>(items: &[T], width: usize, words: impl Fn(&T) -> (char, String)) -> String {
    let drawn = items.iter().map(words);
    drawn.map(|(mark, text)| bullet(2, &mark.to_string(), &text, width)).collect()
}

fn component(change: &ComponentChange) -> (char, String) {
    let name = phrase::component(change.component);
    match change.change {
        Change::Added => ('+', format!("{name} ({})", places(&change.after))),
        Change::Removed => ('-', format!("{name} ({})", places(&change.before))),
        Change::Moved => ('>', format!("{name}: from {} to {}", places(&change.before), places(&change.after))),
        Change::Changed => ('~', format!("{name}: {}, before {}", facts(&change.after), facts(&change.before))),
    }
}

fn places(placements: &[Placement]) -> String {
    let words: Vec<String> = placements
        .iter()
        .map(|placement| format!("{}{}", placement.side, if placement.optional { ", optional" } else { "" }))
        .collect();
    words.join(" or ")
}

fn facts(placements: &[Placement]) -> String {
    let words: Vec<String> = placements
        .iter()
        .map(|placement| {
            let optional = if placement.optional { "optional, " } else { "" };
            format!("{optional}on {}", phrase::targets(&placement.targets))
        })
        .collect();
    words.join(" or ")
}

fn rule(change: &RuleChange) -> String {
    let name = phrase::data(change.data);
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let moved_within = before.map(|rule| &rule.stored_on) == after.map(|rule| &rule.stored_on)
        && before.map(|rule| rule.stored_in) != after.map(|rule| rule.stored_in);
    let words = |rule: Option<&ContractRule>| match rule {
        Some(rule) if moved_within => format!("{}{}", holder(rule), phrase::place_and_readers(rule)),
        Some(rule) => phrase::place_and_readers(rule),
        None => "no rule".to_owned(),
    };
    format!("{name}: {}; before: {}", words(after), words(before))
}

/// Named only where it is what differs.
fn holder(rule: &ContractRule) -> String {
    rule.stored_in.map_or_else(String::new, |component| format!("in the {}, ", phrase::component(component)))
}

fn connections(diff: &ScenarioDiff, width: usize) -> String {
    let rule = diff.crossings.as_ref().map_or_else(String::new, |crossings| {
        let text = format!("between the sides: {}; before: {}", crossings.after, crossings.before);
        bullet(2, "~", &text, width)
    });
    rule + &all(&diff.links, width, link)
}

fn link(change: &LinkChange) -> (char, String) {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => ('~', format!("{}; before: {}", words(after), load(before))),
        (None, Some(after)) => ('+', words(after)),
        (Some(before), None) => ('-', words(before)),
        (None, None) => ('~', String::new()),
    }
}

fn words(link: &Link) -> String {
    let end = |component, side| {
        let name = phrase::component(component);
        if link.crosses() { format!("{side}'s {name}") } else { name.to_owned() }
    };
    format!("{} to {}, {}", end(link.from, link.from_side), end(link.to, link.to_side), load(link))
}

fn load(link: &Link) -> String {
    let carries =
        if link.carries.is_empty() { "no data of the contract".to_owned() } else { phrase::all_data(&link.carries) };
    let mutual = if link.mutual_tls { ", mutual TLS" } else { "" };
    let optional = if link.optional { ", optional" } else { "" };
    format!("{} {}: {carries}{mutual}{optional}", link.port, link.protocol)
}
