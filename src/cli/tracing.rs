//! `-v`: what is done inside, on stderr, with known secrets taken out.

use std::io;
use std::sync::Arc;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::report::Output;

/// Begins to trace if it was asked for: `-v` for what is done, `-vv` for everything of ours, `DEPLOY_LOG` for a
/// filter such as `deploy=debug,hyper=info`.
pub(super) fn begin(verbose: u8, filter: Option<&str>, output: &Arc<Output>) {
    let filter = match (filter, verbose) {
        (Some(filter), _) => filter,
        (None, 0) => return,
        (None, 1) => "deploy=debug",
        (None, _) => "deploy=trace,reqwest=debug,hyper_util=debug",
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(false)
        .with_target(false)
        .with_writer(Talk(Arc::clone(output)))
        .finish();
    // A second command in one process, as in tests, goes on with the first one's subscriber.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Writes through the one way out, so that nothing passes the redactor.
struct Talk(Arc<Output>);

impl<'a> MakeWriter<'a> for Talk {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { output: Arc::clone(&self.0), bytes: Vec::new() }
    }
}

/// One event; handed on whole when it ends.
struct Line {
    output: Arc<Output>,
    bytes: Vec<u8>,
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.output.talk(&String::from_utf8_lossy(&self.bytes));
    }
}
