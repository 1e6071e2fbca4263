//! The `deploy` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    // The keeper of a process stays as small as it can be: no runtime, no TLS.
    if let [_, internal, keep, folder] = arguments.as_slice()
        && internal == "internal"
        && keep == "keep"
    {
        let code = deploy::targets::local::keeper::run(folder.as_ref());
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    // One provider of cryptography for the whole program; a second call would only say that it is there.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime {
        Ok(runtime) => ExitCode::from(runtime.block_on(deploy::cli::run(arguments, deploy::cli::Seams::of_process()))),
        Err(_) => ExitCode::FAILURE,
    }
}
