//! `scenario list`.

use crate::scenario::catalogue::Catalogue;
use crate::scenario::model::{Alias, ContractRule, Scenario};
use crate::scenario::phrase;
use crate::scenario::words::{Component, DataClass, Vocabulary};
use crate::table::Table;

/// From this width on the title has a column of its own.
const WIDE: usize = 110;

/// All scenarios, or those that a vocabulary names, with the names it has for them in front.
pub fn list(catalogue: &Catalogue, vocabulary: Option<Vocabulary>, width: usize) -> String {
    let titled = width >= WIDE;
    let facts = ["NAME", "TITLE", "SERVER", "SECRETS", "READ BY", "CROSSING"];
    let facts = facts.into_iter().filter(|name| titled || *name != "TITLE").map(str::to_owned);
    let Some(vocabulary) = vocabulary else {
        let rows = catalogue.iter().map(|scenario| {
            let names: Vec<String> = scenario.aliases.iter().map(Alias::qualified).collect();
            row(scenario, titled).chain([names.join(", ")]).collect::<Vec<_>>()
        });
        return Table::new(facts.chain(["ALSO CALLED".to_owned()])).rows(rows).render(width);
    };
    let named = catalogue.in_vocabulary(vocabulary);
    let rows =
        named.map(|(name, scenario)| std::iter::once(name.to_owned()).chain(row(scenario, titled)).collect::<Vec<_>>());
    Table::new([vocabulary.as_str().to_uppercase()].into_iter().chain(facts)).rows(rows).render(width)
}

fn row(scenario: &Scenario, titled: bool) -> impl Iterator<Item = String> {
    let server = scenario.placement(Component::Server).map_or("none", |placement| placement.side.as_str());
    let secrets = scenario.rule(DataClass::Secrets);
    let facts = [
        server.to_owned(),
        secrets.map_or_else(String::new, |rule| phrase::sides(&rule.stored_on)),
        secrets.map_or_else(String::new, readers),
        phrase::openers(scenario),
    ];
    let title = titled.then(|| scenario.title.clone());
    std::iter::once(scenario.name.clone()).chain(title).chain(facts)
}

fn readers(rule: &ContractRule) -> String {
    let words: Vec<&str> = rule.readable_by.iter().map(|reader| phrase::role(*reader)).collect();
    words.join(", ")
}
