//! Makes a plan real: observe, diff, apply, wait until ready, one journalled step after the other.
//!
//! The engine knows units, drivers and nothing else: no target, no process, no terminal. It tells what happens in
//! [`Event`]s; whoever listens draws them.

mod cancel;
mod event;
mod journal;
mod lock;
mod run;

pub use cancel::Cancellation;
pub use event::{Event, Outcome, StepOutcome};
pub use journal::{Entry, Interrupted, Journal, Record, RunRecord, read_runs};
pub use lock::{Holder, Lock, LockState, inspect as inspect_lock};
pub use run::{Drivers, Engine, Failure, Options, RunResult};
