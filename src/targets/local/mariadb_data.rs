//! The data folder of a private MariaDB, with its users.
//!
//! A new folder is made beside its place and given its name when it is whole, so a folder that has the name can be
//! trusted, and one that holds data is never touched by a second attempt.

mod programs;
mod statements;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rustix::process::{Flock, FlockType};

use self::programs::Programs;
use self::statements::{Account, Accounts};
use super::command::{Command, Finished};
use super::container::{Place, run_once};
use super::disk;
use super::record::unwritable;
use super::target::{LocalTarget, make_private_folder, remove, spec};
use crate::causes::{self, Speaker};
use crate::diagnostics::{Code, Diagnostic, codes};
use crate::unit::local::{DatabaseUser, MariadbData, Runtime};
use crate::unit::{
    Context, DataFate, Deleted, Driver, DriverResult, Observation, Outputs, Owned, Spec as _, Text, Unit, reveal,
    secrets_used,
};

/// Of a new folder. The default of 96 MiB is meant for machines that do nothing else.
const REDO_LOG: &str = "--innodb-log-file-size=32M";
/// Parts without which a data folder is none: the tablespace, and who may log in.
const VITAL: [&str; 2] = ["ibdata1", "mysql/global_priv.MAI"];

/// Driver of [`MariadbData`].
pub(super) struct MariadbDataDriver(pub(super) LocalTarget);

#[async_trait]
impl Driver for MariadbDataDriver {
    fn kind(&self) -> &'static str {
        MariadbData::KIND
    }

    async fn observe(&self, unit: &Unit, _ctx: &Context) -> DriverResult<Observation> {
        let folder = self.0.folder.data(&unit.id);
        Ok(self.0.recorded(unit, |present| {
            let program = Path::new(present.outputs.get("program")?);
            // In an image it is only a name.
            let is_gone = program.is_absolute() && !program.exists();
            what_is_missing(&folder).or_else(|| is_gone.then(|| format!("{} is gone", program.display())))
        })?)
    }

    fn refuses_change(&self, field: &str) -> Option<&'static str> {
        match field {
            // `users.zenml.username`
            name if name.ends_with(".username") => {
                Some("the old user would stay and keep its rights; change it back, or start with new data")
            }
            "runtime" => Some("the files belong to the user that the other runtime runs as"),
            _ => None,
        }
    }

    async fn apply(&self, unit: &Unit, ctx: &Context) -> DriverResult<Outputs> {
        let wanted: MariadbData = spec(unit)?;
        let programs = self.programs(unit, &wanted, ctx).await?;
        let before = self.0.records().read(&unit.id)?;
        let folder = self.0.folder.data(&unit.id);
        let step = Step { target: &self.0, unit, ctx, programs: &programs, runtime: &wanted.runtime };
        if !folder.exists() {
            if before.as_ref().is_some_and(|owned| owned.present.broken.is_none()) {
                // It was whole once. An empty database in its place would look like all data lost, silently.
                return Err(lost(&folder).into());
            }
            self.0.claim(unit, ctx)?;
            step.make(&wanted, &folder).await?;
        } else if let Some(missing) = what_is_missing(&folder) {
            return Err(damaged(&folder, missing).into());
        } else if !is_as_applied(before.as_ref(), unit, ctx)? {
            step.release(&folder).await?;
            self.0.claim(unit, ctx)?;
            (ctx.progress)("setting passwords of the database");
            step.bootstrap(&wanted, dropped(before.as_ref(), &wanted), &folder).await?;
        }
        forget_unfinished(&folder);
        let outputs = outputs(&self.0, &programs, &folder);
        self.0.records().write(unit, &outputs, ctx)?;
        Ok(outputs)
    }

    fn evidence(&self, unit: &Unit, ctx: &Context) -> Vec<String> {
        self.0.evidence(&unit.id, ctx)
    }

    async fn delete(&self, owned: &Owned, data: DataFate, _ctx: &Context) -> DriverResult<Deleted> {
        let folder = self.0.folder.data(&owned.unit.id);
        if data == DataFate::Keep && folder.exists() {
            self.0.records().keep(owned)?;
            return Ok(Deleted { kept: vec![folder.display().to_string()] });
        }
        if let Some(pid) = holder(&folder) {
            return Err(in_use(&folder, pid)
                .changed("nothing was removed")
                .next("stop that process, then: deploy destroy")
                .into());
        }
        // Under another name first: a folder that is half removed must not look like a whole one.
        let doomed = beside(&folder, "removing");
        remove(&doomed)?;
        match std::fs::rename(&folder, &doomed) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unwritable(&folder, &error).into());
            }
            _ => remove(&doomed)?,
        }
        self.0.records().remove(&owned.unit.id)?;
        Ok(Deleted::default())
    }
}

impl MariadbDataDriver {
    async fn programs(&self, unit: &Unit, wanted: &MariadbData, ctx: &Context) -> Result<Programs, Diagnostic> {
        let Runtime::Container { engine, image } = &wanted.runtime else {
            return Programs::find(&self.0.world, wanted.program.as_deref()).await;
        };
        let log = self.0.folder.log(&unit.id);
        let asked = Command::new(&self.0.world, programs::SERVER, &self.0.folder.run(&unit.id), log);
        let asked = asked.arguments(["--no-defaults", "--version"]);
        let place = Place { target: &self.0, unit: &unit.id, engine: engine.as_deref(), image, mounts: &[] };
        let answer = run_once(place, asked, ctx, &|_| {}).await?;
        Programs::in_image(image, &answer.tail)
    }
}

/// One application to one unit.
struct Step<'a> {
    target: &'a LocalTarget,
    unit: &'a Unit,
    ctx: &'a Context,
    programs: &'a Programs,
    runtime: &'a Runtime,
}

impl Step<'_> {
    /// From nothing to a whole folder.
    async fn make(&self, wanted: &MariadbData, folder: &Path) -> Result<(), Diagnostic> {
        let parent = folder.parent().unwrap_or(folder);
        make_private_folder(parent)?;
        let unfinished = tempfile::Builder::new()
            .prefix(&format!("{}-", file_name(&beside(folder, "new"))))
            .tempdir_in(parent)
            .map_err(|error| unwritable(parent, &error))?;
        (self.ctx.progress)("making the database's own tables");
        let made = self.run(self.install(unfinished.path())?, unfinished.path()).await?;
        self.check(&made, "the database's data folder cannot be made")?;
        (self.ctx.progress)("making users and databases");
        self.bootstrap(wanted, Vec::new(), unfinished.path()).await?;
        sync(unfinished.path()).map_err(|error| unwritable(folder, &error))?;
        let named = std::fs::rename(unfinished.keep(), folder).and_then(|()| sync(parent));
        named.map_err(|error| unwritable(folder, &error))
    }

    /// Passwords are set and databases made while nobody has the folder open. Our own server is stopped for that and
    /// started again by its own unit, which comes after this one.
    async fn release(&self, folder: &Path) -> Result<(), Diagnostic> {
        if holder(folder).is_some() {
            (self.ctx.progress)("stopping the database, to set its passwords");
            self.target.stop_users_of(folder).await?;
        }
        match holder(folder) {
            None => Ok(()),
            Some(pid) => Err(in_use(folder, pid)
                .cause("its passwords or databases are to be changed, which is done while it is stopped")
                .changed("nothing was changed")
                .next("stop that process, then: deploy apply")),
        }
    }

    fn install(&self, folder: &Path) -> Result<Command, Diagnostic> {
        let mut command = self.command(&self.programs.install)?;
        let mut place = option("datadir", folder);
        if *self.runtime == Runtime::Process {
            // A shell script that takes spaces in paths amiss: our names have none, those above may.
            folder.parent().unwrap_or(folder).clone_into(&mut command.folder);
            place = format!("--datadir=./{}", file_name(folder)).into();
        }
        command = command
            .arguments(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            // Otherwise it refuses on machines that cannot resolve their own name.
            .argument("--force")
            .argument(place)
            .argument(REDO_LOG);
        if let Some(basedir) = &self.programs.basedir {
            command = command.argument(option("basedir", basedir));
        }
        Ok(as_root(command))
    }

    async fn bootstrap(&self, wanted: &MariadbData, dropped: Vec<String>, folder: &Path) -> Result<(), Diagnostic> {
        let reveal = |text: &Text| reveal(text, &self.ctx.secrets);
        let account = |(database, user): (&String, &DatabaseUser)| {
            let (database, username) = (database.clone(), user.username.clone());
            Ok::<_, Diagnostic>(Account { database, username, password: reveal(&user.password)? })
        };
        let users = wanted.users.iter().map(account).collect::<Result<_, _>>()?;
        let accounts = Accounts { users, dropped, root_password: reveal(&wanted.root_password)? };
        let mut command = self
            .command(&self.programs.server)?
            .arguments(["--no-defaults", "--bootstrap"])
            .argument(option("datadir", folder))
            .argument(REDO_LOG);
        for (name, path) in self.programs.places() {
            command = command.argument(option(name, &path));
        }
        let done = self.run(as_root(command).stdin(accounts.statements()), folder).await?;
        self.check(&done, "the database's users cannot be made")
    }

    fn command(&self, program: &Path) -> Result<Command, Diagnostic> {
        let world = &self.target.world;
        let home = self.target.folder.run(&self.unit.id);
        make_private_folder(&home)?;
        let mut command = Command::new(world, program, &home, self.target.folder.log(&self.unit.id))
            .redactor(self.ctx.secrets.redactor_of_seen())
            .time_limit(self.ctx.time_limit);
        if *self.runtime == Runtime::Process {
            command = command.variable("LD_LIBRARY_PATH", self.programs.libraries(world));
        }
        Ok(command)
    }

    /// Runs a program that works on this folder.
    async fn run(&self, command: Command, folder: &Path) -> Result<Finished, Diagnostic> {
        let Runtime::Container { engine, image } = self.runtime else {
            return command.run(&self.ctx.cancel, &|_| {}).await;
        };
        let mounts = [folder.display().to_string()];
        let place =
            Place { target: self.target, unit: &self.unit.id, engine: engine.as_deref(), image, mounts: &mounts };
        run_once(place, command, self.ctx, &|_| {}).await
    }

    fn check(&self, finished: &Finished, title: &str) -> Result<(), Diagnostic> {
        if finished.succeeded() {
            return Ok(());
        }
        let cause = causes::of(Speaker::Mariadb, Some(finished.exit), &finished.tail);
        let known = causes::recognise(Speaker::Mariadb, Some(finished.exit), &finished.tail).is_some();
        let code: Code = if known { cause.code } else { codes::DATABASE_INIT_FAILED };
        let folder = self.target.folder.data(&self.unit.id);
        let failure = cause.explain(Diagnostic::error(code, title).at(folder.display().to_string()));
        Err((if known { failure } else { disk::blamed(failure, &folder) })
            .evidence(format!("log: {}", self.target.folder.log(&self.unit.id).display()))
            .changed("nothing unfinished is left in place"))
    }
}

/// What killed runs left beside the folder. A failure does no harm.
fn forget_unfinished(folder: &Path) {
    let prefix = file_name(&beside(folder, "new"));
    let Some(Ok(entries)) = folder.parent().map(std::fs::read_dir) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)) {
        let _ = remove(&entry.path());
    }
}

fn outputs(target: &LocalTarget, programs: &Programs, folder: &Path) -> Outputs {
    let is_contained = !programs.server.is_absolute();
    let mut settings = String::new();
    for (name, path) in programs.places() {
        let _ = writeln!(settings, "{name}={}", path.display());
    }
    if is_root() {
        settings.push_str("user=root\n");
    }
    Outputs::from([
        ("folder".to_owned(), folder.display().to_string()),
        ("program".to_owned(), programs.server.display().to_string()),
        ("version".to_owned(), programs.version.clone()),
        ("settings".to_owned(), settings),
        ("libraries".to_owned(), if is_contained { String::new() } else { programs.libraries(&target.world) }),
    ])
}

/// Whether users and databases are those of the last complete run.
fn is_as_applied(before: Option<&Owned>, unit: &Unit, ctx: &Context) -> Result<bool, Diagnostic> {
    let Some(present) = before.map(|owned| &owned.present).filter(|present| present.broken.is_none()) else {
        return Ok(false);
    };
    let same = |field: &str| present.spec.get(field) == unit.spec.get(field);
    let secrets = ctx.secrets.fingerprints(&secrets_used(&unit.spec))?;
    Ok(["users", "rootPassword"].into_iter().all(same) && present.secrets == secrets)
}

/// Users of the last run that nobody wants any more. Their databases stay.
fn dropped(before: Option<&Owned>, wanted: &MariadbData) -> Vec<String> {
    let earlier = before.and_then(|owned| serde_json::from_value::<MariadbData>(owned.present.spec.clone()).ok());
    let users = earlier.into_iter().flat_map(|earlier| earlier.users.into_values()).map(|user| user.username);
    users.filter(|name| wanted.users.values().all(|user| user.username != *name)).collect()
}

fn what_is_missing(folder: &Path) -> Option<String> {
    if !folder.is_dir() {
        return Some(format!("{} is gone", folder.display()));
    }
    VITAL.iter().find(|part| !folder.join(part).exists()).map(|part| format!("{part} is missing"))
}

/// The process that has the folder open. InnoDB locks its tablespace as long as it runs.
fn holder(folder: &Path) -> Option<i32> {
    let file = std::fs::File::options().read(true).write(true).open(folder.join("ibdata1")).ok()?;
    let lock = rustix::process::fcntl_getlk(&file, &Flock::from(FlockType::WriteLock)).ok()??;
    Some(lock.pid.map_or(0, |pid| pid.as_raw_nonzero().get()))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// MariaDB runs as root only if it is told so in so many words.
fn as_root(command: Command) -> Command {
    if is_root() { command.argument("--user=root") } else { command }
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    let mut option = std::ffi::OsString::from(format!("--{name}="));
    option.push(path);
    option
}

/// `…/data/.database--data.new`: where a folder is before it has its name.
fn beside(folder: &Path, what: &str) -> PathBuf {
    folder.with_file_name(format!(".{}.{what}", file_name(folder)))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// All that was written to the folder's disk is on it.
fn sync(folder: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::syncfs(std::fs::File::open(folder)?)?)
}

fn lost(folder: &Path) -> Diagnostic {
    Diagnostic::error(codes::DATABASE_DAMAGED, "the database's data folder is gone")
        .at(folder.display().to_string())
        .cause("it was made and used by an earlier run, and is not there any more")
        .note("a new, empty one is not made by itself: it would look as if all runs and users had never been")
        .changed("nothing was changed")
        .next("put it back from a backup")
        .next("or give the data up: `deploy destroy --delete-data`, then `deploy apply`")
}

fn damaged(folder: &Path, missing: String) -> Diagnostic {
    Diagnostic::error(codes::DATABASE_DAMAGED, "the database's data folder is damaged")
        .at(folder.display().to_string())
        .cause(missing)
        .changed("nothing was changed")
        .next("restore the folder from a backup")
}

fn in_use(folder: &Path, pid: i32) -> Diagnostic {
    Diagnostic::error(codes::PLAN_IMPOSSIBLE_CHANGE, "the database has to be stopped for this change")
        .at(folder.display().to_string())
        .evidence(format!("process {pid} holds it"))
}

#[cfg(test)]
mod tests;
