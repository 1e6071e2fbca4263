//! From layers to a deployment in which nothing is left to decide.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::layers::{Layer, merge};
use super::schema::{
    ArtifactStore, BackendStore, Chart, Cloud, ControlPlane, Database, DeploymentFile, Health, KubernetesTarget,
    LocalTarget, Mlflow, Mysql, Network, RuntimeKind, SecretsStore, Server, SqlSecretsStore, Sqlite, Target,
};
use super::unshown::{has_url_password, hide_secrets, is_secret_key};
use super::{DEFAULT_MLFLOW_RELEASE, DEFAULT_RELEASE};
use crate::diagnostics::{Diagnostic, Findings, Origin, codes};
use crate::scenario::{Component, Scenario, Side, TargetKind};
use crate::secrets::{Alphabet, Fit, SecretName, SecretSource, SecretSpec};
use crate::yaml::{Node, decode};

/// A deployment with every value decided.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub name: String,
    pub scenario: Scenario,
    /// Release of ZenML.
    pub release: String,
    pub target: Target,
    pub cloud: Option<Cloud>,
    pub server: Server,
    pub database: Database,
    pub secrets_store: SecretsStore,
    pub artifact_store: ArtifactStore,
    pub mlflow: Mlflow,
    pub control_plane: Option<ControlPlane>,
    pub network: Network,
    pub chart: Chart,
    pub health: Health,
}

/// A decided value and who decided it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecidedValue {
    pub path: String,
    pub value: Value,
    pub origin: String,
}

/// What [`resolve`] gives.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub deployment: Deployment,
    /// Every secret of the deployment.
    pub secrets: Vec<SecretSpec>,
    /// What the user wrote, with places, for messages about it.
    pub tree: Node,
    pub warnings: Vec<Diagnostic>,
    origins: Vec<(String, Origin)>,
}

/// What the caller decides besides the layers.
#[derive(Debug, Clone, Default)]
pub struct ResolveOptions {
    pub allow_inline_secrets: bool,
    /// Folder of the deployment file; relative paths in it start there.
    pub folder: PathBuf,
}

/// Merges the layers, reads them and decides everything that they leave open.
pub fn resolve<'a>(
    layers: &[Layer],
    find: &dyn Fn(&str) -> Result<&'a Scenario, Diagnostic>,
    options: &ResolveOptions,
) -> Result<Resolved, Findings> {
    let tree = merge(layers);
    resolve_tree(&tree, find, options).map_err(|findings| hide_secrets(findings, &tree))
}

fn resolve_tree<'a>(
    tree: &Node,
    find: &dyn Fn(&str) -> Result<&'a Scenario, Diagnostic>,
    options: &ResolveOptions,
) -> Result<Resolved, Findings> {
    let file: DeploymentFile = decode::decode(tree)?;
    let mut findings = Vec::new();
    let not_found = |diagnostic: Diagnostic| point_at(diagnostic.changed("nothing was changed"), tree, "scenario");
    let scenario = find(&file.scenario).map_err(not_found)?.clone();
    check_name(&file.name, tree, &mut findings);
    if let Some(version) = &file.version {
        check_release("version", version, tree, &mut findings);
    }
    let (deployment, decided) = decide(file, scenario, &options.folder);
    check_values(&deployment, tree, &mut findings);
    let secrets = declare_secrets(&deployment, tree, options, &mut findings);
    if findings.iter().any(|finding| finding.severity == crate::diagnostics::Severity::Error) {
        return Err(Findings(findings));
    }
    Ok(Resolved { deployment, secrets, tree: tree.clone(), warnings: findings, origins: decided })
}

impl Resolved {
    /// Every decided value with the layer that decided it, in the order of the file.
    pub fn values(&self) -> Vec<DecidedValue> {
        let whole = Node::from_json(&self.deployment.to_json(), &Origin::Default);
        whole
            .leaves()
            .into_iter()
            .map(|(path, leaf)| DecidedValue { origin: self.origin(&path).to_string(), value: leaf.to_json(), path })
            .collect()
    }

    /// Who decided the value at a path.
    pub fn origin(&self, path: &str) -> Origin {
        if let Some(node) = self.tree.get(path) {
            return node.origin.clone();
        }
        // A choice written as its name (`database: mysql`), or a whole given by one layer.
        let parent_choice = path.rsplit_once('.').and_then(|(parent, key)| {
            self.tree.get(parent).filter(|node| node.as_text() == Some(key)).map(|node| node.origin.clone())
        });
        parent_choice
            .or_else(|| {
                self.origins
                    .iter()
                    .filter(|(decided, _)| path == decided || path.starts_with(&format!("{decided}.")))
                    .max_by_key(|(decided, _)| decided.len())
                    .map(|(_, origin)| origin.clone())
            })
            .unwrap_or(Origin::Default)
    }
}

impl Deployment {
    /// The whole, without secret values: sources are named, inline values are not shown.
    pub fn to_json(&self) -> Value {
        let mut value = json!({
            "name": self.name,
            "scenario": self.scenario.name,
            "version": self.release,
            "target": self.target,
            "cloud": self.cloud,
            "server": self.server,
            "database": self.database,
            "secretsStore": self.secrets_store,
            "artifactStore": self.artifact_store,
            "mlflow": self.mlflow,
            "controlPlane": self.control_plane,
            "network": self.network,
            "chart": self.chart,
            "health": self.health,
        });
        if let Some(object) = value.as_object_mut() {
            object.retain(|_, item| !item.is_null());
        }
        value
    }

    pub fn target_kind(&self) -> TargetKind {
        match self.target {
            Target::Local(_) => TargetKind::Local,
            Target::Kubernetes(_) => TargetKind::Kubernetes,
        }
    }

    /// Whether the customer's side has the component and, if it is optional, the file asks for it. What only the
    /// vendor has is not for us to run, to ask or to keep secrets for.
    pub fn has(&self, component: Component) -> bool {
        let placed = self.scenario.placement_on(component, Side::Customer).is_some();
        placed && (component != Component::Mlflow || self.mlflow.enabled)
    }

    /// Whether a private database has a part of its own for MLflow. Where MLflow is not optional it stays when MLflow
    /// is switched off, and so do the experiments in it.
    pub fn has_database_of_mlflow(&self) -> bool {
        let placed = self.scenario.placement_on(Component::Mlflow, Side::Customer);
        let is_private = matches!(&self.database, Database::Mysql(mysql) if mysql.url.is_none());
        is_private
            && self.has(Component::Database)
            && self.mlflow.backend_store == BackendStore::Database
            && placed.is_some_and(|placement| self.mlflow.enabled || !placement.optional)
    }

    /// On whose side a component runs.
    pub fn side(&self, component: Component) -> Side {
        self.scenario.placement(component).map_or(Side::Customer, |placement| placement.side)
    }
}

/// Fills what the file leaves open; gives back what was decided by whom.
fn decide(file: DeploymentFile, scenario: Scenario, folder: &Path) -> (Deployment, Vec<(String, Origin)>) {
    let by_scenario = || Origin::Scenario(scenario.name.clone());
    let mut decided = Vec::new();
    let mut note = |path: &str| decided.push((path.to_owned(), by_scenario()));
    let target = file.target.unwrap_or_else(|| {
        note("target");
        default_target(&scenario)
    });
    let database = file.database.unwrap_or_else(|| {
        note("database");
        default_database(&scenario)
    });
    let secrets_store = file.secrets_store.unwrap_or_else(|| {
        note("secretsStore");
        SecretsStore::Sql(SqlSecretsStore::default())
    });
    let artifact_store = file.artifact_store.unwrap_or_else(|| {
        note("artifactStore");
        default_artifact_store(&target, file.cloud.as_ref())
    });
    let mlflow = file.mlflow.unwrap_or_else(|| {
        note("mlflow");
        let required = scenario.components.iter().any(|p| p.component == Component::Mlflow && !p.optional);
        Mlflow { enabled: required, ..Mlflow::default() }
    });
    let mut deployment = Deployment {
        name: file.name,
        release: file.version.unwrap_or_else(|| DEFAULT_RELEASE.to_owned()),
        target,
        cloud: file.cloud,
        server: file.server,
        database,
        secrets_store,
        artifact_store,
        mlflow,
        control_plane: file.control_plane,
        network: file.network,
        chart: file.chart,
        health: file.health,
        scenario,
    };
    settle(&mut deployment, folder);
    (deployment, decided)
}

/// Values that follow from others, and paths made absolute.
fn settle(deployment: &mut Deployment, folder: &Path) {
    let absolute = |path: &mut Option<PathBuf>| {
        if let Some(path) = path {
            *path = normalized(&folder.join(&*path));
        }
    };
    deployment.mlflow.version.get_or_insert_with(|| DEFAULT_MLFLOW_RELEASE.to_owned());
    absolute(&mut deployment.mlflow.artifact_folder);
    let own = deployment.has(Component::Database);
    let private_mysql = own && matches!(&deployment.database, Database::Mysql(mysql) if mysql.url.is_none());
    if deployment.mlflow.backend_store == BackendStore::Automatic {
        deployment.mlflow.backend_store = if private_mysql { BackendStore::Database } else { BackendStore::Sqlite };
    }
    absolute(&mut deployment.network.ca_bundle);
    if let Some(source) = deployment.chart.source.as_mut().filter(|source| !source.contains("://")) {
        *source = normalized(&folder.join(&*source)).display().to_string();
    }
    if let Target::Local(local) = &mut deployment.target {
        absolute(&mut local.wheelhouse);
        if local.python.as_ref().is_some_and(|python| python.components().count() > 1) {
            absolute(&mut local.python);
        }
    }
    if let Target::Kubernetes(kubernetes) = &mut deployment.target {
        absolute(&mut kubernetes.kubeconfig);
        kubernetes.namespace.get_or_insert_with(|| "zenml".to_owned());
    }
    match &mut deployment.database {
        Database::Sqlite(sqlite) => absolute(&mut sqlite.folder),
        Database::Mysql(mysql) => {
            if let Some(tls) = &mut mysql.tls {
                absolute(&mut tls.ca);
            }
        }
    }
    if let ArtifactStore::Local { folder: path } = &mut deployment.artifact_store {
        absolute(path);
    }
    for source in secret_sources(deployment) {
        if let SecretSource::FromFile(path) = source {
            *path = normalized(&folder.join(&*path));
        }
    }
}

/// Without `.` and `..`, and without asking the disk.
fn normalized(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

fn secret_sources(deployment: &mut Deployment) -> Vec<&mut SecretSource> {
    let mut sources: Vec<&mut SecretSource> =
        vec![&mut deployment.server.admin_password, &mut deployment.server.jwt_secret_key];
    sources.extend(deployment.server.secret_environment.values_mut());
    if let Database::Mysql(mysql) = &mut deployment.database {
        sources.push(&mut mysql.password);
    }
    if let SecretsStore::Sql(sql) = &mut deployment.secrets_store {
        sources.push(&mut sql.encryption_key);
    }
    if let Some(key) = deployment.control_plane.as_mut().and_then(|plane| plane.enrollment_key.as_mut()) {
        sources.push(key);
    }
    sources
}

/// The one target on which all that the customer runs can run; this machine if there is a choice.
pub(super) fn default_target(scenario: &Scenario) -> Target {
    if scenario.runs_on(TargetKind::Local) {
        Target::Local(LocalTarget::default())
    } else {
        Target::Kubernetes(KubernetesTarget::default())
    }
}

/// SQLite where the scenario is for one machine; MySQL where it speaks of a server for several people.
pub(super) fn default_database(scenario: &Scenario) -> Database {
    let for_one_machine = scenario
        .components
        .iter()
        .filter(|p| p.component == Component::Database)
        .all(|p| p.targets == [TargetKind::Local]);
    if for_one_machine { Database::Sqlite(Sqlite::default()) } else { Database::Mysql(Mysql::default()) }
}

fn default_artifact_store(target: &Target, cloud: Option<&Cloud>) -> ArtifactStore {
    match (target, cloud) {
        (_, Some(Cloud::Aws { .. })) => ArtifactStore::S3 { bucket: None, managed: true },
        (_, Some(Cloud::Gcp { .. })) => ArtifactStore::Gcs { bucket: None, managed: true },
        (_, Some(Cloud::Azure { .. })) => ArtifactStore::AzureBlob { container: None, managed: true },
        _ => ArtifactStore::Local { folder: None },
    }
}

/// What a deployment may be named.
pub(super) const NAME_RULE: &str = "lower-case letters, digits and `-`, a letter first, at most 40 characters";

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 40
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
}

/// The name that was probably meant: `My Trial` is `my-trial`.
fn nearest_name(name: &str) -> Option<String> {
    let folded: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let start = folded.find(|c: char| c.is_ascii_lowercase())?;
    let near: String = folded[start..].chars().take(40).collect();
    Some(near.trim_end_matches('-').to_owned()).filter(|near| is_name(near))
}

/// Whether a text is a release: three numbers.
pub(super) fn is_release(text: &str) -> bool {
    let numbers: Vec<Option<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
    numbers.len() == 3 && numbers.iter().all(Option::is_some)
}

fn check_name(name: &str, tree: &Node, findings: &mut Vec<Diagnostic>) {
    if !is_name(name) {
        let rule = match nearest_name(name) {
            Some(near) => format!("write `{near}`: {NAME_RULE}"),
            None => format!("write {NAME_RULE}"),
        };
        findings.push(invalid(tree, "name", &format!("`{name}` cannot name a deployment"), &rule));
    }
}

fn check_release(path: &str, release: &str, tree: &Node, findings: &mut Vec<Diagnostic>) {
    if !is_release(release) {
        let rule = "a release has three numbers, such as \"0.98.0\"";
        findings.push(invalid(tree, path, &format!("`{release}` is no release"), rule));
    }
}

/// A part that cannot run on the target would have to run in two places at once.
fn check_target(deployment: &Deployment, tree: &Node, findings: &mut Vec<Diagnostic>) {
    let (scenario, target) = (&deployment.scenario, deployment.target_kind());
    if scenario.runs_on(target) {
        return;
    }
    let bound = scenario
        .components
        .iter()
        .filter(|part| part.side == Side::Customer && !part.optional && !part.targets.contains(&target));
    let names: Vec<&str> = bound.map(|part| part.component.as_str()).collect();
    let title = format!("`target`: {} does not run on {target}", scenario.name);
    let diagnostic = Diagnostic::error(codes::SCENARIO_NOT_ON_TARGET, title)
        .note(format!("not possible there: {}", names.join(", ")))
        .changed("nothing was changed")
        .next(format!("leave `target` out, or choose one that `deploy scenario show {}` lists", scenario.name));
    findings.push(point_at(diagnostic, tree, "target"));
}

fn check_values(deployment: &Deployment, tree: &Node, findings: &mut Vec<Diagnostic>) {
    check_target(deployment, tree, findings);
    if deployment.server.port == Some(0) {
        findings.push(invalid(tree, "server.port", "0 is no port", "leave it out to get a free one"));
    }
    if deployment.server.replicas == 0 {
        findings.push(invalid(tree, "server.replicas", "a server needs at least one replica", "write 1 or more"));
    }
    if deployment.server.admin_user.is_empty() || deployment.server.admin_user.contains(char::is_whitespace) {
        findings.push(invalid(tree, "server.adminUser", "this cannot be a user's name", "use letters and digits"));
    }
    if deployment.health.rounds == 0 {
        findings.push(invalid(tree, "health.rounds", "without a round nothing is checked", "write 1 or more"));
    }
    for name in deployment.server.environment.keys().chain(deployment.server.secret_environment.keys()) {
        if name.is_empty() || name.contains(['=', '\0']) {
            findings.push(invalid(
                tree,
                "server.environment",
                &format!("`{name}` is no variable name"),
                "no `=` in names",
            ));
        }
    }
    if let Some(version) = &deployment.mlflow.version {
        check_release("mlflow.version", version, tree, findings);
    }
    if let Database::Mysql(mysql) = &deployment.database {
        check_mysql(mysql, tree, findings);
    }
    if let (Target::Local(local), RuntimeKind::Process) = (&deployment.target, runtime(&deployment.target))
        && local.image.is_some()
    {
        findings.push(invalid(tree, "target.local.image", "processes have no image", "add `runtime: container`"));
    }
}

fn runtime(target: &Target) -> RuntimeKind {
    match target {
        Target::Local(local) => local.runtime,
        Target::Kubernetes(_) => RuntimeKind::Container,
    }
}

fn check_mysql(mysql: &Mysql, tree: &Node, findings: &mut Vec<Diagnostic>) {
    if mysql.username.is_empty()
        || !mysql.username.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    {
        findings.push(invalid(
            tree,
            "database.mysql.username",
            "this cannot be a user's name",
            "use letters, digits, `_`, `-`, `.`",
        ));
    }
    let Some(text) = &mysql.url else { return };
    let path = "database.mysql.url";
    let Ok(url) = url::Url::parse(text) else {
        findings.push(invalid(tree, path, "this is no URL", "write `mysql://host:3306/zenml`"));
        return;
    };
    if url.scheme() != "mysql" {
        let rule =
            format!("`{}://` is not understood by the server; only `mysql://` is, for MariaDB too", url.scheme());
        findings.push(invalid(tree, path, &rule, "write `mysql://host:3306/zenml`"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        findings.push(invalid(tree, path, "the URL names no host", "write `mysql://host:3306/zenml`"));
    }
    if url.password().is_some() {
        // The file has its own place for it, so no flag makes this one good.
        findings.push(open_url(tree, path).next("name its source: `database.mysql.password: { fromEnv: NAME }`"));
    }
    if url.query().is_some() {
        findings.push(invalid(tree, path, "parameters in the URL are not taken", "use `database.mysql.tls`"));
    }
    let database = url.path().trim_start_matches('/');
    let forbidden = ['\\', '/', '?', '%', '*', ':', '|', '"', '<', '>', '.', '-'];
    if database.is_empty() || database.len() > 64 || database.contains(forbidden) {
        findings.push(
            invalid(
                tree,
                path,
                &format!("the server does not take `{database}` as a database's name"),
                &database_rule(database),
            )
            .with_code(codes::DATABASE_NAME),
        );
    }
    if mysql.port.is_some() {
        findings.push(invalid(
            tree,
            "database.mysql.port",
            "the URL of an existing database names its port",
            "leave `port` out",
        ));
    }
    if let (SecretSource::Generate { .. }, None) = (&mysql.password, url.password()) {
        findings.push(invalid(
            tree,
            path,
            "an existing database needs its own password; one that is generated cannot open it",
            "add `password: { fromEnv: NAME }`",
        ));
    }
}

fn database_rule(name: &str) -> String {
    let near: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(64).collect();
    if near.is_empty() {
        return "add one to the end of the URL: `/zenml`".to_owned();
    }
    format!("use letters, digits and `_`: `{near}`")
}

fn invalid(tree: &Node, path: &str, what: &str, rule: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(codes::FILE_INVALID_VALUE, format!("`{path}`: {what}"));
    point_at(diagnostic.changed("nothing was changed").next(rule.to_owned()), tree, path)
}

/// Marks the place of a path, or of the nearest part of it that was written.
fn point_at(diagnostic: Diagnostic, tree: &Node, path: &str) -> Diagnostic {
    let mut part = path;
    loop {
        if let Some(node) = tree.get(part) {
            let text = if matches!(node.origin, Origin::Text { .. }) { "set here" } else { "" };
            return diagnostic.origin(&node.origin, text);
        }
        match part.rsplit_once('.') {
            Some((parent, _)) => part = parent,
            None => return diagnostic.at(format!("`{path}`")),
        }
    }
}

/// Names the place and never draws the line, since the line holds the secret.
fn inline_secret(tree: &Node, path: &str) -> Diagnostic {
    Diagnostic::error(codes::FILE_INLINE_SECRET, format!("`{path}` holds a secret in plain text"))
        .at(place_of(tree, path))
        .changed("nothing was changed")
        .next(format!("use a source, such as `{path}: {{ fromEnv: NAME }}`"))
        .next("for a throw-away deployment: --allow-inline-secrets")
}

fn open_url(tree: &Node, path: &str) -> Diagnostic {
    Diagnostic::error(codes::FILE_INLINE_SECRET, format!("`{path}` holds a password"))
        .at(place_of(tree, path))
        .changed("nothing was changed")
        .next("take the password out of the URL")
}

fn place_of(tree: &Node, path: &str) -> String {
    tree.get(path).map_or_else(|| path.to_owned(), |node| node.origin.to_string())
}

/// A variable that is named like a secret, or a URL with a password in it.
fn holds_secret(name: &str, value: &str) -> bool {
    const ENDS: &[&str] = &[
        "PASSWORD",
        "PASSWD",
        "SECRET",
        "TOKEN",
        "SECRET_KEY",
        "ACCESS_KEY",
        "PRIVATE_KEY",
        "API_KEY",
        "ENCRYPTION_KEY",
    ];
    let name = name.to_uppercase();
    !value.is_empty() && (ENDS.iter().any(|end| name.ends_with(end)) || has_url_password(value))
}

/// Variables of the server that say where its database is; the file has keys of its own for that.
const STORE_VARIABLES: &[&str] = &["ZENML_STORE_URL", "ZENML_STORE_PASSWORD"];

fn open_variable(tree: &Node, name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        codes::FILE_INLINE_SECRET,
        format!("`server.environment.{name}` seems to hold a secret in plain text"),
    )
    .at(place_of(tree, &format!("server.environment.{name}")))
    .changed("nothing was changed");
    if STORE_VARIABLES.contains(&name) {
        // Hidden in a secret, nobody could say where the data go.
        return diagnostic
            .next("name the database with `database.mysql.url`, without a password")
            .next("and its password with `database.mysql.password: { fromEnv: NAME }`");
    }
    diagnostic
        .next(format!("move it: `server.secretEnvironment.{name}: {{ fromEnv: NAME }}`"))
        .next("if it is no secret: --allow-inline-secrets")
}

fn declare_secrets(
    deployment: &Deployment,
    tree: &Node,
    options: &ResolveOptions,
    findings: &mut Vec<Diagnostic>,
) -> Vec<SecretSpec> {
    let password = Fit { min_length: 8, length: 24, alphabet: Alphabet::Alphanumeric, ascii: false };
    let key = Fit { min_length: 32, length: 64, alphabet: Alphabet::Hexadecimal, ascii: false };
    // The server's database client sends Latin-1, others send UTF-8: only ASCII is the same in both.
    let database_password = Fit { ascii: true, ..password };
    let server = &deployment.server;
    let generated = SecretSource::Generate { length: None };
    if !options.allow_inline_secrets {
        findings.extend(
            server
                .environment
                .iter()
                .filter(|(name, value)| holds_secret(name, value))
                .map(|(name, _)| open_variable(tree, name)),
        );
        let own =
            |path: &str| path.starts_with("server.environment.") || path == "database.mysql.url" || is_secret_key(path);
        findings.extend(
            tree.leaves()
                .into_iter()
                .filter(|(path, leaf)| !own(path) && leaf.as_text().is_some_and(has_url_password))
                .map(|(path, _)| open_url(tree, &path).next("or, for a throw-away deployment: --allow-inline-secrets")),
        );
    }
    let mut wanted: Vec<(String, &SecretSource, &str, Fit, String)> = Vec::new();
    let mut want = |name: &str, source, purpose, fit, path: &str| {
        wanted.push((name.to_owned(), source, purpose, fit, path.to_owned()));
    };
    if deployment.has(Component::Server) {
        want(
            "admin-password",
            &server.admin_password,
            "password of the server's administrator",
            password,
            "server.adminPassword",
        );
        want("jwt-key", &server.jwt_secret_key, "key that signs the server's tokens", key, "server.jwtSecretKey");
    }
    let has_database = deployment.has(Component::Database);
    // A client alone would write the key into its configuration, right beside the store.
    if let SecretsStore::Sql(sql) = &deployment.secrets_store
        && has_database
        && deployment.has(Component::Server)
    {
        want(
            "encryption-key",
            &sql.encryption_key,
            "key that encrypts stored secrets",
            key,
            "secretsStore.sql.encryptionKey",
        );
    }
    if let Database::Mysql(mysql) = &deployment.database
        && (deployment.has(Component::Database) || mysql.url.is_some())
    {
        want(
            "database-password",
            &mysql.password,
            "the server's password at its database",
            database_password,
            "database.mysql.password",
        );
        if deployment.has_database_of_mlflow() {
            want(
                "mlflow-password",
                &generated,
                "MLflow's password at its database",
                database_password,
                "mlflow.backendStore",
            );
        }
        if mysql.url.is_none() {
            want(
                "database-root-password",
                &generated,
                "password of the database's root user",
                password,
                "database.mysql",
            );
        }
    }
    if let Some(source) = deployment.control_plane.as_ref().and_then(|plane| plane.enrollment_key.as_ref()) {
        want(
            "enrollment-key",
            source,
            "key that enrols the workspace",
            Fit { min_length: 8, ..password },
            "controlPlane.enrollmentKey",
        );
    }
    let any = Fit { min_length: 1, ..password };
    for (name, source) in &server.secret_environment {
        let path = format!("server.secretEnvironment.{name}");
        want(
            &format!("environment-{}", name.to_lowercase().replace('_', "-")),
            source,
            "environment variable of the server",
            any,
            &path,
        );
    }
    wanted
        .into_iter()
        .map(|(name, source, purpose, fit, path)| {
            if matches!(source, SecretSource::Inline(_)) && !options.allow_inline_secrets {
                findings.push(inline_secret(tree, &path));
            }
            SecretSpec {
                name: SecretName::new(name),
                source: source.clone(),
                purpose: purpose.to_owned(),
                fit,
                origin: tree.get(&path).map_or(Origin::Default, |node| node.origin.clone()),
                path,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::SourceText;
    use crate::scenario::Catalogue;

    #[test]
    fn a_scenario_is_refused_on_a_target_that_cannot_run_all_of_it() {
        let catalogue = Catalogue::embedded().unwrap();
        for (scenario, target) in [("hybrid-workspace", "local"), ("local-server", "kubernetes")] {
            let text = format!("name: x\nscenario: {scenario}\ntarget: {target}\n");
            let tree = crate::yaml::parse(&SourceText::new("f.yaml", text)).unwrap();
            let findings =
                resolve(&[Layer::File(tree)], &|name| catalogue.find(name), &ResolveOptions::default()).unwrap_err();
            assert_eq!(findings.0[0].code, codes::SCENARIO_NOT_ON_TARGET);
            assert_eq!(findings.0[0].labels[0].source.line_column(findings.0[0].labels[0].span.start), (3, 9));
        }
        assert!(
            catalogue
                .iter()
                .all(|scenario| scenario.runs_on(TargetKind::Local) || scenario.runs_on(TargetKind::Kubernetes))
        );
    }
}
