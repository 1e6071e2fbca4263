//! What every program that we start is given of the caller's environment. Everything else is left out: a variable
//! of the caller must not steer a server, and a secret of the caller's must not reach it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::world::World;

/// Search path, language, temporary folder, the way to the network and the certificates to trust.
const PASSED_ON: [&str; 11] = [
    "PATH",
    "LANG",
    "TMPDIR",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
];

/// The environment that programs start from; `home` keeps their settings and caches out of the caller's home.
pub(super) fn base_environment(world: &World, home: &Path) -> BTreeMap<String, String> {
    let mut environment: BTreeMap<String, String> =
        PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), world.variable(name)?.to_owned()))).collect();
    environment.entry("PATH".to_owned()).or_insert_with(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
    environment.insert("HOME".to_owned(), home.display().to_string());
    environment
}
