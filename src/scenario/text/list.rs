//! `scenario list`.

use crate::report::table::Table;
use crate::scenario::catalogue::Catalogue;
use crate::scenario::model::{ContractRule, Scenario};
use crate::scenario::phrase;
use crate::scenario::words::{Component, DataClass, Vocabulary};

/// From this width on the title has a column of its own.
const WIDE: usize = 110;

/// All scenarios, or those that a vocabulary names under the names it has for them.
pub fn list(catalogue: &Catalogue, vocabulary: Option<Vocabulary>, width: usize) -> String {
    let titled = width >= WIDE;
    let mut header = vec!["NAME"];
    header.extend(titled.then_some("TITLE"));
    header.extend(["SERVER", "SECRETS", "READ BY", "CROSSINGS BY"]);
    header.push(vocabulary.map_or("ALSO CALLED", Vocabulary::as_str));
    let mut table = Table::new(header);
    for scenario in catalogue.iter() {
        let names = match vocabulary {
            Some(vocabulary) => names_in(scenario, vocabulary),
            None => scenario.aliases.iter().map(super::super::Alias::qualified).collect(),
        };
        if vocabulary.is_none() || !names.is_empty() {
            table = table.row(row(scenario, &names, titled));
        }
    }
    table.render(width)
}

fn names_in(scenario: &Scenario, vocabulary: Vocabulary) -> Vec<String> {
    let known = scenario.aliases.iter().filter(|alias| alias.vocabulary == vocabulary);
    known.map(|alias| alias.name.clone()).collect()
}

fn row(scenario: &Scenario, names: &[String], titled: bool) -> Vec<String> {
    let server = scenario.placement(Component::Server).map_or("none", |placement| placement.side.as_str());
    let secrets = scenario.rule(DataClass::Secrets);
    let mut cells = vec![scenario.name.clone()];
    cells.extend(titled.then(|| scenario.title.clone()));
    cells.extend([
        server.to_owned(),
        secrets.map_or_else(String::new, |rule| phrase::sides(&rule.stored_on)),
        secrets.map_or_else(String::new, readers),
        phrase::openers(scenario),
        names.join(", "),
    ]);
    cells
}

fn readers(rule: &ContractRule) -> String {
    let words: Vec<&str> = rule.readable_by.iter().map(|reader| phrase::role(*reader)).collect();
    words.join(", ")
}
