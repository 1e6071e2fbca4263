//! Charts from elsewhere: what `deploy chart pull` gets, against a real registry and beside the real Helm.

mod access;
mod faults;
mod repositories;
mod same_as_helm;
mod store;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::support::{Run, Setup, TestEnv};

/// A packed chart, made without Helm. The text makes charts of one name and version differ.
fn packed(name: &str, version: &str, text: &str) -> Vec<u8> {
    let files = [
        ("Chart.yaml", format!("apiVersion: v2\nname: {name}\nversion: {version}\n")),
        ("values.yaml", "replicas: 1\n".to_owned()),
        ("templates/text.yaml", format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {text}\n")),
    ];
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("{name}/{path}"), content.as_bytes()).unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&archive.into_inner().unwrap()).unwrap();
    gzip.finish().unwrap()
}

/// `deploy chart pull` into the folder `pulled`.
fn pull(env: &TestEnv, arguments: &[&str]) -> Run {
    env.deploy(["chart", "pull", "--destination", "pulled"]).args(arguments).run()
}

/// Where pulled charts lie.
fn pulled(env: &TestEnv) -> PathBuf {
    env.folder().join("pulled")
}

/// All files below a folder with their contents, by path.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Names of the files below a folder.
fn names(folder: &Path) -> Vec<String> {
    files(folder).into_iter().map(|(name, _)| name).collect()
}

/// The real Helm.
fn helm() -> PathBuf {
    Setup::get().path("DEPLOY_TEST_ORACLE").expect("no Helm").join("helm")
}
