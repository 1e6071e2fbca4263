//! The programs of a MariaDB, wherever it was installed or unpacked.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::diagnostics::{Diagnostic, codes};
use crate::targets::local::environment::base_environment;
use crate::world::World;

/// Folders of the system's own installation, which the programs know by themselves.
const SYSTEM: [&str; 2] = ["/usr", "/usr/local"];
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// Before it, users were kept in another table.
const OLDEST: (u32, u32) = (10, 4);

/// Its name since 10.5; images have no older one.
pub(super) const SERVER: &str = "mariadbd";
const INSTALL: [&str; 2] = ["mariadb-install-db", "mysql_install_db"];

/// One installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) server: PathBuf,
    pub(super) install: PathBuf,
    /// `10.11.19-MariaDB-0+deb12u1`.
    pub(super) version: String,
    /// The folder that it lies in, when that is not the system's.
    pub(super) basedir: Option<PathBuf>,
}

impl Programs {
    /// Those of an image, which tell their version in the words given.
    pub(super) fn in_image(image: &str, words: &str) -> Result<Self, Diagnostic> {
        let version = read_version(words).map_err(|cause| {
            Diagnostic::error(codes::DATABASE_NO_PROGRAM, "the image's database program cannot be used")
                .at(image)
                .cause(cause)
                .changed("nothing was changed")
                .next("name an image of MariaDB 10.4 or newer, such as docker.io/library/mariadb:11.4")
        })?;
        Ok(Self { server: SERVER.into(), install: INSTALL[0].into(), version, basedir: None })
    }

    /// The installation that was named, or the first one on PATH or where distributions put servers.
    pub(super) async fn find(world: &World, named: Option<&Path>) -> Result<Self, Diagnostic> {
        let server = match named {
            Some(path) => world.find_program(&path.display().to_string()),
            None => [SERVER, "mysqld"].iter().find_map(|name| world.find_program(name)),
        };
        let server = server.ok_or_else(|| none_found(named))?;
        let basedir = basedir_of(&server);
        let version = ask_version(world, &server, basedir.as_deref()).await?;
        let install = find_install(world, &server, basedir.as_deref()).ok_or_else(|| {
            Diagnostic::error(codes::DATABASE_NO_PROGRAM, "the program that makes MariaDB's data folders is missing")
                .cause(format!("there is no mariadb-install-db beside {} or on PATH", server.display()))
                .next("Debian: apt-get install mariadb-server-core")
        })?;
        Ok(Self { server, install, version, basedir })
    }

    /// Where its libraries lie, beside the system's; empty for an installed one.
    pub(super) fn libraries(&self, world: &World) -> String {
        let Some(basedir) = &self.basedir else {
            return world.variable("LD_LIBRARY_PATH").unwrap_or_default().to_owned();
        };
        let mut folders = library_folders(&basedir.join("lib"));
        // Unpacked from packages of a distribution: half of them lie beside `usr`.
        if let (Some(name), Some(root)) = (basedir.file_name(), basedir.parent())
            && name == "usr"
        {
            folders.extend(library_folders(&root.join("lib")));
        }
        let mut folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        folders.extend(world.variable("LD_LIBRARY_PATH").map(str::to_owned));
        folders.join(":")
    }

    /// What has to be said to the server about where its parts lie: option and value.
    pub(super) fn places(&self) -> Vec<(&'static str, PathBuf)> {
        let Some(basedir) = &self.basedir else { return Vec::new() };
        let mut places = vec![("basedir", basedir.clone())];
        let share = ["share/mysql", "share/mariadb", "share"].map(|folder| basedir.join(folder));
        if let Some(share) = share.iter().find(|folder| folder.join("english/errmsg.sys").is_file()) {
            places.push(("lc-messages-dir", share.clone()));
            places.push(("character-sets-dir", share.join("charsets")));
        }
        let plugins = ["lib/mysql/plugin", "lib/plugin", "lib64/mysql/plugin"].map(|folder| basedir.join(folder));
        if let Some(plugins) = plugins.iter().find(|folder| folder.is_dir()) {
            places.push(("plugin-dir", plugins.clone()));
        }
        places
    }
}

fn none_found(named: Option<&Path>) -> Diagnostic {
    let diagnostic = match named {
        Some(path) => Diagnostic::error(codes::DATABASE_NO_PROGRAM, "the named database program is not there")
            .at(path.display().to_string())
            .next("correct `target.local.mariadb`, or leave it out to use the one on PATH"),
        None => Diagnostic::error(codes::DATABASE_NO_PROGRAM, "no MariaDB server program found")
            .cause("neither mariadbd nor mysqld is on PATH, /usr/sbin, /usr/local/sbin or /usr/libexec"),
    };
    diagnostic
        .changed("nothing was changed")
        .next("Debian, Ubuntu: apt-get install mariadb-server (it need not run)")
        .next("without root: unpack the packages mariadb-server-core and mariadb-client-core and name the program")
        .next("or give `database.mysql.url` of a server that you already have")
}

/// `…/sbin/mariadbd` lies in `…`. Links are followed: Debian's mysqld is one to mariadbd.
fn basedir_of(server: &Path) -> Option<PathBuf> {
    let real = server.canonicalize().ok()?;
    let basedir = real.parent()?.parent()?;
    (!SYSTEM.iter().any(|system| basedir == Path::new(system)) && basedir != Path::new("/")).then(|| basedir.to_owned())
}

fn find_install(world: &World, server: &Path, basedir: Option<&Path>) -> Option<PathBuf> {
    let beside = basedir.map(Path::to_owned).or_else(|| Some(server.parent()?.parent()?.to_owned()))?;
    let near = ["bin", "scripts", "sbin"]
        .iter()
        .flat_map(|folder| INSTALL.map(|name| beside.join(folder).join(name)))
        .find_map(|path| world.find_program(&path.display().to_string()));
    near.or_else(|| INSTALL.iter().find_map(|name| world.find_program(name)))
}

/// Asks the program itself: a `mysqld` may be MariaDB or Oracle's MySQL.
async fn ask_version(world: &World, server: &Path, basedir: Option<&Path>) -> Result<String, Diagnostic> {
    let mut environment = base_environment(world, &world.home);
    let unknown = Programs {
        server: server.into(),
        install: PathBuf::new(),
        version: String::new(),
        basedir: basedir.map(Into::into),
    };
    environment.insert("LD_LIBRARY_PATH".to_owned(), unknown.libraries(world));
    let asked = tokio::process::Command::new(server)
        .args(["--no-defaults", "--version"])
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let unusable = |cause: String| {
        Diagnostic::error(codes::DATABASE_NO_PROGRAM, "the database program that was found cannot be used")
            .at(server.display().to_string())
            .cause(cause)
            .changed("nothing was changed")
            .next("name another one with `target.local.mariadb`, or install MariaDB (Debian: apt-get install mariadb-server)")
            .next("or give `database.mysql.url` of a server that you already have")
    };
    let output = match tokio::time::timeout(ANSWER_WITHIN, asked).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(unusable(error.to_string())),
        Err(_) => return Err(unusable(format!("it did not tell its version within {} s", ANSWER_WITHIN.as_secs()))),
    };
    let words = if output.status.success() { output.stdout } else { output.stderr };
    let words = String::from_utf8_lossy(&words).trim().to_owned();
    if !output.status.success() {
        return Err(unusable(words));
    }
    read_version(&words).map_err(unusable)
}

/// `10.11.19-MariaDB-0+deb12u1` of `mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)`.
fn read_version(words: &str) -> Result<String, String> {
    let version = words.split_once("Ver ").and_then(|(_, rest)| rest.split_whitespace().next()).unwrap_or_default();
    if !words.contains("MariaDB") {
        return Err(format!("it is no MariaDB, and `deploy` makes private databases with MariaDB only: {words}"));
    }
    let mut numbers = version.split(['.', '-']).map(|part| part.parse::<u32>().ok());
    let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else {
        return Err(format!("it tells no version: {words}"));
    };
    if (major, minor) < OLDEST {
        return Err(format!("MariaDB {version} is too old: {}.{} or newer is needed", OLDEST.0, OLDEST.1));
    }
    Ok(version.to_owned())
}

/// The folder itself, and the ones per kind of machine that Debian has in it.
fn library_folders(lib: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(lib) else { return Vec::new() };
    let mut folders: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && path.file_name().is_some_and(|name| name.to_string_lossy().contains("-linux-")))
        .collect();
    folders.sort();
    folders.insert(0, lib.to_owned());
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_say_what_they_are() {
        let debian = "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)";
        assert_eq!(read_version(debian).unwrap(), "10.11.19-MariaDB-0+deb12u1");
        let oracle = "/usr/sbin/mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)";
        assert!(read_version(oracle).unwrap_err().contains("no MariaDB"));
        assert!(read_version("mysqld  Ver 10.3.39-MariaDB for Linux").unwrap_err().contains("too old"));
    }
}
