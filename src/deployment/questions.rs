//! The questions of `deploy init`, as data: what to ask, what may be answered, what is assumed. Whoever asks only
//! loops: ask [`Draft::next_question`], hand the answer to [`Draft::answer`], until there is no next.

use super::DEFAULT_RELEASE;
use super::answers::Answers;
use super::resolve::{NAME_RULE, is_name, is_release};
use super::schema::RuntimeKind;
use crate::scenario::{Catalogue, Component, Scenario, Side, TargetKind};

/// What a question is about, in the order of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Scenario,
    Name,
    Target,
    Runtime,
    Version,
    Database,
    DatabaseUrl,
    Port,
    Mlflow,
}

impl Key {
    pub const ALL: &'static [Self] = &[
        Self::Scenario,
        Self::Name,
        Self::Target,
        Self::Runtime,
        Self::Version,
        Self::Database,
        Self::DatabaseUrl,
        Self::Port,
        Self::Mlflow,
    ];

    /// The flag that answers it.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Scenario => "--scenario",
            Self::Name => "--name",
            Self::Target => "--target",
            Self::Runtime => "--runtime",
            Self::Version => "--zenml-version",
            Self::Database | Self::DatabaseUrl => "--database",
            Self::Port => "--port",
            Self::Mlflow => "--mlflow",
        }
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub key: Key,
    pub prompt: String,
    pub form: Form,
}

/// How it is answered. Every answer is a text for [`Draft::answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Typed. An empty answer takes the default; without a default it leaves the key out if `optional`.
    Text { default: Option<String>, optional: bool },
    /// One of these; the number of the one to begin with.
    Choice { choices: Vec<Choice>, default: usize },
    /// `true` or `false`.
    YesNo { default: bool },
}

/// A possible answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    /// One line.
    pub explanation: String,
}

/// Answers so far.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    catalogue: &'a Catalogue,
    suggested_name: String,
    name: Option<String>,
    scenario: Option<&'a Scenario>,
    answers: Answers,
    answered: Vec<Key>,
}

impl<'a> Draft<'a> {
    /// Nothing answered yet. `suggested_name` is what the name's question offers, such as the folder's name.
    pub fn new(catalogue: &'a Catalogue, suggested_name: &str) -> Self {
        let name = if is_name(suggested_name) { suggested_name } else { "trial" };
        Self {
            catalogue,
            suggested_name: name.to_owned(),
            name: None,
            scenario: None,
            answers: Answers::new("", ""),
            answered: Vec::new(),
        }
    }

    /// The next question that is open and has more than one answer.
    pub fn next_question(&self) -> Option<Question> {
        let mut open = Key::ALL.iter().filter(|key| !self.answered.contains(key));
        open.find_map(|key| self.question(*key))
    }

    /// Takes an answer, from a question or a flag. The error is a sentence for the one who gave it.
    pub fn answer(&mut self, key: Key, text: &str) -> Result<(), String> {
        let text = text.trim();
        let leave_out = text.is_empty() && matches!(key, Key::Version | Key::Port);
        if !leave_out {
            self.take(key, text)?;
        }
        self.answered.push(key);
        Ok(())
    }

    /// The answers, with defaults for a name and a scenario that nobody gave, and the scenario that they are about.
    /// Fails, with a sentence, on flags that mean nothing together; nothing that was said is dropped silently.
    pub fn finish(mut self) -> Result<(Answers, &'a Scenario), String> {
        let by_default = || self.catalogue.find(DEFAULT_SCENARIO).map_err(|diagnostic| diagnostic.title);
        let scenario = self.scenario.map_or_else(by_default, Ok)?;
        self.scenario = Some(scenario);
        if let Some(flag) = self.meaningless(scenario) {
            let target = if self.is_local() { TargetKind::Local } else { TargetKind::Kubernetes };
            return Err(format!("{flag} means nothing for {} on target {target}", scenario.name));
        }
        self.answers.name = self.name.unwrap_or(self.suggested_name);
        self.answers.scenario.clone_from(&scenario.name);
        Ok((self.answers, scenario))
    }

    /// A flag that was given for something that the scenario does not have on the customer's side.
    fn meaningless(&self, scenario: &Scenario) -> Option<&'static str> {
        let answers = &self.answers;
        let has_server = customers(scenario, Component::Server);
        [
            (answers.runtime.is_some() && !self.is_local(), Key::Runtime),
            (answers.port.is_some() && !(self.is_local() && has_server), Key::Port),
            (answers.database.is_some() && !customers(scenario, Component::Database), Key::Database),
            (answers.mlflow == Some(true) && !customers(scenario, Component::Mlflow), Key::Mlflow),
        ]
        .into_iter()
        .find_map(|(wrong, key)| wrong.then_some(key.flag()))
    }

    fn take(&mut self, key: Key, text: &str) -> Result<(), String> {
        match key {
            Key::Scenario => self.take_scenario(text)?,
            Key::Name if is_name(text) => self.name = Some(text.to_owned()),
            Key::Name => return Err(format!("use {NAME_RULE}")),
            Key::Target => self.take_target(text)?,
            Key::Runtime => {
                self.answers.runtime = Some(match text {
                    "process" => RuntimeKind::Process,
                    "container" => RuntimeKind::Container,
                    _ => return Err("write process or container".to_owned()),
                });
            }
            Key::Version if is_release(text) => self.answers.version = Some(text.to_owned()),
            Key::Version => return Err(format!("a release has three numbers, such as {DEFAULT_RELEASE}")),
            // The address is asked for next.
            Key::Database if text == EXISTING => {}
            Key::Database | Key::DatabaseUrl => {
                self.answers.database = Some(text.parse()?);
                self.answered.push(Key::DatabaseUrl);
            }
            Key::Port => match text.parse() {
                Ok(port) if port > 0 => self.answers.port = Some(port),
                _ => return Err("a port is a number from 1 to 65535".to_owned()),
            },
            Key::Mlflow => self.answers.mlflow = Some(text.parse().map_err(|_| "write true or false".to_owned())?),
        }
        Ok(())
    }

    fn take_scenario(&mut self, text: &str) -> Result<(), String> {
        let found = self.catalogue.find(text).map_err(|diagnostic| {
            let more = diagnostic.notes.iter().chain(&diagnostic.next).map(|line| format!("\n  {line}"));
            diagnostic.title.clone() + &more.collect::<String>()
        })?;
        self.scenario = Some(found);
        Ok(())
    }

    fn take_target(&mut self, text: &str) -> Result<(), String> {
        let known = |target: &&TargetKind| target.as_str() == text && **target != TargetKind::Managed;
        let Some(target) = TargetKind::ALL.iter().find(known) else {
            return Err("write local or kubernetes".to_owned());
        };
        if let Some(scenario) = self.scenario.filter(|scenario| !scenario.runs_on(*target)) {
            return Err(format!("{} does not run on target {target}", scenario.name));
        }
        self.answers.target = Some(*target);
        Ok(())
    }

    /// The question, if it makes sense after the answers so far.
    fn question(&self, key: Key) -> Option<Question> {
        let scenario = self.scenario;
        let (prompt, form) = match key {
            Key::Scenario => ("Scenario", self.scenarios()),
            Key::Name => ("Name of the deployment", text(Some(&self.suggested_name))),
            Key::Target if scenario?.is_single_sided() => ("Where should it run?", targets(scenario?)?),
            Key::Target => ("Where should the customer's side run?", targets(scenario?)?),
            Key::Runtime if self.is_local() && runs_programs(scenario?) => ("How should its programs run?", runtimes()),
            Key::Version => ("Release of ZenML", text(Some(DEFAULT_RELEASE))),
            Key::Database => ("Where should the server keep its data?", self.databases(scenario?)?),
            Key::DatabaseUrl if self.answered.contains(&Key::Database) && self.answers.database.is_none() => {
                ("Address of the database, without a password (mysql://host:3306/zenml)", text(None))
            }
            Key::Port if self.is_local() && customers(scenario?, Component::Server) => (
                "Port of the server (empty for the first free one from 8237 on)",
                Form::Text { default: None, optional: true },
            ),
            Key::Mlflow if mlflow_is_optional(scenario?) => {
                ("With an MLflow tracking server?", Form::YesNo { default: false })
            }
            Key::Runtime | Key::DatabaseUrl | Key::Port | Key::Mlflow => return None,
        };
        Some(Question { key, prompt: prompt.to_owned(), form })
    }

    fn scenarios(&self) -> Form {
        let choices: Vec<Choice> =
            self.catalogue.iter().map(|scenario| choice(&scenario.name, &scenario.title)).collect();
        let default = choices.iter().position(|choice| choice.value == DEFAULT_SCENARIO).unwrap_or(0);
        Form::Choice { choices, default }
    }

    fn is_local(&self) -> bool {
        let by_scenario = || self.scenario.is_some_and(|scenario| scenario.runs_on(TargetKind::Local));
        self.answers.target.map_or_else(by_scenario, |target| target == TargetKind::Local)
    }

    /// Scenarios for one machine have no choice: their store is a file.
    fn databases(&self, scenario: &Scenario) -> Option<Form> {
        let placement = scenario.placement_on(Component::Database, Side::Customer)?;
        if placement.targets == [TargetKind::Local] {
            return None;
        }
        let private =
            if self.is_local() { "a private MariaDB or MySQL that deploy runs" } else { "a MySQL made for it" };
        let mut choices = vec![choice("mysql", private), choice(EXISTING, "a MySQL or MariaDB that is there already")];
        if self.is_local() {
            choices.push(choice("sqlite", "a file; enough for one person's trial"));
        }
        Some(Form::Choice { choices, default: 0 })
    }
}

/// What most people begin with.
const DEFAULT_SCENARIO: &str = "local-server";
const EXISTING: &str = "existing";

fn text(default: Option<&str>) -> Form {
    Form::Text { default: default.map(str::to_owned), optional: false }
}

fn choice(value: &str, explanation: &str) -> Choice {
    Choice { value: value.to_owned(), explanation: explanation.to_owned() }
}

/// None where there is nothing to choose.
fn targets(scenario: &Scenario) -> Option<Form> {
    let known = [(TargetKind::Local, "this machine"), (TargetKind::Kubernetes, "a Kubernetes cluster")];
    let possible = known.iter().filter(|(target, _)| scenario.runs_on(*target));
    let choices: Vec<Choice> = possible.map(|(target, explanation)| choice(target.as_str(), explanation)).collect();
    (choices.len() > 1).then_some(Form::Choice { choices, default: 0 })
}

fn runtimes() -> Form {
    let choices =
        vec![choice("process", "programs of this machine"), choice("container", "containers of docker or podman")];
    Form::Choice { choices, default: 0 }
}

fn customers(scenario: &Scenario, component: Component) -> bool {
    scenario.placement_on(component, Side::Customer).is_some()
}

fn runs_programs(scenario: &Scenario) -> bool {
    customers(scenario, Component::Server)
}

fn mlflow_is_optional(scenario: &Scenario) -> bool {
    scenario.placement_on(Component::Mlflow, Side::Customer).is_some_and(|placement| placement.optional)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every question of a walk in which the first choice is always taken, with what is asked.
    fn walk(catalogue: &Catalogue, scenario: &str, other: &[(Key, &str)]) -> String {
        let mut draft = Draft::new(catalogue, "My Folder");
        let mut text = format!("== {scenario} {other:?}\n");
        draft.answer(Key::Scenario, scenario).unwrap();
        while let Some(question) = draft.next_question() {
            let (form, first) = match &question.form {
                Form::Text { default, optional } => {
                    (format!("text, default {default:?}, optional {optional}"), default.clone().unwrap_or_default())
                }
                Form::YesNo { default } => (format!("yes or no, default {default}"), default.to_string()),
                Form::Choice { choices, default } => {
                    let lines: Vec<String> =
                        choices.iter().map(|c| format!("\n    {}: {}", c.value, c.explanation)).collect();
                    (
                        format!("choice, default {}{}", choices[*default].value, lines.concat()),
                        choices[*default].value.clone(),
                    )
                }
            };
            text.push_str(&format!("  {} ({}): {form}\n", question.prompt, question.key.flag()));
            let answer =
                other.iter().find(|(key, _)| *key == question.key).map_or(first, |(_, answer)| (*answer).to_owned());
            draft.answer(question.key, &answer).unwrap();
        }
        let (answers, _) = draft.finish().unwrap();
        text + &format!("  -> {}\n", answers.twin_command(std::path::Path::new("deployment.yaml")))
    }

    #[test]
    fn only_what_matters_is_asked() {
        let catalogue = Catalogue::embedded().unwrap();
        let mut text: String = catalogue.iter().map(|scenario| walk(&catalogue, &scenario.name, &[])).collect();
        text += &walk(&catalogue, "on-prem", &[(Key::Target, "kubernetes"), (Key::Port, "8240")]);
        text += &walk(
            &catalogue,
            "on-prem",
            &[(Key::Database, "existing"), (Key::DatabaseUrl, "mysql://db:3306/zenml"), (Key::Port, "8240")],
        );
        super::super::template::assert_golden("questions.txt", &text);
    }

    #[test]
    fn a_wrong_answer_is_told_in_a_sentence_and_asked_again() {
        let catalogue = Catalogue::embedded().unwrap();
        let mut draft = Draft::new(&catalogue, "my-folder");
        assert!(draft.answer(Key::Scenario, "on-perm").unwrap_err().contains("on-prem"));
        assert_eq!(draft.next_question().unwrap().key, Key::Scenario);
        draft.answer(Key::Scenario, "oss:2").unwrap();
        assert_eq!(
            draft.answer(Key::Target, "kubernetes").unwrap_err(),
            "local-server does not run on target kubernetes"
        );
        for (key, wrong) in [
            (Key::Name, "My App"),
            (Key::Version, "0.98"),
            (Key::Port, "0"),
            (Key::Port, "http"),
            (Key::Mlflow, "maybe"),
            (Key::Runtime, "vm"),
            (Key::Database, "postgres"),
        ] {
            assert!(draft.answer(key, wrong).is_err(), "{key:?} {wrong}");
        }
        assert!(draft.answer(Key::Database, "mysql://u:secret@h/db").unwrap_err().contains("password"));
        let (answers, scenario) = draft.finish().unwrap();
        assert_eq!((answers, scenario.name.as_str()), (Answers::new("my-folder", "local-server"), "local-server"));
    }

    #[test]
    fn flags_that_mean_nothing_are_not_dropped_silently() {
        let catalogue = Catalogue::embedded().unwrap();
        for (scenario, key, value, told) in [
            ("full-saas", Key::Port, "8240", "--port means nothing for full-saas on target kubernetes"),
            ("full-saas", Key::Database, "mysql", "--database means nothing for full-saas on target kubernetes"),
            ("local-sqlite", Key::Mlflow, "true", "--mlflow means nothing for local-sqlite on target local"),
        ] {
            let mut draft = Draft::new(&catalogue, "x");
            draft.answer(Key::Scenario, scenario).unwrap();
            draft.answer(key, value).unwrap();
            assert_eq!(draft.finish().unwrap_err(), told);
        }
    }
}
