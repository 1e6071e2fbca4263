//! The drivers against the real ZenML, as a deployment uses them one after the other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Program};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;

use super::activation::ActivationDriver;
use super::client::ClientDriver;
use super::mariadb_data::MariadbDataDriver;
use super::migration::MigrationDriver;
use super::python::PythonDriver;
use super::testing::{DatabaseServer, Ground};
use crate::database::{Database, Schema, Standing};
use crate::diagnostics::codes;
use crate::secrets::SecretName;
use crate::unit::local::{
    Activation, Administrator, Client, DatabaseAddress, DatabaseTls, DatabaseUser, MariadbData, Migration,
    PythonEnvironment, Runtime,
};
use crate::unit::{Context, Driver, Observation, Outputs, Text, Unit, reveal};

const LIMIT: Duration = Duration::from_secs(10);
const OLD: &str = "0.85.0";
const NEW: &str = "0.98.0";

/// What both the migration and the server are given.
fn environment(folder: &Path, store: &[(&str, Text)]) -> BTreeMap<String, Text> {
    let folder = folder.display().to_string();
    let mut environment: BTreeMap<String, Text> = [
        ("ZENML_SERVER", "True"),
        ("ZENML_CONFIG_PATH", &folder),
        ("ZENML_ANALYTICS_OPT_IN", "False"),
        ("ZENML_STORE_TYPE", "sql"),
        ("ZENML_SECRETS_STORE_TYPE", "sql"),
        ("ZENML_SERVER_AUTH_SCHEME", "OAUTH2_PASSWORD_BEARER"),
        ("ZENML_SERVER_DEPLOYMENT_TYPE", "other"),
        ("ZENML_LOGGING_COLORS_DISABLED", "True"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), Text::literal(value)))
    .collect();
    let key = Text::secret(&SecretName::new("encryption-key"));
    environment.insert("ZENML_SECRETS_STORE_ENCRYPTION_KEY".to_owned(), key.clone());
    environment.insert("ZENML_SERVER_JWT_SECRET_KEY".to_owned(), key);
    environment.extend(store.iter().map(|(name, text)| ((*name).to_owned(), text.clone())));
    environment
}

fn administrator() -> Administrator {
    Administrator { username: "admin".to_owned(), password: Text::secret(&SecretName::new("admin-password")) }
}

fn sqlite(release: &str, python: &str, folder: &Path, path: &Path, administrator: Option<Administrator>) -> Migration {
    let url = Text::literal(format!("sqlite:///{}", path.display()));
    Migration {
        runtime: Runtime::Process,
        python: Text::literal(python),
        release: release.to_owned(),
        environment: environment(folder, &[("ZENML_STORE_URL", url)]),
        mounts: Vec::new(),
        database: DatabaseAddress::Sqlite { path: Text::literal(path.display().to_string()) },
        administrator,
    }
}

/// The user of a database has its name.
fn database_user(name: &str) -> DatabaseUser {
    DatabaseUser { username: name.to_owned(), password: Text::secret(&SecretName::new("database-password")) }
}

fn mysql(python: &str, release: &str, folder: &Path, server: &DatabaseServer, database: &str) -> Migration {
    let password = Text::secret(&SecretName::new("database-password"));
    let ca = Text::literal(server.ca.display().to_string());
    let store = [
        ("ZENML_STORE_URL", Text::literal(format!("mysql://{database}@127.0.0.1:{}/{database}", server.port))),
        ("ZENML_STORE_PASSWORD", password.clone()),
        ("ZENML_STORE_SSL", Text::literal("True")),
        ("ZENML_STORE_SSL_CA", ca.clone()),
        ("ZENML_STORE_SSL_VERIFY_SERVER_CERT", Text::literal("True")),
    ];
    Migration {
        runtime: Runtime::Process,
        python: Text::literal(python),
        release: release.to_owned(),
        environment: environment(folder, &store),
        mounts: Vec::new(),
        database: DatabaseAddress::Mysql {
            host: Text::literal("127.0.0.1"),
            port: Text::literal(server.port.to_string()),
            database: database.to_owned(),
            username: database.to_owned(),
            password: Some(password),
            tls: Some(DatabaseTls { ca: Some(ca), verify_name: true }),
        },
        administrator: Some(administrator()),
    }
}

/// A running ZenML server.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    async fn start(migration: &Migration, ctx: &Context) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let python = migration.python.known().unwrap();
        let revealed = migration
            .environment
            .iter()
            .map(|(name, text)| (name.clone(), reveal(text, &ctx.secrets).unwrap().expose_secret().to_owned()));
        let process = Program::new(python)
            .args(["-m", "uvicorn", "zenml.zen_server.zen_server_api:app", "--host", "127.0.0.1", "--port"])
            .arg(port.to_string())
            .envs(revealed)
            .env("DISABLE_DATABASE_MIGRATION", "True")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(60), "the server does not start");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }

    async fn log_in(&self, username: &str, password: &str) -> u16 {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let form = [("username", username), ("password", password)];
        client.post(format!("{}/api/v1/login", self.url)).form(&form).send().await.unwrap().status().as_u16()
    }

    fn activation(&self) -> Unit {
        let Administrator { username, password } = administrator();
        let spec = Activation { url: Text::literal(&self.url), server_name: "mine".to_owned(), username, password };
        Ground::unit("server/administrator", &spec)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn broken(driver: &dyn Driver, unit: &Unit, ctx: &Context) -> Option<String> {
    match driver.observe(unit, ctx).await.unwrap() {
        Observation::Present(present) => present.broken,
        Observation::Absent => panic!("{} is absent", unit.id),
    }
}

async fn python(ground: &Ground, ctx: &Context, release: &str) -> Outputs {
    let wanted = PythonEnvironment {
        packages: vec![format!("zenml[server]=={release}")],
        python: None,
        wheelhouse: None,
        probe: "zenml".to_owned(),
    };
    let unit = Ground::unit(&format!("python-{release}"), &wanted);
    PythonDriver(ground.target.clone()).apply(&unit, ctx).await.unwrap()
}

fn ground() -> (Ground, Context) {
    let ground = Ground::new();
    let ctx = ground.context();
    for name in ["admin-password", "encryption-key", "database-password", "root-password"] {
        ctx.secrets.ensure(&SecretName::new(name)).unwrap();
    }
    (ground, ctx)
}

/// The administrator's login works, and none without a password does.
async fn only_the_administrator_gets_in(server: &Server, ctx: &Context) {
    let password = ctx.secrets.get(&SecretName::new("admin-password")).unwrap();
    assert_eq!(server.log_in("admin", password.expose_secret()).await, 200);
    for name in ["admin", "default"] {
        assert_eq!(server.log_in(name, "").await, 401, "{name} gets in without a password");
    }
}

#[tokio::test]
#[ignore = "slow: real ZenML"]
async fn a_store_in_a_file_from_nothing_and_from_a_client() {
    stores_in_files(NEW).await;
}

#[tokio::test]
#[ignore = "slow: real ZenML"]
async fn stores_of_older_releases() {
    stores_in_files("0.73.0").await;
    stores_in_files(OLD).await;
}

async fn stores_in_files(release: &str) {
    let (ground, ctx) = ground();
    let python = python(&ground, &ctx, release).await;
    let home = ground.target.home.path().to_owned();
    let driver = MigrationDriver(ground.target.clone());
    let activation = ActivationDriver(ground.target.clone());

    // From nothing: never inactive.
    let path = home.join("fresh.db");
    let migration = sqlite(release, &python["python"], &home, &path, Some(administrator()));
    let unit = Ground::unit("migration", &migration);
    assert_eq!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Absent);
    let outputs = driver.apply(&unit, &ctx).await.unwrap();
    assert_eq!(outputs["revision"], release);
    assert_eq!(driver.apply(&unit, &ctx).await.unwrap(), outputs);
    assert_eq!(broken(&driver, &unit, &ctx).await, None);
    let database = Database::Sqlite(path.clone());
    assert_eq!(database.users(LIMIT).await.unwrap().len(), 1);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let server = Server::start(&migration, &ctx).await;
    only_the_administrator_gets_in(&server, &ctx).await;
    activation.apply(&server.activation(), &ctx).await.unwrap();
    activation.apply(&server.activation(), &ctx).await.unwrap();
    assert_eq!(broken(&activation, &server.activation(), &ctx).await, None);
    let stopped = server.activation();
    drop(server);
    assert_eq!(broken(&activation, &stopped, &ctx).await, None, "a stopped server cannot be asked");

    // Without an administrator from the migration, the server is activated.
    let path = home.join("inactive.db");
    let migration = sqlite(release, &python["python"], &home, &path, None);
    driver.apply(&Ground::unit("other", &migration), &ctx).await.unwrap();
    let server = Server::start(&migration, &ctx).await;
    assert!(broken(&activation, &server.activation(), &ctx).await.is_none(), "it is asked where it was applied");
    activation.apply(&server.activation(), &ctx).await.unwrap();
    only_the_administrator_gets_in(&server, &ctx).await;
    drop(server);

    // A store that a client made: open to everybody until its user is closed.
    let client = Client {
        bin: Text::literal(&python["bin"]),
        environment: BTreeMap::from([("ZENML_ANALYTICS_OPT_IN".to_owned(), Text::literal("False"))]),
    };
    let client_driver = ClientDriver(ground.target.clone());
    let unit = Ground::unit("client", &client);
    let made = client_driver.apply(&unit, &ctx).await.unwrap();
    assert_eq!(broken(&client_driver, &unit, &ctx).await, None);
    let stacks = Program::new(&made["zenml"]).args(["stack", "list"]).output().unwrap();
    assert!(stacks.status.success(), "{}", String::from_utf8_lossy(&stacks.stderr));
    let path = Path::new(&made["configuration"]).join("local_stores/default_zen_store/zenml.db");
    let migration = sqlite(release, &python["python"], &home, &path, Some(administrator()));
    let server = Server::start(&migration, &ctx).await;
    assert_eq!(server.log_in("default", "").await, 200, "this is what has to be closed");
    drop(server);
    let without = Migration { administrator: None, ..migration.clone() };
    driver.apply(&Ground::unit("adopted", &without), &ctx).await.unwrap();
    driver.apply(&Ground::unit("adopted", &migration), &ctx).await.unwrap();
    let server = Server::start(&migration, &ctx).await;
    only_the_administrator_gets_in(&server, &ctx).await;
    activation.apply(&server.activation(), &ctx).await.unwrap();
    let status = Program::new(&made["zenml"]).arg("status").env("ZENML_DEFAULT_USER_NAME", "admin").output().unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
}

#[tokio::test]
#[ignore = "slow: real ZenML"]
async fn a_server_on_a_clients_store_is_closed_although_it_runs() {
    let (ground, ctx) = ground();
    let python = python(&ground, &ctx, NEW).await;
    let client = Client { bin: Text::literal(&python["bin"]), environment: BTreeMap::new() };
    let made = ClientDriver(ground.target.clone()).apply(&Ground::unit("client", &client), &ctx).await.unwrap();
    let path = Path::new(&made["configuration"]).join("local_stores/default_zen_store/zenml.db");
    let server = Server::start(&sqlite(NEW, &python["python"], ground.target.home.path(), &path, None), &ctx).await;
    let activation = ActivationDriver(ground.target.clone());
    activation.apply(&server.activation(), &ctx).await.unwrap();
    only_the_administrator_gets_in(&server, &ctx).await;
    let other = Activation {
        password: Text::secret(&SecretName::new("root-password")),
        ..super::target::spec::<Activation>(&server.activation()).unwrap()
    };
    let refused = activation.apply(&Ground::unit("elsewhere", &other), &ctx).await.unwrap_err().diagnostic;
    assert_eq!(refused.code, codes::SERVER_ACTIVATED_ELSEWHERE);
}

/// Applies a migration and cuts it off, as Ctrl-C twice does, as soon as the schema is as `moment` says.
async fn cut_off(ground: &Ground, unit: &Unit, database: &Database, moment: impl Fn(&Schema) -> bool) -> Schema {
    let ctx = Context { cancel: CancellationToken::new(), ..ground.context() };
    let driver = MigrationDriver(ground.target.clone());
    let watch = async {
        loop {
            let schema = database.schema(LIMIT).await.unwrap();
            if moment(&schema) {
                ctx.cancel.cancel();
                return schema;
            }
        }
    };
    let (applied, seen) = tokio::join!(driver.apply(unit, &ctx), watch);
    assert_eq!(applied.unwrap_err().diagnostic.code, codes::RUN_CANCELLED);
    seen
}

#[tokio::test]
#[ignore = "slow: real ZenML"]
async fn migrations_of_a_server_database_that_are_cut_off_are_finished() {
    let (ground, ctx) = ground();
    let home = ground.target.home.path().to_owned();
    let data = MariadbData {
        program: None,
        users: ["zenml", "upgraded"].map(|name| (name.to_owned(), database_user(name))).into(),
        root_password: Text::secret(&SecretName::new("root-password")),
        runtime: Runtime::Process,
    };
    let made = MariadbDataDriver(ground.target.clone()).apply(&Ground::unit("data", &data), &ctx).await.unwrap();
    let server = DatabaseServer::start(&ground, &ctx, &made).await;
    let new = python(&ground, &ctx, NEW).await;
    let driver = MigrationDriver(ground.target.clone());

    let migration = mysql(&new["python"], NEW, &home, &server, "zenml");
    let database = Database::resolve(&migration.database, &ctx.secrets).unwrap();
    let unit = Ground::unit("migration", &migration);
    cut_off(&ground, &unit, &database, |schema| matches!(schema, Schema::Unmarked { tables } if *tables > 20)).await;
    assert!(broken(&driver, &unit, &ctx).await.is_some());
    assert_eq!(driver.apply(&unit, &ctx).await.unwrap()["revision"], NEW);
    assert_eq!(database.users(LIMIT).await.unwrap()[0].name, "admin");
    assert_eq!(broken(&driver, &unit, &ctx).await, None);

    let old = python(&ground, &ctx, OLD).await;
    let before = mysql(&old["python"], OLD, &home, &server, "upgraded");
    let database = Database::resolve(&before.database, &ctx.secrets).unwrap();
    driver.apply(&Ground::unit("upgraded", &before), &ctx).await.unwrap();
    let after = mysql(&new["python"], NEW, &home, &server, "upgraded");
    let unit = Ground::unit("upgraded", &after);
    assert_eq!(broken(&driver, &unit, &ctx).await, None, "as it was applied: the plan shows the new release");
    let moment = |schema: &Schema| matches!(schema.against(NEW), Standing::Unfinished(Some(_)));
    let stopped_at = cut_off(&ground, &unit, &database, moment).await;
    assert!(broken(&driver, &unit, &ctx).await.is_some());
    let outputs = driver.apply(&unit, &ctx).await.unwrap_or_else(|error| panic!("{stopped_at:?}: {error:?}"));
    assert_eq!(outputs["revision"], NEW);
    assert_eq!(database.users(LIMIT).await.unwrap()[0].name, "admin");
    let backup = PathBuf::from(&outputs["backup"]);
    assert!(backup.metadata().unwrap().len() > 1000);
    assert!(backup.with_extension("unfinished").exists(), "what was there is put aside, not removed");
    let running = Server::start(&after, &ctx).await;
    only_the_administrator_gets_in(&running, &ctx).await;
    drop(running);

    let back = driver.observe(&Ground::unit("upgraded", &before), &ctx).await.unwrap_err().diagnostic;
    assert_eq!(back.code, codes::DATABASE_SCHEMA_AHEAD);
    let foreign = Ground::unit("foreign", &before);
    assert_eq!(driver.apply(&foreign, &ctx).await.unwrap_err().diagnostic.code, codes::DATABASE_SCHEMA_AHEAD);
}

#[tokio::test]
#[ignore = "slow: real ZenML; needs podman, and the server's image in DEPLOY_TEST_ZENML_IMAGE"]
async fn a_schema_is_made_from_the_servers_image() {
    let configuration = std::env::var("CONTAINERS_CONF").unwrap_or_default();
    let ground = Ground::with(&[("CONTAINERS_CONF", &configuration)]);
    let ctx = ground.context();
    for name in ["admin-password", "encryption-key"] {
        ctx.secrets.ensure(&SecretName::new(name)).unwrap();
    }
    let folder = ground.target.home.path().join("store");
    super::target::make_private_folder(&folder).unwrap();
    let path = folder.join("zenml.db");
    let image = std::env::var("DEPLOY_TEST_ZENML_IMAGE").unwrap();
    let migration = Migration {
        runtime: Runtime::Container { engine: Some("podman".to_owned()), image },
        mounts: vec![Text::literal(folder.display().to_string())],
        ..sqlite(NEW, "ignored", &folder, &path, Some(administrator()))
    };
    let unit = Ground::unit("migration", &migration);
    let driver = MigrationDriver(ground.target.clone());
    let outputs = driver.apply(&unit, &ctx).await.unwrap();
    assert_eq!(outputs["revision"], NEW);
    assert_eq!(driver.apply(&unit, &ctx).await.unwrap(), outputs);
    assert_eq!(broken(&driver, &unit, &ctx).await, None);
    assert_eq!(Database::Sqlite(path).users(LIMIT).await.unwrap()[0].name, "admin");
}
