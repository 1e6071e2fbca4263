//! All drivers of this machine, and how its processes are seen by others.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::failure::words;
use super::run_folder::{RunFolder, State};
use super::target::LocalTarget;
use crate::causes::Speaker;
use crate::health::ProcessState;
use crate::secrets::Redactor;
use crate::unit::local::Process;
use crate::unit::{Driver, UnitId};

impl LocalTarget {
    /// Drivers of every kind of unit on this machine, by kind.
    pub fn drivers(&self) -> BTreeMap<&'static str, Arc<dyn Driver>> {
        let all = self.preparation_drivers().into_iter().chain(self.process_drivers());
        all.map(|driver| (driver.kind(), driver)).collect()
    }
}

impl LocalTarget {
    /// A process as its run folder and log show it, for health probes.
    pub fn process_state(&self, unit: &UnitId) -> ProcessState {
        let folder = RunFolder::new(self.folder.run(unit));
        let log = self.folder.log(unit);
        let state = folder.state();
        let (running, exit) = match &state {
            State::Running(_) => (true, None),
            State::Gone(_, farewell) => (false, Some(farewell.exit)),
            State::Never | State::Changing(_) => (false, None),
        };
        let pid = match &state {
            State::Running(started) => started.instance.pid(),
            _ => None,
        };
        ProcessState {
            running,
            pid,
            exit,
            log_tail: words(&log, &Redactor::default()),
            log: Some(log),
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
