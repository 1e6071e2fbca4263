//! What pip, uv and `python -m venv` say.

use super::rule::Rule;
use super::statements::{Level, Statement};
use super::{Cause, words};
use crate::diagnostics::{Code, codes};

const REGISTRY: &[&str] = &[
    "check the network and the proxy (HTTPS_PROXY, PIP_INDEX_URL, UV_INDEX_URL), then run deploy apply again",
    "without a network: install from a folder of wheels with `--wheelhouse DIR`",
];

const BUILD_SIGNS: &[&str] = &[
    "failed building wheel",
    "failed to build",
    "could not build wheels",
    "metadata-generation-failed",
    "subprocess-exited-with-error",
    "did not run successfully",
    "build backend",
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: codes::PYTHON_NO_VENV,
        signs: &[
            "ensurepip is not",
            "no module named venv",
            "no module named ensurepip",
            "no module named 'venv'",
            "no module named 'ensurepip'",
        ],
        next: &["apt-get install python3-venv (or install `uv`), then: deploy apply"],
    },
    // All that venv says of a full disk, a broken pip, a missing ensurepip.
    Rule {
        code: codes::PYTHON_NO_VENV,
        signs: &["'ensurepip'…returned non-zero exit status"],
        next: &[
            "venv hides the reason: look for space first (`df -h`)",
            "then check that `python3 -m ensurepip --version` works (Debian: apt-get install python3-venv)",
        ],
    },
    Rule {
        code: codes::PYTHON_UNFIT,
        signs: &[
            "requires a different python",
            "does not satisfy python>=",
            "does not satisfy python<",
            "no interpreter found for python",
            "current python version…does not satisfy",
        ],
        next: &[
            "install a Python that the release runs on and name it with `target.local.python`, or choose another `version`",
        ],
    },
    Rule {
        code: codes::PYTHON_INSTALL_FAILED,
        signs: &["do not match the hashes", "hash mismatch", "hashes are required"],
        next: &[
            "a file is not the one that was pinned: empty the cache (`pip cache purge`, `uv cache clean`) and run again",
            "if it happens again, do not install it: find out who changed the file in the registry or the wheelhouse",
        ],
    },
    Rule {
        code: codes::PYTHON_REGISTRY_UNREACHABLE,
        signs: &[
            "error sending request",
            "failed to fetch",
            "max retries exceeded",
            "read timed out",
            "readtimeouterror",
            "cannot connect to proxy",
            "name or service not known",
            "temporary failure in name resolution",
            "failed to establish a new connection",
            "connection refused",
            "connection reset",
            "http error 5",
            "http error 403",
            "http error 401",
            "401 client error",
            "403 client error",
            "tls handshake",
            "certificate verify failed",
            "network unreachable",
            "network is unreachable",
            "timed out",
            "incompleteread",
            "connection broken",
        ],
        next: REGISTRY,
    },
    Rule {
        code: codes::PYTHON_NO_SUCH_RELEASE,
        signs: &[
            "no solution found…there is no version of",
            "not found in the provided package locations",
            "not found in the package registry",
            "not found in the cache",
        ],
        next: &["correct `version`, or put the missing wheel into the wheelhouse"],
    },
    Rule {
        code: codes::PYTHON_INSTALL_FAILED,
        signs: &["no solution found", "resolutionimpossible", "conflicting dependencies"],
        next: &[
            "the wanted packages exclude each other: choose another `version`, or leave out the extra that the message names",
        ],
    },
    Rule {
        code: codes::PYTHON_INSTALL_FAILED,
        signs: BUILD_SIGNS,
        next: &[
            "no ready-made wheel fits this Python: use a Python for which the release has wheels (`target.local.python`)",
            "or install the compiler and headers that the message asks for",
        ],
    },
];

/// What the build of a package died of, out of the pages that pip prints around it.
pub(super) fn failed_build(run: &[Statement]) -> Option<Cause> {
    let begin = run.iter().position(|said| said.text.starts_with("subprocess-exited-with-error"))?;
    let end = begin + run[begin..].iter().position(|said| said.text.starts_with("[end of output]"))?;
    let inside = &run[begin + 1..end];
    let place = inside
        .iter()
        .rposition(|said| said.level == Level::Error)
        .or_else(|| inside.iter().rposition(Statement::looks_like_error))?;
    let rule = RULES.iter().find(|rule| rule.signs == BUILD_SIGNS)?;
    Some(Cause {
        code: rule.code,
        cause: words::essence(&inside[place].text),
        evidence: inside[place.saturating_sub(2)..].iter().take(6).map(|line| words::shorten(&line.text)).collect(),
        next: rule.next.iter().map(|step| (*step).to_owned()).collect(),
    })
}

/// pip says "no version" for four different things; the other lines tell them apart.
pub(super) fn no_version(run: &[Statement]) -> Option<Cause> {
    let index =
        run.iter().position(|said| said.text.starts_with("Could not find a version that satisfies the requirement"))?;
    let said = &run[index].text;
    let version = wanted_version(said);
    let unfit = run.iter().find(|other| {
        other.text.starts_with("Ignored the following versions that require a different python")
            && version.is_some_and(|version| other.text.contains(&format!(" {version} Requires-Python")))
    });
    let from_folder = run.iter().any(|other| other.text.starts_with("Looking in links:"))
        && !run.iter().any(|other| other.text.starts_with("Looking in indexes:"));
    let index_url = run.iter().find(|other| other.text.starts_with("Looking in indexes:"));
    let retrying = run.iter().find(|other| other.text.starts_with("Retrying (Retry("));
    let (code, cause, next): (Code, String, &[&str]) = if let (Some(ignored), Some(version)) = (unfit, version) {
        (
            codes::PYTHON_UNFIT,
            format!("{} {}", name(said), requirement(&ignored.text, version)),
            &[
                "install a Python that the release runs on and name it with `target.local.python`, or choose another `version`",
            ],
        )
    } else if from_folder {
        (
            codes::PYTHON_NO_SUCH_RELEASE,
            words::essence(said),
            &["put the missing wheel into the wheelhouse: pip download -d DIR NAME==VERSION"],
        )
    } else if let Some(retrying) = retrying {
        (codes::PYTHON_REGISTRY_UNREACHABLE, broken_connection(&retrying.text), REGISTRY)
    } else if said.contains("(from versions: none)") {
        (
            codes::PYTHON_REGISTRY_UNREACHABLE,
            words::essence(said),
            &[
                "the registry knows no version at all: it cannot be reached, or PIP_INDEX_URL names one without this package",
                "without a network: install from a folder of wheels with `--wheelhouse DIR`",
            ],
        )
    } else {
        (
            codes::PYTHON_NO_SUCH_RELEASE,
            words::essence(said),
            &["correct `version`; the cause lists the newest ones that the registry has"],
        )
    };
    let evidence =
        index_url.into_iter().chain(retrying).chain([&run[index]]).map(|line| words::shorten(&line.text)).collect();
    Some(Cause { code, cause, evidence, next: next.iter().map(|step| (*step).to_owned()).collect() })
}

/// `0.98.0` of `… requirement zenml[server]==0.98.0 (from versions: …`.
fn wanted_version(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("==")?;
    rest.split([' ', ';', ',']).next().filter(|version| !version.is_empty())
}

/// `zenml[server]` of the same line.
fn name(said: &str) -> &str {
    said.split_once("==").map_or(said, |(before, _)| before).rsplit(' ').next().unwrap_or(said)
}

/// `0.98.0 Requires-Python <3.15,>=3.10` out of a list of hundreds.
fn requirement(ignored: &str, version: &str) -> String {
    let wanted = format!("{version} Requires-Python");
    let found =
        ignored.split("; ").map(|item| item.rsplit(": ").next().unwrap_or(item)).find(|item| item.starts_with(&wanted));
    found.map_or_else(|| words::shorten(ignored), words::shorten)
}

/// The reason inside pip's `Retrying (…) after connection broken by '…'`.
fn broken_connection(said: &str) -> String {
    let reason = said.split_once("after connection broken by ").map_or(said, |(_, reason)| reason);
    let reason =
        reason.rsplit_once("object at 0x").and_then(|(_, rest)| rest.split_once(": ")).map_or(reason, |(_, rest)| rest);
    words::shorten(reason.trim_start_matches('\'').split("')").next().unwrap_or(reason))
}
