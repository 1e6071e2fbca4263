//! The ZenML server with its dashboard: environment, schema, process, administrator.

use std::collections::BTreeMap;

use super::{database, secret, secrets_store};
use crate::causes::Speaker;
use crate::deployment::{Auth, Deployment, LocalTarget, RuntimeKind};
use crate::scenario::{Component, TargetKind};
use crate::secrets::SecretName;
use crate::unit::local::{
    Activation, Administrator, DatabaseAddress, Migration, Port, Process, PythonEnvironment, ReadyWhen, Runtime,
};
use crate::unit::{Spec, Text, Unit};

pub(super) const SERVER: &str = "server";
pub(super) const PYTHON: &str = "server/python";
pub(super) const SCHEMA: &str = "database/schema";
const ADMINISTRATOR: &str = "server/administrator";
/// The port of the vendor's own local server, which people know.
const FIRST_PORT: u16 = 8237;

/// Whether a release is older than another.
pub fn release_before(release: &str, other: (u32, u32, u32)) -> bool {
    let mut numbers = release.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next()) < other
}

pub(super) fn units(deployment: &Deployment, local: &LocalTarget) -> Vec<Unit> {
    let mut units = Vec::new();
    if local.runtime == RuntimeKind::Process {
        units.push(unit(deployment, PYTHON, "Python environment with ZenML", &python(deployment, local)));
    }
    units.push(schema(deployment, local));
    if deployment.has(Component::Server) {
        units.push(process(deployment, local));
        if deployment.server.auth == Auth::Password {
            units.push(administrator(deployment));
        }
    }
    units
}

fn unit<S: Spec>(deployment: &Deployment, id: &str, title: &str, spec: &S) -> Unit {
    let component = if deployment.has(Component::Server) { Component::Server } else { Component::Client };
    Unit::new(id, title, component, deployment.side(component), TargetKind::Local, spec)
}

fn python(deployment: &Deployment, local: &LocalTarget) -> PythonEnvironment {
    PythonEnvironment {
        packages: vec![format!("zenml[server]=={}", deployment.release)],
        python: local.python.clone(),
        wheelhouse: local.wheelhouse.clone(),
        probe: "zenml".to_owned(),
    }
}

/// Process or container, with the image the file names or the official one.
pub(super) fn runtime(local: &LocalTarget, image: Option<&str>, official: &str) -> Runtime {
    match local.runtime {
        RuntimeKind::Process => Runtime::Process,
        RuntimeKind::Container => {
            Runtime::Container { engine: local.engine.clone(), image: image.unwrap_or(official).to_owned() }
        }
    }
}

fn server_runtime(deployment: &Deployment, local: &LocalTarget) -> Runtime {
    let official = format!("docker.io/zenmldocker/zenml-server:{}", deployment.release);
    runtime(local, local.image.as_deref(), &official)
}

/// The interpreter that has ZenML.
fn interpreter(local: &LocalTarget) -> Text {
    match local.runtime {
        RuntimeKind::Process => Text::output(PYTHON, "python"),
        RuntimeKind::Container => Text::literal("python"),
    }
}

/// As the server itself names it.
pub(super) fn auth_scheme(deployment: &Deployment) -> &'static str {
    match deployment.server.auth {
        Auth::Password => "OAUTH2_PASSWORD_BEARER",
        Auth::None => "NO_AUTH",
    }
}

/// What server and migration both have to know. What only the server reads stays out: a migration takes its time, and
/// is not to be run again because of it.
fn environment(deployment: &Deployment) -> BTreeMap<String, Text> {
    let mut variables = database::environment(deployment);
    let mut set = |name: &str, value: Text| variables.insert(name.to_owned(), value);
    let yes_or_no = |value: bool| Text::literal(if value { "True" } else { "False" });
    set("ZENML_ANALYTICS_OPT_IN", yes_or_no(deployment.server.analytics));
    set("ZENML_LOGGING_COLORS_DISABLED", yes_or_no(true));
    if !deployment.has(Component::Server) {
        // The store of a client alone: the client makes its own user in it.
        return variables;
    }
    set("ZENML_SERVER", Text::literal("True"));
    set("ZENML_SERVER_DEPLOYMENT_TYPE", Text::literal("other"));
    set("ZENML_SERVER_SERVER_NAME", Text::literal(&deployment.name));
    set("ZENML_SERVER_AUTH_SCHEME", Text::literal(auth_scheme(deployment)));
    for (name, value) in secrets_store::environment(deployment) {
        set(&name, value);
    }
    variables
}

/// What the server alone has to know; the user's own variables come last.
fn server_environment(deployment: &Deployment) -> BTreeMap<String, Text> {
    let mut variables = environment(deployment);
    let mut set = |name: &str, value: Text| variables.insert(name.to_owned(), value);
    set("ZENML_SERVER_JWT_SECRET_KEY", Text::secret(&SecretName::new("jwt-key")));
    for (name, value) in &deployment.server.environment {
        set(name, Text::literal(value));
    }
    for name in deployment.server.secret_environment.keys() {
        set(name, Text::secret(&secret::of_variable(name)));
    }
    set("DISABLE_DATABASE_MIGRATION", Text::literal("True"));
    set("ZENML_CONFIG_PATH", Text::output(SERVER, "folder").then("/config"));
    if let Some(url) = &deployment.server.url {
        set("ZENML_SERVER_SERVER_URL", Text::literal(url));
    }
    variables
}

fn mounts(deployment: &Deployment) -> Vec<Text> {
    match database::address(deployment) {
        DatabaseAddress::Sqlite { .. } => vec![Text::output(database::DATABASE, "path")],
        DatabaseAddress::Mysql { tls, .. } => tls.and_then(|tls| tls.ca).into_iter().collect(),
    }
}

/// The schema is made with the administrator in it: a server that starts without one can be claimed by anyone.
fn schema(deployment: &Deployment, local: &LocalTarget) -> Unit {
    let served = deployment.has(Component::Server) && deployment.server.auth == Auth::Password;
    let administrator = served.then(|| Administrator {
        username: deployment.server.admin_user.clone(),
        password: Text::secret(&SecretName::new("admin-password")),
    });
    let spec = Migration {
        runtime: server_runtime(deployment, local),
        python: interpreter(local),
        release: deployment.release.clone(),
        environment: environment(deployment),
        mounts: mounts(deployment),
        database: database::address(deployment),
        administrator,
    };
    let side = deployment.side(Component::Database);
    let unit = Unit::new(SCHEMA, "schema of the database", Component::Database, side, TargetKind::Local, &spec);
    needs_secrets(needs_database(unit, deployment, "its tables are made in the database"), &spec)
}

fn needs_database(unit: Unit, deployment: &Deployment, reason: &str) -> Unit {
    let existing = matches!(&deployment.database, crate::deployment::Database::Mysql(mysql) if mysql.url.is_some());
    if existing { unit } else { unit.after(database::DATABASE, reason) }
}

/// A secret has to have a value before something is started with it.
pub(super) fn needs_secrets<S: Spec>(unit: Unit, spec: &S) -> Unit {
    let value = serde_json::to_value(spec).unwrap_or_default();
    crate::unit::secrets_used(&value)
        .iter()
        .fold(unit, |unit, name| unit.after(&secret::unit_id(name), "it is started with this secret"))
}

fn process(deployment: &Deployment, local: &LocalTarget) -> Unit {
    let own = |output: &str| Text::output(SERVER, output);
    let arguments = ["-m", "uvicorn", "zenml.zen_server.zen_server_api:app", "--no-server-header", "--host"]
        .into_iter()
        .map(Text::literal)
        .chain([Text::literal(deployment.server.listen.to_string()), Text::literal("--port"), own("port")])
        .collect();
    let mut mounted = mounts(deployment);
    mounted.push(own("folder"));
    let spec = Process {
        runtime: server_runtime(deployment, local),
        speaker: Speaker::Zenml,
        program: interpreter(local),
        arguments,
        environment: server_environment(deployment),
        files: BTreeMap::new(),
        mounts: mounted,
        port: Port { wanted: deployment.server.port, from: FIRST_PORT },
        ready_when: ReadyWhen::HttpOk { path: "/health".to_owned() },
        stop_seconds: 30,
    };
    let unit = unit(deployment, SERVER, "ZenML server with its dashboard", &spec)
        .after(SCHEMA, "a server on a schema that does not fit it does not start");
    needs_secrets(needs_database(unit, deployment, "the server keeps its data there"), &spec)
}

fn administrator(deployment: &Deployment) -> Unit {
    let password = SecretName::new("admin-password");
    let spec = Activation {
        url: Text::output(SERVER, "url"),
        server_name: deployment.name.clone(),
        username: deployment.server.admin_user.clone(),
        password: Text::secret(&password),
    };
    unit(deployment, ADMINISTRATOR, "administrator of the server", &spec)
        .after(SERVER, "the administrator is checked through the server")
        .after(&secret::unit_id(&password), "the administrator logs in with it")
}

#[cfg(test)]
mod tests {
    use crate::deployment::{Layer, ResolveOptions, resolve};
    use crate::diagnostics::SourceText;
    use crate::scenario::Catalogue;
    use crate::unit::secrets_used;

    #[test]
    fn what_only_the_server_reads_is_no_reason_to_migrate() {
        let text = "name: a\nscenario: remote-server\ntarget: { local: {} }\nserver:\n  environment: { COLOUR: red }\n  \
                    secretEnvironment: { TOKEN: { fromEnv: TOKEN } }\n";
        let catalogue = Catalogue::embedded().unwrap();
        let tree = crate::yaml::parse(&SourceText::new("a.yaml", text)).unwrap();
        let layers = [Layer::File(tree)];
        let resolved = resolve(&layers, &|name| catalogue.find(name), &ResolveOptions::default()).unwrap();
        let units = crate::components::units(&resolved.deployment, &resolved.secrets);
        let of = |id: &str| units.iter().find(|unit| unit.id.as_str() == id).unwrap();
        let (server, schema) = (of(super::SERVER), of(super::SCHEMA));
        assert_eq!(server.spec["environment"]["COLOUR"], "red");
        assert!(schema.spec["environment"].get("COLOUR").is_none());
        let names =
            |unit: &crate::unit::Unit| secrets_used(&unit.spec).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(server), ["database-password", "encryption-key", "environment-token", "jwt-key"]);
        assert_eq!(names(schema), ["admin-password", "database-password", "encryption-key"]);
    }
}
