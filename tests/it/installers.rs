//! Python environments made by `uv` where it is there and by `venv` and `pip` where it is not, from a folder of wheels,
//! while no registry answers.

use crate::support::{Example, Stub, require};

#[test]
fn pip_installs_from_a_folder_without_a_registry() {
    require!("wheelhouse");
    let mut example = Example::with_own_python("local-server");
    example.env.hide_programs(&["uv"]);
    let log = installed(example);
    assert!(log.contains("-m pip install") && !log.contains("uv pip"), "{log}");
}

#[test]
fn uv_installs_from_a_folder_without_a_registry() {
    require!("wheelhouse");
    let log = installed(Example::with_own_python("local-server"));
    assert!(log.contains("uv pip install") && !log.contains("-m pip"), "{log}");
}

/// Applies it with registries that hang up; what the installer wrote into its log.
fn installed(mut example: Example) -> String {
    let registry = Stub::hanging_up();
    for variable in ["PIP_INDEX_URL", "UV_DEFAULT_INDEX", "HTTPS_PROXY", "HTTP_PROXY"] {
        example.env.set(variable, registry.url());
    }
    let result = example.call("apply", &["--yes", "-o", "json"]).succeeds().json();
    assert_eq!((&result["outcome"], &result["health"]["healthy"]), (&"applied".into(), &true.into()));
    assert_eq!(registry.requests(), [] as [&str; 0]);
    let shelves: Vec<_> = std::fs::read_dir(example.env.deploy_home().join("python")).unwrap().flatten().collect();
    let [shelf] = shelves.as_slice() else { panic!("{shelves:?}") };
    std::fs::read_to_string(shelf.path().join("install.log")).unwrap()
}
