//! The ZenML server on Kubernetes: a release of the vendor's chart, and the Secret that its values refer to.

mod layout;
mod values;

use std::collections::BTreeMap;

use super::{database, secret};
use crate::deployment::{Database, Deployment, KubernetesTarget, SecretsStore, Target};
use crate::scenario::{Component, Placement, Side, TargetKind};
use crate::secrets::SecretName;
use crate::unit::kubernetes::{ChartReference, Release, SecretObject};
use crate::unit::{Text, Unit};
use layout::Layout;

const RELEASE: &str = "server";
const SECRETS: &str = "server/secrets";
/// Names everything of the release; the chart adds nothing to a release that is named as itself.
const RELEASE_NAME: &str = "zenml";
const SECRET_NAME: &str = "zenml-deployment";
const CHART_NAME: &str = "zenml";
/// Where the vendor publishes the chart of every release since 0.42.
pub const VENDOR_CHART: &str = "oci://public.ecr.aws/zenml/zenml";

/// Keys of our Secret.
mod keys {
    pub(super) const DATABASE_PASSWORD: &str = "database-password";
    pub(super) const DATABASE_CA: &str = "database-ca.pem";
    pub(super) const CA_BUNDLE: &str = "ca-bundle.pem";
}

/// The release of a deployment whose server runs in a cluster of the customer.
pub(super) fn units(deployment: &Deployment) -> Vec<Unit> {
    let Some(target) = target(deployment) else { return Vec::new() };
    let layout = Layout::of(chart_version(deployment));
    let secrets = secret_object(deployment, target, &layout);
    let unit = |id: &str, title: &str| (id.to_owned(), title.to_owned());
    let mut units = Vec::new();
    let has_secrets = !secrets.values.is_empty() || !secrets.files.is_empty();
    if has_secrets {
        let (id, title) = unit(SECRETS, "Secret that the server's values refer to");
        units.push(made(deployment, &id, &title, &secrets));
    }
    let (id, title) = unit(RELEASE, "Helm release of the ZenML server");
    let release = made(deployment, &id, &title, &release(deployment, target, &layout));
    // The chart's hooks run before all else of the release and need it already.
    units.push(if has_secrets {
        release.after(SECRETS, "migration and server read it when they start")
    } else {
        release
    });
    units
}

/// Whether a placement is what the release brings.
pub(super) fn brings(deployment: &Deployment, placement: &Placement) -> bool {
    placement.component == Component::Server && placement.side == Side::Customer && target(deployment).is_some()
}

fn made<S: crate::unit::Spec>(deployment: &Deployment, id: &str, title: &str, spec: &S) -> Unit {
    let side = deployment.side(Component::Server);
    Unit::new(id, title, Component::Server, side, TargetKind::Kubernetes, spec)
}

fn target(deployment: &Deployment) -> Option<&KubernetesTarget> {
    match &deployment.target {
        Target::Kubernetes(target) if deployment.has(Component::Server) => Some(target),
        _ => None,
    }
}

fn namespace(target: &KubernetesTarget) -> String {
    target.namespace.clone().unwrap_or_else(|| "zenml".to_owned())
}

/// Charts and releases have the same numbers; the file may name an older or newer chart.
fn chart_version(deployment: &Deployment) -> &str {
    deployment.chart.version.as_deref().unwrap_or(&deployment.release)
}

fn release(deployment: &Deployment, target: &KubernetesTarget, layout: &Layout) -> Release {
    let made = values::of(deployment, layout);
    let source = deployment.chart.source.clone().unwrap_or_else(|| VENDOR_CHART.to_owned());
    Release {
        name: RELEASE_NAME.to_owned(),
        namespace: namespace(target),
        chart: ChartReference { name: CHART_NAME.to_owned(), version: chart_version(deployment).to_owned(), source },
        values: made.tree,
        secret_values: made.secret_values,
    }
}

/// What the chart takes by reference.
fn secret_object(deployment: &Deployment, target: &KubernetesTarget, layout: &Layout) -> SecretObject {
    let mut object = SecretObject {
        name: SECRET_NAME.to_owned(),
        namespace: namespace(target),
        values: BTreeMap::new(),
        files: BTreeMap::new(),
    };
    if layout.environment_references {
        for (_, name) in secret_variables(deployment) {
            object.values.insert(name.to_string(), Text::secret(&name));
        }
    }
    if let Some(bundle) = deployment.network.ca_bundle.as_ref().filter(|_| layout.network) {
        object.files.insert(keys::CA_BUNDLE.to_owned(), bundle.clone());
    }
    if let Database::Mysql(mysql) = &deployment.database {
        if layout.password_reference {
            object.values.insert(keys::DATABASE_PASSWORD.to_owned(), Text::secret(&database::password()));
        }
        let ca = mysql.tls.as_ref().and_then(|tls| tls.ca.clone());
        if let Some(ca) = ca.filter(|_| layout.certificate_references) {
            object.files.insert(keys::DATABASE_CA.to_owned(), ca);
        }
    }
    object
}

/// Variables of the server whose values are secrets, besides what has a key of its own in every chart.
fn secret_variables(deployment: &Deployment) -> Vec<(String, SecretName)> {
    let mut found = vec![("ZENML_SERVER_JWT_SECRET_KEY".to_owned(), SecretName::new("jwt-key"))];
    if let SecretsStore::Sql(_) = &deployment.secrets_store {
        found.push(("ZENML_SECRETS_STORE_ENCRYPTION_KEY".to_owned(), SecretName::new("encryption-key")));
    }
    if deployment.control_plane.as_ref().is_some_and(|plane| plane.enrollment_key.is_some()) {
        found.push(("ZENML_SERVER_PRO_OAUTH2_CLIENT_SECRET".to_owned(), SecretName::new("enrollment-key")));
    }
    found.extend(user_variables(deployment));
    found
}

/// The user's own variables with secret values.
fn user_variables(deployment: &Deployment) -> impl Iterator<Item = (String, SecretName)> {
    deployment.server.secret_environment.keys().map(|name| (name.clone(), secret::of_variable(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Layer, ResolveOptions, resolve};
    use crate::diagnostics::SourceText;
    use crate::scenario::Catalogue;
    use crate::unit::{Spec as _, described};

    const FILE: &str = "name: a\nscenario: remote-server\nversion: 0.98.0\ntarget: { kubernetes: {} }\n\
        server:\n  url: https://zenml.corp.example\n  environment: { COLOUR: red }\n  \
        secretEnvironment: { TOKEN: { fromEnv: TOKEN } }\n\
        database: { mysql: { url: 'mysql://mysql.corp.example/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } } }\n";

    fn made(text: &str) -> (Release, Option<SecretObject>) {
        let catalogue = Catalogue::embedded().unwrap();
        let layers = [Layer::File(crate::yaml::parse(&SourceText::new("a.yaml", text)).unwrap())];
        let resolved = resolve(&layers, &|name| catalogue.find(name), &ResolveOptions::default()).unwrap();
        let units = units(&resolved.deployment);
        let of = |kind: &str| units.iter().find(|unit| unit.kind == kind).map(|unit| unit.spec.clone());
        let release = serde_json::from_value(of(Release::KIND).unwrap()).unwrap();
        (release, of(SecretObject::KIND).map(|spec| serde_json::from_value(spec).unwrap()))
    }

    #[test]
    fn new_charts_get_references_and_hold_no_secret() {
        let (release, secrets) = made(FILE);
        assert_eq!(release.secret_values, [] as [&str; 0]);
        assert!(!described(&release.values).to_string().contains("(secret"), "{}", release.values);
        let keys: Vec<String> = secrets.unwrap().values.into_keys().collect();
        assert_eq!(keys, ["database-password", "encryption-key", "environment-token", "jwt-key"]);
        let server = &release.values["server"];
        assert_eq!(server["database"]["url"], "mysql://zenml@mysql.corp.example:3306/zenml");
        assert_eq!(server["database"]["ssl"], true);
        assert_eq!(server["database"]["sslCa"]["secretRef"]["name"], SECRET_NAME);
        assert_eq!((&server["image"], &server["debug"]), (&serde_json::Value::Null, &false.into()));
        assert_eq!(server["ingress"]["annotations"], serde_json::json!({}));
    }

    #[test]
    fn old_charts_name_what_lies_in_the_record() {
        let (release, secrets) = made(&format!("{FILE}chart: {{ version: 0.73.0 }}\n"));
        let expected = [
            "zenml.auth.jwtSecretKey",
            "zenml.secretEnvironment.TOKEN",
            "zenml.database.url",
            "zenml.secretsStore.sql.encryptionKey",
        ];
        assert_eq!((release.secret_values.as_slice(), secrets), (&expected.map(str::to_owned)[..], None));
        let server = &release.values["zenml"];
        assert_eq!(server["image"]["tag"], "0.98.0");
        // A newer server takes TLS from nothing but this switch, which the chart does not know.
        assert_eq!(server["environment"]["ZENML_STORE_SSL"], "True");
        assert_eq!(server["environment"]["COLOUR"], "red");
        assert!(server["database"].get("ssl").is_none());
    }

    #[test]
    fn the_user_has_the_last_word() {
        let more = "chart: { values: { server: { debug: true }, podAnnotations: { team: ml } } }\n";
        let (release, _) = made(&format!("{FILE}{more}"));
        assert_eq!(release.values["server"]["debug"], true);
        assert_eq!(release.values["server"]["replicaCount"], 1);
        assert_eq!(release.values["podAnnotations"]["team"], "ml");
    }
}
