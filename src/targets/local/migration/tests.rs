//! States of a database that need no server to be seen. The real migration is tested with the real ZenML.

use std::collections::BTreeMap;

use super::super::testing::Ground;
use super::*;
use crate::unit::Text;
use crate::unit::local::Runtime;

fn wanted(release: &str, database: DatabaseAddress) -> Migration {
    Migration {
        runtime: Runtime::Process,
        python: Text::literal("/nonexistent/bin/python"),
        release: release.to_owned(),
        environment: BTreeMap::new(),
        mounts: Vec::new(),
        database,
        administrator: None,
    }
}

fn sqlite(release: &str, path: &Path) -> Unit {
    let database = DatabaseAddress::Sqlite { path: Text::literal(path.display().to_string()) };
    Ground::unit("migration", &wanted(release, database))
}

fn mysql(port: Text) -> Unit {
    let database = DatabaseAddress::Mysql {
        host: Text::literal("127.0.0.1"),
        port,
        database: "zenml".to_owned(),
        username: "zenml".to_owned(),
        password: None,
        tls: None,
    };
    Ground::unit("migration", &wanted("0.98.0", database))
}

/// A database with a few tables and this revision.
fn store(path: &Path, revision: Option<&str>) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let tables = "DROP TABLE IF EXISTS alembic_version; CREATE TABLE IF NOT EXISTS project (name TEXT);";
    connection.execute_batch(tables).unwrap();
    if let Some(revision) = revision {
        let mark = format!(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('{revision}')"
        );
        connection.execute_batch(&mark).unwrap();
    }
}

fn record(ground: &Ground, unit: &Unit, revision: &str) {
    let outputs = Outputs::from([("revision".to_owned(), revision.to_owned())]);
    ground.target.records().write(unit, &outputs, &ground.context()).unwrap();
}

async fn broken(ground: &Ground, unit: &Unit) -> Option<String> {
    match MigrationDriver(ground.target.clone()).observe(unit, &ground.context()).await.unwrap() {
        Observation::Present(present) => present.broken,
        Observation::Absent => panic!("it is recorded"),
    }
}

#[tokio::test]
async fn a_recorded_schema_is_looked_at_again() {
    let ground = Ground::new();
    let path = ground.target.home.path().join("zenml.db");
    let unit = sqlite("0.98.0", &path);
    record(&ground, &unit, "0.98.0");
    for (revision, said) in [
        (Some("0.98.0"), None),
        (Some("0.85.0"), Some("schema is of 0.85.0")),
        (Some("a71cca37e42d"), Some("an earlier migration was cut off")),
        (None, Some("an earlier migration was cut off")),
    ] {
        store(&path, revision);
        assert_eq!(broken(&ground, &unit).await.as_deref(), said);
    }
    std::fs::remove_file(&path).unwrap();
    assert!(broken(&ground, &unit).await.unwrap().contains("empty"));
    // 0.75.1 has no migration of its own.
    let unit = sqlite("0.75.1", &path);
    store(&path, Some("0.75.0"));
    record(&ground, &unit, "0.75.0");
    assert_eq!(broken(&ground, &unit).await, None);
}

#[tokio::test]
async fn what_cannot_be_seen_is_as_it_was_left() {
    let ground = Ground::new();
    let driver = MigrationDriver(ground.target.clone());
    let open = mysql(Text::output("database", "port"));
    assert_eq!(driver.observe(&open, &ground.context()).await.unwrap(), Observation::Absent);
    let stopped = mysql(Text::literal("9"));
    assert_eq!(driver.observe(&stopped, &ground.context()).await.unwrap(), Observation::Absent);
    record(&ground, &stopped, "0.98.0");
    assert_eq!(broken(&ground, &stopped).await, None);
    assert_eq!(broken(&ground, &open).await, None, "the address of the last run stands in for an open one");
    let error = driver.apply(&stopped, &ground.context()).await.unwrap_err();
    assert_eq!(error.class, crate::unit::RetryClass::Transient);
    assert_eq!(error.diagnostic.code, codes::DATABASE_UNREACHABLE);
}

#[tokio::test]
async fn newer_schemas_and_strange_ones_are_refused_untouched() {
    let ground = Ground::new();
    let driver = MigrationDriver(ground.target.clone());
    let path = ground.target.home.path().join("zenml.db");
    let unit = sqlite("0.85.0", &path);
    store(&path, Some("0.98.0"));
    let before = std::fs::read(&path).unwrap();
    let error = driver.observe(&unit, &ground.context()).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::DATABASE_SCHEMA_AHEAD, "said while planning");
    let error = driver.apply(&unit, &ground.context()).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::DATABASE_SCHEMA_AHEAD);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    store(&path, None);
    let before = std::fs::read(&path).unwrap();
    let error = driver.apply(&unit, &ground.context()).await.unwrap_err().diagnostic;
    assert_eq!(error.code, codes::DATABASE_MIGRATION_FAILED);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn tables_with_rows_are_never_dropped() {
    let ground = Ground::new();
    let path = ground.target.home.path().join("zenml.db");
    store(&path, None);
    let database = Database::Sqlite(path.clone());
    rusqlite::Connection::open(&path).unwrap().execute_batch("INSERT INTO project VALUES ('mine')").unwrap();
    let refused = database.drop_tables_without_rows(&BIRTH_ROWS, ANSWER_WITHIN).await.unwrap_err();
    assert!(refused.to_string().contains("project"));
    assert_eq!(database.filled_tables(ANSWER_WITHIN).await.unwrap(), ["project"]);
    database.drop_tables_without_rows(&["project"], ANSWER_WITHIN).await.unwrap();
    assert_eq!(database.schema(ANSWER_WITHIN).await.unwrap(), Schema::Empty);
}

#[tokio::test]
async fn a_file_is_put_back_and_what_was_there_is_kept() {
    let ground = Ground::new();
    let ctx = ground.context();
    let path = ground.target.home.path().join("zenml.db");
    let unit = sqlite("0.98.0", &path);
    store(&path, Some("0.85.0"));
    let (wanted, database) = (spec(&unit).unwrap(), Database::Sqlite(path.clone()));
    let work = Work { target: &ground.target, unit: &unit, ctx: &ctx, wanted: &wanted, database: &database };
    let backup = work.backup_file(ground.target.home.path(), "0.85.0");
    work.back_up(&backup).await.unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&backup.metadata().unwrap().permissions()) & 0o777, 0o600);
    store(&path, Some("a71cca37e42d"));
    work.restore(&backup).await.unwrap();
    assert_eq!(database.schema(ANSWER_WITHIN).await.unwrap(), Schema::At("0.85.0".into()));
    let aside = Database::Sqlite(backup.with_extension("unfinished"));
    assert_eq!(aside.schema(ANSWER_WITHIN).await.unwrap(), Schema::At("a71cca37e42d".into()));
}

#[test]
fn the_key_of_stored_secrets_cannot_be_changed() {
    let driver = MigrationDriver(Ground::new().target.clone());
    assert!(
        driver.refuses_change("secret encryption-key").is_some_and(|reason| reason.contains("put the old key back"))
    );
    assert_eq!(driver.refuses_change("secret database-password"), None);
}

#[test]
fn another_password_of_the_administrator_is_no_reason_to_migrate() {
    let secret = |name: &str| Text::secret(&crate::secrets::SecretName::new(name));
    let administrator =
        crate::unit::local::Administrator { username: "admin".into(), password: secret("admin-password") };
    let unit = {
        let database = DatabaseAddress::Sqlite { path: Text::literal("/store.db") };
        let environment = BTreeMap::from([("KEY".to_owned(), secret("encryption-key"))]);
        let wanted = Migration { environment, administrator: Some(administrator), ..wanted("0.98.0", database) };
        Ground::unit("migration", &wanted)
    };
    let secrets = secrets_used(&unit.spec).into_iter().map(|name| (name, "fingerprint".to_owned())).collect();
    let present = without_administrator(Present { spec: unit.spec.clone(), secrets, ..Present::default() });
    assert_eq!(present.secrets.keys().map(ToString::to_string).collect::<Vec<_>>(), ["encryption-key"]);
}
