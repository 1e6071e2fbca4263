//! Two ways to stop: after the running step, or at once.

use tokio_util::sync::CancellationToken;

/// The first request lets the running steps finish and begins no other; the second one stops them.
#[derive(Debug, Clone, Default)]
pub struct Cancellation {
    after_step: CancellationToken,
    now: CancellationToken,
}

impl Cancellation {
    /// Asks to stop; more urgent each time.
    pub fn request(&self) {
        if self.after_step.is_cancelled() {
            self.now.cancel();
        }
        self.after_step.cancel();
    }

    pub fn is_requested(&self) -> bool {
        self.after_step.is_cancelled()
    }

    pub async fn requested(&self) {
        self.after_step.cancelled().await;
    }

    /// Cancelled when running steps must stop too.
    pub fn now(&self) -> &CancellationToken {
        &self.now
    }
}
