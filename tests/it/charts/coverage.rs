//! Which branches of a chart are taken.

use serde_json::json;

use super::oracle::Oracle;
use super::question::{Chart, Question};

pub struct Coverage {
    pub branches: usize,
    /// As `FILE:LINE: WHAT`.
    pub missed: Vec<String>,
}

pub fn of(oracle: &mut Oracle, chart: &Chart, cases: &[Question]) -> Coverage {
    let cases: Vec<Question> = cases.iter().map(|case| case.clone().with_defaults()).collect();
    let answer = oracle.ask(&json!({ "operation": "coverage", "chart": chart, "cases": cases }));
    let missed = answer["missed"].as_array().unwrap_or_else(|| panic!("{answer}"));
    Coverage {
        branches: usize::try_from(answer["branches"].as_u64().unwrap()).unwrap(),
        missed: missed.iter().map(|place| place.as_str().unwrap().to_owned()).collect(),
    }
}

/// Branches of the vendor's charts that no values can take.
pub fn is_out_of_reach(place: &str) -> bool {
    const REASONS: &[(&str, &str)] = &[
        ("template zenml.metadataLabels", "nobody includes it"),
        ("_helpers.tpl:47: if .Chart.Version", "is in the template that nobody includes"),
        ("if .Chart.Version: else", "a chart without a version is refused"),
        ("if not .Values.zenml.analyticsOptIn: else", "is the rest of an if of the same value"),
        ("EnvVariables\" . | fromYaml: else", "there is always one such variable"),
        ("zenml.serverConfigurationAttrs\" $zenml | fromYaml: else", "there is always one such attribute"),
        ("secretsStoreConfigurationAttrs\" $secretsStore | fromYaml: else", "there is always a type"),
        ("range $key, $value := .Values.zenml.environment: else", "stands in an if of the same value"),
        ("range $key, $value := .Values.zenml.secretEnvironment: else", "stands in an if of the same value"),
    ];
    REASONS.iter().any(|(known, _)| place.ends_with(known))
}
