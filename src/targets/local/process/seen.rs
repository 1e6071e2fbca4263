//! A process as health probes see it.

use super::super::run_folder::State;
use super::super::target::LocalTarget;
use super::ProcessDriver;
use crate::causes::{Exit, Speaker};
use crate::health::ProcessState;
use crate::secrets::Redactor;
use crate::unit::UnitId;
use crate::unit::local::Process;

impl LocalTarget {
    /// What has become of a unit's process, in its run folder's and its log's words.
    pub async fn process_state(&self, unit: &UnitId, redactor: &Redactor) -> ProcessState {
        let driver = ProcessDriver::new(self.clone());
        // An engine that does not answer shows nothing that runs.
        let state = driver.state(&driver.folder(unit)).await.unwrap_or(State::Never);
        let (pid, exit) = match &state {
            State::Running(started) => (started.instance.pid(), None),
            State::Gone(_, farewell) => (None, Some(farewell.exit)),
            State::Never | State::Changing(_) => (None, None),
        };
        let unseen = match &state {
            State::Gone(_, farewell) if farewell.exit == Exit::Unseen => Some(farewell.describe()),
            _ => None,
        };
        ProcessState {
            running: matches!(state, State::Running(_)),
            pid,
            exit,
            unseen,
            log_tail: driver.words(unit, redactor).await,
            log: Some(self.folder.log(unit)),
            speaker: self.speaker(unit),
        }
    }

    /// Whose words stand in a unit's log.
    fn speaker(&self, unit: &UnitId) -> Speaker {
        let recorded = self.records().read(unit).ok().flatten();
        let spec = recorded.and_then(|owned| serde_json::from_value::<Process>(owned.unit.spec).ok());
        spec.map_or(Speaker::Zenml, |spec| spec.speaker)
    }
}
