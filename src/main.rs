//! The command line. For now it knows only what `deploy` itself calls.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [internal, keep, folder] if internal == "internal" && keep == "keep" => {
            ExitCode::from(u8::try_from(deploy::targets::local::keeper::run(Path::new(folder))).unwrap_or(1))
        }
        _ => ExitCode::from(64),
    }
}
