//! The live table of a run: what has ended scrolls up for good, what is running stays at the bottom and is redrawn
//! ten times a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::output::Output;
use super::run::{Run, Running, past, remark};
use super::style::{self, BAD, BOLD, CARE, DIM, GOOD, Marks, paint};
use super::ticker::Ticker;
use super::{Reporter, clean, duration};
use crate::diagnostics::codes;
use crate::engine::{Event, StepOutcome};
use crate::plan::Action;
use crate::table::{cut, display_width, wrap};

const BETWEEN_FRAMES: Duration = Duration::from_millis(100);
/// Wider lines are harder to follow, not more telling.
const WIDEST: usize = 110;
/// Most titles fit.
const TITLE: usize = 38;
const STATE: usize = 9;

/// Reports a run on a terminal.
pub struct Terminal {
    shared: Arc<Shared>,
    ticker: Mutex<Option<Ticker>>,
}

struct Shared {
    output: Arc<Output>,
    board: Mutex<Board>,
    started: Instant,
}

impl Terminal {
    pub fn new(output: Arc<Output>) -> Self {
        let board = Mutex::new(Board::new(style::marks(output.talk_surface().unicode)));
        let shared = Arc::new(Shared { output, board, started: Instant::now() });
        let seen = Arc::clone(&shared);
        let ticker = Ticker::every(BETWEEN_FRAMES, move || seen.draw());
        Self { shared, ticker: Mutex::new(Some(ticker)) }
    }

    fn end(&self) {
        self.ticker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let width = self.shared.output.talk_width();
        let text = self.shared.board().end(width);
        self.shared.output.draw_live(&text, &[]);
    }
}

impl Shared {
    fn draw(&self) {
        let (width, rows) = self.output.talk_size();
        let now = self.started.elapsed().as_secs_f64();
        let mut board = self.board();
        let text = board.take_scroll();
        self.output.draw_live(&text, &board.frame(now, width, rows));
    }

    fn board(&self) -> std::sync::MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reporter for Terminal {
    fn event(&self, event: &Event) {
        let event = clean::event(event, &self.shared.output.redactor());
        let width = self.shared.output.talk_width();
        self.shared.board().event(&event, self.shared.started.elapsed().as_secs_f64(), width);
        if let Event::RunFinished { .. } = event {
            self.end();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end();
    }
}

/// What is to be drawn. Pure; the caller brings time and width.
pub(super) struct Board {
    run: Run,
    marks: Marks,
    /// Ended lines that were not drawn yet.
    scroll: String,
    begun: bool,
}

impl Board {
    pub(super) fn new(marks: Marks) -> Self {
        Self { run: Run::default(), marks, scroll: String::new(), begun: false }
    }

    pub(super) fn event(&mut self, event: &Event, now: f64, width: usize) {
        let ended = self.run.take(event, now);
        match event {
            Event::RunStarted { .. } => self.begun = true,
            Event::StepFinished { outcome, seconds, .. } => {
                if let Some(step) = ended {
                    let line = self.ended_line(&step, outcome, *seconds, width);
                    self.scroll.push_str(&line);
                }
            }
            Event::Notice { diagnostic } if self.run.is_new(diagnostic) => {
                self.scroll.push_str(&crate::diagnostics::draw::draw(diagnostic, width));
            }
            Event::Resuming { .. } => {
                self.scroll.extend(remark(event).map(|text| wrap(&text, width, 0) + "\n"));
            }
            Event::RunFinished { outcome, seconds, .. } => {
                self.begun = false;
                self.scroll.push_str(&self.run.closing(*outcome, *seconds, width));
            }
            _ => {}
        }
    }

    /// The lines that scroll up for good, once.
    pub(super) fn take_scroll(&mut self) -> String {
        std::mem::take(&mut self.scroll)
    }

    /// The last lines: what has not been drawn yet, and the failures in full.
    pub(super) fn end(&mut self, width: usize) -> String {
        self.take_scroll() + &self.run.draw_failures(width)
    }

    /// The lines that are drawn over: overall progress, then a line for each running step, as many as there is room
    /// for.
    pub(super) fn frame(&self, now: f64, width: usize, rows: Option<usize>) -> Vec<String> {
        if !self.begun {
            return Vec::new();
        }
        // A character in the last column makes some terminals begin a new line.
        let width = width.saturating_sub(1).clamp(1, WIDEST);
        let room = rows.map_or(usize::MAX, |rows| rows.saturating_sub(3)).max(1);
        let steps = &self.run.running;
        let shown = if steps.len() > room { room - 1 } else { steps.len() };
        let mut lines = vec![self.header(now, width)];
        let longest = steps.iter().map(|step| display_width(&step.title)).max().unwrap_or(0);
        let title = longest.min(title_width(width));
        lines.extend(steps[..shown].iter().map(|step| self.running_line(step, now, width, title)));
        if shown < steps.len() {
            lines.push(paint(DIM, &format!("  and {} more", steps.len() - shown)));
        }
        lines
    }

    fn header(&self, now: f64, width: usize) -> String {
        let run = &self.run;
        let head = format!(
            "{} {}  {}/{}  {}",
            run.verb,
            run.deployment,
            run.ended(),
            run.total(),
            duration::clock(now - run.since)
        );
        let head = self.cut(&head, width);
        if !run.cancelling {
            return paint(BOLD, &head);
        }
        let room = width.saturating_sub(display_width(&head) + 2);
        let remark = self.cut("stopping; Ctrl-C again stops at once", room);
        format!("{}  {}", paint(BOLD, &head), paint(CARE, &remark))
    }

    /// `⠹ database server   waiting  port 3307 is closed   0:12`.
    fn running_line(&self, step: &Running, now: f64, width: usize, title: usize) -> String {
        let elapsed = duration::clock(now - step.since);
        let room = width.saturating_sub(2 + title + 2 + STATE + 2 + 2 + 5);
        let reason = self.cut(&step.reason, room);
        let mark = self.marks.running[frame_number(now) % self.marks.running.len()];
        let line = format!(
            "{} {}  {}  {}  {elapsed:>5}",
            paint(GOOD, mark),
            pad(&self.cut(&step.title, title), title),
            paint(if step.attempt > 1 { CARE } else { DIM }, &format!("{:<STATE$}", state(step))),
            pad(&reason, room),
        );
        line.trim_end().to_owned()
    }

    /// `✓ database server   created   0.4 s`.
    fn ended_line(&self, step: &Running, outcome: &StepOutcome, seconds: f64, width: usize) -> String {
        let width = width.saturating_sub(1).min(WIDEST);
        let (mark, style) = match outcome {
            StepOutcome::Failed { diagnostic } if diagnostic.code == codes::RUN_CANCELLED => (self.marks.failed, CARE),
            StepOutcome::Failed { .. } => (self.marks.failed, BAD),
            _ => (self.marks.done, GOOD),
        };
        let (word, more) = match outcome {
            StepOutcome::Failed { diagnostic } if diagnostic.code == codes::RUN_CANCELLED => ("stopped", String::new()),
            StepOutcome::Done => (past(step.action), String::new()),
            StepOutcome::Unchanged => ("unchanged", String::new()),
            StepOutcome::Kept { kept } => ("kept", kept.join(", ")),
            StepOutcome::Failed { diagnostic } => ("failed", diagnostic.title.clone()),
        };
        let title = title_width(width);
        let time = duration::spelled(seconds);
        let head = format!("{mark} {}  {word:<STATE$}  {time:>8}", pad(&self.cut(&step.title, title), title));
        let room = width.saturating_sub(display_width(&head) + 2);
        let more = if more.is_empty() || room < 8 { String::new() } else { format!("  {}", self.cut(&more, room)) };
        format!("{}{}{more}\n", paint(style, mark), &head[mark.len()..])
    }

    /// The text in one line of at most `width` cells; what does not fit gives way to a sign that it was there.
    fn cut(&self, text: &str, width: usize) -> String {
        cut(text, width, self.marks.cut)
    }
}

fn title_width(width: usize) -> usize {
    TITLE.min(width / 2)
}

/// What a running step is doing, in a word.
fn state(step: &Running) -> String {
    if step.attempt > 1 {
        return format!("try {}", step.attempt);
    }
    let word = match step.action {
        _ if step.waiting => "waiting",
        Action::Create => "creating",
        Action::Update => "changing",
        Action::Repair => "repairing",
        Action::Delete => "deleting",
        Action::Unchanged | Action::Provided | Action::Unavailable => "looking",
    };
    word.to_owned()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds since the start, not negative")]
fn frame_number(now: f64) -> usize {
    (now * 10.0) as usize
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}
