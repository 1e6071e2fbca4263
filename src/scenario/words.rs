//! The words that scenarios, plans and reports share. Each is an open-and-shut list: a new word is a new line here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a list of words with their names in files, so that reading, printing and completion agree.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$word_doc])* #[serde(rename = $text)] $word,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$word,)*];

            /// As it is written in files and output.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// Who runs something: the provider of a managed service, or the one who uses it.
    Side {
        Vendor = "vendor",
        Customer = "customer",
    }
}

words! {
    /// A part of a deployment that runs somewhere.
    Component {
        /// The command-line client and library on a person's machine or in a pipeline.
        Client = "client",
        Server = "server",
        Database = "database",
        Dashboard = "dashboard",
        SecretsStore = "secrets-store",
        ArtifactStore = "artifact-store",
        ContainerRegistry = "container-registry",
        Mlflow = "mlflow",
        ControlPlane = "control-plane",
        ControlPlaneDatabase = "control-plane-database",
        ControlPlaneDashboard = "control-plane-dashboard",
        IdentityProvider = "identity-provider",
        Agent = "agent",
        WorkloadManager = "workload-manager",
        LogStore = "log-store",
        ServiceConnectors = "service-connectors",
    }
}

words! {
    /// A kind of data that the contract speaks about.
    DataClass {
        /// Runs, lineage, registries.
        Metadata = "metadata",
        Artifacts = "artifacts",
        /// What MLflow records.
        Experiments = "experiments",
        Images = "images",
        Logs = "logs",
        Code = "code",
        Secrets = "secrets",
        /// Users, organizations, roles.
        Identity = "identity",
        Audit = "audit",
    }
}

words! {
    /// Someone or something that can read data.
    Principal {
        /// Whoever sits at this machine.
        LocalUser = "local-user",
        /// Clients and pipelines on the customer's side.
        CustomerClients = "customer-clients",
        /// The customer's own ZenML server.
        CustomerServer = "customer-server",
        /// The agent that runs on the customer's side.
        CustomerAgent = "customer-agent",
        /// The vendor's managed service.
        VendorService = "vendor-service",
    }
}

words! {
    /// Where units can be run.
    TargetKind {
        /// Supervised processes on this machine.
        Local = "local",
        Kubernetes = "kubernetes",
        /// The vendor's managed service: nothing for `deploy` to run.
        Managed = "managed",
    }
}

words! {
    /// What a service on the customer's side may reach beyond the connections that a scenario lists.
    Outgoing {
        /// Nothing at all, not even while installing: whatever is needed is carried across.
        Nothing = "nothing",
        /// What installing needs: packages and images, through a proxy where there is one.
        Installing = "installing",
        /// That, and reports of its use to the vendor, where the deployment file switches them on.
        UsageReports = "usage-reports",
    }
}

words! {
    /// The vendor's documents whose names for scenarios are aliases here.
    Vocabulary {
        Beta1 = "beta-1",
        Beta2 = "beta-2",
        Pro1 = "pro-1",
        Pro2 = "pro-2",
        Oss = "oss",
    }
}
