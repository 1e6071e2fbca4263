//! Where secrets of pipelines are stored, in which form, and who opens the store.
//!
//! The deployment's own secrets (passwords and keys that `deploy` makes) are not meant: they belong to whoever runs it.

use serde_json::Value as Json;

use super::{Claim, Connection, Fact, Purpose, Reader, database, names_host, stored};
use crate::contract::host::{self, Host};
use crate::contract::settings::{self, Scope, Setting};
use crate::deployment::SecretsStore;
use crate::scenario::{Component, DataClass, Side};

const PRIMARY: &str = "ZENML_SECRETS_STORE_";
const BACKUP: &str = "ZENML_BACKUP_SECRETS_STORE_";

pub(super) fn facts(reader: &Reader) -> Vec<Fact> {
    if reader.scopes.is_empty() {
        return of_the_file(reader);
    }
    // A client alone is told no store and keeps secrets in its database. Another that is written is meant all the same.
    let alone = reader.scopes.iter().all(|scope| scope.component == Component::Client);
    let mut facts = if alone && reader.is_written("secretsStore") { of_the_file(reader) } else { Vec::new() };
    for scope in &reader.scopes {
        facts.extend(of_scope(reader, scope, PRIMARY));
        if scope.get(&format!("{BACKUP}TYPE")).is_some() {
            facts.extend(of_scope(reader, scope, BACKUP));
        }
    }
    facts
}

fn of_scope(reader: &Reader, scope: &Scope, prefix: &str) -> Vec<Fact> {
    let get = |name: &str| scope.get(&format!("{prefix}{name}"));
    let kind = get("TYPE");
    // The server's own default, which is why the absence of a type is not the absence of a store.
    match kind.and_then(Setting::text).unwrap_or("sql") {
        "sql" => in_database(reader, scope, prefix),
        "hashicorp" => {
            let config = get("AUTH_CONFIG").and_then(|setting| Some((setting, entry(setting, "vault_addr")?)));
            let address = get("VAULT_ADDR").and_then(|setting| Some((setting, setting.text()?.to_owned()))).or(config);
            address.map_or_else(Vec::new, |(setting, text)| vault(reader, scope.component, setting, &text))
        }
        service @ ("aws" | "gcp" | "azure") => {
            let role = get("AUTH_CONFIG").and_then(|setting| Some((setting, entry(setting, "role_arn")?)));
            let project = get("AUTH_CONFIG").and_then(|setting| Some((setting, entry(setting, "project_id")?)));
            let (setting, side) = match (role, project) {
                (Some((setting, role)), _) => (Some(setting), host::owner(&role)),
                (None, Some((setting, project))) => (Some(setting), host::project_owner(&project)),
                (None, None) => (kind, Side::Customer),
            };
            let path = setting.map_or("secretsStore", |setting| setting.path.as_str());
            cloud(scope.component, service, side, path)
        }
        "none" => Vec::new(),
        // A class of the user's own keeps secrets wherever it likes.
        other => {
            let because = format!("nobody but the store `{other}` knows where it keeps secrets");
            kind.map(|kind| Fact::new(Claim::Hidden, &kind.path, because)).into_iter().collect()
        }
    }
}

/// One entry of the JSON that the variable holds.
fn entry(setting: &Setting, key: &str) -> Option<String> {
    let config: Json = serde_json::from_str(setting.text()?).ok()?;
    config.get(key).and_then(Json::as_str).map(str::to_owned)
}

fn in_database(reader: &Reader, scope: &Scope, prefix: &str) -> Vec<Fact> {
    let (host, path, because) = database::location(reader, scope);
    let data = [DataClass::Secrets];
    let mut facts = stored(&data, Component::SecretsStore, &host, &path, &because);
    facts.push(opens(scope.component, &host, true, &path, &because));
    let key = format!("{prefix}ENCRYPTION_KEY");
    // Without a server the key would lie beside the file that it protects.
    if scope.get(&key).is_none() && scope.component == Component::Server {
        let decider = scope.written(&key).or_else(|| scope.get(&format!("{prefix}TYPE")));
        let path = decider.map_or("secretsStore", |setting| setting.path.as_str());
        let because = "secrets are kept in a table of the database, and there is no key to encrypt them with";
        facts.push(Fact::new(Claim::StoresSecretsPlain, path, because));
    }
    facts
}

fn vault(reader: &Reader, opener: Component, setting: &Setting, text: &str) -> Vec<Fact> {
    let Some(address) = reader.address(text) else { return Vec::new() };
    let because = names_host(setting, &address.host);
    at(opener, &address.host, address.scheme != "http", &setting.path, &because)
}

fn cloud(opener: Component, service: &str, side: Side, path: &str) -> Vec<Fact> {
    let (name, whose) = match side {
        Side::Vendor => {
            (format!("secrets service of {service} in the vendor's account"), "in an account of the vendor")
        }
        Side::Customer => (format!("secrets service of {service}"), "in your own account"),
    };
    let host = Host { name, side, this_machine: false };
    at(opener, &host, true, path, &format!("`{path}` names a store {whose}"))
}

fn at(opener: Component, host: &Host, encrypted: bool, path: &str, because: &str) -> Vec<Fact> {
    let mut facts = stored(&[DataClass::Secrets], Component::SecretsStore, host, path, because);
    facts.push(opens(opener, host, encrypted, path, because));
    facts
}

fn opens(from: Component, host: &Host, encrypted: bool, path: &str, because: &str) -> Fact {
    let connection = Connection {
        from,
        from_side: Side::Customer,
        to: Some(Component::SecretsStore),
        host: host.clone(),
        purpose: Purpose::Work,
        encrypted: encrypted || host.this_machine,
        verified: true,
        carries: vec![DataClass::Secrets],
    };
    Fact::new(Claim::Opens(connection), path, because)
}

/// A store that the user names where the vendor runs the server.
fn of_the_file(reader: &Reader) -> Vec<Fact> {
    if !reader.is_written("secretsStore") {
        return Vec::new();
    }
    let store = &reader.deployment.secrets_store;
    let path = settings::owner_path(store);
    let opener = opener(reader);
    let facts = match store {
        // Of the client's own database; the scope below says where that is.
        SecretsStore::Sql(_) if !reader.scopes.is_empty() => Vec::new(),
        SecretsStore::Sql(_) => at_the_vendors_server(path),
        SecretsStore::Aws(aws) => {
            cloud(opener, "aws", aws.role_arn.as_deref().map_or(Side::Customer, host::owner), path)
        }
        SecretsStore::Gcp(gcp) => {
            cloud(opener, "gcp", gcp.project.as_deref().map_or(Side::Customer, host::project_owner), path)
        }
        SecretsStore::Azure(_) => cloud(opener, "azure", Side::Customer, path),
        SecretsStore::Vault(vault) => match vault.address.as_deref().and_then(|text| reader.address(text)) {
            Some(address) => {
                let because = format!("`{path}` names {}", address.host.describe());
                at(opener, &address.host, address.scheme != "http", path, &because)
            }
            None => cloud(opener, "Vault", Side::Customer, path),
        },
    };
    facts.into_iter().map(|fact| opened_by(fact, opener, reader)).collect()
}

/// Who the scenario lets open the store; the vendor's server where it says nothing.
fn opener(reader: &Reader) -> Component {
    let link = reader.scenario.links.iter().find(|link| link.to == Component::SecretsStore);
    link.map_or(Component::Server, |link| link.from)
}

fn opened_by(mut fact: Fact, opener: Component, reader: &Reader) -> Fact {
    if let Claim::Opens(connection) = &mut fact.claim
        && connection.from == opener
    {
        connection.from_side = reader.scenario.placement(opener).map_or(Side::Customer, |placement| placement.side);
    }
    fact
}

/// A table in the database of the vendor's server: values reach it through that server.
fn at_the_vendors_server(path: &str) -> Vec<Fact> {
    let host = Host { name: "the vendor's server".to_owned(), side: Side::Vendor, this_machine: false };
    let because = "a table in the server's database is the vendor's, since the vendor runs the server";
    let mut facts = stored(&[DataClass::Secrets], Component::SecretsStore, &host, path, because);
    let mut through = opens(Component::Client, &host, true, path, because);
    if let Claim::Opens(connection) = &mut through.claim {
        connection.to = Some(Component::Server);
    }
    facts.push(through);
    facts
}
