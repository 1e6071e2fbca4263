//! The commented file that `deploy init` writes: what was answered is set, what is useful besides stands there as a
//! comment.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, context};

use super::answers::{Answers, DATABASE_PASSWORD_VARIABLE, DatabaseAnswer, runtime_name};
use super::resolve::{default_database, default_target};
use super::schema::{Database, RuntimeKind, Target};
use super::{DEFAULT_MLFLOW_RELEASE, DEFAULT_RELEASE};
use crate::diagnostics::{Diagnostic, codes};
use crate::scenario::{Component, Requirement, Scenario, Side, TargetKind};
use crate::table::wrap_lines;

const TEMPLATE: &str = include_str!("../../templates/deployment.yaml");
/// Of the file; comments are wrapped to it.
const WIDTH: usize = 118;

/// The text of a new deployment file. `schema` is where an editor finds the JSON Schema, if anywhere.
pub fn commented_file(answers: &Answers, scenario: &Scenario, schema: Option<&str>) -> Result<String, Diagnostic> {
    let mut environment = Environment::empty();
    let broken = |error: minijinja::Error| {
        Diagnostic::error(codes::INTERNAL, "the template of deployment files is broken").cause(error.to_string())
    };
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(broken)?);
    let facts = Facts::new(answers, scenario);
    let whole = environment.render_str(TEMPLATE, facts.context(answers, scenario, schema)).map_err(broken)?;
    Ok(comment_out(&whole, &facts.set))
}

/// What decides which parts of the template there are, and which keys are set.
struct Facts {
    target: TargetKind,
    runtime: RuntimeKind,
    database: Option<DatabaseAnswer>,
    set: Vec<&'static str>,
}

impl Facts {
    fn new(answers: &Answers, scenario: &Scenario) -> Self {
        let target = answers.target.unwrap_or(match default_target(scenario) {
            Target::Local(_) => TargetKind::Local,
            Target::Kubernetes(_) => TargetKind::Kubernetes,
        });
        let placed = scenario.placement_on(Component::Database, Side::Customer).is_some();
        let by_scenario = || match default_database(scenario) {
            Database::Sqlite(_) => DatabaseAnswer::Sqlite,
            Database::Mysql(_) => DatabaseAnswer::Mysql,
        };
        let database = placed.then(|| answers.database.clone().unwrap_or_else(by_scenario));
        let mut set = vec!["name", "scenario"];
        set.extend(answers.version.is_some().then_some("version"));
        if answers.target.is_some() || answers.runtime.is_some() {
            // One key below the choice has to be set, or the choice would be empty.
            set.push(if target == TargetKind::Local { "target.local.runtime" } else { "target.kubernetes.namespace" });
        }
        match &answers.database {
            None => {}
            Some(DatabaseAnswer::Sqlite) => set.push("database"),
            Some(DatabaseAnswer::Mysql) => set.push("database.mysql.username"),
            Some(DatabaseAnswer::Existing { .. }) => set.extend(["database.mysql.url", "database.mysql.password"]),
        }
        set.extend(answers.port.is_some().then_some("server.port"));
        set.extend(answers.mlflow.is_some().then_some("mlflow.enabled"));
        Self { target, runtime: answers.runtime.unwrap_or_default(), database, set }
    }

    fn context(&self, answers: &Answers, scenario: &Scenario, schema: Option<&str>) -> minijinja::Value {
        let customers = |component| scenario.placement_on(component, Side::Customer);
        let release = answers.version.as_deref().unwrap_or(DEFAULT_RELEASE);
        let url = match &self.database {
            Some(DatabaseAnswer::Existing { url }) => url.as_str(),
            _ => "",
        };
        let server = customers(Component::Server).is_some();
        context! {
            schema,
            title => &scenario.title,
            summary => wrap_lines(&scenario.summary, WIDTH),
            needs => needs(scenario),
            name => yaml(&answers.name),
            scenario => yaml(&scenario.name),
            version => yaml(release),
            local => self.target == TargetKind::Local,
            runtime => runtime_name(self.runtime),
            server,
            server_image => format!("docker.io/zenmldocker/zenml-server:{release}"),
            one_machine => customers(Component::Server).is_some_and(|placement| placement.targets == [TargetKind::Local]),
            port => answers.port.unwrap_or(8237),
            keeper => if server { "server" } else { "client" },
            database => self.database.as_ref().map(kind),
            database_url => yaml(url),
            url_has_user => url::Url::parse(url).is_ok_and(|url| !url.username().is_empty()),
            password_variable => DATABASE_PASSWORD_VARIABLE,
            secrets => server || self.database.is_some(),
            secrets_store => customers(Component::SecretsStore).is_some(),
            artifact_store => customers(Component::ArtifactStore).is_some(),
            mlflow_placed => customers(Component::Mlflow).is_some(),
            mlflow_optional => customers(Component::Mlflow).is_some_and(|placement| placement.optional),
            mlflow => if answers.mlflow == Some(false) { "false" } else { "true" },
            mlflow_version => yaml(DEFAULT_MLFLOW_RELEASE),
            control_plane => server && scenario.placement_on(Component::ControlPlane, Side::Vendor).is_some(),
        }
    }
}

fn kind(database: &DatabaseAnswer) -> &'static str {
    match database {
        DatabaseAnswer::Sqlite => "sqlite",
        DatabaseAnswer::Mysql => "mysql",
        DatabaseAnswer::Existing { .. } => "existing",
    }
}

fn needs(scenario: &Scenario) -> Vec<String> {
    let bullet = |requirement: &Requirement| {
        let lines = wrap_lines(&format!("{}: {}", requirement.what, requirement.why), WIDTH - 2);
        lines
            .into_iter()
            .enumerate()
            .map(|(number, line)| if number == 0 { format!("- {line}") } else { format!("  {line}") })
    };
    scenario.requirements.iter().flat_map(bullet).collect()
}

fn yaml(text: &str) -> String {
    crate::yaml::to_string(&text).trim_end().to_owned()
}

/// Puts a `#` before every key that is neither set nor above one that is, with all that stands below it.
fn comment_out(text: &str, set: &[&str]) -> String {
    let mut out = String::new();
    let mut above: Vec<(usize, &str)> = Vec::new();
    let mut hidden: Option<usize> = None;
    for line in text.lines() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        hidden = hidden.filter(|hidden| indent > *hidden);
        if hidden.is_none() && !body.is_empty() && !body.starts_with('#') {
            let key = body.split(':').next().unwrap_or_default();
            above.retain(|(outer, _)| *outer < indent);
            above.push((indent, key));
            let path = above.iter().map(|(_, key)| *key).collect::<Vec<_>>().join(".");
            let needed = set.iter().any(|set| *set == path || set.starts_with(&format!("{path}.")));
            hidden = (!needed).then_some(indent);
        }
        match hidden {
            Some(column) if !body.is_empty() => {
                let (before, after) = line.split_at(column);
                out.extend([before, "#", after, "\n"]);
            }
            _ => out.extend([line, "\n"]),
        }
    }
    out
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::assert_golden;
