//! Health: is what was planned there, does it answer, does it keep what it is given.
//!
//! A [`Probe`] is data, made with the plan; [`round`] asks all of them once; [`watch`] asks until the answer has
//! lasted. A part that is down is reported once, with its first cause; what could not be asked because of it is
//! reported as not asked, since ten echoes hide the one line that matters.

mod check;
mod client;
mod context;
mod dashboard;
mod database;
mod http;
mod login;
mod mlflow;
mod mlflow_round_trip;
mod probe;
mod process;
mod round;
mod rounds;
mod secret_round_trip;
mod server;
#[cfg(test)]
mod tests;

pub use check::Check;
pub use context::{HealthContext, ProcessState};
pub use probe::{ExpectedInfo, Page, Probe};
pub use round::{Round, round};
pub use rounds::{Ending, Verdict, Window, watch};
