//! The documents that `-o json` prints.

use serde::Serialize;
use serde_json::{Value, json};

use super::catalogue::Catalogue;
use super::difference::ScenarioDiff;
use super::model::{Alias, Scenario};
use super::words::Vocabulary;

const API_VERSION: &str = "deploy/v1";

/// All scenarios, or those that a vocabulary names, with the names that `find` takes for each.
pub fn list(catalogue: &Catalogue, vocabulary: Option<Vocabulary>) -> Value {
    let listed = catalogue.iter().filter(|scenario| vocabulary.is_none_or(|vocabulary| is_named(scenario, vocabulary)));
    let scenarios: Vec<Value> = listed
        .map(|scenario| {
            json!({
                "name": scenario.name,
                "title": scenario.title,
                "summary": scenario.summary,
                "aliases": aliases(catalogue, scenario, vocabulary),
            })
        })
        .collect();
    let mut document = json!({ "apiVersion": API_VERSION, "kind": "ScenarioList" });
    if let Some(vocabulary) = vocabulary {
        document["vocabulary"] = vocabulary.as_str().into();
    }
    document["scenarios"] = scenarios.into();
    document
}

fn is_named(scenario: &Scenario, vocabulary: Vocabulary) -> bool {
    scenario.aliases.iter().any(|alias| alias.vocabulary == vocabulary)
}

/// Qualified names first, then the bare ones that are not ambiguous.
fn aliases(catalogue: &Catalogue, scenario: &Scenario, vocabulary: Option<Vocabulary>) -> Vec<String> {
    let wanted = |alias: &&Alias| vocabulary.is_none_or(|vocabulary| alias.vocabulary == vocabulary);
    let mut names: Vec<String> = scenario.aliases.iter().filter(wanted).map(Alias::qualified).collect();
    if vocabulary.is_none() {
        names.extend(catalogue.bare_aliases(scenario).into_iter().map(str::to_owned));
    }
    names
}

/// One scenario with everything that its file says.
pub fn one(scenario: &Scenario) -> Value {
    document("Scenario", scenario)
}

/// What differs between two scenarios.
pub fn diff(diff: &ScenarioDiff) -> Value {
    document("ScenarioDiff", diff)
}

fn document<T: Serialize>(kind: &str, content: &T) -> Value {
    let mut document = json!({ "apiVersion": API_VERSION, "kind": kind });
    // The types are ours: texts, numbers, lists and structs, all of which JSON has.
    if let (Value::Object(document), Ok(Value::Object(content))) = (&mut document, serde_json::to_value(content)) {
        document.extend(content);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::difference;

    #[test]
    fn the_list_has_names_that_find_takes() {
        let catalogue = Catalogue::embedded().unwrap();
        let document = list(&catalogue, None);
        assert_eq!(document["apiVersion"], "deploy/v1");
        assert_eq!(document["kind"], "ScenarioList");
        let scenarios = document["scenarios"].as_array().unwrap();
        assert_eq!(scenarios.len(), 12);
        for scenario in scenarios {
            for alias in scenario["aliases"].as_array().unwrap() {
                assert_eq!(catalogue.find(alias.as_str().unwrap()).unwrap().name, scenario["name"].as_str().unwrap());
            }
        }
        let on_prem = scenarios.iter().find(|scenario| scenario["name"] == "on-prem").unwrap();
        assert_eq!(
            on_prem["aliases"],
            json!(["beta-1:4", "beta-2:5", "pro-1:2", "pro-2:Self-hosted", "5", "Self-hosted"])
        );
    }

    #[test]
    fn a_vocabulary_shows_its_own_names_only() {
        let document = list(&Catalogue::embedded().unwrap(), Some(Vocabulary::Beta2));
        assert_eq!(document["vocabulary"], "beta-2");
        let names: Vec<&Value> = document["scenarios"].as_array().unwrap().iter().map(|s| &s["aliases"][0]).collect();
        assert_eq!(names, ["beta-2:1", "beta-2:2a", "beta-2:2b", "beta-2:3a", "beta-2:3b", "beta-2:4", "beta-2:5"]);
    }

    #[test]
    fn a_scenario_document_is_the_whole_file() {
        for scenario in Catalogue::embedded().unwrap().iter() {
            let mut document = one(scenario);
            assert_eq!(document["kind"], "Scenario");
            let map = document.as_object_mut().unwrap();
            map.shift_remove("apiVersion");
            map.shift_remove("kind");
            let again: Scenario = serde_json::from_value(document).unwrap();
            assert_eq!(&again, scenario);
        }
    }

    #[test]
    fn a_diff_document_names_both_and_every_kind_of_change() {
        let catalogue = Catalogue::embedded().unwrap();
        let document = diff(&difference(catalogue.find("3a").unwrap(), catalogue.find("3b").unwrap()));
        assert_eq!(document["kind"], "ScenarioDiff");
        assert_eq!(document["from"], "customer-secret-store");
        assert_eq!(document["to"], "private-secret-store");
        let secrets = document["contract"].as_array().unwrap().iter().find(|row| row["data"] == "secrets").unwrap();
        assert_eq!(secrets["before"]["readableBy"], json!(["vendor-service"]));
        assert_eq!(secrets["after"]["readableBy"], json!(["customer-clients"]));
        for key in ["components", "links"] {
            assert!(document[key].as_array().is_some_and(|list| !list.is_empty()), "{key}");
        }
        assert!(document["tradeOffs"]["gained"].is_array());
    }
}
