//! One flip of one key for each way to break a promise.

use super::*;
use crate::contract::facts::Purpose;
use crate::diagnostics::Code;
use crate::diagnostics::codes as c;
use crate::scenario::Component::*;
use crate::scenario::DataClass::*;
use Clause::*;

/// A deployment that keeps the contract, and one key that breaks it.
pub(super) struct Mutation {
    pub(super) scenarios: &'static [&'static str],
    /// What the file says besides name and scenario. Keeps the contract.
    pub(super) given: &'static str,
    /// As on the command line, after `--set`.
    pub(super) flip: &'static str,
    pub(super) code: Code,
    /// Has to stand in the message.
    pub(super) key: &'static str,
    /// Everything that the flip has to be seen to break.
    pub(super) breaks: &'static [Clause],
}

const fn flip(
    scenarios: &'static [&'static str],
    given: &'static str,
    flip: &'static str,
    code: Code,
    key: &'static str,
    breaks: &'static [Clause],
) -> Mutation {
    Mutation { scenarios, given, flip, code, key, breaks }
}

/// The customer runs the server.
const SERVERS: &[&str] = &["local-server", "remote-server", "hybrid-workspace", "on-prem"];
/// The same, for more than one machine.
const TEAMS: &[&str] = &["remote-server", "hybrid-workspace", "on-prem"];
const LOCALS: &[&str] = &["local-sqlite", "local-server"];
const VENDORS: &[&str] = &VENDOR;
const KUBERNETES: &str = "target: kubernetes\n";

/// The server's database on a host of the vendor.
const THEIR_DATABASE: &str =
    "database.mysql={ url: 'mysql://db.zenml.io/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } }";
/// The server's database on a host of the customer.
const OWN_DATABASE: &str =
    "database.mysql={ url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } }";
const THEIR_BUCKET: &str = "artifactStore.s3.bucket='arn:aws:s3:eu-west-1:715803424590:accesspoint/shared'";
const THEIR_ROLE: &str = "secretsStore.aws.roleArn='arn:aws:iam::715803424590:role/zenml-7f2a1b7e'";

#[rustfmt::skip]
pub(super) const MUTATIONS: &[Mutation] = &[
    // Metadata, users and the secrets beside them on the vendor's side.
    flip(&["local-sqlite", "local-server", "remote-server", "on-prem"], "", THEIR_DATABASE, c::CONTRACT_STORED_ELSEWHERE, "database.mysql.url", &[
        StoredOn(Metadata), StoredOn(Identity), StoredOn(Secrets), ReadBy(Metadata), ReadBy(Identity), ReadBy(Secrets),
        Stays(Metadata), Stays(Identity), Stays(Secrets), ListedLinks, OpenedBy, Placed(Database), Placed(SecretsStore),
    ]),
    flip(&["hybrid-workspace"], "", THEIR_DATABASE, c::CONTRACT_STORED_ELSEWHERE, "database.mysql.url", &[
        StoredOn(Metadata), StoredOn(Secrets), ReadBy(Metadata), ReadBy(Secrets), Stays(Metadata), Stays(Secrets),
        ListedLinks, Placed(Database), Placed(SecretsStore),
    ]),
    flip(SERVERS, "",
        "server.environment.ZENML_STORE_URL=mysql://u:p@db.zenml.io/zenml",
        c::CONTRACT_STORED_ELSEWHERE, "server.environment.ZENML_STORE_URL", &[StoredOn(Metadata), StoredOn(Secrets)]),
    flip(TEAMS, KUBERNETES, "chart.values.server.database.url=mysql://u:p@db.zenml.io/zenml",
        c::CONTRACT_STORED_ELSEWHERE, "chart.values.server.database.url", &[StoredOn(Metadata), DatabaseEncrypted]),
    flip(TEAMS, KUBERNETES, "chart.values.zenml.environment.ZENML_STORE_URL=mysql://u:p@db.zenml.io/zenml",
        c::CONTRACT_STORED_ELSEWHERE, "chart.values.zenml.environment.ZENML_STORE_URL", &[StoredOn(Metadata)]),
    flip(TEAMS, KUBERNETES, "chart.values.workerDeployments.runs.environment.ZENML_STORE_URL=mysql://u:p@db.zenml.io/zenml",
        c::CONTRACT_STORED_ELSEWHERE, "chart.values.workerDeployments.runs.environment.ZENML_STORE_URL", &[StoredOn(Metadata)]),
    // A database of one's own where the vendor runs the server.
    flip(VENDORS, "", OWN_DATABASE, c::CONTRACT_STORED_ELSEWHERE, "database.mysql.url",
        &[StoredOn(Metadata), ReadBy(Metadata), Placed(Database)]),
    flip(VENDORS, "", "database=mysql", c::CONTRACT_STORED_ELSEWHERE, "database.mysql", &[StoredOn(Metadata), Placed(Database)]),

    // Artifacts, and what lies with them.
    flip(&["customer-secret-store", "full-saas", "hybrid-partial-data", "hybrid-customer-data", "private-secret-store"], "",
        THEIR_BUCKET, c::CONTRACT_STORED_ELSEWHERE, "artifactStore.s3.bucket",
        &[StoredOn(Artifacts), StoredOn(Logs), StoredOn(Code), ReadBy(Code), Stays(Code), ListedLinks, Placed(ArtifactStore)]),
    flip(&["agent"], "", THEIR_BUCKET, c::CONTRACT_STORED_ELSEWHERE, "artifactStore.s3.bucket",
        &[StoredOn(Artifacts), StoredOn(Logs), StoredOn(Code), ReadBy(Artifacts), ReadBy(Logs), ReadBy(Code), Stays(Code), Placed(ArtifactStore)]),
    flip(TEAMS, "", THEIR_BUCKET, c::CONTRACT_STORED_ELSEWHERE, "artifactStore.s3.bucket", &[
        StoredOn(Artifacts), StoredOn(Logs), StoredOn(Code), ReadBy(Artifacts), ReadBy(Logs), ReadBy(Code),
        Stays(Artifacts), Stays(Logs), Stays(Code), ListedLinks, Placed(ArtifactStore),
    ]),
    flip(LOCALS, "", THEIR_BUCKET, c::CONTRACT_STORED_ELSEWHERE, "artifactStore.s3.bucket", &[
        StoredOn(Artifacts), StoredOn(Logs), ReadBy(Artifacts), ReadBy(Logs), Stays(Artifacts), Stays(Logs),
        Placed(ArtifactStore), OnThisMachine(ArtifactStore),
    ]),
    flip(&["full-saas-all-data"], "", "artifactStore.s3.bucket=acme-artifacts", c::CONTRACT_STORED_ELSEWHERE,
        "artifactStore.s3.bucket", &[StoredOn(Artifacts), StoredOn(Logs), Placed(ArtifactStore)]),
    flip(&["full-saas-all-data"], "", "artifactStore=local", c::CONTRACT_STORED_ELSEWHERE, "artifactStore.local",
        &[StoredOn(Artifacts), Placed(ArtifactStore)]),

    // Experiments.
    flip(&["private-secret-store"], "mlflow: { backendStore: database }\n", THEIR_DATABASE, c::CONTRACT_STORED_ELSEWHERE,
        "database.mysql.url", &[StoredOn(Experiments), ReadBy(Experiments), Stays(Experiments), ListedLinks, OpenedBy]),
    flip(&["agent"], "mlflow: { backendStore: database }\n", THEIR_DATABASE, c::CONTRACT_STORED_ELSEWHERE,
        "database.mysql.url", &[StoredOn(Experiments), ReadBy(Experiments), ListedLinks, OpenedBy]),
    flip(&["customer-secret-store"], "mlflow: { backendStore: database }\n", THEIR_DATABASE, c::CONTRACT_STORED_ELSEWHERE,
        "database.mysql.url", &[StoredOn(Experiments), ListedLinks, OpenedBy]),
    flip(&["full-saas"], "mlflow: { backendStore: database }\n", THEIR_DATABASE, c::CONTRACT_LINK, "database.mysql.url",
        &[ListedLinks, OpenedBy]),
    flip(SERVERS, "mlflow: { backendStore: database }\n", THEIR_DATABASE, c::CONTRACT_STORED_ELSEWHERE,
        "database.mysql.url", &[StoredOn(Experiments), ReadBy(Experiments), Stays(Experiments)]),
    flip(&["full-saas-all-data", "hybrid-partial-data"], "", "mlflow.artifactFolder=./runs", c::CONTRACT_STORED_ELSEWHERE,
        "mlflow.artifactFolder", &[StoredOn(Experiments), Placed(Mlflow)]),
    flip(&["hybrid-customer-data"], "", "mlflow.version=3.17.2", c::CONTRACT_COMPONENT, "mlflow.version", &[Placed(Mlflow)]),

    // Secrets.
    flip(&["private-secret-store", "agent"], "", "secretsStore=sql", c::CONTRACT_STORED_ELSEWHERE, "secretsStore.sql",
        &[StoredOn(Secrets), ReadBy(Secrets), Stays(Secrets), Placed(SecretsStore)]),
    flip(&["customer-secret-store"], "", "secretsStore=sql", c::CONTRACT_STORED_ELSEWHERE, "secretsStore.sql",
        &[StoredOn(Secrets), Placed(SecretsStore)]),
    flip(&["customer-secret-store", "private-secret-store", "agent", "remote-server", "hybrid-workspace", "on-prem"], "",
        THEIR_ROLE, c::CONTRACT_STORED_ELSEWHERE, "secretsStore.aws.roleArn", &[StoredOn(Secrets), Placed(SecretsStore)]),
    flip(&["customer-secret-store", "private-secret-store", "agent", "remote-server", "hybrid-workspace", "on-prem"], "",
        "secretsStore.vault.address=https://vault.zenml.io", c::CONTRACT_STORED_ELSEWHERE, "secretsStore.vault.address",
        &[StoredOn(Secrets), Placed(SecretsStore)]),
    flip(&["remote-server", "hybrid-workspace", "on-prem", "private-secret-store"], "", "secretsStore.gcp.project=zenml-cloud",
        c::CONTRACT_STORED_ELSEWHERE, "secretsStore.gcp.project", &[StoredOn(Secrets)]),
    flip(&["full-saas", "full-saas-all-data", "hybrid-partial-data", "hybrid-customer-data"], "",
        "secretsStore.vault.address=https://vault.acme.example", c::CONTRACT_STORED_ELSEWHERE, "secretsStore.vault.address",
        &[StoredOn(Secrets), Placed(SecretsStore), ListedLinks]),
    flip(&["full-saas", "full-saas-all-data", "hybrid-partial-data", "hybrid-customer-data"], "", "secretsStore=azure",
        c::CONTRACT_STORED_ELSEWHERE, "secretsStore.azure", &[StoredOn(Secrets)]),
    flip(TEAMS, "", "server.environment.ZENML_BACKUP_SECRETS_STORE_TYPE=sql", c::CONTRACT_UNENCRYPTED,
        "server.environment.ZENML_BACKUP_SECRETS_STORE_TYPE", &[SecretsEncrypted]),
    flip(TEAMS, "server: { environment: { ZENML_BACKUP_SECRETS_STORE_TYPE: hashicorp } }\n",
        "server.environment.ZENML_BACKUP_SECRETS_STORE_VAULT_ADDR=https://vault.zenml.io", c::CONTRACT_STORED_ELSEWHERE,
        "server.environment.ZENML_BACKUP_SECRETS_STORE_VAULT_ADDR", &[StoredOn(Secrets), ReadBy(Secrets), Stays(Secrets)]),
    flip(TEAMS, KUBERNETES, "chart.values.server.secretsStore={ type: hashicorp, hashicorp: { authConfig: { vault_addr: 'https://v.zenml.io' } } }",
        c::CONTRACT_STORED_ELSEWHERE, "chart.values.server.secretsStore.hashicorp.authConfig.vault_addr", &[StoredOn(Secrets)]),
    flip(TEAMS, KUBERNETES, "chart.values.server.secretsStore={ type: aws, aws: { authConfig: { role_arn: 'arn:aws:iam::715803424590:role/x' } } }",
        c::CONTRACT_STORED_ELSEWHERE, "chart.values.server.secretsStore.aws.authConfig", &[StoredOn(Secrets)]),

    // Users, roles, audit.
    flip(VENDORS, "", "controlPlane.url=https://cp.acme.example/api/v1", c::CONTRACT_STORED_ELSEWHERE, "controlPlane.url", &[
        StoredOn(Identity), StoredOn(Audit), ReadBy(Identity), ReadBy(Audit), Placed(ControlPlane),
        Placed(ControlPlaneDatabase), ListedLinks,
    ]),
    flip(&["hybrid-workspace"], "", "controlPlane.url=https://cp.acme.example/api/v1", c::CONTRACT_STORED_ELSEWHERE, "controlPlane.url", &[
        StoredOn(Identity), StoredOn(Audit), ReadBy(Identity), ReadBy(Audit), Placed(ControlPlane), Placed(ControlPlaneDatabase),
    ]),
    flip(&["local-sqlite", "local-server", "remote-server"], "", "controlPlane.url=https://cloudapi.zenml.io", c::CONTRACT_STORED_ELSEWHERE,
        "controlPlane.url", &[StoredOn(Identity), StoredOn(Audit), ReadBy(Identity), ReadBy(Audit), Stays(Identity), Stays(Audit), NothingElse]),
    flip(&["on-prem"], "", "controlPlane.url=https://cloudapi.zenml.io", c::CONTRACT_STORED_ELSEWHERE, "controlPlane.url", &[
        StoredOn(Identity), StoredOn(Audit), ReadBy(Identity), ReadBy(Audit), Stays(Identity), Stays(Audit),
        Placed(ControlPlane), Placed(ControlPlaneDatabase), ListedLinks, OpenedBy,
    ]),
    flip(&["local-server", "remote-server", "on-prem"], "", "server.environment.ZENML_SERVER_PRO_API_URL=https://cloudapi.zenml.io",
        c::CONTRACT_STORED_ELSEWHERE, "server.environment.ZENML_SERVER_PRO_API_URL", &[StoredOn(Identity), StoredOn(Audit)]),
    flip(&["remote-server", "on-prem"], KUBERNETES, "chart.values.server.pro.enabled=true", c::CONTRACT_STORED_ELSEWHERE,
        "chart.values.server.pro.enabled", &[StoredOn(Identity), StoredOn(Audit)]),
    flip(&["on-prem"], KUBERNETES, "chart.values.server.auth.externalUserInfoURL=https://cloudapi.zenml.io/users/me",
        c::CONTRACT_STORED_ELSEWHERE, "chart.values.server.auth.externalUserInfoURL", &[StoredOn(Identity)]),

    // What clients send to the server.
    flip(&["remote-server"], "", "server.url=https://acme.zenml.io", c::CONTRACT_CROSSES, "server.url",
        &[Stays(Metadata), Stays(Secrets), Stays(Logs), Stays(Identity), Placed(Server), ListedLinks]),
    flip(&["hybrid-workspace", "on-prem"], "", "server.url=https://acme.zenml.io", c::CONTRACT_CROSSES, "server.url",
        &[Stays(Metadata), Stays(Secrets), Stays(Artifacts), Stays(Logs), Placed(Server), ListedLinks]),
    flip(&["local-server"], "", "server.url=https://acme.zenml.io", c::CONTRACT_NOT_LOCAL, "server.url",
        &[Stays(Metadata), Stays(Secrets), Stays(Logs), Placed(Server), ListedLinks, ReachedSafely]),
    flip(TEAMS, "", "server.environment.OTEL_EXPORTER_OTLP_ENDPOINT=https://otel.zenml.io", c::CONTRACT_CROSSES,
        "server.environment.OTEL_EXPORTER_OTLP_ENDPOINT", &[Stays(Metadata), Stays(Logs)]),

    // Who gets in, and how.
    flip(&["remote-server", "hybrid-workspace", "on-prem"], "", "server.auth=none", c::CONTRACT_EXPOSED, "server.auth", &[UsersLogIn]),
    flip(&["local-server"], "server: { auth: none }\n", "server.listen=0.0.0.0", c::CONTRACT_EXPOSED, "server.auth", &[UsersLogIn]),
    flip(&["local-server", "remote-server", "on-prem"], "", "server.listen=0.0.0.0", c::CONTRACT_EXPOSED, "server.listen", &[ReachedSafely]),
    flip(&["local-server"], "", "server.listen='::'", c::CONTRACT_EXPOSED, "server.listen",
        &[ReachedSafely, ReadBy(Metadata), ReadBy(Secrets), ReadBy(Logs)]),
    flip(TEAMS, "", "server.environment.ZENML_SERVER_AUTH_SCHEME=NO_AUTH", c::CONTRACT_EXPOSED,
        "server.environment.ZENML_SERVER_AUTH_SCHEME", &[UsersLogIn]),
    flip(TEAMS, "", "server.url=http://zenml.acme.example", c::CONTRACT_EXPOSED, "server.url", &[ReachedSafely]),
    flip(TEAMS, KUBERNETES, "chart.values.server.auth.authType=NO_AUTH", c::CONTRACT_EXPOSED, "chart.values.server.auth.authType", &[UsersLogIn]),
    flip(TEAMS, KUBERNETES, "server.environment.ZENML_SERVER_AUTO_ACTIVATE='1'", c::CONTRACT_EXPOSED,
        "server.environment.ZENML_SERVER_AUTO_ACTIVATE", &[UsersLogIn]),
    flip(TEAMS, KUBERNETES, "chart.values.server.ingress.tls.enabled=false", c::CONTRACT_EXPOSED,
        "chart.values.server.ingress.tls.enabled", &[ReachedSafely]),
    flip(TEAMS, KUBERNETES, "chart.values.server.service.type=LoadBalancer", c::CONTRACT_EXPOSED,
        "chart.values.server.service.type", &[ReachedSafely]),

    // Encryption.
    flip(SERVERS, "", "server.environment.ZENML_SECRETS_STORE_ENCRYPTION_KEY=", c::CONTRACT_UNENCRYPTED,
        "server.environment.ZENML_SECRETS_STORE_ENCRYPTION_KEY", &[SecretsEncrypted]),
    flip(TEAMS, "secretsStore: { vault: { address: 'https://vault.acme.example' } }\n", "server.environment.ZENML_SECRETS_STORE_TYPE=sql",
        c::CONTRACT_UNENCRYPTED, "server.environment.ZENML_SECRETS_STORE_TYPE", &[SecretsEncrypted]),
    flip(TEAMS, KUBERNETES, "chart.values.server.secretsStore.sql.encryptionKey=", c::CONTRACT_UNENCRYPTED,
        "chart.values.server.secretsStore.sql.encryptionKey", &[SecretsEncrypted]),
    flip(TEAMS, "", "database.mysql={ url: 'mysql://db.acme.example/zenml', password: { fromEnv: P } }", c::CONTRACT_UNENCRYPTED,
        "database.mysql.tls", &[DatabaseEncrypted]),
    flip(LOCALS, "", "database.mysql={ url: 'mysql://db.acme.example/zenml', password: { fromEnv: P } }", c::CONTRACT_NOT_LOCAL,
        "database.mysql.tls", &[DatabaseEncrypted]),
    flip(TEAMS, KUBERNETES, "database.mysql={ url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: { enabled: false } }",
        c::CONTRACT_UNENCRYPTED, "database.mysql.tls", &[DatabaseEncrypted]),
    flip(TEAMS, "database: { mysql: { url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } } }\n",
        "server.environment.ZENML_STORE_SSL='False'", c::CONTRACT_UNENCRYPTED, "server.environment.ZENML_STORE_SSL", &[DatabaseEncrypted]),
    flip(TEAMS, "", "database.mysql={ url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: {} }", c::CONTRACT_UNVERIFIED,
        "database.mysql.tls", &[DatabaseVerified]),
    flip(TEAMS, "database: { mysql: { url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } } }\n",
        "database.mysql.tls.verifyName=false", c::CONTRACT_UNVERIFIED, "database.mysql.tls", &[DatabaseVerified]),
    flip(LOCALS, "", "database.mysql={ url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: { ca: ca.pem, verifyName: false } }",
        c::CONTRACT_NOT_LOCAL, "database.mysql.tls", &[DatabaseVerified]),
    flip(TEAMS, "database: { mysql: { url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } } }\n",
        "server.environment.ZENML_STORE_SSL_VERIFY_SERVER_CERT='0'", c::CONTRACT_UNVERIFIED,
        "server.environment.ZENML_STORE_SSL_VERIFY_SERVER_CERT", &[DatabaseVerified]),
    flip(&["remote-server", "on-prem", "hybrid-workspace"], "version: 0.73.0\n",
        "database.mysql={ url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: {} }",
        c::CONTRACT_UNENCRYPTED, "database.mysql.tls", &[DatabaseEncrypted]),
    flip(TEAMS, "database: { mysql: { url: 'mysql://db.acme.example/zenml', password: { fromEnv: P }, tls: { ca: ca.pem } } }\nmlflow: { backendStore: database }\n",
        "database.mysql.tls={ ca: null }", c::CONTRACT_UNENCRYPTED, "mlflow.backendStore", &[DatabaseEncrypted]),
    flip(&["customer-secret-store", "private-secret-store", "agent", "remote-server", "hybrid-workspace", "on-prem"], "",
        "secretsStore.vault.address=http://vault.acme.example:8200", c::CONTRACT_UNENCRYPTED, "secretsStore.vault.address", &[StoreEncrypted]),
    flip(LOCALS, "", "secretsStore.vault.address=http://vault.acme.example:8200", c::CONTRACT_NOT_LOCAL, "secretsStore.vault.address", &[StoreEncrypted]),

    // What goes out.
    flip(&["local-sqlite", "local-server", "on-prem"], "", "server.analytics=true", c::CONTRACT_EGRESS, "server.analytics", &[NotReached(Purpose::UsageReports)]),
    flip(&["on-prem"], KUBERNETES, "chart.values.server.analyticsOptIn=true", c::CONTRACT_EGRESS,
        "chart.values.server.analyticsOptIn", &[NotReached(Purpose::UsageReports)]),
    flip(&["local-server", "on-prem"], "", "server.environment.ZENML_ANALYTICS_OPT_IN=", c::CONTRACT_EGRESS,
        "server.environment.ZENML_ANALYTICS_OPT_IN", &[NotReached(Purpose::UsageReports)]),
    flip(&["local-server", "on-prem"], "", "server.environment.ZENML_ANALYTICS_OPT_IN='true'", c::CONTRACT_EGRESS,
        "server.environment.ZENML_ANALYTICS_OPT_IN", &[NotReached(Purpose::UsageReports)]),
    flip(&["local-server"], "", "server.environment.OTEL_EXPORTER_OTLP_ENDPOINT=https://otel.zenml.io", c::CONTRACT_NOT_LOCAL,
        "server.environment.OTEL_EXPORTER_OTLP_ENDPOINT", &[NotReached(Purpose::Telemetry), Stays(Metadata), Stays(Logs)]),
    flip(&["on-prem"], "", "server.environment.OTEL_EXPORTER_OTLP_ENDPOINT=https://otel.zenml.io", c::CONTRACT_CROSSES,
        "server.environment.OTEL_EXPORTER_OTLP_ENDPOINT", &[NotReached(Purpose::Telemetry)]),
    flip(&["on-prem"], KUBERNETES, "chart.values.server.openTelemetry.endpoint=https://otel.zenml.io", c::CONTRACT_CROSSES,
        "chart.values.server.openTelemetry.endpoint", &[NotReached(Purpose::Telemetry)]),
    flip(&["on-prem"], "", "network.proxy.url=http://proxy.acme.example:3128", c::CONTRACT_EGRESS, "network.proxy.url", &[NotReached(Purpose::Proxy)]),
    flip(&["on-prem"], "", "network.proxy.fromEnvironment=true", c::CONTRACT_EGRESS, "network.proxy.fromEnvironment", &[NotReached(Purpose::Proxy)]),
    flip(&["on-prem"], "", "server.environment.https_proxy=http://127.0.0.1:3128", c::CONTRACT_EGRESS, "server.environment.https_proxy", &[NotReached(Purpose::Proxy)]),
    flip(&["on-prem"], KUBERNETES, "chart.values.server.proxy.httpsProxy=http://proxy.acme.example:3128", c::CONTRACT_EGRESS,
        "chart.values.server.proxy.httpsProxy", &[NotReached(Purpose::Proxy)]),
    flip(VENDORS, "", "network.proxy.url=http://proxy.zenml.io:3128", c::CONTRACT_LINK, "network.proxy.url", &[ListedLinks]),
    flip(&["on-prem"], "target: { local: { runtime: container } }\n", "target.local.image='715803424590.dkr.ecr.eu-central-1.amazonaws.com/zenml-pro-server:0.98.0'",
        c::CONTRACT_EGRESS, "target.local.image", &[NotReached(Purpose::Images)]),
    flip(&["on-prem"], KUBERNETES, "chart.values.server.image.repository='europe-west3-docker.pkg.dev/zenml-cloud/zenml-pro/zenml-pro-server'",
        c::CONTRACT_EGRESS, "chart.values.server.image.repository", &[NotReached(Purpose::Images)]),
    flip(&["local-server", "on-prem"], "", "server.environment.ZENML_HUB_URL=https://hub.zenml.io", c::CONTRACT_EGRESS,
        "server.environment.ZENML_HUB_URL", &[NotReached(Purpose::Work)]),
    flip(&["remote-server", "hybrid-workspace"], "", "server.environment.ZENML_HUB_URL=https://hub.zenml.io", c::CONTRACT_LINK,
        "server.environment.ZENML_HUB_URL", &[ListedLinks]),

    // Components and targets.
    // Parts that are always there are asked for when the file is read.
    flip(LOCALS, "", "target=kubernetes", c::SCENARIO_NOT_ON_TARGET, "target", &[Targets]),
    flip(VENDORS, "", "target=local", c::SCENARIO_NOT_ON_TARGET, "target", &[Targets]),
    flip(&["hybrid-workspace"], "", "target=local", c::SCENARIO_NOT_ON_TARGET, "target", &[Targets]),
    flip(&["on-prem"], "", "controlPlane.workspace=7f2a1b7e-0c0d-4c6a-9e0e-5a1f2a3b4c5d", c::CONTRACT_COMPONENT, "controlPlane", &[Targets]),
    flip(&["on-prem"], "", "server.environment.ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE=zenml_cloud.x", c::CONTRACT_COMPONENT,
        "server.environment.ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE", &[Targets]),
    flip(&["local-server", "remote-server"], "", "server.environment.ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE=zenml_cloud.x", c::CONTRACT_COMPONENT,
        "server.environment.ZENML_SERVER_WORKLOAD_MANAGER_IMPLEMENTATION_SOURCE", &[NothingElse]),
    flip(&["local-sqlite"], "", "mlflow.enabled=true", c::CONTRACT_COMPONENT, "mlflow", &[NothingElse]),
    flip(&["local-sqlite"], "", "server.environment.ZENML_STORE_URL=mysql://u:p@db.zenml.io/zenml", c::CONTRACT_COMPONENT, "server.environment", &[NothingElse]),
    flip(&["local-sqlite"], "", "server.port=8240", c::CONTRACT_COMPONENT, "server.port", &[NothingElse]),
    flip(VENDORS, "", "server.listen=0.0.0.0", c::CONTRACT_COMPONENT, "server.listen", &[Placed(Server)]),
    flip(VENDORS, "", "server.environment.ZENML_LOGGING_VERBOSITY=DEBUG", c::CONTRACT_COMPONENT, "server.environment", &[Placed(Server)]),
    flip(VENDORS, KUBERNETES, "chart.values.server.database.url=mysql://u:p@db.acme.example/zenml", c::CONTRACT_COMPONENT, "chart.values", &[Placed(Server)]),
    flip(&["hybrid-workspace"], "", "server.environment.ZENML_SERVER_PRO_DASHBOARD_URL=https://dash.acme.example", c::CONTRACT_COMPONENT,
        "server.environment.ZENML_SERVER_PRO_DASHBOARD_URL", &[Placed(ControlPlaneDashboard)]),
    flip(&["on-prem"], "", "server.environment.ZENML_SERVER_DASHBOARD_URL=https://cloud.zenml.io", c::CONTRACT_COMPONENT,
        "server.environment.ZENML_SERVER_DASHBOARD_URL", &[Placed(ControlPlaneDashboard)]),

    // One machine.
    flip(LOCALS, "", OWN_DATABASE, c::CONTRACT_NOT_LOCAL, "database.mysql.url",
        &[OnThisMachine(Database), OnThisMachine(SecretsStore), ReadBy(Metadata), ListedLinks]),
    flip(&["local-server"], "mlflow: { backendStore: database }\n", OWN_DATABASE, c::CONTRACT_NOT_LOCAL, "database.mysql.url", &[OnThisMachine(Mlflow)]),
    flip(LOCALS, "", "secretsStore.vault.address=https://vault.acme.example", c::CONTRACT_NOT_LOCAL, "secretsStore.vault.address", &[OnThisMachine(SecretsStore)]),
    flip(LOCALS, "", "artifactStore.s3.bucket=acme-artifacts", c::CONTRACT_NOT_LOCAL, "artifactStore.s3.bucket", &[OnThisMachine(ArtifactStore)]),
    flip(LOCALS, "", "cloud.aws={ region: eu-central-1 }", c::CONTRACT_NOT_LOCAL, "cloud.aws", &[OnThisMachine(ArtifactStore)]),
    flip(&["local-server"], "", "server.environment.OTEL_EXPORTER_OTLP_ENDPOINT=https://otel.acme.example", c::CONTRACT_NOT_LOCAL,
        "server.environment.OTEL_EXPORTER_OTLP_ENDPOINT", &[OnThisMachine(Server)]),

    // What cannot be looked at.
    flip(SERVERS, "", "server.secretEnvironment.ZENML_STORE_URL={ fromEnv: URL }",
        c::CONTRACT_UNCHECKABLE, "server.secretEnvironment.ZENML_STORE_URL", &[Checkable]),
    flip(TEAMS, "", "server.environment.ZENML_SECRETS_STORE_TYPE=custom", c::CONTRACT_UNCHECKABLE,
        "server.environment.ZENML_SECRETS_STORE_TYPE", &[Checkable]),
    flip(TEAMS, KUBERNETES, "chart.values.server.environmentSecretKeyRefs=[{ name: ZENML_STORE_URL, secretName: s, secretKey: k }]",
        c::CONTRACT_UNCHECKABLE, "chart.values.server.environmentSecretKeyRefs.0", &[Checkable]),
];

/// What is not as it should be after a flip.
fn missed(mutation: &Mutation, scenario: &str) -> Vec<String> {
    let key = format!("`{}`", mutation.key);
    let (found, broken) = match Case::try_new(scenario, mutation.given, &[mutation.flip]) {
        Ok(case) => (case.check(), case.broken_at(mutation.key)),
        Err(refused) => (refused.0, vec![Targets]),
    };
    let named = found.iter().find(|diagnostic| diagnostic.title.contains(&key));
    let mut missed = Vec::new();
    if named.is_none_or(|diagnostic| diagnostic.code != mutation.code || diagnostic.next.is_empty()) {
        let all: Vec<String> = found.iter().map(|d| format!("{} {}", d.code, d.title)).collect();
        missed.push(format!("expected {} at {key} among {all:#?}", mutation.code));
    }
    let unbroken = mutation.breaks.iter().filter(|clause| !broken.contains(clause));
    missed.extend(unbroken.map(|clause| format!("{clause:?} is not among {broken:?}")));
    missed
}

#[test]
fn each_flip_is_refused_under_its_code_with_its_key() {
    let mut all = Vec::new();
    for mutation in MUTATIONS {
        for name in mutation.scenarios {
            Case::new(name, mutation.given, &[]).assert_clean(&format!("{name} with {:?}", mutation.given));
            let missed = missed(mutation, name);
            all.extend(
                missed.iter().map(|what| format!("{name} {:?} --set {}: {what}", mutation.given, mutation.flip)),
            );
        }
    }
    assert!(all.is_empty(), "{} of the flips are not answered as they should:\n{}", all.len(), all.join("\n"));
}
