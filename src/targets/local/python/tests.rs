//! Real environments with a tiny package.

use std::time::Instant;

use super::super::testing::Ground;
use super::*;

const SIX: &str = "six==1.17.0";

fn wanted(packages: &[&str], probe: &str) -> PythonEnvironment {
    PythonEnvironment {
        packages: packages.iter().map(|package| (*package).to_owned()).collect(),
        python: None,
        wheelhouse: None,
        probe: probe.to_owned(),
    }
}

async fn apply(ground: &Ground, wanted: &PythonEnvironment) -> DriverResult<Outputs> {
    let driver = PythonDriver(ground.target.clone());
    driver.apply(&Ground::unit("server/python", wanted), &ground.context()).await
}

async fn refusal(ground: &Ground, wanted: &PythonEnvironment) -> Diagnostic {
    apply(ground, wanted).await.expect_err("it should be refused").diagnostic
}

async fn broken(ground: &Ground, wanted: &PythonEnvironment) -> Option<String> {
    let driver = PythonDriver(ground.target.clone());
    match driver.observe(&Ground::unit("server/python", wanted), &ground.context()).await.unwrap() {
        Observation::Present(present) => present.broken,
        Observation::Absent => panic!("it is recorded"),
    }
}

#[tokio::test]
async fn an_environment_is_built_once_and_rebuilt_when_it_broke() {
    let ground = Ground::new();
    let six = wanted(&[SIX], "six");
    let driver = PythonDriver(ground.target.clone());
    let unit = Ground::unit("server/python", &six);
    assert_eq!(driver.observe(&unit, &ground.context()).await.unwrap(), Observation::Absent);
    let first = apply(&ground, &six).await.unwrap();
    let begin = Instant::now();
    assert_eq!(broken(&ground, &six).await, None);
    assert!(begin.elapsed() < Duration::from_millis(50), "a look costs nothing");
    assert_eq!(apply(&ground, &six).await.unwrap(), first, "a second run changes nothing");

    let environment = Environment(Path::new(&first["bin"]).parent().unwrap().to_owned());
    let module = environment.0.join(environment.complete().unwrap().probe_file);
    std::fs::write(&module, "raise ImportError('damaged')").unwrap();
    let second = apply(&ground, &six).await.unwrap();
    assert_ne!(first["python"], second["python"]);
    assert!(!environment.0.exists(), "what broke is not kept");

    let place = Path::new(&second["bin"]).parent().unwrap();
    let moved = place.with_file_name("7");
    std::fs::rename(place, &moved).unwrap();
    let anew = apply(&ground, &six).await.unwrap();
    assert!(!Path::new(&anew["bin"]).starts_with(&moved), "its programs name the place that it was moved from");
    let second = anew;

    std::fs::remove_file(&second["python"]).unwrap();
    assert!(broken(&ground, &six).await.unwrap().contains("interpreter"));
    let third = apply(&ground, &six).await.unwrap();
    let shelf = Path::new(&third["bin"]).parent().unwrap().parent().unwrap();
    assert!(shelf.file_name().unwrap().to_str().unwrap().starts_with("six-1.17.0-py3."));
    assert!(shelf.join("users/test").exists());
    driver.delete(&ground.owned("server/python"), DataFate::Keep, &ground.context()).await.unwrap();
    assert!(!shelf.join("users/test").exists());
    assert!(Path::new(&third["python"]).exists(), "others may use it");
}

#[tokio::test]
async fn two_runs_build_it_once_and_what_was_never_finished_is_not_trusted() {
    let ground = Ground::new();
    let six = wanted(&[SIX], "six");
    let ctx = ground.context();
    let asker = Asker { world: &ground.target.world, cancel: &ctx.cancel };
    let interpreter = interpreter::find(asker, &six.packages, None, true).await.unwrap();
    let shelf = Shelf::of(&ground.target.home.python(), &six, &interpreter);
    let half_made = shelf.next();
    std::fs::create_dir_all(half_made.bin()).unwrap();
    std::fs::write(half_made.python(), "#!/bin/sh\necho I am half made\n").unwrap();
    let (one, other) = tokio::join!(apply(&ground, &six), apply(&ground, &six));
    assert_eq!(one.unwrap(), other.unwrap());
    assert!(!half_made.0.exists());
    let log = std::fs::read_to_string(shelf.log()).unwrap();
    assert_eq!(log.matches("Successfully installed").count() + log.matches("Installed 1 package").count(), 1, "{log}");
}

#[tokio::test]
async fn wheels_in_a_folder_need_no_network() {
    let online = Ground::new();
    // An environment that uv made has no pip of its own.
    let outputs = apply(&online, &wanted(&[SIX, "pip"], "six")).await.unwrap();
    let wheels = online.target.home.path().join("wheels");
    let python = Path::new(&outputs["python"]);
    let ctx = online.context();
    let asker = Asker { world: &online.target.world, cancel: &ctx.cancel };
    let download = ["-m", "pip", "download", "-q", "-d", wheels.to_str().unwrap(), SIX];
    asker.ask(python, &download, PROBE_WITHIN).await.unwrap();

    let offline =
        Ground::with(&[("PIP_INDEX_URL", "http://127.0.0.1:9/simple"), ("UV_INDEX_URL", "http://127.0.0.1:9/simple")]);
    let from_folder =
        |package: &str| PythonEnvironment { wheelhouse: Some(wheels.clone()), ..wanted(&[package], "six") };
    apply(&offline, &from_folder(SIX)).await.unwrap();
    let missing = refusal(&offline, &from_folder("six==1.16.0")).await;
    assert_eq!(missing.code, codes::PYTHON_NO_SUCH_RELEASE, "{missing:?}");
    let empty = offline.target.home.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let unfit = refusal(&offline, &PythonEnvironment { wheelhouse: Some(empty), ..wanted(&[SIX], "six") }).await;
    assert_eq!(unfit.code, codes::PYTHON_INSTALL_FAILED);
}

#[tokio::test]
async fn what_the_registry_does_not_have_is_named_with_what_it_has() {
    let ground = Ground::new();
    let unknown = refusal(&ground, &wanted(&["six==99.0"], "six")).await;
    assert_eq!(unknown.code, codes::PYTHON_NO_SUCH_RELEASE, "{unknown:?}");
    assert!(unknown.cause.unwrap().contains("six==99.0"));
    assert!(unknown.evidence.iter().any(|line| line.starts_with("log: ")));
}

#[tokio::test]
async fn a_registry_that_is_away_is_said_to_be_so_soon() {
    let ground = Ground::with(&[
        ("PIP_INDEX_URL", "http://me:hunter22@127.0.0.1:9/simple"),
        ("UV_INDEX_URL", "http://me:hunter22@127.0.0.1:9/simple"),
        ("UV_NO_CACHE", "1"),
    ]);
    let begin = Instant::now();
    let away = refusal(&ground, &wanted(&[SIX], "six")).await;
    assert_eq!(away.code, codes::PYTHON_REGISTRY_UNREACHABLE, "{away:?}");
    assert!(begin.elapsed() < Duration::from_secs(30));
    assert!(!format!("{away:?}").contains("hunter22"));
    let log = away.evidence.iter().find_map(|line| line.strip_prefix("log: ")).unwrap();
    assert!(!std::fs::read_to_string(log).unwrap().contains("hunter22"));
}

#[tokio::test]
async fn uv_is_used_where_it_is() {
    let ground = Ground::new();
    let uv = apply(&ground, &wanted(&["uv"], "uv")).await.unwrap();
    let path = format!("{}:{}", uv["bin"], ground.target.world.variable("PATH").unwrap());
    let with_uv = Ground::with(&[("PATH", &path)]);
    let outputs = apply(&with_uv, &wanted(&[SIX], "six")).await.unwrap();
    let shelf = Path::new(&outputs["bin"]).parent().unwrap().parent().unwrap();
    let log = std::fs::read_to_string(shelf.join("install.log")).unwrap();
    assert!(log.contains("+ six==1.17.0"), "{log}");
    let unknown = refusal(&with_uv, &wanted(&["six==99.0"], "six")).await;
    assert_eq!(unknown.code, codes::PYTHON_NO_SUCH_RELEASE, "{unknown:?}");
}

#[tokio::test]
async fn a_python_that_was_named_has_to_be_one() {
    let ground = Ground::new();
    let named = |path: &str| PythonEnvironment { python: Some(path.into()), ..wanted(&[SIX], "six") };
    assert_eq!(refusal(&ground, &named("/bin/cat")).await.code, codes::PYTHON_MISSING);
    assert_eq!(refusal(&ground, &named("/nonexistent/python")).await.code, codes::PYTHON_MISSING);
}
