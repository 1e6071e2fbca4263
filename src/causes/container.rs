//! What docker and podman say.

use super::rule::Rule;
use crate::diagnostics::codes;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: codes::CONTAINER_NO_ENGINE,
        signs: &[
            "cannot connect to the docker daemon",
            "is the docker daemon running",
            "failed to connect to the docker api",
            "unable to connect to podman",
            "cannot connect to podman",
            "docker daemon socket…permission denied",
            "permission denied…docker daemon socket",
            "permission denied while trying to connect to the docker",
        ],
        next: &[
            "start the engine's service (`systemctl start docker`) and check that this user may use it (`docker ps`)",
            "or use `runtime: process`",
        ],
    },
    Rule {
        code: codes::CONTAINER_NO_IMAGE,
        signs: &[
            "manifest unknown",
            "manifest for…not found",
            "pull access denied",
            "image not known",
            "no such image",
            "unable to find image",
            "initializing source docker://",
            "requested access to the resource is denied",
            "unauthorized: authentication required",
            "error response from daemon: get \"https://",
            "name unknown",
            "toomanyrequests",
            "repository does not exist",
            "failed to resolve reference",
        ],
        next: &[
            "check the image's name and tag, the network and the registry's login (`podman login`, `docker login`)",
            "without a network: load the image from a file (`podman load -i FILE`)",
        ],
    },
    Rule {
        code: codes::PROCESS_PORT_TAKEN,
        signs: &["port is already allocated", "ports are not available"],
        next: &["stop the program that holds the port (`ss -ltnp` names it), or choose another port"],
    },
    Rule {
        code: codes::CONTAINER_FAILED,
        signs: &[
            "is already in use by",
            "name…is already in use",
            "statfs…no such file or directory",
            "crun: ",
            "runc ",
            "oci runtime error",
            "oci permission denied",
            "executable file not found in",
        ],
        next: &["the engine's own words are the cause; `podman ps -a` (`docker ps -a`) shows what it has"],
    },
];
