//! Where the server keeps secrets of pipelines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::deployment::{Deployment, SecretsStore};
use crate::secrets::SecretName;
use crate::unit::Text;

/// The part of the server's environment that tells it its secrets store. Never left out: a server that is told nothing
/// keeps secrets in its database as they are.
///
/// Services of a cloud are opened with the identity that the server runs with (`implicit`); what Vault asks for is given
/// as `server.secretEnvironment`, such as `ZENML_SECRETS_STORE_VAULT_TOKEN`.
pub(super) fn environment(deployment: &Deployment) -> BTreeMap<String, Text> {
    let mut variables = BTreeMap::new();
    let name = |option: &str| format!("ZENML_SECRETS_STORE_{option}");
    if let SecretsStore::Sql(_) = &deployment.secrets_store {
        variables.insert(name("ENCRYPTION_KEY"), Text::secret(&SecretName::new("encryption-key")));
    }
    let mut set_text = |option: &str, value: &str| {
        variables.insert(name(option), Text::literal(value));
    };
    match &deployment.secrets_store {
        SecretsStore::Sql(_) => set_text("TYPE", "sql"),
        SecretsStore::Aws(aws) => {
            set_text("TYPE", "aws");
            set_text("AUTH_METHOD", "implicit");
            set_text("AUTH_CONFIG", &config([("region", &aws.region), ("role_arn", &aws.role_arn)]));
        }
        SecretsStore::Gcp(gcp) => {
            set_text("TYPE", "gcp");
            set_text("AUTH_METHOD", "implicit");
            set_text("AUTH_CONFIG", &config([("project_id", &gcp.project)]));
        }
        SecretsStore::Azure(azure) => {
            set_text("TYPE", "azure");
            set_text("AUTH_METHOD", "implicit");
            // The server does not start when its identity sees no subscription and none is named.
            set_text("AUTH_CONFIG", &config([("subscription_id", &azure.subscription)]));
            azure.vault.iter().for_each(|vault| set_text("KEY_VAULT_NAME", vault));
        }
        SecretsStore::Vault(vault) => {
            set_text("TYPE", "hashicorp");
            vault.address.iter().for_each(|address| set_text("VAULT_ADDR", address));
            vault.mount.iter().for_each(|mount| set_text("MOUNT_POINT", mount));
            vault.namespace.iter().for_each(|namespace| set_text("VAULT_NAMESPACE", namespace));
        }
    }
    variables
}

/// What is set, as the JSON that the variable holds.
fn config<const N: usize>(entries: [(&str, &Option<String>); N]) -> String {
    let set = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value.as_ref()?))));
    Value::Object(set.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Layer, ResolveOptions, resolve};
    use crate::diagnostics::SourceText;
    use crate::scenario::Catalogue;

    fn told(store: &str) -> Vec<String> {
        let text = format!("name: a\nscenario: remote-server\nsecretsStore: {store}\n");
        let file = Layer::File(crate::yaml::parse(&SourceText::new("deployment.yaml", text)).unwrap());
        let catalogue = Catalogue::embedded().unwrap();
        let resolved = resolve(&[file], &|name| catalogue.find(name), &ResolveOptions::default()).unwrap();
        let variables = environment(&resolved.deployment);
        variables.iter().map(|(name, value)| format!("{name}={}", value.describe())).collect()
    }

    #[test]
    fn the_server_is_always_told_its_store() {
        let lines = |store: &str| told(store).join("\n").replace("ZENML_SECRETS_STORE_", "");
        assert_eq!(lines("sql"), "ENCRYPTION_KEY=(secret encryption-key)\nTYPE=sql");
        assert_eq!(
            lines("{ aws: { region: eu-central-1, roleArn: 'arn:aws:iam::123456789012:role/zenml' } }"),
            "AUTH_CONFIG={\"region\":\"eu-central-1\",\"role_arn\":\"arn:aws:iam::123456789012:role/zenml\"}\n\
             AUTH_METHOD=implicit\nTYPE=aws"
        );
        assert_eq!(
            lines("{ gcp: { project: acme } }"),
            "AUTH_CONFIG={\"project_id\":\"acme\"}\nAUTH_METHOD=implicit\nTYPE=gcp"
        );
        assert_eq!(
            lines("{ azure: { vault: acme-kv } }"),
            "AUTH_CONFIG={}\nAUTH_METHOD=implicit\nKEY_VAULT_NAME=acme-kv\nTYPE=azure"
        );
        assert_eq!(
            lines("{ vault: { address: 'https://vault.acme.example:8200', mount: kv } }"),
            "MOUNT_POINT=kv\nTYPE=hashicorp\nVAULT_ADDR=https://vault.acme.example:8200"
        );
    }
}
