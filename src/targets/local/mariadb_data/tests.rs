//! A real MariaDB, as root and as somebody else.

use std::process::Command as Program;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::super::testing::{DatabaseServer, Ground};
use super::*;
use crate::database::{ClearText, Database, DatabaseError, MysqlLogin, MysqlTls, Schema};
use crate::secrets::SecretName;
use crate::unit::Text;

const LIMIT: Duration = Duration::from_secs(10);

fn wanted(password: &str) -> MariadbData {
    MariadbData {
        program: None,
        users: [("zenml", password), ("ml_flow", "other-password")]
            .map(|(name, password)| (name.into(), user(name, password)))
            .into(),
        root_password: Text::secret(&SecretName::new("root-password")),
        runtime: Runtime::Process,
    }
}

fn user(name: &str, password: &str) -> DatabaseUser {
    DatabaseUser { username: name.into(), password: Text::secret(&SecretName::new(password)) }
}

fn context(ground: &Ground) -> Context {
    let ctx = ground.context();
    for name in ["database-password", "other-password", "root-password", "generated"] {
        ctx.secrets.ensure(&SecretName::new(name)).unwrap();
    }
    ctx
}

impl DatabaseServer {
    fn login(&self, database: &str, password: Option<SecretString>) -> MysqlLogin {
        MysqlLogin {
            host: "127.0.0.1".into(),
            port: self.port,
            database: database.into(),
            username: "zenml".into(),
            password,
            tls: Some(MysqlTls { ca: Some(self.ca.clone()), verify_name: true }),
        }
    }
}

fn database(login: MysqlLogin) -> Database {
    Database::Mysql(Box::new(login))
}

/// Everything once, from nothing to a database that only takes the right login over TLS.
async fn make_and_log_in(program: Option<PathBuf>) {
    let ground = Ground::new();
    let ctx = context(&ground);
    let driver = MariadbDataDriver(ground.target.clone());
    let wanted = |password| MariadbData { program: program.clone(), ..wanted(password) };
    let unit = Ground::unit("database/data", &wanted("database-password"));
    assert_eq!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Absent);
    let outputs = driver.apply(&unit, &ctx).await.unwrap();
    assert!(matches!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Present(p) if p.broken.is_none()));

    let mut server = DatabaseServer::start(&ground, &ctx, &outputs).await;
    let password = ctx.secrets.get(&SecretName::new("database-password")).unwrap();
    let login = server.login("zenml", Some(password.clone()));
    let greeting = database(login.clone()).greet(LIMIT).await.unwrap();
    assert!(greeting.version.contains("MariaDB") && greeting.tls.unwrap().starts_with("TLSv1."));
    assert_eq!(database(login.clone()).schema(LIMIT).await.unwrap(), Schema::Empty);
    assert_eq!(database(login.clone()).clear_text(LIMIT).await.unwrap(), ClearText::Refused);
    each_to_his_own(&server, &ctx, &login).await;
    refusals(&server, &login).await;
    no_secret_is_in_a_file(&ground, &ctx);

    let other = Ground::unit("database/data", &wanted("generated"));
    let refused = driver.apply(&other, &ctx).await.unwrap_err().diagnostic;
    assert_eq!(refused.code, codes::PLAN_IMPOSSIBLE_CHANGE, "its password cannot change while it runs");
    let busy = driver.delete(&ground.owned("database/data"), DataFate::Delete, &ctx).await.unwrap_err();
    assert!(busy.diagnostic.evidence[0].contains(&server.process.id().to_string()));
    server.stop();
    let mut alone = wanted("generated");
    alone.users.remove("ml_flow");
    let other = Ground::unit("database/data", &alone);
    driver.apply(&other, &ctx).await.unwrap();
    let server = DatabaseServer::start(&ground, &ctx, &outputs).await;
    let dropped = MysqlLogin {
        username: "ml_flow".into(),
        ..server.login("ml_flow", Some(ctx.secrets.get(&SecretName::new("other-password")).unwrap()))
    };
    assert!(matches!(database(dropped).schema(LIMIT).await, Err(DatabaseError::RefusedLogin(_))));
    let changed = ctx.secrets.get(&SecretName::new("generated")).unwrap();
    assert_eq!(database(server.login("zenml", Some(changed))).schema(LIMIT).await.unwrap(), Schema::Empty);
    let old = database(server.login("zenml", Some(password))).schema(LIMIT).await;
    assert!(matches!(old, Err(DatabaseError::RefusedLogin(_))));
}

/// Users cannot open each other's databases.
async fn each_to_his_own(server: &DatabaseServer, ctx: &Context, login: &MysqlLogin) {
    let other = ctx.secrets.get(&SecretName::new("other-password")).unwrap();
    let other = MysqlLogin { username: "ml_flow".into(), ..server.login("ml_flow", Some(other)) };
    assert_eq!(database(other.clone()).schema(LIMIT).await.unwrap(), Schema::Empty);
    for intruder in
        [MysqlLogin { database: "zenml".into(), ..other }, MysqlLogin { database: "ml_flow".into(), ..login.clone() }]
    {
        let refused = database(intruder).schema(LIMIT).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::NoDatabase(_)), "{refused:?}");
    }
}

/// What the client says when something does not fit, seen from a real server.
async fn refusals(server: &DatabaseServer, login: &MysqlLogin) {
    let ask = |login: MysqlLogin| async move { database(login).schema(LIMIT).await.unwrap_err() };
    let wrong = MysqlLogin { password: Some(SecretString::from("wrong")), ..login.clone() };
    assert!(matches!(ask(wrong.clone()).await, DatabaseError::RefusedLogin(_)));
    assert!(matches!(ask(MysqlLogin { tls: None, ..wrong }).await, DatabaseError::RefusedLogin(_)));
    assert!(matches!(ask(MysqlLogin { tls: None, ..login.clone() }).await, DatabaseError::NeedsTls(_)));
    let untrusting = Some(MysqlTls { ca: None, verify_name: true });
    assert!(matches!(ask(MysqlLogin { tls: untrusting, ..login.clone() }).await, DatabaseError::Certificate(_)));
    let by_name = MysqlLogin { host: "localhost".into(), ..login.clone() };
    assert!(matches!(ask(by_name.clone()).await, DatabaseError::Certificate(_)));
    let lenient = Some(MysqlTls { ca: Some(server.ca.clone()), verify_name: false });
    assert!(database(MysqlLogin { tls: lenient, ..by_name }).schema(LIMIT).await.is_ok());
    assert!(matches!(ask(server.login("mysql", login.password.clone())).await, DatabaseError::NoDatabase(_)));
    assert!(matches!(ask(MysqlLogin { port: 9, ..login.clone() }).await, DatabaseError::Unreachable(_)));
    for nobody in ["root", "", "mariadb.sys"] {
        let nobody = MysqlLogin { username: nobody.into(), password: None, ..login.clone() };
        assert!(matches!(ask(nobody).await, DatabaseError::RefusedLogin(_)));
    }
}

fn no_secret_is_in_a_file(ground: &Ground, ctx: &Context) {
    let secrets = ["database-password", "root-password"].map(|name| ctx.secrets.get(&SecretName::new(name)).unwrap());
    let mut folders = vec![ground.target.home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path == ctx.secrets.store().folder() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap_or_default();
                for secret in &secrets {
                    let value = secret.expose_secret().as_bytes();
                    assert!(!bytes.windows(value.len()).any(|window| window == value), "{}", path.display());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_database_is_made_and_takes_the_right_login_only() {
    make_and_log_in(None).await;
}

#[tokio::test]
#[ignore = "needs the program of a MariaDB that is unpacked, not installed, in DEPLOY_TEST_MARIADB"]
async fn an_unpacked_database_works_like_an_installed_one() {
    make_and_log_in(Some(PathBuf::from(std::env::var_os("DEPLOY_TEST_MARIADB").unwrap()))).await;
}

#[tokio::test]
#[ignore = "needs podman, and an image with MariaDB in DEPLOY_TEST_MARIADB_IMAGE"]
async fn a_database_is_made_in_a_container() {
    let configuration = std::env::var("CONTAINERS_CONF").unwrap_or_default();
    let ground = Ground::with(&[("CONTAINERS_CONF", &configuration)]);
    let ctx = context(&ground);
    let driver = MariadbDataDriver(ground.target.clone());
    let image = std::env::var("DEPLOY_TEST_MARIADB_IMAGE").unwrap();
    let runtime = Runtime::Container { engine: Some("podman".into()), image };
    let unit = Ground::unit("database/data", &MariadbData { runtime, ..wanted("database-password") });
    let mut outputs = driver.apply(&unit, &ctx).await.unwrap();
    assert_eq!(driver.apply(&unit, &ctx).await.unwrap(), outputs);
    assert!(matches!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Present(p) if p.broken.is_none()));
    no_secret_is_in_a_file(&ground, &ctx);
    // The files are the same as those of the programs on this machine.
    outputs.insert("program".into(), "/usr/sbin/mariadbd".into());
    let server = DatabaseServer::start(&ground, &ctx, &outputs).await;
    let password = ctx.secrets.get(&SecretName::new("database-password")).unwrap();
    assert_eq!(database(server.login("zenml", Some(password))).schema(LIMIT).await.unwrap(), Schema::Empty);
}

/// Without a container again, as a user with no rights at all.
#[test]
fn the_same_as_an_ordinary_user() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let program = path.join("tests");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for (path, mode) in [(path, 0o777), (program.as_path(), 0o755)] {
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }
    let output = Program::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .args(["--exact", "targets::local::mariadb_data::tests::a_database_is_made_and_takes_the_right_login_only"])
        // As a login shell gives it: without /usr/sbin, where the server is.
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("TMPDIR", path)
        .current_dir(path)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && words.contains("1 passed"), "{words}");
}

#[tokio::test]
async fn what_a_killed_run_left_is_made_anew_and_what_is_whole_is_left_alone() {
    let ground = Ground::new();
    let ctx = context(&ground);
    let driver = MariadbDataDriver(ground.target.clone());
    let unit = Ground::unit("database/data", &wanted("database-password"));
    let folder = ground.target.folder.data(&unit.id);
    let half_made = folder.with_file_name(".database--data.new-killed");
    std::fs::create_dir_all(half_made.join("mysql")).unwrap();
    ground.target.claim(&unit, &ctx).unwrap();
    let outputs = driver.apply(&unit, &ctx).await.unwrap();
    assert!(!half_made.exists());
    let log = ground.target.folder.log(&unit.id);
    let before = std::fs::metadata(&log).unwrap().len();
    // Killed after the folder had its name and before it was recorded.
    ground.target.claim(&unit, &ctx).unwrap();
    std::fs::write(folder.join("sign"), "still the same").unwrap();
    assert_eq!(driver.apply(&unit, &ctx).await.unwrap(), outputs);
    assert_eq!(driver.apply(&unit, &ctx).await.unwrap(), outputs);
    assert!(folder.join("sign").exists());
    assert!(std::fs::metadata(&log).unwrap().len() < before + 4000, "it was not made a second time");

    let gone = folder.with_extension("elsewhere");
    std::fs::rename(&folder, &gone).unwrap();
    assert!(matches!(driver.observe(&unit, &ctx).await.unwrap(), Observation::Present(p) if p.broken.is_some()));
    assert_eq!(driver.apply(&unit, &ctx).await.unwrap_err().diagnostic.code, codes::DATABASE_DAMAGED);
    std::fs::rename(&gone, &folder).unwrap();
    std::fs::remove_file(folder.join("ibdata1")).unwrap();
    assert_eq!(driver.apply(&unit, &ctx).await.unwrap_err().diagnostic.code, codes::DATABASE_DAMAGED);
    let owned = ground.owned("database/data");
    assert_eq!(driver.delete(&owned, DataFate::Keep, &ctx).await.unwrap().kept.len(), 1);
    driver.delete(&owned, DataFate::Delete, &ctx).await.unwrap();
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_program_that_is_no_mariadb_is_refused_and_nothing_is_left() {
    let ground = Ground::new();
    let ctx = context(&ground);
    let driver = MariadbDataDriver(ground.target.clone());
    let other = MariadbData { program: Some("/bin/cat".into()), ..wanted("database-password") };
    let refused = driver.apply(&Ground::unit("database/data", &other), &ctx).await.unwrap_err().diagnostic;
    assert_eq!(refused.code, codes::DATABASE_NO_PROGRAM);
    assert!(!ground.target.folder.path().join("data").exists());
}
