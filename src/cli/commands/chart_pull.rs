//! `deploy chart pull`: a chart from elsewhere, as a file or as a folder.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::json;

use super::print_document;
use crate::chart::load;
use crate::cli::args::{Pull, Remote};
use crate::cli::failure::{Exit, Failure};
use crate::cli::settings::Settings;
use crate::diagnostics::{Diagnostic, codes};
use crate::files::write_atomically;
use crate::registry::{self, Connection, Fetched, Login, Source};
use crate::report::Output;
use crate::secrets::{Redactor, SecretName};

pub(super) async fn run(args: &Pull, settings: &Settings, output: &Arc<Output>) -> Result<Exit, Failure> {
    let world = &settings.world;
    let source = registry::source(&args.chart, args.remote.repo.as_deref(), world)?;
    if let Source::Path(path) = &source {
        return Err(already_here(path).into());
    }
    let connection = connection(&args.remote, output)?;
    let fetched = registry::fetch(&source, args.remote.version.as_deref(), &connection, world).await?;
    for warning in &fetched.warnings {
        output.talk(warning);
    }
    let folder = world.current_folder.join(&args.destination);
    let chart = unpacked(&fetched)?;
    let path = if args.untar {
        write_folder(&folder, &chart)?
    } else {
        let path = folder.join(&fetched.file_name);
        write_atomically(&path, &fetched.bytes).map_err(|error| unwritable(&path, &error))?;
        path
    };
    print(args, &fetched, &chart.name, &path, output);
    Ok(Exit::Ok)
}

/// How hosts are spoken to, as the command line says. A password is read from standard input, and known from then on
/// as something that is not printed.
pub(super) fn connection(args: &Remote, output: &Arc<Output>) -> Result<Connection, Failure> {
    let login = match (&args.username, args.password_stdin) {
        (Some(username), true) => Some(Login { username: username.clone(), password: read_password()? }),
        _ => None,
    };
    if let Some(login) = &login {
        output.hide(Redactor::new([(&SecretName::new("password-stdin"), &login.password)]));
    }
    Ok(Connection {
        plain_http: args.plain_http,
        ca_file: args.ca_file.clone(),
        insecure_skip_tls_verify: args.insecure_skip_tls_verify,
        login,
        time_limit: args.pull_timeout.0,
        largest_chart: load::LARGEST_CHART,
    })
}

/// One line; what stands behind it is not read.
fn read_password() -> Result<SecretString, Diagnostic> {
    const LONGEST: u64 = 64 * 1024;
    let failed = |cause: String| {
        Diagnostic::error(codes::SECRET_SOURCE_EMPTY, "standard input gives no password")
            .at("--password-stdin")
            .cause(cause)
            .changed("nothing was changed")
            .next("write it so: deploy chart pull … --username NAME --password-stdin < FILE")
    };
    let mut bytes = Vec::new();
    io::stdin().lock().take(LONGEST).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| failed("it is no text".to_owned()))?;
    let password = text.lines().next().unwrap_or_default();
    if password.is_empty() { Err(failed("it is empty".to_owned())) } else { Ok(SecretString::from(password)) }
}

/// The files of a packed chart, and the name that it gives itself.
struct Unpacked {
    name: String,
    files: Vec<crate::chart::File>,
}

/// Looks into what came before any of it is written.
fn unpacked(fetched: &Fetched) -> Result<Unpacked, Diagnostic> {
    let wrong = |cause: String| {
        Diagnostic::error(codes::REGISTRY_NOT_A_CHART, format!("{} is no chart", fetched.reference))
            .cause(cause)
            .changed("nothing was changed")
            .next("name a packed chart")
    };
    let chart = load::archived(&fetched.bytes, &fetched.file_name, &mut crate::chart::values::Warnings::default())
        .map_err(|error| wrong(error.to_string()))?;
    let files = load::archive::files(&fetched.bytes).map_err(|error| wrong(error.to_string()))?;
    let name = chart.name();
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        return Err(wrong(format!("its name `{name}` cannot be that of a folder")));
    }
    Ok(Unpacked { name, files })
}

/// Beside its place first, so that there is a whole folder or none.
fn write_folder(folder: &Path, chart: &Unpacked) -> Result<PathBuf, Diagnostic> {
    let path = folder.join(&chart.name);
    if path.symlink_metadata().is_ok() {
        return Err(Diagnostic::error(codes::FILE_EXISTS, format!("{} is already there", path.display()))
            .cause("a chart is not unpacked over another one, whose files would stay among its own")
            .changed("nothing was changed")
            .next("remove it, or choose another place with `--destination DIR`"));
    }
    let failed = |error: io::Error| unwritable(&path, &error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let unfinished = tempfile::Builder::new().prefix(".chart-").tempdir_in(folder).map_err(failed)?;
    for file in &chart.files {
        let target = unfinished.path().join("chart").join(&file.name);
        std::fs::create_dir_all(target.parent().unwrap_or(folder)).map_err(failed)?;
        std::fs::write(&target, file.data.as_bytes()).map_err(failed)?;
    }
    std::fs::rename(unfinished.path().join("chart"), &path).map_err(failed)?;
    Ok(path)
}

fn print(args: &Pull, fetched: &Fetched, name: &str, path: &Path, output: &Arc<Output>) {
    let document = json!({
        "apiVersion": "deploy/v1",
        "kind": "PulledChart",
        "reference": fetched.reference,
        "name": name,
        "version": fetched.version,
        "digest": fetched.digest.map(|digest| digest.to_string()),
        "content": fetched.content.to_string(),
        "path": path.display().to_string(),
        "cached": fetched.cached,
        "warnings": fetched.warnings,
    });
    print_document(output, args.format.output, &document, |_| {
        // Of what has no manifest, the digest is that of the file.
        let digest = fetched.digest.unwrap_or(fetched.content);
        let pulled = fetched.reference.strip_prefix(registry::SCHEME).unwrap_or(&fetched.reference);
        format!("Pulled: {pulled}\nDigest: {digest}\nPath:   {}\n", path.display())
    });
}

fn already_here(path: &Path) -> Diagnostic {
    Diagnostic::error(codes::USAGE, format!("{} is on this machine already", path.display()))
        .cause("`pull` fetches charts from registries, addresses and repositories")
        .changed("nothing was changed")
        .next("use the path itself, or name a chart such as oci://HOST/PATH")
}

fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::FILE_UNWRITABLE, format!("{} cannot be written", path.display()))
        .cause(error.to_string())
        .changed("nothing was changed")
        .next("make room, or choose another place with `--destination DIR`")
}
