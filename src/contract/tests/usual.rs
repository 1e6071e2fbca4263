//! What people usually write keeps the contract.

use proptest::prelude::*;

use super::*;
use crate::scenario::{Side, TargetKind};

const OWN_MYSQL: &str = "database: { mysql: { url: 'mysql://db.acme.example:3306/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } } }\n";

#[test]
fn the_smallest_file_of_each_scenario_passes_on_each_of_its_targets() {
    for scenario in CATALOGUE.iter() {
        Case::new(&scenario.name, "", &[]).assert_clean(&scenario.name);
        let always =
            || scenario.components.iter().filter(|placement| placement.side == Side::Customer && !placement.optional);
        for target in [TargetKind::Local, TargetKind::Kubernetes] {
            if always().all(|placement| placement.targets.contains(&target)) {
                let more = format!("target: {target}\n");
                Case::new(&scenario.name, &more, &[]).assert_clean(&format!("{} on {target}", scenario.name));
            }
        }
    }
}

#[rustfmt::skip]
const USUAL: &[(&[&str], &str)] = &[
    (&["local-server", "remote-server", "hybrid-workspace", "on-prem"], "server: { port: 8240, replicas: 1, adminUser: ada }\n"),
    (&["local-server"], "server: { auth: none }\n"),
    (&["local-server"], "server: { url: 'http://localhost:8237' }\n"),
    (&["local-server"], "database: mysql\nmlflow: { enabled: true }\n"),
    (&["local-sqlite", "local-server"], "database: { sqlite: { folder: ./store } }\nartifactStore: { local: { folder: ./artifacts } }\n"),
    (&["local-sqlite", "local-server"], "network: { proxy: { fromEnvironment: true } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], OWN_MYSQL),
    (&["remote-server", "hybrid-workspace", "on-prem"], "database: { mysql: { url: 'mysql://127.0.0.1/zenml', password: { fromEnv: P } } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "target: kubernetes\ndatabase: { mysql: { url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "secretsStore: { vault: { address: 'https://vault.acme.example:8200', mount: kv } }\nserver: { secretEnvironment: { ZENML_SECRETS_STORE_VAULT_TOKEN: { fromEnv: T } } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "secretsStore: { aws: { region: eu-central-1, roleArn: 'arn:aws:iam::123456789012:role/zenml' } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "target: kubernetes\nsecretsStore: { gcp: { project: acme } }\nartifactStore: { gcs: { bucket: acme } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "target: kubernetes\nsecretsStore: { azure: { vault: acme } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "target: kubernetes\ncloud: { aws: { region: eu-central-1 } }\nserver: { url: 'https://zenml.acme.example', replicas: 2 }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "server: { listen: 0.0.0.0, url: 'https://zenml.acme.example' }\n"),
    (&["remote-server", "on-prem"], "target: { local: { runtime: container } }\nmlflow: { enabled: true }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "target: kubernetes\nchart: { values: { podAnnotations: { team: ml }, server: { replicaCount: 3, ingress: { enabled: true, host: zenml.acme.example, tls: { enabled: true } } } } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "target: kubernetes\nchart: { values: { server: { database: { url: 'mysql://db.acme.example/zenml', authMode: AWS_RDS_IAM, ssl: true, sslVerifyServerCert: true } } } }\n"),
    (&["remote-server", "hybrid-workspace"], "server: { analytics: true }\n"),
    (&["remote-server", "hybrid-workspace"], "network: { proxy: { url: 'http://proxy.acme.example:3128' } }\n"),
    (&["remote-server", "hybrid-workspace", "on-prem"], "server: { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.acme.example' } }\n"),
    (&["hybrid-workspace"], "controlPlane: { workspace: 7f2a1b7e-0c0d-4c6a-9e0e-5a1f2a3b4c5d, enrollmentKey: { fromEnv: K } }\n"),
    (&["hybrid-workspace"], "target: kubernetes\ncontrolPlane: { url: 'https://cloudapi.zenml.io', workspace: 7f2a1b7e-0c0d-4c6a-9e0e-5a1f2a3b4c5d, enrollmentKey: { fromEnv: K } }\nserver: { url: 'https://zenml.acme.example' }\nmlflow: { enabled: true }\n"),
    (&["hybrid-workspace"], "server: { environment: { ZENML_SERVER_PRO_DASHBOARD_URL: 'https://cloud.zenml.io', ZENML_SERVER_CORS_ALLOW_ORIGINS: 'https://cloud.zenml.io' } }\n"),
    (&["remote-server"], "target: { local: { runtime: container, image: '715803424590.dkr.ecr.eu-central-1.amazonaws.com/zenml-pro-server:0.98.0' } }\n"),
    (&["hybrid-workspace"], "chart: { values: { server: { image: { repository: 715803424590.dkr.ecr.eu-central-1.amazonaws.com/zenml-pro-server } } } }\n"),
    (&["hybrid-workspace"], "server: { environment: { ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE: zenml_cloud_plugins.kubernetes } }\n"),
    (&["on-prem"], "target: kubernetes\ncontrolPlane: { url: 'https://cp.acme.example/api/v1', workspace: 7f2a1b7e-0c0d-4c6a-9e0e-5a1f2a3b4c5d }\n"),
    (&["on-prem"], "target: kubernetes\ncontrolPlane: { organization: acme }\n"),
    (&["on-prem"], "target: { local: { wheelhouse: ./wheels } }\n"),
    (&["full-saas", "full-saas-all-data", "hybrid-partial-data", "hybrid-customer-data", "customer-secret-store", "private-secret-store", "agent"], "cloud: { aws: { region: eu-central-1 } }\n"),
    (&["full-saas", "full-saas-all-data", "hybrid-partial-data", "hybrid-customer-data", "customer-secret-store", "private-secret-store", "agent"], "controlPlane: { url: 'https://cloudapi.zenml.io', workspace: 7f2a1b7e-0c0d-4c6a-9e0e-5a1f2a3b4c5d }\n"),
    (&["full-saas", "full-saas-all-data", "hybrid-partial-data", "hybrid-customer-data", "customer-secret-store", "private-secret-store", "agent"], "server: { url: 'https://7f2a1b7e-zenml.cloudinfra.zenml.io' }\n"),
    (&["full-saas", "full-saas-all-data", "hybrid-partial-data", "hybrid-customer-data", "customer-secret-store", "private-secret-store", "agent"], "network: { proxy: { url: 'http://proxy.acme.example:3128' } }\n"),
    (&["full-saas", "hybrid-partial-data", "hybrid-customer-data", "customer-secret-store", "private-secret-store", "agent"], "artifactStore: { s3: { bucket: acme-artifacts } }\n"),
    (&["full-saas", "full-saas-all-data", "hybrid-partial-data", "hybrid-customer-data"], "secretsStore: sql\n"),
    (&["full-saas", "customer-secret-store", "private-secret-store", "agent"], "mlflow: { enabled: true }\n"),
    (&["full-saas-all-data", "hybrid-partial-data", "hybrid-customer-data"], "mlflow: { enabled: true }\n"),
    (&["customer-secret-store", "private-secret-store", "agent"], "secretsStore: { vault: { address: 'https://vault.acme.example' } }\n"),
    (&["customer-secret-store", "private-secret-store", "agent"], "secretsStore: { aws: { region: eu-central-1, roleArn: 'arn:aws:iam::123456789012:role/zenml-secrets' } }\n"),
];

#[test]
fn usual_options_pass() {
    for (scenarios, more) in USUAL {
        for name in *scenarios {
            Case::new(name, more, &[]).assert_clean(&format!("{name} with {more}"));
        }
    }
}

/// Settings that have nothing to do with where data go, and values for them.
fn unrelated() -> impl Strategy<Value = String> {
    let word = "[a-z][a-z0-9]{0,8}";
    prop_oneof![
        (1u32..5).prop_map(|rounds| format!("health.rounds={rounds}")),
        (1u32..60).prop_map(|seconds| format!("health.intervalSeconds={seconds}")),
        (1u32..9).prop_map(|replicas| format!("server.replicas={replicas}")),
        word.prop_map(|name| format!("server.adminUser={name}")),
        word.prop_map(|name| format!("name={name}")),
        (90u32..99, 0u32..7).prop_map(|(minor, patch)| format!("version=0.{minor}.{patch}")),
        word.prop_map(|file| format!("network.caBundle={file}.pem")),
        (16u32..65).prop_map(|length| format!("server.jwtSecretKey={{ generate: {{ length: {length} }} }}")),
        word.prop_map(|name| format!("server.adminPassword={{ fromEnv: {} }}", name.to_uppercase())),
    ]
}

/// The same, for a server of one's own.
fn unrelated_to_a_server() -> impl Strategy<Value = String> {
    let word = "[a-z][a-z0-9]{0,8}";
    prop_oneof![
        unrelated(),
        (1024u16..65535).prop_map(|port| format!("server.port={port}")),
        ("X_[A-Z]{1,9}", word).prop_map(|(name, value)| format!("server.environment.{name}={value}")),
        ("X_[A-Z]{1,9}", word)
            .prop_map(|(name, host)| format!("server.environment.{name}=https://{host}.acme.example/x")),
        ("X_[A-Z]{1,9}", word)
            .prop_map(|(name, from)| format!("server.secretEnvironment.{name}={{ fromEnv: {from} }}")),
        (word, word).prop_map(|(key, value)| format!("chart.values.podAnnotations.{key}={value}")),
        (1u32..99).prop_map(|size| format!("chart.values.server.threadPoolSize={size}")),
    ]
}

fn is_vendors(name: &str) -> bool {
    VENDOR.contains(&name)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn unrelated_keys_never_break_a_contract(
        index in 0usize..12,
        anywhere in prop::collection::vec(unrelated(), 0..3),
        at_a_server in prop::collection::vec(unrelated_to_a_server(), 0..3),
    ) {
        let name = CATALOGUE.iter().nth(index).unwrap().name.as_str();
        let own = !is_vendors(name) && name != "local-sqlite";
        let assignments: Vec<&str> = anywhere.iter().chain(at_a_server.iter().filter(|_| own)).map(String::as_str).collect();
        // Some draws contradict each other (a python for a cluster); those are the file's own mistakes.
        if let Ok(case) = Case::try_new(name, "", &assignments) {
            let found = case.check();
            prop_assert!(found.is_empty(), "{name} {assignments:?}: {:?}", found.iter().map(|d| &d.title).collect::<Vec<_>>());
        }
    }

    #[test]
    fn checking_twice_says_the_same(index in 0usize..12, flip in 0usize..4) {
        let flips = ["server.listen=0.0.0.0", "server.url=http://acme.zenml.io", "controlPlane.url=https://x.zenml.io", "database=mysql"];
        let name = CATALOGUE.iter().nth(index).unwrap().name.as_str();
        let case = Case::new(name, "", &[flips[flip]]);
        prop_assert_eq!(case.check(), case.check());
        prop_assert_eq!(case.check(), Case::new(name, "", &[flips[flip]]).check());
    }
}
