//! The binary itself.

use crate::support::TestEnv;

#[test]
fn it_starts() {
    let env = TestEnv::new();
    env.deploy(["--version"]).run().succeeds();
    assert!(!env.deploy_home().exists(), "asking for the version is no reason to write anything");
}
