//! What can be typed. Clap's types end in `settings` and in the commands' own arguments.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// Deploys a ZenML scenario, proves that it is healthy and that data stays on its side.
#[derive(Debug, Parser)]
#[command(
    name = "deploy",
    version,
    max_term_width = 100,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "Start with `deploy init`, or `deploy scenario list`. State lies in DEPLOY_HOME.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: Global,
}

/// Taken by every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// Use the scenarios in this folder instead of the built-in ones [also: DEPLOY_SCENARIOS]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub(super) scenarios: Option<PathBuf>,
    /// Folder for all state [also: DEPLOY_HOME] [default: the XDG state folder]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub(super) home: Option<PathBuf>,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Everywhere")]
    pub(super) verbose: u8,
}

impl Command {
    /// Whether it reads or writes what is kept about deployments.
    pub(super) fn needs_state(&self) -> bool {
        !matches!(
            self,
            Self::Init(_)
                | Self::Scenario(_)
                | Self::Lint(_)
                | Self::Schema(_)
                | Self::Render(_)
                | Self::Chart(_)
                | Self::Explain(_)
                | Self::Completions(_)
                | Self::Version(_)
        )
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a deployment file: asks, or takes flags
    Init(Init),
    /// Look at the scenarios
    #[command(subcommand)]
    Scenario(Scenario),
    /// Check a deployment file and show where each value comes from
    Lint(Lint),
    /// Print the JSON Schema of a kind of file
    Schema(Schema),
    /// Write down everything that would be made, without touching anything
    Render(Render),
    /// Show what would be done
    Plan(Plan),
    /// Make it so, then check its health
    Apply(Apply),
    /// Show what is there
    Status(Reading),
    /// Prove that it works
    Health(Health),
    /// Show what the components print
    Logs(Logs),
    /// Show earlier runs
    History(Reading),
    /// Take it down; data is kept unless it is named
    Destroy(Destroy),
    /// Say why a unit is in the plan and what it waits for
    Why(Why),
    /// See or clear the lock of a deployment
    #[command(subcommand)]
    Lock(Lock),
    /// Helm charts, without Helm
    #[command(subcommand)]
    Chart(Chart),
    /// Explain a code
    Explain(Explain),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the version
    Version(Format),
    /// What processes of deploy call themselves
    #[command(subcommand, hide = true)]
    Internal(Internal),
}

/// How data is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    #[default]
    Table,
    Json,
    Yaml,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Format {
    /// Form of the output
    #[arg(short, long, value_enum, default_value_t, value_name = "FORM")]
    pub(super) output: Shape,
}

/// Which deployment.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Selection {
    /// Deployment file; of several, later ones win [default: deployment.yaml]
    #[arg(short, long = "file", value_name = "FILE", conflicts_with = "name")]
    pub(super) files: Vec<PathBuf>,
    /// A deployment that was applied from this machine
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Set one value: server.port=8240
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) set: Vec<String>,
    /// Set one value to a file's content
    #[arg(long = "set-file", value_name = "PATH=FILE")]
    pub(super) set_file: Vec<String>,
    /// Port of the server on this machine (same as --set server.port)
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Option<u16>,
    /// Install Python packages from this folder only (same as --set target.local.wheelhouse)
    #[arg(long, value_name = "DIR")]
    pub(super) wheelhouse: Option<PathBuf>,
    /// Accept secrets that are written in the file itself
    #[arg(long)]
    pub(super) allow_inline_secrets: bool,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// File to write; an existing one is changed in place, comments stay
    #[arg(short, long = "file", value_name = "FILE", default_value = "deployment.yaml")]
    pub(super) file: PathBuf,
    /// Name of the deployment
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Scenario or alias
    #[arg(long)]
    pub(super) scenario: Option<String>,
    /// Where it runs: local or kubernetes
    #[arg(long, value_name = "TARGET")]
    pub(super) target: Option<String>,
    /// Processes or containers: process or container
    #[arg(long, value_name = "RUNTIME")]
    pub(super) runtime: Option<String>,
    /// Release of ZenML
    #[arg(long = "zenml-version", value_name = "RELEASE")]
    pub(super) version: Option<String>,
    /// sqlite, or mysql for a private MariaDB or MySQL, or a mysql:// URL
    #[arg(long, value_name = "DATABASE")]
    pub(super) database: Option<String>,
    /// Port of the server
    #[arg(long)]
    pub(super) port: Option<u16>,
    /// With MLflow: true or false
    #[arg(long, value_name = "BOOL")]
    pub(super) mlflow: Option<bool>,
    /// Overwrite what is there
    #[arg(long)]
    pub(super) force: bool,
    /// Ask nothing; take defaults for what is not given
    #[arg(long)]
    pub(super) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Scenario {
    /// All scenarios with their names
    List {
        /// Only those of one of the vendor's vocabularies, with its names
        #[arg(long, value_name = "VOCABULARY")]
        vocabulary: Option<String>,
        #[command(flatten)]
        format: Format,
    },
    /// One scenario: sides, components, contract, connections
    Show {
        name: String,
        /// table, json, yaml, mermaid or svg
        #[arg(short, long, value_name = "FORM", default_value = "table")]
        output: Picture,
    },
    /// What tells two scenarios apart
    Diff {
        first: String,
        second: String,
        #[command(flatten)]
        format: Format,
    },
    /// A scenario in plain words
    Explain { name: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Picture {
    Table,
    Json,
    Yaml,
    Mermaid,
    Svg,
}

#[derive(Debug, Args)]
pub(super) struct Lint {
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Show every value and the layer that decided it
    #[arg(long)]
    pub(super) show_origin: bool,
    #[command(flatten)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Schema {
    #[arg(value_enum)]
    pub(super) kind: SchemaKind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SchemaKind {
    Deployment,
    Scenario,
}

#[derive(Debug, Args)]
pub(super) struct Render {
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Folder to write to, one file per unit; printed if left out
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ChartRender {
    /// Folder, packed file, oci://HOST/PATH[:TAG][@sha256:DIGEST], https://HOST/CHART.tgz, or a name with --repo
    pub(super) chart: String,
    /// Name of the release
    #[arg(long, value_name = "NAME", default_value = "release-name")]
    pub(super) name: String,
    /// Template of the release's name
    #[arg(long, value_name = "TEMPLATE", conflicts_with = "name")]
    pub(super) name_template: Option<String>,
    /// Namespace of the release
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    pub(super) namespace: String,
    #[command(flatten)]
    pub(super) values: ChartValues,
    /// With the files of `crds/`
    #[arg(long)]
    pub(super) include_crds: bool,
    /// Without hooks
    #[arg(long)]
    pub(super) no_hooks: bool,
    /// Without hooks that are tests
    #[arg(long)]
    pub(super) skip_tests: bool,
    /// Only what comes from these templates: templates/service.yaml, or a pattern
    #[arg(short, long, value_name = "FILE")]
    pub(super) show_only: Vec<String>,
    /// Version of Kubernetes to render for
    #[arg(long, value_name = "VERSION")]
    pub(super) kube_version: Option<String>,
    /// More API versions that the cluster has
    #[arg(short, long, value_name = "VERSION", value_delimiter = ',')]
    pub(super) api_versions: Vec<String>,
    /// As for an upgrade, not for an installation
    #[arg(long)]
    pub(super) is_upgrade: bool,
    /// Do not check values against the chart's schema
    #[arg(long)]
    pub(super) skip_schema_validation: bool,
    /// Follow symbolic links out of the chart's folder
    #[arg(long)]
    pub(super) follow_links: bool,
    /// Where random values come from; the same seed, the same values [default: namespace and name]
    #[arg(long, value_name = "TEXT")]
    pub(super) seed: Option<String>,
    /// What templates take for now [also: SOURCE_DATE_EPOCH] [default: 2026-01-01T00:00:00Z]
    #[arg(long, value_name = "TIME")]
    pub(super) now: Option<jiff::Timestamp>,
    /// Print what was rendered, even where it is no YAML
    #[arg(long)]
    pub(super) debug: bool,
    #[command(flatten)]
    pub(super) remote: Remote,
}

/// The user's values. Files come first, then --set-json, --set, --set-string, --set-file, --set-literal.
#[derive(Debug, Args)]
pub(super) struct ChartValues {
    /// File of values, `-` for standard input; of several, later ones win
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// Set values: a.b=1,c={x,y},d[0]=z
    #[arg(long, value_name = "VALUES")]
    pub(super) set: Vec<String>,
    /// Set values that are texts
    #[arg(long, value_name = "VALUES")]
    pub(super) set_string: Vec<String>,
    /// Set values in JSON: a=[1,2] or {"a":1}
    #[arg(long, value_name = "VALUES")]
    pub(super) set_json: Vec<String>,
    /// Set values to the content of files: a=FILE
    #[arg(long, value_name = "VALUES")]
    pub(super) set_file: Vec<String>,
    /// Set one value to a text as it stands
    #[arg(long, value_name = "VALUE")]
    pub(super) set_literal: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    pub(super) selection: Selection,
    /// table, json or yaml; anything else is a file to save the plan to
    #[arg(short, long = "output", value_name = "FORM|FILE")]
    pub(super) output: Vec<String>,
    /// Exit with 2 if something would be changed
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
}

/// How a run goes.
#[derive(Debug, Clone, Args)]
pub(super) struct Running {
    /// Do not ask
    #[arg(short, long, env = "DEPLOY_YES", value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) yes: bool,
    /// Wait this long for another run to end
    #[arg(long, value_name = "TIME", default_value = "0s")]
    pub(super) lock_timeout: Time,
    /// Give each unit this long to become ready
    #[arg(long, value_name = "TIME", default_value = "15m")]
    pub(super) timeout: Time,
    /// Steps at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) parallelism: u16,
    /// Stream what happens: json
    #[arg(long, value_enum, value_name = "FORM")]
    pub(super) events: Option<EventForm>,
    #[command(flatten)]
    pub(super) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EventForm {
    Json,
}

/// A duration as people write it: `90s`, `10m`, `1h30m`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time(pub(super) std::time::Duration);

impl std::str::FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain_seconds = text.parse::<u64>().map(std::time::Duration::from_secs);
        plain_seconds
            .map(Self)
            .or_else(|_| {
                let duration: jiff::SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
                std::time::Duration::try_from(duration).map(Self).map_err(|error| error.to_string())
            })
            .map_err(|_: String| "write a duration such as 90s, 10m or 1h30m".to_owned())
    }
}

#[derive(Debug, Args)]
pub(super) struct Apply {
    /// A plan saved by `deploy plan -o FILE`
    #[arg(value_name = "PLAN", conflicts_with_all = ["files", "name", "set", "set_file"])]
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) running: Running,
    /// Take over a deployment of the same name that another file made
    #[arg(long)]
    pub(super) adopt: bool,
    /// Do not check the health afterwards
    #[arg(long)]
    pub(super) no_health: bool,
}

#[derive(Debug, Args)]
pub(super) struct Reading {
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Health {
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) format: Format,
    /// Good rounds in a row that count as healthy
    #[arg(long, value_name = "N")]
    pub(super) count: Option<u32>,
    /// Go on until stopped
    #[arg(long)]
    pub(super) watch: bool,
    /// Time between two rounds
    #[arg(long, value_name = "TIME")]
    pub(super) interval: Option<Time>,
    /// Keep trying this long for the good rounds to come
    #[arg(long, value_name = "TIME", default_value = "0s")]
    pub(super) timeout: Time,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Stream what happens: json
    #[arg(long, value_enum, value_name = "FORM")]
    pub(super) events: Option<EventForm>,
}

#[derive(Debug, Args)]
pub(super) struct Logs {
    /// Component or unit; all if left out
    #[arg(value_name = "COMPONENT")]
    pub(super) component: Option<String>,
    #[command(flatten)]
    pub(super) selection: Selection2,
    /// Go on printing what is added
    #[arg(short = 'F', long)]
    pub(super) follow: bool,
    /// Lines to begin with
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub(super) lines: usize,
}

/// Which deployment, where `-f` follows, as people are used to from other tools: `-f` takes a value when one is
/// given and follows when none is.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Selection2 {
    /// Follow; with a value, the deployment file
    #[arg(short = 'f', long = "file", value_name = "FILE", num_args = 0..=1, action = ArgAction::Append, default_missing_value = "")]
    pub(super) files: Vec<PathBuf>,
    /// A deployment that was applied from this machine
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Destroy {
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) running: Running,
    /// Also remove databases, artifacts, logs and generated secrets
    #[arg(long)]
    pub(super) delete_data: bool,
}

#[derive(Debug, Args)]
pub(super) struct Why {
    pub(super) unit: String,
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) format: Format,
}

#[derive(Debug, Subcommand)]
pub(super) enum Lock {
    /// Who holds the lock
    Show(Reading),
    /// Clear what a dead holder left; a live one is never robbed
    Break(Reading),
}

#[derive(Debug, Subcommand)]
pub(super) enum Chart {
    /// Print what a chart makes, as `helm template` prints it
    Render(Box<ChartRender>),
    /// Fetch a chart from a registry, an address or a repository
    Pull(Pull),
}

#[derive(Debug, Args)]
pub(super) struct Pull {
    /// oci://HOST[:PORT]/PATH[:TAG][@sha256:DIGEST], https://HOST/CHART.tgz, or a name with --repo
    pub(super) chart: String,
    #[command(flatten)]
    pub(super) remote: Remote,
    /// Folder to write to
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub(super) destination: PathBuf,
    /// Unpack it into a folder with the chart's name
    #[arg(long)]
    pub(super) untar: bool,
    #[command(flatten)]
    pub(super) format: Format,
}

/// How charts come from elsewhere; named as in Helm.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Charts from elsewhere")]
pub(super) struct Remote {
    /// Version, or a constraint such as ^1.2; the highest that is no pre-release if left out
    #[arg(long, value_name = "VERSION")]
    pub(super) version: Option<String>,
    /// Repository with an index.yaml that the chart is in
    #[arg(long, value_name = "URL")]
    pub(super) repo: Option<String>,
    /// Speak to the registry without TLS
    #[arg(long)]
    pub(super) plain_http: bool,
    /// Trust the authorities in this PEM file only
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Speak to whoever answers
    #[arg(long)]
    pub(super) insecure_skip_tls_verify: bool,
    /// User; otherwise the files of Helm and docker are asked
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    pub(super) username: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "username")]
    pub(super) password_stdin: bool,
    /// Give it this long to come
    #[arg(long, value_name = "TIME", default_value = "5m")]
    pub(super) pull_timeout: Time,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Such as DEP-HEALTH-021; all if left out
    pub(super) code: Option<String>,
    #[command(flatten)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Subcommand)]
pub(super) enum Internal {
    /// Keeps a process
    Keep { folder: PathBuf },
}

/// Parses the command line.
pub(super) fn parse(arguments: &[OsString]) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_as_people_write_them() {
        let seconds = |text: &str| text.parse::<Time>().unwrap().0.as_secs();
        assert_eq!(seconds("90s"), 90);
        assert_eq!(seconds("10m"), 600);
        assert_eq!(seconds("1h30m"), 5400);
        assert_eq!(seconds("5"), 5);
        assert!("soon".parse::<Time>().is_err());
    }
}
