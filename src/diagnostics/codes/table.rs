//! The list itself.

super::codes! {
    FILE_UNREADABLE = "DEP-FILE-001", "a file cannot be read",
        "The file does not exist, is a folder, is not readable for this user, or is larger than any deployment file has reason to be.",
        "Check the path and its permissions; `deploy init` writes a new file.";
    FILE_NOT_TEXT = "DEP-FILE-002", "a file is not UTF-8 text",
        "Deployment files and scenarios are YAML, which is text. The file holds bytes that are no UTF-8 text.",
        "Check that the path names the file you meant.";
    FILE_SYNTAX = "DEP-FILE-003", "a file is not valid YAML",
        "The YAML parser stopped at the marked place: a tab used for indentation, a bracket left open, a key given twice, or an anchor that is not defined.",
        "Mend the marked line. YAML is indented with spaces.";
    FILE_EMPTY = "DEP-FILE-004", "a file is empty",
        "The file holds nothing but white space or comments, so there is nothing to deploy.",
        "Write at least `name:` and `scenario:`; `deploy init` does it for you.";
    FILE_UNKNOWN_KEY = "DEP-FILE-005", "a key is not known",
        "Unknown keys are refused, since a misspelt key that is silently ignored is a setting that you believe to be in force.",
        "Use the suggested key. `deploy schema deployment` prints all of them, for editors too.";
    FILE_WRONG_TYPE = "DEP-FILE-006", "a value has the wrong type or form",
        "The value at the marked place cannot be read as what the key expects.",
        "Write the expected form; quote texts that look like numbers, such as a version \"0.98\".";
    FILE_MISSING_KEY = "DEP-FILE-007", "a required key is missing",
        "Without this key the deployment is not defined.",
        "Add the key at the marked place.";
    FILE_INVALID_VALUE = "DEP-FILE-008", "a value is not possible",
        "The value has the right type, but no deployment can be made with it.",
        "Change the value as the message says.";
    FILE_TOO_DEEP = "DEP-FILE-009", "a file asks for too much",
        "The file nests too deeply or multiplies itself through anchors. This protects against files made to exhaust memory.",
        "Write the values out.";
    FILE_INLINE_SECRET = "DEP-FILE-010", "a secret is written in the file itself",
        "A secret in a deployment file ends in version control, chat and backups.",
        "Use a source: `{ fromEnv: NAME }`, `{ fromFile: PATH }`, `{ fromCommand: [...] }`, `{ prompt: true }` or `{ generate: {} }`. For a throw-away deployment `--allow-inline-secrets` lets it pass.";
    FILE_EXISTS = "DEP-FILE-011", "a file is already there",
        "`deploy` does not overwrite what it did not write.",
        "Choose another path, or pass `--force` where the command offers it.";
    FILE_UNWRITABLE = "DEP-FILE-012", "a file or folder cannot be written",
        "The folder is read-only, belongs to somebody else, or its disk is full.",
        "Make room or choose another place; `DEPLOY_HOME` moves all state of `deploy`.";

    SCENARIO_UNKNOWN = "DEP-SCENARIO-001", "no scenario has this name",
        "The name is neither a scenario nor one of the names that the vendor's documents gave it.",
        "`deploy scenario list` shows all names and aliases.";
    SCENARIO_AMBIGUOUS = "DEP-SCENARIO-002", "a scenario's alias means several things",
        "The vendor's documents numbered their scenarios four times, so the same number names different things.",
        "Use one of the candidates, or write the alias with its vocabulary in front, such as `beta-2:2b`.";
    SCENARIO_CONTRADICTS_ITSELF = "DEP-SCENARIO-003", "a scenario contradicts itself",
        "A scenario's contract, components and links must agree with each other; this one says two things that cannot both be true.",
        "Mend the scenario file at the marked places.";
    SCENARIO_NOT_ON_TARGET = "DEP-SCENARIO-004", "a scenario does not run on this target",
        "Some part of the scenario has to run somewhere that the chosen target is not.",
        "Choose a target that the scenario names; `deploy scenario show NAME` lists them.";

    SECRET_SOURCE_EMPTY = "DEP-SECRET-001", "a secret's source has no value",
        "The environment variable, file, command or prompt that should give the secret gave nothing.",
        "Provide the value where the deployment file says it comes from.";
    SECRET_NEEDS_TERMINAL = "DEP-SECRET-002", "a secret has to be typed, and there is no terminal",
        "The secret's source is `prompt`, and neither a person nor a terminal is there to answer.",
        "Use another source for runs without a person, such as `{ fromEnv: NAME }`.";
    SECRET_STORE_BROKEN = "DEP-SECRET-003", "the deployment's secret store cannot be read",
        "Generated secrets live in the deployment's folder. A file there is damaged, or readable for others.",
        "Restore the file from a backup. Losing an encryption key means losing the secrets encrypted with it.";
    SECRET_UNFIT = "DEP-SECRET-004", "a secret's value cannot be used",
        "The value is empty, too short, or holds characters that the system it is meant for does not take.",
        "Provide a value that fits, as the message says.";

    PLAN_CYCLE = "DEP-PLAN-001", "units wait for each other in a circle",
        "Each unit of the plan waits for others; here a chain of them leads back to its start, so none can begin.",
        "This is a mistake in a scenario or in `deploy`; the message prints the circle.";
    PLAN_STALE = "DEP-PLAN-002", "a saved plan no longer fits",
        "Something changed since the plan was made: the deployment file, or what runs. Applying it would do something you have not seen.",
        "Make a new plan and apply that one.";
    PLAN_UNKNOWN_UNIT = "DEP-PLAN-003", "no unit has this name",
        "The plan has no unit of that name.",
        "`deploy plan` lists the units.";
    PLAN_DESTROYS_DATA = "DEP-PLAN-004", "a change would lose data",
        "The change cannot be made without removing a database, a volume or secrets. They are never removed without being named.",
        "Keep the old setting, or remove the data on purpose with `deploy destroy --delete-data`.";
    PLAN_IMPOSSIBLE_CHANGE = "DEP-PLAN-005", "a change cannot be made in place",
        "What runs cannot be turned into what the file asks for without a step that `deploy` does not take by itself.",
        "See the message for the manual way.";

    CONTRACT_STORED_ELSEWHERE = "DEP-CONTRACT-001", "data would be stored on the wrong side",
        "The scenario says on which side each class of data is stored; this plan stores it elsewhere.",
        "Change the marked key, or choose a scenario that allows it: `deploy scenario diff`.";
    CONTRACT_READABLE_ELSEWHERE = "DEP-CONTRACT-002", "data would be readable by someone who must not read it",
        "The scenario says who may read each class of data; this plan lets someone else read it.",
        "Change the marked key, or choose a scenario that allows it.";
    CONTRACT_CROSSES = "DEP-CONTRACT-003", "data would cross from one side to the other",
        "The scenario does not let this class of data leave its side.",
        "Change the marked key, or choose a scenario that allows it.";
    CONTRACT_LINK = "DEP-CONTRACT-004", "a connection would be opened that the scenario does not have",
        "The scenario names each connection between the sides and who opens it; this one is not among them.",
        "Remove the setting that opens it, or choose a scenario that has the connection.";
    CONTRACT_COMPONENT = "DEP-CONTRACT-005", "a component is not part of the scenario, or stands on the wrong side",
        "The scenario says which components there are and where each runs.",
        "Remove the component from the deployment file, or choose a scenario that has it.";
    CONTRACT_EXPOSED = "DEP-CONTRACT-006", "something would be reachable from outside without protection",
        "The scenario has no users of its own, or the connection has no TLS, so it may only be reached from this machine.",
        "Bind to 127.0.0.1, or choose a scenario with users and TLS.";
    CONTRACT_UNENCRYPTED = "DEP-CONTRACT-007", "secrets would be stored or sent in clear text",
        "A secrets store without an encryption key writes values as they are; a database connection without TLS sends them so.",
        "Leave the default in place, or provide a key or certificate.";
    CONTRACT_EGRESS = "DEP-CONTRACT-008", "a connection to the outside would be opened",
        "The scenario allows no outgoing connection, and this setting makes a component open one.",
        "Switch the setting off.";
    CONTRACT_UNVERIFIED = "DEP-CONTRACT-009", "a database's certificate would not be verified",
        "Encryption without verification keeps out listeners, not somebody who answers in the database's place. The server verifies a certificate only when it is given the authority that signed it and told to compare the name.",
        "Name the authority's PEM file as `database.mysql.tls.ca` and leave `verifyName` on.";
    CONTRACT_NOT_LOCAL = "DEP-CONTRACT-010", "something that belongs on this machine would be elsewhere",
        "The scenario is for one person on one machine: nobody else can reach what it stores, and nothing of it travels.",
        "Leave the marked key out, or choose a scenario with a server for several people.";
    CONTRACT_UNCHECKABLE = "DEP-CONTRACT-011", "what decides where data go is hidden in a secret",
        "The value of a secret is not known before it is used, so nobody can tell whether it keeps the contract.",
        "Give the address in plain and only the password as a secret.";

    REGISTRY_REFERENCE = "DEP-REGISTRY-001", "a chart's name cannot be read",
        "Charts are named by a folder, a packed file, `oci://HOST[:PORT]/PATH[:TAG][@sha256:DIGEST]`, the address of a packed chart, or a name together with `--repo URL`.",
        "Write the name in one of these forms.";
    REGISTRY_UNREACHABLE = "DEP-REGISTRY-002", "a registry cannot be reached",
        "No connection to the host came about: its name is not known, nobody listens there, or something in between refuses.",
        "Check host and port, and HTTPS_PROXY and NO_PROXY if there is a proxy.";
    REGISTRY_UNTRUSTED = "DEP-REGISTRY-003", "a registry's certificate is not trusted",
        "The host answered, but nothing shows that it is the one that was meant: its certificate was signed by an unknown authority, is for another name, or has expired.",
        "Pass the authority's certificate with `--ca-file`. `--insecure-skip-tls-verify` goes on without knowing who answers.";
    REGISTRY_DENIED = "DEP-REGISTRY-004", "a registry denies access",
        "The registry wants to know who asks, or does not let this user have the chart. The message says which credentials were tried and where they came from.",
        "Log in with `docker login` or `helm registry login`, or pass `--username` and `--password-stdin`.";
    REGISTRY_NOT_FOUND = "DEP-REGISTRY-005", "a registry does not have the chart",
        "The host answered and has nothing under this name, tag or digest. Some registries say the same where a login is missing.",
        "Check the name; the message lists tags that are there.";
    REGISTRY_NO_VERSION = "DEP-REGISTRY-006", "no version of a chart fits",
        "The chart is there, but none of its versions is the one that was asked for. Pre-releases count only where the constraint names one, such as `>0-0`.",
        "Choose one of the versions that the message lists.";
    REGISTRY_NOT_A_CHART = "DEP-REGISTRY-007", "what a registry holds is no chart",
        "Registries hold images and other things besides charts; the message says what this is.",
        "Name a chart.";
    REGISTRY_DIGEST = "DEP-REGISTRY-008", "a digest does not fit",
        "A digest names content exactly. Either the tag now names other content than when it was pinned, or what arrived is not what was announced.",
        "Find out why it changed before you take over the new digest.";
    REGISTRY_TOO_LARGE = "DEP-REGISTRY-009", "what a registry sends is too large",
        "Charts, and the lists and manifests that lead to them, may have a certain size only, so that nobody can fill memory or disk.",
        "Name a chart; make it smaller with a `.helmignore`.";
    REGISTRY_ANSWER = "DEP-REGISTRY-010", "a registry's answer makes no sense",
        "The host answered with an error of its own, or with something that registries do not say.",
        "Check that the address is that of a registry, and try again later.";
    REGISTRY_CREDENTIALS = "DEP-REGISTRY-011", "credentials for a registry cannot be read",
        "A configuration file of docker or Helm is damaged, or the program that it names for credentials failed.",
        "Mend the file, or pass `--username` and `--password-stdin`.";
    REGISTRY_TIMED_OUT = "DEP-REGISTRY-012", "a registry takes too long",
        "The host did not answer, or sent too slowly, in the time that it was given.",
        "Try again, or give it more time with `--pull-timeout`.";

    TARGET_NOT_AVAILABLE = "DEP-TARGET-001", "a part needs a target that this build does not have",
        "The plan is complete, but some of its units run on a target that this build of `deploy` cannot apply yet.",
        "`deploy plan` and `deploy render` show the parts; choose a scenario that runs on an available target to apply.";
    TARGET_UNSUPPORTED_SYSTEM = "DEP-TARGET-002", "this operating system is not supported",
        "Processes are identified through the Linux process table.",
        "Run it on Linux, or in a Linux container or virtual machine.";
    TARGET_HOME_UNWRITABLE = "DEP-TARGET-003", "the state folder cannot be written",
        "`deploy` keeps deployments, logs and generated secrets below its state folder, and cannot write there.",
        "Make the folder writable, free space on its disk, or set DEPLOY_HOME to another folder.";
    TARGET_NAME_TAKEN = "DEP-TARGET-004", "another deployment has this name",
        "A deployment of the same name was made from another file. Applying this one would turn it into something else.",
        "Choose another `name:`, destroy the other one first, or pass `--adopt` to take it over.";
    TARGET_NO_DEPLOYMENT = "DEP-TARGET-005", "no deployment of this name on this machine",
        "Nothing was ever applied under this name here, or it was destroyed with its data.",
        "`deploy apply` makes it; check DEPLOY_HOME if it was made with another state folder.";

    PYTHON_MISSING = "DEP-PYTHON-001", "no Python found",
        "The server is a Python program, so a Python of a fitting version with `venv` has to be on PATH (or `uv`, which can bring its own).",
        "Install python3 and python3-venv (Debian: `apt-get install python3-venv`), name one with `target.local.python`, or use `runtime: container`.";
    PYTHON_UNFIT = "DEP-PYTHON-002", "Python has the wrong version",
        "The wanted release does not run on the Python that was found.",
        "Install a fitting Python and name it with `target.local.python`, or choose another `version`.";
    PYTHON_NO_VENV = "DEP-PYTHON-003", "Python cannot make virtual environments",
        "Debian and Ubuntu ship `venv` and `ensurepip` in a package of their own.",
        "`apt-get install python3-venv`, or install `uv`.";
    PYTHON_NO_SUCH_RELEASE = "DEP-PYTHON-004", "a release does not exist",
        "The package registry (or the wheelhouse) has no such version of the package.",
        "Correct `version`; the message lists near ones where the registry told them.";
    PYTHON_REGISTRY_UNREACHABLE = "DEP-PYTHON-005", "the package registry cannot be reached",
        "Packages come from a registry over the network, and it does not answer.",
        "Check network and proxy, or install from a folder of wheels with `--wheelhouse DIR`.";
    PYTHON_INSTALL_FAILED = "DEP-PYTHON-006", "packages cannot be installed",
        "The installer stopped with an error; its own words are in the evidence.",
        "See the saved log. The unfinished environment is rebuilt on the next run.";
    PYTHON_BROKEN = "DEP-PYTHON-007", "a Python environment is broken",
        "An environment made earlier does not start any more: its interpreter was removed or files are missing.",
        "`deploy apply` rebuilds it.";

    DATABASE_NO_PROGRAM = "DEP-DATABASE-001", "no MariaDB or MySQL server program found",
        "The scenario needs a MySQL-family database, and neither `mariadbd` nor `mysqld` is on PATH or in the usual folders.",
        "Install one (Debian: `apt-get install mariadb-server`), or give `database.mysql.url` of an existing server.";
    DATABASE_INIT_FAILED = "DEP-DATABASE-002", "the database's data folder cannot be made",
        "The database's own initialisation stopped with an error.",
        "See the saved log. Nothing unfinished is left in place.";
    DATABASE_UNREACHABLE = "DEP-DATABASE-003", "the database does not answer",
        "Nothing accepts connections at the database's address, or it closes them.",
        "`deploy logs database` shows why it stopped; `deploy apply` starts a private one again.";
    DATABASE_REFUSED_LOGIN = "DEP-DATABASE-004", "the database refuses the login",
        "User, password or TLS do not fit. MariaDB answers a client without TLS with the same words as a wrong password.",
        "Check `database.mysql.username` and its password source, and that TLS is on if the server requires it.";
    DATABASE_NEEDS_TLS = "DEP-DATABASE-005", "the database takes TLS connections only",
        "The same login is accepted over TLS and refused without.",
        "Set `database.mysql.tls`.";
    DATABASE_CERTIFICATE = "DEP-DATABASE-006", "the database's certificate is not trusted",
        "The certificate is not signed by the given CA, is for another name, or has run out.",
        "Give the CA with `database.mysql.tls.ca`.";
    DATABASE_SCHEMA_BEHIND = "DEP-DATABASE-007", "the database's schema is of an older release",
        "The migration to the server's release has not run or not finished.",
        "`deploy apply` runs the migration.";
    DATABASE_SCHEMA_AHEAD = "DEP-DATABASE-008", "the database's schema is of a newer release than the server",
        "A server cannot work on the schema of a newer release, and schemas cannot go back.",
        "Set `version` to the release of the schema or newer, or restore a backup of the older schema.";
    DATABASE_MIGRATION_FAILED = "DEP-DATABASE-009", "the migration of the database failed",
        "The server's own migration stopped with an error; its own words are in the evidence.",
        "Mend the cause and run `deploy apply` again: it goes on from what is there.";
    DATABASE_NAME = "DEP-DATABASE-010", "the server does not take this database name",
        "A database name must not hold `-`, `.` or other special characters and be at most 64 characters long.",
        "Use letters, digits and `_`.";
    DATABASE_DAMAGED = "DEP-DATABASE-011", "the database's files are damaged or in use",
        "The data folder is incomplete, or another database process holds it.",
        "Stop the other process, or restore a backup. Nothing was removed.";

    SERVER_STOPPED = "DEP-SERVER-001", "the server stopped",
        "The process ended by itself. Its exit code and last words are in the evidence.",
        "Mend the cause; `deploy apply` starts it again.";
    SERVER_NOT_READY = "DEP-SERVER-002", "the server does not become ready",
        "The process runs, but does not answer as it should.",
        "`deploy logs server -f` shows what it is doing.";
    SERVER_ACTIVATED_ELSEWHERE = "DEP-SERVER-003", "the server was activated by someone else",
        "The server has an administrator, and it is not the one that this deployment made.",
        "If this is your server: give its administrator's password as `server.adminPassword`. If not: somebody claimed it; destroy it with its data.";
    SERVER_LOGIN_REFUSED = "DEP-SERVER-004", "the server refuses the administrator's login",
        "The password that this deployment holds is not the one that the server has.",
        "If it was changed by hand, give the new one as `server.adminPassword`.";

    MLFLOW_STOPPED = "DEP-MLFLOW-001", "MLflow stopped",
        "The tracking server's process ended by itself. Its exit code and last words are in the evidence.",
        "Mend the cause; `deploy apply` starts it again.";

    PROCESS_PORT_TAKEN = "DEP-PROCESS-001", "a port is taken by another program",
        "A port named in the file or on the command line is in use.",
        "Choose another port, leave it out to get a free one, or stop the other program.";
    PROCESS_KILLED = "DEP-PROCESS-002", "a process was killed",
        "Somebody or something sent the process a signal that it cannot refuse.",
        "`deploy apply` starts it again.";
    PROCESS_OUT_OF_MEMORY = "DEP-PROCESS-003", "a process was killed for memory",
        "The kernel killed the process because the machine or its memory limit ran out.",
        "Give it more memory or stop other programs; `deploy apply` starts it again.";
    PROCESS_DISK_FULL = "DEP-PROCESS-004", "the disk is full",
        "A write was refused because no space is left.",
        "Free space, then run `deploy apply` again: nothing was lost.";
    PROCESS_NOT_STARTED = "DEP-PROCESS-005", "a program cannot be started",
        "The program is missing, not executable, or the system refused to start it.",
        "See the cause; install what is missing and run again.";
    PROCESS_NOT_STOPPING = "DEP-PROCESS-006", "a process does not stop",
        "The process ignored the request to end within its time.",
        "Stop it by hand; `deploy status` shows its number.";
    PROCESS_FOREIGN = "DEP-PROCESS-007", "a recorded process number belongs to another program",
        "The process that was started is gone and its number was given to another program, which is left alone.",
        "Nothing to do; `deploy apply` starts a new process.";

    CONTAINER_NO_ENGINE = "DEP-CONTAINER-001", "no container engine found",
        "`runtime: container` needs docker or podman, with its service running.",
        "Install podman or docker, or use `runtime: process`.";
    CONTAINER_FAILED = "DEP-CONTAINER-002", "the container engine refused",
        "The engine's own words are in the cause.",
        "Mend the cause and run again.";
    CONTAINER_NO_IMAGE = "DEP-CONTAINER-003", "an image cannot be had",
        "The engine neither has the image nor can pull it.",
        "Check the name, the network and the registry's login, or load the image from a file.";

    HEALTH_PROCESS = "DEP-HEALTH-001", "process is alive",
        "The process that was started is the one that runs: same number, same start time.",
        "`deploy apply` starts what is gone.";
    HEALTH_PORT = "DEP-HEALTH-002", "port accepts connections",
        "A TCP connection to the port is accepted.",
        "`deploy logs COMPONENT` shows why nothing listens.";
    HEALTH_LIVENESS = "DEP-HEALTH-010", "server answers /health",
        "The server's process serves requests. This page does not touch the database.",
        "`deploy logs server` shows why it does not.";
    HEALTH_READINESS = "DEP-HEALTH-011", "server answers /ready",
        "The server is ready for requests.",
        "`deploy logs server` shows why it is not.";
    HEALTH_INFO = "DEP-HEALTH-012", "server is what was planned",
        "Version, database type, secrets store, authentication and activation, as the server itself reports them, equal the plan.",
        "`deploy apply` brings it back to the plan.";
    HEALTH_LOGIN = "DEP-HEALTH-013", "administrator can log in",
        "The administrator's password opens a session.",
        "See DEP-SERVER-004.";
    HEALTH_SECRET_ROUND_TRIP = "DEP-HEALTH-014", "secrets can be stored",
        "A secret is created, read back and deleted through the server's API, which proves that the secrets store works.",
        "The server's log says what its secrets store refused.";
    HEALTH_DASHBOARD = "DEP-HEALTH-015", "dashboard loads",
        "The dashboard's page and every script and style sheet that it names load.",
        "A page without its parts points at a broken installation: `deploy apply` rebuilds it.";
    HEALTH_DATABASE = "DEP-HEALTH-020", "database answers",
        "A query is answered with the server's own login.",
        "See the cause; `deploy logs database` shows the database's side.";
    HEALTH_SCHEMA = "DEP-HEALTH-021", "database schema fits the server",
        "The schema's revision equals the server's release.",
        "`deploy apply` runs the migration.";
    HEALTH_DATABASE_TLS = "DEP-HEALTH-022", "database connection is encrypted",
        "The connection uses TLS with a trusted certificate, and the database refuses connections without it.",
        "See the cause.";
    HEALTH_CLIENT = "DEP-HEALTH-030", "client sees the store",
        "The real client opens the store and reads its active stack.",
        "See the cause.";
    HEALTH_MLFLOW = "DEP-HEALTH-040", "MLflow answers /health",
        "The tracking server serves requests.",
        "`deploy logs mlflow` shows why it does not.";
    HEALTH_MLFLOW_VERSION = "DEP-HEALTH-041", "MLflow has the planned version",
        "The version that the tracking server reports equals the plan.",
        "`deploy apply` brings it back to the plan.";
    HEALTH_MLFLOW_ROUND_TRIP = "DEP-HEALTH-042", "MLflow stores and reads",
        "An experiment is created, found and deleted, and an artifact is written and read, through the tracking server.",
        "The tracking server's log says what its stores refused.";

    LOCK_HELD = "DEP-LOCK-001", "another run works on this deployment",
        "Only one run at a time may change a deployment. The other one is alive.",
        "Wait for it with `--lock-timeout 10m`, or stop it (Ctrl-C leaves a state that can go on).";
    LOCK_LIVE = "DEP-LOCK-002", "the lock's holder is alive",
        "A live run is never robbed of its lock.",
        "Stop the other run first.";

    RUN_PARTIAL = "DEP-RUN-001", "applied in part",
        "Some steps are done and stay done; the first failure is above.",
        "Mend the cause and run `deploy apply` again: it goes on where this run stopped.";
    RUN_CANCELLED = "DEP-RUN-002", "cancelled",
        "The run was asked to stop. The step that was running was finished; nothing after it was begun.",
        "`deploy apply` goes on where this run stopped.";
    RUN_TIMED_OUT = "DEP-RUN-003", "time is up",
        "A step did not finish in the time it was given. What it was waiting for is in the cause.",
        "Raise `--timeout` if it only needs longer; otherwise see the cause.";
    RUN_JOURNAL_DAMAGED = "DEP-RUN-004", "the journal's last line was cut",
        "An earlier run was stopped while it wrote. The line is put aside; reality is asked instead.",
        "Nothing to do.";
    RUN_NO_PERMISSION = "DEP-RUN-005", "no permission",
        "The system refused access to a file, port or process.",
        "Run as the user who made the deployment, or correct the permissions that the cause names.";
    RUN_NOT_CONFIRMED = "DEP-RUN-006", "not confirmed",
        "The command changes or removes things and was not confirmed, or no terminal was there to ask.",
        "Pass `--yes` after reading what it would do.";
    RUN_CLOCK = "DEP-RUN-007", "the clock moved",
        "Times recorded earlier lie in the future. Only times shown to people are affected: order comes from the journal.",
        "Check the machine's time service.";

    CHART_UNREADABLE = "DEP-CHART-001", "a chart cannot be loaded",
        "The folder or packed file is not there, is no Helm chart, or holds what no chart may hold: paths that lead out of it, links out of it, more than 100 MiB.",
        "Check the path and `Chart.yaml`; `--follow-links` lets symbolic links lead out of a folder that you trust.";
    CHART_VALUES = "DEP-CHART-002", "values for a chart cannot be read",
        "A file given with `-f` is missing or no YAML map, a `--set` flag is malformed, or a value for a subchart is no map.",
        "Mend the file or flag that the message names.";
    CHART_DEPENDENCIES = "DEP-CHART-003", "a chart's dependencies do not fit",
        "`Chart.yaml` names subcharts that are not in `charts/`, or their values contradict each other.",
        "Put the missing charts into `charts/`, or take them out of `Chart.yaml`.";
    CHART_SCHEMA = "DEP-CHART-004", "values do not meet a chart's schema",
        "The chart brings a `values.schema.json`, and the values are not what it describes.",
        "Change the values at the places that the message names.";
    CHART_KUBE_VERSION = "DEP-CHART-005", "a version of Kubernetes does not fit",
        "The version is malformed, or the chart says that it does not run on it.",
        "Name another one with `--kube-version`.";
    CHART_TEMPLATE_SYNTAX = "DEP-CHART-006", "a chart's template does not parse",
        "A template of the chart is not in Go's template language, or calls a function that charts do not have.",
        "Mend the template at the line that the message names.";
    CHART_TEMPLATE_FAILED = "DEP-CHART-007", "a chart's template fails",
        "A template could not be run to its end: a value is missing or of the wrong kind, or the chart itself refuses the values.",
        "Set the value that the message asks for.";
    CHART_MANIFEST = "DEP-CHART-008", "a chart makes what is no manifest",
        "What a template printed is not the YAML of a Kubernetes object; often an indentation or a quote is lost with certain values.",
        "`--debug` prints what was rendered, to look at.";
    CHART_NO_TEMPLATE = "DEP-CHART-009", "no template has this name",
        "The chart makes nothing from a template of the name or pattern that was given.",
        "Write the path as in `# Source:` lines, without the chart's name: templates/service.yaml.";
    CHART_RECORD = "DEP-CHART-010", "a release record cannot be read",
        "The Secret or ConfigMap does not hold a release as Helm keeps it.",
        "Look at the object; Helm itself will not be able to read it either.";
    CHART_VERSION = "DEP-CHART-011", "the chart is of another version",
        "Values are written for one version of the chart: their names change, and a chart ignores what it does not know.",
        "Set `chart.version` to the version of the chart that `chart.source` names.";

    USAGE = "DEP-USAGE-001", "the command line is not understood",
        "A flag, a value or a combination of them does not exist.",
        "`deploy help COMMAND` shows what there is.";
    INTERNAL = "DEP-USAGE-002", "a mistake in deploy itself",
        "Something that should be impossible happened.",
        "Please report it with the message and, if you can, the deployment file.";
}
