//! The binary itself.

use crate::support::TestEnv;

#[test]
fn it_starts() {
    let env = TestEnv::new();
    env.deploy(["--version"]).run().succeeds();
    assert!(!env.deploy_home().exists(), "asking for the version is no reason to write anything");
}

#[test]
fn completions_are_made_for_every_shell() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = env.deploy(["completions", shell]).run().succeeds();
        assert!(run.stdout.contains("scenario") && run.stderr.is_empty(), "{}", run.transcript());
    }
}

#[test]
fn completions_of_bash_are_a_script_that_bash_takes() {
    let env = TestEnv::new();
    let script = env.deploy(["completions", "bash"]).run().succeeds().stdout;
    let path = env.write("completions.bash", &script);
    let output = std::process::Command::new("bash").arg("-n").arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn wrong_usage_ends_with_64() {
    let env = TestEnv::new();
    let run = env.deploy(["aply"]).run().exits(64);
    assert!(run.stderr.contains("apply"), "the nearest right word is missing:\n{}", run.transcript());
    assert!(run.stdout.is_empty(), "{}", run.transcript());
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let script = format!("'{}' scenario list | head -n 1", env!("CARGO_BIN_EXE_deploy"));
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    let talk = String::from_utf8_lossy(&output.stderr);
    assert!(!talk.contains("panicked"), "{talk}");
}
