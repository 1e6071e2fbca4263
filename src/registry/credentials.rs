//! Who we are to a registry: flags, else the files that Helm and docker keep, else the programs that these name.

mod file;
mod helper;

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use crate::diagnostics::Diagnostic;
use crate::world::World;

/// User and password as they were given on the command line.
#[derive(Debug, Clone)]
pub struct Login {
    pub username: String,
    pub password: SecretString,
}

impl Login {
    /// As it stands in a header: who reads it has the password.
    pub(super) fn pair(&self) -> SecretString {
        SecretString::from(STANDARD.encode(format!("{}:{}", self.username, self.password.expose_secret())))
    }
}

/// What proves who we are.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// User and password.
    Password(Login),
    /// Exchanged for an access token.
    Identity(SecretString),
    /// Sent as it is.
    Access(SecretString),
}

/// A proof, and where it came from.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    pub(super) proof: Proof,
    /// `/root/.docker/config.json` or `docker-credential-pass, named by …`.
    pub(super) origin: String,
}

impl Credentials {
    pub(super) fn given(login: &Login) -> Self {
        Self { proof: Proof::Password(login.clone()), origin: "--username and --password-stdin".to_owned() }
    }

    /// For an error: who, and who says so.
    pub(super) fn describe(&self) -> String {
        match &self.proof {
            Proof::Password(login) => format!("user `{}` from {}", login.username, self.origin),
            Proof::Identity(_) => format!("an identity token from {}", self.origin),
            Proof::Access(_) => format!("an access token from {}", self.origin),
        }
    }

    /// The header's form of user and password.
    pub(super) fn pair(&self) -> Option<SecretString> {
        match &self.proof {
            Proof::Password(login) => Some(login.pair()),
            _ => None,
        }
    }

    pub(super) fn secret(&self) -> &SecretString {
        match &self.proof {
            Proof::Password(login) => &login.password,
            Proof::Identity(token) | Proof::Access(token) => token,
        }
    }
}

/// What a search for credentials has found, and where it looked.
#[derive(Debug, Clone, Default)]
pub(super) struct Search {
    pub(super) found: Option<Credentials>,
    /// Files that were read, for an error that says so.
    pub(super) places: Vec<String>,
}

/// Looks for credentials of a registry, in Helm's order: its own file, then docker's.
pub(super) async fn search(registry: &str, world: &World) -> Result<Search, Box<Diagnostic>> {
    let key = server_address(registry);
    let mut search = Search::default();
    for path in files(world) {
        search.places.push(path.display().to_string());
        let Some(configuration) = file::read(&path)? else { continue };
        search.found = match configuration.helper(key) {
            Some(name) => helper::ask(name, key, &path, world).await?,
            None => configuration.entry(key, &path)?,
        };
        if search.found.is_some() {
            break;
        }
    }
    Ok(search)
}

/// Docker's own registry has a name of its own in these files.
fn server_address(registry: &str) -> &str {
    match registry {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => "https://index.docker.io/v1/",
        other => other,
    }
}

/// Helm's file, then docker's, where their environment variables put them.
fn files(world: &World) -> Vec<PathBuf> {
    let variable = |name: &str| world.variable(name).map(PathBuf::from);
    let home = variable("HOME");
    let below_home = |path: &str| Some(home.as_ref()?.join(path));
    let helm = variable("HELM_REGISTRY_CONFIG").or_else(|| {
        let folder = variable("HELM_CONFIG_HOME")
            .or_else(|| Some(variable("XDG_CONFIG_HOME")?.join("helm")))
            .or_else(|| below_home(".config/helm"))?;
        Some(folder.join("registry").join("config.json"))
    });
    let docker = variable("DOCKER_CONFIG").or_else(|| below_home(".docker")).map(|folder| folder.join("config.json"));
    [helm, docker].into_iter().flatten().map(|path| world.current_folder.join(path)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn world(variables: &[(&str, &str)]) -> World {
        let environment: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        World::new(environment, "/state".into(), "/here".into(), "/deploy".into())
    }

    #[test]
    fn files_stand_where_helm_and_docker_look() {
        let shown = |variables: &[(&str, &str)]| {
            files(&world(variables)).iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            shown(&[("HOME", "/home/ana")]),
            ["/home/ana/.config/helm/registry/config.json", "/home/ana/.docker/config.json"]
        );
        assert_eq!(
            shown(&[("HOME", "/h"), ("HELM_REGISTRY_CONFIG", "/r.json"), ("DOCKER_CONFIG", "d")]),
            ["/r.json", "/here/d/config.json"]
        );
        assert_eq!(shown(&[("XDG_CONFIG_HOME", "/x")]), ["/x/helm/registry/config.json"]);
        assert_eq!(shown(&[]), Vec::<String>::new());
    }
}
