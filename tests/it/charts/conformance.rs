//! What real Helm does where one would expect something else, each fact a line of tests/oracle/expressions/conformance.txt
//! (`⏎` is the end of a line of the template). The answers are kept in tests/golden/charts, so that these tests run
//! everywhere; where Helm is at hand, it is asked again.

use super::expressions::{VALUES, compare};
use super::golden::Answers;
use super::oracle::{Oracle, require_oracle};
use super::ours;

const LINES: &str = include_str!("../../oracle/expressions/conformance.txt");

fn templates() -> Vec<String> {
    LINES.lines().map(|line| line.replace('⏎', "\n")).collect()
}

#[test]
fn golden_facts() {
    let templates = templates();
    let answers = Answers::open("conformance.jsonl", || Oracle::start().expressions(&templates, VALUES));
    for (template, helm) in templates.iter().zip(&answers.outcomes) {
        answers.check(template, helm, &ours::expression(template, VALUES));
    }
    answers.finish();
}

#[test]
fn facts() {
    require_oracle!();
    compare("facts", &templates(), VALUES);
}
