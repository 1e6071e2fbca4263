//! Which scenario a name means.
//!
//! The vendor's documents numbered their scenarios four times, so an alias is taken only where it cannot be
//! misunderstood; otherwise the answer lists what it could mean and what tells the candidates apart.

use super::catalogue::Catalogue;
use super::model::{Alias, ContractRule, Scenario};
use super::phrase;
use super::words::{DataClass, Vocabulary};
use crate::diagnostics::{Diagnostic, codes, suggest};

/// The classes in which candidates are compared, the one that people choose by first.
const TELLING: [DataClass; 5] =
    [DataClass::Secrets, DataClass::Metadata, DataClass::Artifacts, DataClass::Experiments, DataClass::Identity];

/// More differences than these make a list of candidates unreadable.
const MAX_DIFFERENCES: usize = 3;

pub(super) fn find<'a>(catalogue: &'a Catalogue, wanted: &str) -> Result<&'a Scenario, Diagnostic> {
    let folded = fold(wanted);
    if let Some(scenario) = catalogue.iter().find(|scenario| fold(&scenario.name) == folded) {
        return Ok(scenario);
    }
    match wanted.split_once(':') {
        Some((vocabulary, alias)) => find_in_vocabulary(catalogue, wanted, vocabulary, alias),
        None => find_bare(catalogue, wanted),
    }
}

/// The aliases of a scenario that mean it, and nothing else, in all vocabularies.
pub(super) fn bare_aliases<'a>(catalogue: &'a Catalogue, scenario: &'a Scenario) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for alias in &scenario.aliases {
        let means_this = find_bare(catalogue, &alias.name).is_ok_and(|found| found.name == scenario.name);
        if means_this && !names.iter().any(|known| fold(known) == fold(&alias.name)) {
            names.push(&alias.name);
        }
    }
    names
}

/// What could be meant, with the alias that leads there; none where the scenario's own name does.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    scenario: &'a Scenario,
    alias: Option<&'a Alias>,
}

fn find_bare<'a>(catalogue: &'a Catalogue, wanted: &str) -> Result<&'a Scenario, Diagnostic> {
    let folded = fold(wanted);
    let exact = candidates(catalogue, |name, is_alias| is_alias && name == folded);
    let Some(first) = exact.first() else { return Err(unknown(catalogue, wanted)) };
    // `hybrid` is the name of one scenario in one document and the first word of three others.
    let all = candidates(catalogue, |name, is_alias| is_alias && name == folded || leads(&folded, name));
    if all.iter().all(|candidate| candidate.scenario.name == first.scenario.name) {
        return Ok(first.scenario);
    }
    Err(ambiguous(wanted, &all))
}

fn find_in_vocabulary<'a>(
    catalogue: &'a Catalogue,
    wanted: &str,
    vocabulary: &str,
    alias: &str,
) -> Result<&'a Scenario, Diagnostic> {
    let Some(vocabulary) = Vocabulary::ALL.iter().copied().find(|known| fold(known.as_str()) == fold(vocabulary))
    else {
        let known: Vec<&str> = Vocabulary::ALL.iter().map(|known| known.as_str()).collect();
        let diagnostic = Diagnostic::error(codes::SCENARIO_UNKNOWN, format!("no vocabulary is called `{vocabulary}`"))
            .note(format!("vocabularies: {}", known.join(", ")));
        return Err(match suggest::nearest(vocabulary, known.iter().copied()) {
            Some(near) => diagnostic.next(format!("write `{near}:{alias}`")),
            None => diagnostic,
        });
    };
    let folded = fold(alias);
    let found = catalogue.in_vocabulary(vocabulary).find(|(name, _)| fold(name) == folded);
    found.map(|(_, scenario)| scenario).ok_or_else(|| unknown_in_vocabulary(catalogue, wanted, vocabulary, alias))
}

fn candidates(catalogue: &Catalogue, fits: impl Fn(&str, bool) -> bool) -> Vec<Candidate<'_>> {
    let mut found = Vec::new();
    for scenario in catalogue.iter() {
        let aliases = scenario.aliases.iter().filter(|alias| fits(&fold(&alias.name), true));
        let before = found.len();
        found.extend(aliases.map(|alias| Candidate { scenario, alias: Some(alias) }));
        if found.len() == before && fits(&fold(&scenario.name), false) {
            found.push(Candidate { scenario, alias: None });
        }
    }
    found
}

/// Whether `word` is the first word, or words, of a longer `name`. Both are folded.
fn leads(word: &str, name: &str) -> bool {
    name.strip_prefix(word).is_some_and(|rest| rest.starts_with('-'))
}

/// Case does not count, and words may be joined as the shell likes it.
pub(super) fn fold(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| c.is_whitespace() || c == '-' || c == '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}

fn ambiguous(wanted: &str, candidates: &[Candidate<'_>]) -> Diagnostic {
    let scenarios: Vec<&Scenario> = candidates.iter().map(|candidate| candidate.scenario).collect();
    let mut diagnostic = Diagnostic::error(codes::SCENARIO_AMBIGUOUS, format!("`{wanted}` means several scenarios"));
    for candidate in candidates {
        let name = &candidate.scenario.name;
        let known_as = candidate.alias.map_or_else(|| name.clone(), |alias| format!("{} is {name}", alias.qualified()));
        diagnostic = diagnostic.evidence(format!("{known_as}: {}", what_tells_apart(candidate.scenario, &scenarios)));
    }
    let names: Vec<String> =
        scenarios.iter().map(|scenario| format!("`{}`", scenario.name)).fold(Vec::new(), |mut names, name| {
            if !names.contains(&name) {
                names.push(name);
            }
            names
        });
    diagnostic
        .next(format!("write {}", suggest::either(&names)))
        .next(format!("or put the vocabulary in front, such as `{}`", qualified_example(wanted, candidates)))
}

fn qualified_example(wanted: &str, candidates: &[Candidate<'_>]) -> String {
    let alias =
        candidates.iter().filter_map(|candidate| candidate.alias).find(|alias| fold(&alias.name) == fold(wanted));
    alias.map_or_else(|| wanted.to_owned(), Alias::qualified)
}

/// The rows of its contract that others do not share, in a few words.
fn what_tells_apart(scenario: &Scenario, others: &[&Scenario]) -> String {
    let differing = TELLING.iter().copied().filter(|data| {
        others.iter().any(|other| place_and_readers(other.rule(*data)) != place_and_readers(scenario.rule(*data)))
    });
    let words: Vec<String> =
        differing.take(MAX_DIFFERENCES).filter_map(|data| scenario.rule(data)).map(phrase::rule).collect();
    if words.is_empty() { scenario.title.clone() } else { words.join("; ") }
}

fn place_and_readers(rule: Option<&ContractRule>) -> Option<(&[super::Side], &[super::Principal])> {
    rule.map(|rule| (rule.stored_on.as_slice(), rule.readable_by.as_slice()))
}

fn unknown(catalogue: &Catalogue, wanted: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(codes::SCENARIO_UNKNOWN, format!("no scenario is called `{wanted}`"));
    let folded = fold(wanted);
    let mut near: Vec<String> = catalogue
        .iter()
        .filter(|scenario| leads(&folded, &fold(&scenario.name)))
        .map(|scenario| scenario.name.clone())
        .collect();
    if near.is_empty() {
        near.extend(nearest_name(catalogue, wanted));
    }
    let diagnostic =
        if near.is_empty() { diagnostic } else { diagnostic.next(format!("did you mean {}?", suggest::either(&near))) };
    let names: Vec<&str> = catalogue.iter().map(|scenario| scenario.name.as_str()).collect();
    diagnostic
        .note(format!("scenarios: {}", names.join(", ")))
        .next("`deploy scenario list` shows all names and aliases")
}

/// Names before aliases, and only aliases long enough that one wrong letter is a slip: `6` is not a slip for `5`.
fn nearest_name(catalogue: &Catalogue, wanted: &str) -> Option<String> {
    let names = catalogue.iter().map(|scenario| scenario.name.as_str());
    if let Some(name) = suggest::nearest(wanted, names) {
        return Some(name.to_owned());
    }
    let aliases = catalogue.iter().flat_map(|scenario| &scenario.aliases).map(|alias| alias.name.as_str());
    suggest::nearest(wanted, aliases.filter(|name| name.len() > 3)).map(str::to_owned)
}

fn unknown_in_vocabulary(catalogue: &Catalogue, wanted: &str, vocabulary: Vocabulary, alias: &str) -> Diagnostic {
    let known: Vec<&str> = catalogue.in_vocabulary(vocabulary).map(|(name, _)| name).collect();
    let diagnostic = Diagnostic::error(codes::SCENARIO_UNKNOWN, format!("no scenario is called `{wanted}`"))
        .note(format!("{vocabulary} has {}", known.join(", ")));
    match suggest::nearest(alias, known.iter().copied().filter(|name| name.len() > 3)) {
        Some(near) => diagnostic.next(format!("did you mean `{vocabulary}:{near}`?")),
        None => diagnostic.next(format!("`deploy scenario list --vocabulary {vocabulary}` shows what its names mean")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().expect("good scenarios"));

    fn means(name: &str) -> Result<String, Diagnostic> {
        CATALOGUE.find(name).map(|scenario| scenario.name.clone())
    }

    #[test]
    fn every_vocabulary_means_what_its_document_meant() {
        let table = [
            ("beta-1:1", "full-saas-all-data"),
            ("beta-1:2a", "hybrid-partial-data"),
            ("beta-1:2b", "private-secret-store"),
            ("beta-1:3", "agent"),
            ("beta-1:4", "on-prem"),
            ("beta-2:1", "full-saas-all-data"),
            ("beta-2:2a", "hybrid-partial-data"),
            ("beta-2:2b", "hybrid-customer-data"),
            ("beta-2:3a", "customer-secret-store"),
            ("beta-2:3b", "private-secret-store"),
            ("beta-2:4", "agent"),
            ("beta-2:5", "on-prem"),
            ("pro-1:1", "full-saas"),
            ("pro-1:hybrid SaaS option", "customer-secret-store"),
            ("pro-1:2", "on-prem"),
            ("pro-2:SaaS", "full-saas"),
            ("pro-2:Hybrid", "hybrid-workspace"),
            ("pro-2:Self-hosted", "on-prem"),
            ("oss:1", "local-sqlite"),
            ("oss:2", "local-server"),
            ("oss:3", "remote-server"),
        ];
        for (alias, scenario) in table {
            assert_eq!(means(alias).unwrap(), scenario, "{alias}");
        }
        let known: usize = CATALOGUE.iter().map(|scenario| scenario.aliases.len()).sum();
        assert_eq!(known, table.len(), "the documents have no other names");
    }

    #[test]
    fn names_and_aliases_that_mean_one_thing_are_taken_in_any_case() {
        let table = [
            ("agent", "agent"),
            ("On-Prem", "on-prem"),
            ("local_sqlite", "local-sqlite"),
            ("2a", "hybrid-partial-data"),
            ("2A", "hybrid-partial-data"),
            ("3a", "customer-secret-store"),
            ("3b", "private-secret-store"),
            ("5", "on-prem"),
            ("saas", "full-saas"),
            ("full saas", "full-saas"),
            ("self-hosted", "on-prem"),
            ("Self hosted", "on-prem"),
            ("hybrid-saas-option", "customer-secret-store"),
            ("PRO-2:hybrid", "hybrid-workspace"),
            (" beta-1 : 2B ", "private-secret-store"),
        ];
        for (name, scenario) in table {
            assert_eq!(means(name).unwrap(), scenario, "{name}");
        }
    }

    #[test]
    fn an_alias_that_means_several_things_is_refused_with_all_of_them() {
        let table: [(&str, &[&str]); 6] = [
            (
                "1",
                &[
                    "oss:1 is local-sqlite",
                    "pro-1:1 is full-saas",
                    "beta-1:1 is full-saas-all-data",
                    "beta-2:1 is full-saas-all-data",
                ],
            ),
            ("2", &["oss:2 is local-server", "pro-1:2 is on-prem"]),
            ("2b", &["beta-2:2b is hybrid-customer-data", "beta-1:2b is private-secret-store"]),
            ("3", &["oss:3 is remote-server", "beta-1:3 is agent"]),
            ("4", &["beta-2:4 is agent", "beta-1:4 is on-prem"]),
            (
                "hybrid",
                &[
                    "hybrid-partial-data",
                    "hybrid-customer-data",
                    "pro-1:hybrid SaaS option is customer-secret-store",
                    "pro-2:Hybrid is hybrid-workspace",
                ],
            ),
        ];
        for (name, candidates) in table {
            let refusal = means(name).unwrap_err();
            assert_eq!(refusal.code, codes::SCENARIO_AMBIGUOUS, "{name}");
            let named: Vec<&str> = refusal.evidence.iter().filter_map(|line| line.split(": ").next()).collect();
            assert_eq!(named, candidates, "{name}");
        }
    }

    #[test]
    fn candidates_come_with_what_tells_them_apart() {
        let refusal = means("2b").unwrap_err();
        assert_eq!(
            refusal.evidence,
            [
                "beta-2:2b is hybrid-customer-data: secrets stored by vendor, read by vendor, may cross; \
                 experiments stored by vendor or customer, read by customer's clients, vendor, may cross",
                "beta-1:2b is private-secret-store: secrets stored by customer, read by customer's clients; \
                 experiments stored by customer, read by customer's clients",
            ]
        );
        assert_eq!(refusal.next[0], "write `hybrid-customer-data` or `private-secret-store`");
        assert_eq!(refusal.next[1], "or put the vocabulary in front, such as `beta-2:2b`");
    }

    #[test]
    fn unknown_names_get_the_nearest_one() {
        let table = [
            ("onprem2", "did you mean on-prem?"),
            ("local", "did you mean local-sqlite or local-server?"),
            ("privat-secret-store", "did you mean private-secret-store?"),
            ("selfhostd", "did you mean Self-hosted?"),
            ("beta-3:2b", "write `beta-1:2b`"),
            ("pro-2:hybird", "did you mean `pro-2:Hybrid`?"),
            ("beta-1:5", "`deploy scenario list --vocabulary beta-1` shows what its names mean"),
        ];
        for (name, next) in table {
            let refusal = means(name).unwrap_err();
            assert_eq!(refusal.code, codes::SCENARIO_UNKNOWN, "{name}");
            assert_eq!(refusal.next.first().map(String::as_str), Some(next), "{name}");
        }
        assert!(!means("kubernetes").unwrap_err().next.is_empty());
    }

    #[test]
    fn bare_aliases_are_those_that_find_takes() {
        let bare = |name: &str| CATALOGUE.bare_aliases(CATALOGUE.find(name).unwrap());
        assert_eq!(bare("on-prem"), ["5", "Self-hosted"]);
        assert_eq!(bare("full-saas"), ["SaaS"]);
        assert_eq!(bare("hybrid-partial-data"), ["2a"]);
        assert!(bare("hybrid-workspace").is_empty());
        assert!(bare("local-sqlite").is_empty());
    }
}
