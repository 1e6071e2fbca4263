//! The binary on a terminal: questions are answered as a person would, and the screen is read as a person would.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::Deploy;

/// Keys that have no letter.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    Enter,
    Up,
    Down,
    Space,
    Backspace,
    Escape,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D.
    EndOfInput,
}

impl Key {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Enter => b"\r",
            Self::Up => b"\x1b[A",
            Self::Down => b"\x1b[B",
            Self::Space => b" ",
            Self::Backspace => b"\x7f",
            Self::Escape => b"\x1b",
            Self::Interrupt => b"\x03",
            Self::EndOfInput => b"\x04",
        }
    }
}

struct Seen {
    screen: vt100::Parser,
    /// Everything that was ever written, escape sequences and all.
    raw: Vec<u8>,
}

/// A call of the binary that runs on a terminal of its own.
pub struct Session {
    line: String,
    child: Child,
    keyboard: File,
    seen: Arc<Mutex<Seen>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Session {
    pub(super) fn start(call: &Deploy, rows: u16, columns: u16) -> Self {
        let (controller, device) = open_terminal(rows, columns);
        let stream = || Stdio::from(device.try_clone().unwrap());
        // `setsid` makes it the controlling terminal, so that Ctrl-C becomes a signal and passwords are asked on it.
        let mut command =
            call.command(Path::new("setsid"), &[OsStr::new("--ctty"), OsStr::new("--wait"), call.program.as_os_str()]);
        command.env("TERM", "xterm-256color").stdin(stream()).stdout(stream()).stderr(stream());
        let child = command.spawn().unwrap();
        drop((command, device));
        let seen =
            Arc::new(Mutex::new(Seen { screen: vt100::Parser::new(cells(rows), cells(columns), 0), raw: Vec::new() }));
        let keyboard = File::from(controller);
        let reader = std::thread::spawn({
            let (mut output, seen) = (keyboard.try_clone().unwrap(), Arc::clone(&seen));
            move || {
                let mut part = [0; 4096];
                // Ends with an error when the last program on the terminal has ended.
                while let Ok(length @ 1..) = output.read(&mut part) {
                    let mut seen = seen.lock().unwrap();
                    seen.screen.process(&part[..length]);
                    seen.raw.extend_from_slice(&part[..length]);
                }
            }
        });
        Self { line: call.line(), child, keyboard, seen, reader: Some(reader) }
    }

    /// The screen as it looks now, without blank lines at the end.
    pub fn screen(&self) -> String {
        self.seen.lock().unwrap().screen.screen().contents()
    }

    /// Everything that was written, escape sequences and all.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap().raw).into_owned()
    }

    /// Waits until the screen shows a text; at most 30 seconds.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_within(text, Duration::from_secs(30));
    }

    #[track_caller]
    pub fn wait_within(&self, text: &str, limit: Duration) {
        let began = Instant::now();
        while !self.screen().contains(text) {
            assert!(
                began.elapsed() < limit,
                "`{text}` never came on the screen of `{}`:\n{}",
                self.line,
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn type_text(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    pub fn type_line(&mut self, text: &str) {
        self.type_text(text);
        self.press(Key::Enter);
    }

    pub fn press(&mut self, key: Key) {
        self.keyboard.write_all(key.bytes()).unwrap();
    }

    /// Makes the window larger or smaller.
    pub fn resize(&self, rows: u16, columns: u16) {
        tcsetwinsize(&self.keyboard, window(rows, columns)).unwrap();
        self.seen.lock().unwrap().screen.screen_mut().set_size(cells(rows), cells(columns));
    }

    /// Waits for the end; gives the exit code, or 128 and the signal's number, and the last screen.
    pub fn finish(mut self) -> (i32, String) {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > Duration::from_mins(5) {
                self.child.kill().unwrap();
                panic!("`{}` did not end; its screen:\n{}", self.line, self.screen());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        self.reader.take().unwrap().join().unwrap();
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
        (code, self.screen())
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal without cells")
}

fn window(rows: u16, columns: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

/// The end for the person and the end for the program. The first must not reach programs that other tests start.
fn open_terminal(rows: u16, columns: u16) -> (OwnedFd, OwnedFd) {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    tcsetwinsize(&controller, window(rows, columns)).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap();
    let device = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    (controller, device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn shell(script: &str) -> Session {
        let arguments = vec!["-c".into(), script.into()];
        let variables = BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]);
        Deploy::new("/bin/sh".into(), arguments, Path::new("/"), variables, None).on_terminal(10, 40)
    }

    #[test]
    fn questions_are_answered_and_the_screen_is_what_a_person_sees() {
        let mut session = shell(
            r#"printf 'name? '; read name; printf 'wrong\r'; tput el 2>/dev/null; echo "hello $name"; stty size; exit 7"#,
        );
        session.wait_for("name?");
        session.type_line("you");
        let (code, screen) = session.finish();
        assert_eq!(code, 7);
        assert_eq!(screen, "name? you\nhello you\n10 40");
    }

    #[test]
    fn control_c_interrupts() {
        let mut session = shell("trap 'echo stopped; exit 8' INT; echo ready; while :; do sleep 0.1; done");
        session.wait_for("ready");
        session.press(Key::Interrupt);
        let (code, screen) = session.finish();
        assert_eq!(code, 8);
        assert!(screen.contains("stopped"), "{screen}");
    }
}
