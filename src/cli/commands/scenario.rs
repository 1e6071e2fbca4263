//! `deploy scenario list|show|diff|explain`.

use std::sync::Arc;

use super::print_document;
use crate::cli::args::{Picture, Scenario, Shape};
use crate::cli::failure::{Exit, Failure};
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes, suggest};
use crate::report::Output;
use crate::scenario::{Vocabulary, difference, json, picture, text};

pub(super) fn run(args: &Scenario, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let catalogue = settings.catalogue()?;
    match args {
        Scenario::List { vocabulary, format } => {
            let vocabulary = vocabulary.as_deref().map(read_vocabulary).transpose()?;
            let document = json::list(&catalogue, vocabulary);
            print_document(output, format.output, &document, |width| text::list(&catalogue, vocabulary, width));
        }
        Scenario::Show { name, output: form } => {
            let scenario = catalogue.find(name)?;
            match form {
                Picture::Mermaid => output.data(&picture::mermaid(scenario)),
                Picture::Svg => output.data(&picture::svg(scenario)),
                Picture::Table => output.data(&text::show(scenario, output.data_width())),
                Picture::Json => print_document(output, Shape::Json, &json::one(scenario), |_| String::new()),
                Picture::Yaml => print_document(output, Shape::Yaml, &json::one(scenario), |_| String::new()),
            }
        }
        Scenario::Diff { first, second, format } => {
            let diff = difference(catalogue.find(first)?, catalogue.find(second)?);
            print_document(output, format.output, &json::diff(&diff), |width| text::diff(&diff, width));
        }
        Scenario::Explain { name } => {
            let scenario = catalogue.find(name)?;
            output.data(&text::explain(&catalogue, scenario, output.data_width()));
        }
    }
    Ok(Exit::Ok)
}

fn read_vocabulary(name: &str) -> Result<Vocabulary, Failure> {
    let known: Vec<&str> = Vocabulary::ALL.iter().map(|vocabulary| vocabulary.as_str()).collect();
    let found = Vocabulary::ALL.iter().copied().find(|vocabulary| vocabulary.as_str() == name);
    found.ok_or_else(|| {
        let diagnostic = Diagnostic::error(codes::USAGE, format!("`{name}` is no vocabulary"))
            .note(format!("vocabularies: {}", known.join(", ")));
        match suggest::nearest(name, known.iter().copied()) {
            Some(near) => diagnostic.next(format!("did you mean {near}?")).into(),
            None => diagnostic.into(),
        }
    })
}
