//! A thread that looks at the clock, for reporters that have something to say while nothing happens.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Calls something again and again until it is dropped.
pub(super) struct Ticker {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(super) fn every(interval: Duration, tick: impl Fn() + Send + 'static) -> Self {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let watched = Arc::clone(&stop);
        let work = move || {
            let (stopped, changed) = &*watched;
            let mut stop = stopped.lock().unwrap_or_else(PoisonError::into_inner);
            while !*stop {
                (stop, _) = changed.wait_timeout(stop, interval).unwrap_or_else(PoisonError::into_inner);
                if !*stop {
                    tick();
                }
            }
        };
        // Without a thread nothing moves between events; that is all that is lost.
        let thread = std::thread::Builder::new().name("report".to_owned()).spawn(work).ok();
        Self { stop, thread }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        let (stopped, changed) = &*self.stop;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
