//! Tests of the real binary, most of them against real servers. One program, so that it is linked once.

// Nothing is public in a program, and a test that cannot go on may end where it stands.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, clippy::new_without_default)]

mod architecture;
mod bad_input;
mod binary;
mod charts;
mod crash;
mod examples;
mod faults;
mod generated_files;
mod installers;
mod leaks;
mod registry;
mod renders;
mod scenarios;
mod support;

/// A file that nobody names here would be a test that never runs.
#[test]
fn no_file_is_forgotten() {
    let folder = support::repository().join("tests/it");
    let named = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    let forgotten: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .filter(|stem| stem != "main" && !named.lines().any(|line| line == format!("mod {stem};")))
        .collect();
    assert_eq!(forgotten, Vec::<String>::new(), "name them in tests/it/main.rs");
}
