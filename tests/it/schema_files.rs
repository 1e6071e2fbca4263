//! The schemas that editors use are those of the program.

use crate::support::repository;

/// Compares a file with what the program generates, or writes it: `UPDATE_GOLDEN=1`.
fn assert_up_to_date(path: &str, schema: &serde_json::Value) {
    let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
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
fn of_deployment_files() {
    assert_up_to_date("docs/schema/deployment.json", &deploy::deployment::json_schema());
}
