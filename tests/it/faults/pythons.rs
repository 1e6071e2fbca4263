//! A machine without a fitting Python, then without a way to the packages.

use std::os::unix::fs::PermissionsExt as _;

use super::works;
use crate::support::{Example, Expected, Run, Setup, Stub, require};

/// All names under which an interpreter is looked for, and the installer that could bring one.
const PYTHONS: [&str; 12] = [
    "python3",
    "python",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "python3.15",
    "uv",
    "uvx",
];

/// A real Python that takes itself for an older one.
fn old_python() -> String {
    let python = Setup::get().value("DEPLOY_TEST_PYTHON").unwrap();
    let script = "import sys; sys.version_info = (3, 8, 18, 'final', 0); exec(sys.argv[-1])";
    format!("#!/bin/sh\nexec {python} -c \"{script}\" \"$@\"\n")
}

#[test]
fn no_python_then_an_old_one_then_no_registry() {
    require!("wheelhouse");
    let mut example = Example::with_own_python("local-sqlite");
    let path = std::ffi::OsString::from(Setup::get().value("DEPLOY_TEST_PATH").unwrap());
    example.env.hide_programs(&PYTHONS);
    let fails = |example: &Example, exit: i32, expected: &Expected<'_>| {
        let call = example.prepare(&["apply"], &["--yes", "-o", "json"]);
        // From the registry, unlike all other tests.
        let call = call.without_variable("DEPLOY_VALUE_TARGET__LOCAL__WHEELHOUSE");
        example.keep(call.run()).exits(exit).reports(expected)
    };
    let none = Expected {
        code: "DEP-PYTHON-001",
        place: "server/python",
        cause: "no Python found on PATH",
        next: "apt-get install python3",
    };
    // What needs no Python is done besides.
    let run = fails(&example, 10, &none);
    assert_eq!(run.failure().changed, "2 steps are done and stay done", "{}", run.transcript());

    let script = example.env.write("programs/python3", &old_python());
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let old =
        Expected { code: "DEP-PYTHON-002", cause: "0.98.0 runs on Python >=3.10", next: "target.local.python", ..none };
    let run = fails(&example, 1, &old);
    assert!(evidence(&run).contains("is Python 3.8.18"), "{}", run.transcript());

    example.env.set("PATH", &path);
    let registry = Stub::hanging_up();
    for variable in ["PIP_INDEX_URL", "UV_DEFAULT_INDEX", "HTTPS_PROXY", "HTTP_PROXY"] {
        example.env.set(variable, registry.url());
    }
    let unreachable =
        Expected { code: "DEP-PYTHON-005", place: "/python/", cause: "connection closed", next: "wheelhouse" };
    let run = fails(&example, 1, &unreachable);
    assert!(!registry.requests().is_empty(), "{}", run.transcript());

    // The registry is still away; a folder of wheels does without it.
    works(&example);
}

fn evidence(run: &Run) -> String {
    run.json()["failure"]["evidence"].to_string()
}
