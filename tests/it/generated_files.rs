//! Files that come out of the program and are kept beside it, for editors and readers. Refreshed by `make golden`.

use crate::support::{TestEnv, repository};

/// Compares a file with what the program prints, or writes it: `UPDATE_GOLDEN=1`.
fn assert_up_to_date(path: &str, arguments: &[&str]) {
    let text = TestEnv::new().deploy(arguments).run().succeeds().stdout;
    let path = repository().join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    } else {
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} is out of date: make golden", path.display());
    }
}

#[test]
fn schemas() {
    for kind in ["deployment", "scenario"] {
        assert_up_to_date(&format!("docs/schema/{kind}.json"), &["schema", kind]);
    }
}

#[test]
fn picture_of_the_readme() {
    assert_up_to_date("docs/pictures/hybrid-workspace.svg", &["scenario", "show", "hybrid-workspace", "-o", "svg"]);
}
