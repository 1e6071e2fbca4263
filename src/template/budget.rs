//! How much a rendering may use: charts are not trusted to end by themselves.

use std::fmt;
use std::rc::Rc;

/// Limits of one rendering. What is used in one template counts for all that run on the same [`Budget`].
#[derive(Clone)]
pub struct Budget {
    /// Nodes that are evaluated, and what functions spend.
    pub steps: u64,
    /// Templates within templates, by `template`, `include` and `tpl` together. Go's own limit is 100,000.
    pub depth: usize,
    /// Bytes that templates write, those that a call captures included.
    pub output: u64,
    /// Bytes that functions ask for.
    pub memory: u64,
    /// Answers whether the time is over. Asked now and then.
    pub is_expired: Option<Rc<dyn Fn() -> bool>>,
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exhausted {
    Steps,
    Depth,
    Output,
    Memory,
    Time,
}

/// What is left of a budget.
#[derive(Clone)]
pub(super) struct Remaining {
    steps: u64,
    output: u64,
    memory: u64,
    /// Steps until the clock is asked again.
    until_clock: u64,
    is_expired: Option<Rc<dyn Fn() -> bool>>,
}

/// Steps between two looks at the clock.
const CLOCK_INTERVAL: u64 = 2048;

impl Default for Budget {
    /// Enough for any chart that is meant to work.
    fn default() -> Self {
        Self { steps: 500_000_000, depth: 100_000, output: 1 << 30, memory: 2 << 30, is_expired: None }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("steps", &self.steps)
            .field("depth", &self.depth)
            .field("output", &self.output)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}

impl Exhausted {
    /// What the user is told.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Steps => "the template takes more steps than it may",
            Self::Depth => "exceeded maximum template depth (100000)",
            Self::Output => "the template writes more than it may",
            Self::Memory => "the template uses more memory than it may",
            Self::Time => "the template takes longer than it may",
        }
    }
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Remaining {
    pub(super) fn new(budget: &Budget) -> Self {
        Self {
            steps: budget.steps,
            output: budget.output,
            memory: budget.memory,
            until_clock: CLOCK_INTERVAL,
            is_expired: budget.is_expired.clone(),
        }
    }

    pub(super) fn spend(&mut self, steps: u64) -> Result<(), Exhausted> {
        self.steps = self.steps.checked_sub(steps).ok_or(Exhausted::Steps)?;
        if let Some(left) = self.until_clock.checked_sub(steps) {
            self.until_clock = left;
            return Ok(());
        }
        self.until_clock = CLOCK_INTERVAL;
        match &self.is_expired {
            Some(is_expired) if is_expired() => Err(Exhausted::Time),
            _ => Ok(()),
        }
    }

    pub(super) fn write(&mut self, bytes: usize) -> Result<(), Exhausted> {
        self.output = self.output.checked_sub(bytes as u64).ok_or(Exhausted::Output)?;
        Ok(())
    }

    pub(super) fn allocate(&mut self, bytes: usize) -> Result<(), Exhausted> {
        self.memory = self.memory.checked_sub(bytes as u64).ok_or(Exhausted::Memory)?;
        Ok(())
    }

    /// Bytes that may still be written.
    pub(super) fn output(&self) -> usize {
        usize::try_from(self.output).unwrap_or(usize::MAX)
    }
}
