//! What a round is given.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::causes::{Exit, Speaker};
use crate::secrets::Secrets;
use crate::unit::UnitId;
use crate::world::World;

/// A process as whoever keeps it sees it.
#[derive(Debug, Clone)]
pub struct ProcessState {
    /// The process that was started is the one that runs.
    pub running: bool,
    pub pid: Option<u32>,
    /// How it ended, if it did and somebody saw it.
    pub exit: Option<Exit>,
    /// How it went, if nobody saw its end: `is gone: the machine was started again since`.
    pub unseen: Option<String>,
    /// The last lines of its log; a few hundred are plenty.
    pub log_tail: String,
    /// Where all of the log lies.
    pub log: Option<PathBuf>,
    pub speaker: Speaker,
}

/// What a round is given besides the probes.
#[derive(Clone)]
pub struct HealthContext {
    pub secrets: Arc<Secrets>,
    pub world: World,
    /// Asks whoever keeps the processes; may block for a moment.
    pub process_state: Arc<dyn Fn(&UnitId) -> ProcessState + Send + Sync>,
    /// PEM file with the authorities to trust for `https`; the system's if none.
    pub ca: Option<PathBuf>,
    /// How long one remote call may take.
    pub time_limit: Duration,
    /// How long the client program may take: Python needs seconds to start.
    pub client_time_limit: Duration,
    pub cancel: CancellationToken,
}

impl HealthContext {
    /// The usual time limits, the system's authorities, and nobody who cancels.
    pub fn new(
        secrets: Arc<Secrets>,
        world: World,
        process_state: Arc<dyn Fn(&UnitId) -> ProcessState + Send + Sync>,
    ) -> Self {
        Self {
            secrets,
            world,
            process_state,
            ca: None,
            time_limit: Duration::from_secs(10),
            client_time_limit: Duration::from_secs(90),
            cancel: CancellationToken::new(),
        }
    }
}
