//! `cargo bench`: how long people wait, and what it costs, beside what they would do by hand.
//!
//! Whole processes, measured from outside, in turn (ours, theirs, ours, …), medians. Needs a release build and the
//! package registry or a warm Python environment; servers listen on loopback only. Groups can be named:
//! `cargo bench -- binary plan charts usable`.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

#[path = "deploy/charts.rs"]
mod charts;

const DEPLOY: &str = env!("CARGO_BIN_EXE_deploy");

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|first| first == "measure-one") {
        measure_one(&arguments[1..]);
        return;
    }
    let wanted = |group: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == group);
    let bench = Bench::new();
    if wanted("binary") {
        bench.binary();
    }
    if wanted("plan") {
        bench.plan();
    }
    if wanted("charts") {
        charts::measure(&bench);
    }
    if wanted("usable") {
        bench.usable();
    }
}

/// Wall time and peak memory of one run of a command.
#[derive(Debug, Clone, Copy)]
struct Sample {
    seconds: f64,
    /// Peak of the largest single process, in MiB.
    memory: f64,
    ok: bool,
}

/// Runs a command in a process of its own, since the kernel tells only the peak over all children.
fn measure_one(command: &[String]) {
    let begin = Instant::now();
    let status = Command::new(&command[0]).args(&command[1..]).stdin(Stdio::null()).stdout(Stdio::null()).status();
    let seconds = begin.elapsed().as_secs_f64();
    let memory = getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| usage.max_rss());
    println!("{seconds} {memory} {}", status.is_ok_and(|status| status.success()));
}

struct Bench {
    folder: tempfile::TempDir,
    home: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Environments are built once and shared by all runs of the benchmark.
        let home = std::env::var_os("DEPLOY_BENCH_HOME").map_or_else(|| folder.path().join("home"), PathBuf::from);
        Self { folder, home }
    }

    fn sample(&self, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Sample {
        let own = std::env::current_exe().expect("own path");
        let output = Command::new(own)
            .args(["measure-one", program])
            .args(arguments)
            .env("DEPLOY_HOME", &self.home)
            .envs(environment.iter().copied())
            .stderr(Stdio::null())
            .output()
            .expect("the measuring process");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut fields = text.split_whitespace();
        let mut number = || fields.next().and_then(|field| field.parse::<f64>().ok()).unwrap_or(f64::NAN);
        let (seconds, kibibytes) = (number(), number());
        Sample { seconds, memory: kibibytes / 1024.0, ok: fields.next() == Some("true") }
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a deployment file");
        path.display().to_string()
    }

    /// Size, and the shortest thing it can do.
    fn binary(&self) {
        let size = std::fs::metadata(DEPLOY).map_or(0, |metadata| metadata.len());
        row("size of the binary", &format!("{:.1} MiB (goal: at most 20)", size as f64 / 1024.0 / 1024.0));
        let samples: Vec<Sample> = (0..21).map(|_| self.sample(DEPLOY, &["version"], &[])).collect();
        let bare: Vec<Sample> = (0..21).map(|_| self.sample("true", &[], &[])).collect();
        row("start-up (deploy version)", &format!("{} (goal: at most 10 ms); `true`: {}", show(&samples), show(&bare)));
    }

    /// Plans of what is not there yet, and of the largest scenario of this machine.
    fn plan(&self) {
        for scenario in ["local-sqlite", "local-server", "remote-server", "on-prem", "hybrid-workspace"] {
            let file = self.file(&format!("{scenario}.yaml"), &format!("name: bench-plan\nscenario: {scenario}\n"));
            let samples: Vec<Sample> = (0..11).map(|_| self.sample(DEPLOY, &["plan", "-f", &file], &[])).collect();
            row(&format!("plan of {scenario}"), &show(&samples));
        }
    }

    /// From nothing to a server that can be used, beside the vendor's own local server, from the same environment.
    fn usable(&self) {
        let file = self.file("usable.yaml", "name: bench-usable\nscenario: local-server\n");
        let apply = ["apply", "-f", &file, "--yes", "--no-health"];
        let destroy = ["destroy", "-f", &file, "--yes", "--delete-data"];
        let warm = self.sample(DEPLOY, &apply, &[]);
        if !warm.ok {
            row("usable server", "skipped: the first apply failed (no registry, no Python?)");
            return;
        }
        let no_op: Vec<Sample> = (0..5).map(|_| self.sample(DEPLOY, &apply, &[])).collect();
        row("apply that changes nothing", &format!("{} (goal: under 2 s)", show(&no_op)));
        let checked: Vec<Sample> = (0..3).map(|_| self.sample(DEPLOY, &["health", "-f", &file], &[])).collect();
        row("one health round", &show(&checked));
        self.sample(DEPLOY, &destroy, &[]);
        let (mut ours, mut by_hand) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            ours.push(self.sample(DEPLOY, &apply, &[]));
            self.sample(DEPLOY, &destroy, &[]);
            by_hand.extend(self.by_hand());
        }
        row("usable server, deploy apply", &show(&ours));
        row("usable server, by hand", &show(&by_hand));
        if let (Some(ours), Some(theirs)) = (median(&ours), median(&by_hand)) {
            row("ratio", &format!("{:.2} (below 1: deploy is faster)", ours / theirs));
        }
    }

    /// `zenml login --local` with the same environment, until its server answers.
    fn by_hand(&self) -> Option<Sample> {
        let zenml = find_zenml(&self.home.join("python"))?;
        let folder = tempfile::tempdir().ok()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port().to_string();
        let configuration = folder.path().display().to_string();
        let environment =
            [("ZENML_CONFIG_PATH", configuration.as_str()), ("ZENML_ANALYTICS_OPT_IN", "False"), ("BROWSER", "true")];
        let program = zenml.display().to_string();
        let begin = Instant::now();
        let mut sample = self.sample(&program, &["login", "--local", "--port", &port], &environment);
        while !answers(&port) && begin.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(50));
        }
        sample.seconds = begin.elapsed().as_secs_f64();
        self.sample(&program, &["logout", "--local"], &environment);
        Some(sample)
    }
}

fn find_zenml(folder: &Path) -> Option<PathBuf> {
    let environments = std::fs::read_dir(folder).ok()?.flatten();
    environments.map(|entry| entry.path().join("bin/zenml")).find(|path| path.exists())
}

fn answers(port: &str) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = std::net::TcpStream::connect(format!("127.0.0.1:{port}")) else { return false };
    let asked = stream.write_all(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n");
    let mut answer = [0_u8; 15];
    asked.is_ok() && stream.read_exact(&mut answer).is_ok() && answer.ends_with(b"200 OK")
}

fn median(samples: &[Sample]) -> Option<f64> {
    let mut seconds: Vec<f64> = samples.iter().filter(|sample| sample.ok).map(|sample| sample.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied()
}

/// Median, range and memory, or what failed.
fn show(samples: &[Sample]) -> String {
    let failed = samples.iter().filter(|sample| !sample.ok).count();
    let Some(middle) = median(samples) else { return format!("all {} runs failed", samples.len()) };
    let good = || samples.iter().filter(|sample| sample.ok);
    let least = good().map(|sample| sample.seconds).fold(f64::INFINITY, f64::min);
    let most = good().map(|sample| sample.seconds).fold(0.0, f64::max);
    let memory = good().map(|sample| sample.memory).fold(0.0, f64::max);
    let failures = if failed == 0 { String::new() } else { format!(", {failed} of {} failed", samples.len()) };
    format!("{} (from {} to {}), {memory:.1} MiB{failures}", time(middle), time(least), time(most))
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1000.0) } else { format!("{seconds:.2} s") }
}

fn row(name: &str, value: &str) {
    println!("{name:<32}{value}");
}
