//! `scenario explain`: what a sales engineer says about a scenario, in the order in which customers ask.

use super::{item, section};
use crate::diagnostics::suggest;
use crate::scenario::catalogue::Catalogue;
use crate::scenario::difference::{RuleChange, ScenarioDiff, difference};
use crate::scenario::model::{ContractRule, Link, Scenario};
use crate::scenario::phrase;
use crate::scenario::words::{DataClass, Principal, Side};
use crate::table;

/// More differences to a neighbour than these are left to `scenario diff`.
const MAX_DIFFERENCES: usize = 4;

/// A scenario in prose.
pub fn explain(catalogue: &Catalogue, scenario: &Scenario, width: usize) -> String {
    let mut out = format!("{} ({})\n\n{}\n", scenario.title, scenario.name, table::wrap(&scenario.summary, width, 0));
    section(&mut out, "What runs where", &items(&what_runs(scenario), width));
    section(&mut out, "What never leaves its side", &items(&what_stays(scenario), width));
    section(&mut out, "What may cross, and who opens the connection", &items(&what_crosses(scenario), width));
    section(&mut out, "Who reads what", &items(&who_reads(scenario), width));
    section(&mut out, "What it does not protect from", &items(&limits(scenario), width));
    section(&mut out, "What it costs", &items(&costs(scenario), width));
    section(&mut out, "What has to be there first", &items(&needs(scenario), width));
    section(&mut out, "Compared with its neighbours", &items(&neighbours(catalogue, scenario), width));
    out
}

fn items(texts: &[String], width: usize) -> String {
    texts.iter().map(|text| item(text, width)).collect()
}

fn what_runs(scenario: &Scenario) -> Vec<String> {
    let mut texts = Vec::new();
    for side in Side::ALL {
        let here = |optional: bool| -> Vec<&str> {
            let there = scenario.components.iter().filter(|p| p.side == *side && p.optional == optional);
            there.map(|placement| phrase::component(placement.component)).collect()
        };
        let place = if scenario.is_single_sided() { "Here".to_owned() } else { format!("On the {side}'s side") };
        let (always, optional) = (here(false), here(true));
        if !always.is_empty() {
            texts.push(format!("{place}: {}.", and(&always)));
        }
        if !optional.is_empty() {
            texts.push(format!("{place}, if asked for: {}.", and(&optional)));
        }
    }
    texts
}

fn what_stays(scenario: &Scenario) -> Vec<String> {
    if scenario.is_single_sided() {
        return vec!["Everything stays: there is no other side.".to_owned()];
    }
    let mut texts = Vec::new();
    for side in [Side::Customer, Side::Vendor] {
        let stays = |rule: &&ContractRule| !rule.may_cross && rule.stored_on == [side];
        let classes: Vec<&str> = scenario.contract.iter().filter(stays).map(|rule| phrase::data(rule.data)).collect();
        if !classes.is_empty() {
            texts.push(format!("{} on the {side}'s side.", phrase::sentence(&format!("{} stay", and(&classes)))));
        }
    }
    let kept = |rule: &&ContractRule| rule.may_cross && rule.stored_on == [Side::Customer];
    let classes: Vec<&str> = scenario.contract.iter().filter(kept).map(|rule| phrase::data(rule.data)).collect();
    if !classes.is_empty() {
        let text = format!(
            "{} stored on the customer's side only, but may be read from the other",
            verb(&classes, "is", "are")
        );
        texts.push(format!("{}.", phrase::sentence(&text)));
    }
    texts
}

fn what_crosses(scenario: &Scenario) -> Vec<String> {
    if scenario.is_single_sided() {
        return vec!["Nothing: no connection leads to another side.".to_owned()];
    }
    let rule = format!("Allowed between the sides: {}.", phrase::crossings(scenario));
    std::iter::once(rule).chain(scenario.crossing_links().map(crossing)).collect()
}

fn crossing(link: &Link) -> String {
    let carries = match link.carries.as_slice() {
        [] => "Carries none of the data above.".to_owned(),
        classes => format!("Carries {}.", and(&classes.iter().map(|data| phrase::data(*data)).collect::<Vec<_>>())),
    };
    let host = link.host.as_ref().map_or_else(String::new, |host| format!(" ({host})"));
    let mutual = if link.mutual_tls { ", certificates on both ends" } else { "" };
    let optional = if link.optional { " Only if asked for." } else { "" };
    format!(
        "The {}'s {} calls the {}'s {}{host} on port {}, {}{mutual}: {}. {carries}{optional}",
        link.from_side,
        phrase::component(link.from),
        link.to_side,
        phrase::component(link.to),
        link.port,
        link.protocol,
        lower_first(&link.purpose),
    )
}

fn who_reads(scenario: &Scenario) -> Vec<String> {
    let mut texts = Vec::new();
    for reader in Principal::ALL {
        let reads = scenario.contract.iter().filter(|rule| rule.readable_by.contains(reader));
        let classes: Vec<&str> = reads.map(|rule| phrase::data(rule.data)).collect();
        if !classes.is_empty() {
            texts.push(format!("The {} can read {}.", phrase::principal(*reader), and(&classes)));
        }
    }
    let none = scenario.contract.iter().filter(|rule| rule.stored_on.is_empty());
    let classes: Vec<&str> = none.map(|rule| phrase::data(rule.data)).collect();
    if !classes.is_empty() {
        texts.push(format!("There {}.", verb_first("is no", "are no", &classes)));
    }
    texts
}

/// Secrets first: it is what customers ask about.
fn limits(scenario: &Scenario) -> Vec<String> {
    let mut rules: Vec<&ContractRule> = scenario.contract.iter().collect();
    rules.sort_by_key(|rule| rule.data != DataClass::Secrets);
    let notes = rules.into_iter().filter_map(|rule| rule.note.as_ref().map(|note| (rule.data, note)));
    notes.map(|(data, note)| format!("{}: {note}", phrase::sentence(phrase::data(data)))).collect()
}

fn costs(scenario: &Scenario) -> Vec<String> {
    scenario.trade_offs.iter().map(|cost| format!("{}. {}", cost.what, cost.why)).collect()
}

fn needs(scenario: &Scenario) -> Vec<String> {
    let needs = scenario.requirements.iter();
    let by = |side: Side| phrase::sentence(side.as_str());
    needs.map(|needed| format!("{}: {}. {}", by(needed.side), lower_first(&needed.what), needed.why)).collect()
}

fn neighbours(catalogue: &Catalogue, scenario: &Scenario) -> Vec<String> {
    let all: Vec<&Scenario> = catalogue.iter().collect();
    let Some(at) = all.iter().position(|other| other.name == scenario.name) else { return Vec::new() };
    let before = at.checked_sub(1).and_then(|before| all.get(before));
    let neighbours = before.into_iter().chain(all.get(at + 1));
    neighbours.map(|other| compared(scenario, other, &difference(scenario, other))).collect()
}

fn compared(scenario: &Scenario, other: &Scenario, diff: &ScenarioDiff) -> String {
    let mut words: Vec<String> = diff.contract.iter().filter_map(telling).collect();
    words.sort_by_key(|words| !words.starts_with(phrase::data(DataClass::Secrets)));
    if words.len() > MAX_DIFFERENCES {
        words.truncate(MAX_DIFFERENCES);
        words.push("and more".to_owned());
    }
    if let Some(crossings) = &diff.crossings {
        words.push(format!("connections between the sides: {}", crossings.after));
    }
    let what = if words.is_empty() { other.summary.clone() } else { format!("There: {}.", words.join("; ")) };
    format!(
        "{} ({}). {what} `deploy scenario diff {} {}` shows all.",
        other.title, other.name, scenario.name, other.name
    )
}

/// What the neighbour's row says that this one's does not; nothing where only the component differs.
fn telling(change: &RuleChange) -> Option<String> {
    let aspects = phrase::aspects(change.after.as_ref()?, change.before.as_ref()?);
    (!aspects.is_empty()).then(|| format!("{} {aspects}", phrase::data(change.data)))
}

fn and(words: &[&str]) -> String {
    suggest::either(words).replace(" or ", " and ")
}

fn verb(words: &[&str], one: &str, many: &str) -> String {
    let several = words.len() > 1 || words.iter().any(|word| word.ends_with('s'));
    format!("{} {}", and(words), if several { many } else { one })
}

fn verb_first(one: &str, many: &str, words: &[&str]) -> String {
    let several = words.len() > 1 || words.iter().any(|word| word.ends_with('s'));
    format!("{} {}", if several { many } else { one }, suggest::either(words).replace(" or ", " and no "))
}

/// For the middle of a sentence; names such as `MySQL` and `API` keep their capitals.
fn lower_first(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    if first_word.chars().skip(1).any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
