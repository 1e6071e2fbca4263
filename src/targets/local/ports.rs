//! Ports of 127.0.0.1: which are free, which are spoken for, and who holds one.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use tokio::time::{Instant, sleep};

use super::process_table::Entry;
use super::record::unwritable;
use super::target::make_private_folder;
use super::{DeploymentFolder, Home, inventory};
use crate::diagnostics::{Diagnostic, codes};
use crate::unit::{Outputs, UnitId};

/// Runs hold the choice of ports for less than a second.
const CHOICE_PATIENCE: Duration = Duration::from_mins(1);

/// Whether a program could listen on 127.0.0.1 at this port now. Connections that linger from an earlier listener
/// do not count: std sets SO_REUSEADDR, which on Linux passes over them but never over a live listener.
pub(super) fn is_free(port: u16) -> io::Result<bool> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(false),
        Err(error) => Err(error),
    }
}

/// The first port from here on that nobody listens on and no deployment of ours has been given.
pub(super) fn first_free(from: u16, spoken_for: &BTreeSet<u16>) -> Result<u16, Diagnostic> {
    let free = |port: &u16| !spoken_for.contains(port) && is_free(*port).unwrap_or(false);
    (from.max(1)..=u16::MAX).find(free).ok_or_else(|| {
        Diagnostic::error(codes::PROCESS_PORT_TAKEN, format!("no port from {from} on is free"))
            .changed("nothing was started")
            .next("name a free port in the deployment file")
    })
}

/// Ports of all units of all deployments of this home, but for one unit. They stay theirs while they are stopped.
pub(super) fn spoken_for(home: &Home, folder: &DeploymentFolder, unit: &UnitId) -> BTreeSet<u16> {
    let Ok(deployments) = fs::read_dir(home.deployments()) else { return BTreeSet::new() };
    let folders = deployments.flatten().map(|entry| DeploymentFolder::new(entry.path()));
    folders
        .flat_map(|other| {
            let own = other.path() == folder.path();
            let units = inventory(&other).unwrap_or_default();
            units.into_iter().filter(move |owned| !(own && owned.unit.id == *unit))
        })
        .filter_map(|owned| port_of(&owned.present.outputs))
        .collect()
}

/// The port that a unit was given.
pub(super) fn port_of(outputs: &Outputs) -> Option<u16> {
    outputs.get("port")?.parse().ok()
}

/// Only one run at a time chooses ports, from looking until the choice is written down.
pub(super) async fn choose_alone(home: &Home) -> Result<File, Diagnostic> {
    make_private_folder(home.path())?;
    let path = home.path().join("ports.lock");
    let mut options = OpenOptions::new();
    let file =
        options.create(true).truncate(false).write(true).open(&path).map_err(|error| unwritable(&path, &error))?;
    let deadline = Instant::now() + CHOICE_PATIENCE;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < deadline => sleep(Duration::from_millis(20)).await,
            Err(error) => return Err(unwritable(&path, &error.into())),
        }
    }
}

/// Who listens on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: i32,
    pub(super) name: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}

/// The processes that listen on 127.0.0.1 at this port, as far as this user may see.
pub(super) fn holders(port: u16) -> Vec<Holder> {
    let sockets: BTreeSet<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(|line| socket_name(line, port)).collect::<Vec<_>>())
        .collect();
    if sockets.is_empty() {
        return Vec::new();
    }
    super::process_table::all()
        .into_iter()
        .filter(|entry| has_open(entry.pid, &sockets))
        .map(|entry| Holder { pid: entry.pid, name: program_name(&entry) })
        .collect()
}

/// The socket as it is called in `/proc/PID/fd`.
fn socket_name(line: &str, port: u16) -> Option<String> {
    listening_inode(line, port).map(|inode| format!("socket:[{inode}]"))
}

/// Of a line of `/proc/net/tcp` (proc_net_tcp.rst of the kernel), if it is a listener that 127.0.0.1 reaches.
fn listening_inode(line: &str, port: u16) -> Option<&str> {
    const LISTEN: &str = "0A";
    // 0.0.0.0, 127.0.0.1, ::, and ::ffff:127.0.0.1, each word in the machine's byte order.
    const REACHED: [&str; 4] =
        ["00000000", "0100007F", "00000000000000000000000000000000", "0000000000000000FFFF00000100007F"];
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (address, hex_port) = fields.get(1)?.split_once(':')?;
    let here = *fields.get(3)? == LISTEN && REACHED.contains(&address);
    (here && u16::from_str_radix(hex_port, 16).ok()? == port).then(|| fields.get(9).copied()).flatten()
}

fn has_open(pid: i32, sockets: &BTreeSet<String>) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    descriptors
        .flatten()
        .filter_map(|descriptor| fs::read_link(descriptor.path()).ok())
        .any(|target| target.to_str().is_some_and(|target| sockets.contains(target)))
}

/// `python3 -m http.server` says more than `python3`.
fn program_name(entry: &Entry) -> String {
    let bytes = fs::read(format!("/proc/{}/cmdline", entry.pid)).unwrap_or_default();
    let words: Vec<String> =
        bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    match words.first() {
        Some(program) if !program.is_empty() && entry.name.starts_with("python") => {
            let shown: Vec<&str> = words.iter().skip(1).take(2).map(String::as_str).collect();
            format!("{} {}", entry.name, shown.join(" ")).trim_end().to_owned()
        }
        _ => entry.name.clone(),
    }
}

/// A port that was asked for is in use.
pub(super) fn taken(port: u16, unit: &UnitId) -> Diagnostic {
    let diagnostic = Diagnostic::error(codes::PROCESS_PORT_TAKEN, format!("port {port}, wanted for {unit}, is taken"))
        .at(format!("127.0.0.1:{port}"))
        .changed("what ran before was left as it is");
    match holders(port).first() {
        Some(holder) => diagnostic
            .cause(format!("{holder} listens there"))
            .next("choose another port, or leave `port` out to get a free one")
            .next(format!("or stop that program; `ps -fp {}` shows what it is", holder.pid)),
        None => diagnostic
            .cause("a program listens there whose name this user may not see")
            .next("choose another port, or leave `port` out to get a free one")
            .next(format!("or stop that program; `sudo ss -ltnp 'sport = :{port}'` shows which it is")),
    }
}

/// The system does not let this user listen on a port.
pub(super) fn refused(port: u16, unit: &UnitId, error: &io::Error) -> Diagnostic {
    Diagnostic::error(codes::RUN_NO_PERMISSION, format!("{unit} may not listen on port {port}"))
        .at(format!("127.0.0.1:{port}"))
        .cause(error.to_string())
        .changed("what ran before was left as it is")
        .next("choose a port above 1023, or leave `port` out to get a free one")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn a_listener_takes_a_port_and_lingering_connections_do_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(port).unwrap());
        let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        // The side that closes first keeps the pair in TIME_WAIT.
        drop(listener.accept().unwrap());
        drop(client);
        drop(listener);
        assert!(is_free(port).unwrap());
        let everywhere = TcpListener::bind(("0.0.0.0", port)).unwrap();
        assert!(!is_free(port).unwrap());
        drop(everywhere);
    }

    #[test]
    fn the_next_free_port_passes_over_taken_and_spoken_for_ones() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let spoken_for = BTreeSet::from([port + 1]);
        assert!(first_free(port, &spoken_for).unwrap() > port + 1);
    }

    #[test]
    fn the_holder_of_a_port_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(holders(port).iter().any(|holder| holder.pid == own && !holder.name.is_empty()));
        let diagnostic = taken(port, &UnitId::new("server"));
        assert_eq!(diagnostic.code, codes::PROCESS_PORT_TAKEN);
        assert!(diagnostic.cause.unwrap().contains(&format!("process {own}")));
        assert!(diagnostic.next.len() >= 2);
        drop(listener);
        assert!(holders(port).is_empty());
    }

    #[test]
    fn listeners_are_read_from_the_kernels_table() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 4242 1 0 100 0";
        assert_eq!(listening_inode(line, 8080), Some("4242"));
        assert_eq!(listening_inode(line, 8081), None);
        assert_eq!(listening_inode(&line.replace(" 0A ", " 01 "), 8080), None);
        assert_eq!(listening_inode(&line.replace("0100007F", "0200007F"), 8080), None);
        assert_eq!(listening_inode("  sl  local_address rem_address   st", 8080), None);
    }
}
