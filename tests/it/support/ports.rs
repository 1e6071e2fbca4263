//! Ports of this machine.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which the system takes ports for outgoing connections, so that nobody gets one by chance
/// between our asking and its use.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// A port that is free now and that no other test of this run is given.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Two runs at once begin at places far from each other, also when one was started right after the other.
    let start = u16::try_from(std::process::id().wrapping_mul(617) % u32::from(COUNT)).unwrap();
    for _ in 0..COUNT {
        let port = FIRST + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port between {FIRST} and {} is free", FIRST + COUNT);
}

/// A port that somebody else has.
pub struct OccupiedPort {
    listener: TcpListener,
}

impl OccupiedPort {
    pub fn new() -> Self {
        Self { listener: TcpListener::bind(("127.0.0.1", free_port())).unwrap() }
    }

    pub fn number(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }
}

#[test]
fn ports_are_given_once_and_are_free() {
    let (first, second) = (free_port(), free_port());
    assert_ne!(first, second);
    assert!(TcpListener::bind(("127.0.0.1", first)).is_ok());
    let occupied = OccupiedPort::new();
    assert!(TcpListener::bind(("127.0.0.1", occupied.number())).is_err());
}
