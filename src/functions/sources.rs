//! Where the clock and the randomness of templates come from. Nothing below here asks the system for either.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

/// The clock and the randomness of one rendering. Clones share the same streams.
#[derive(Clone)]
pub struct Sources {
    clock: Clock,
    randomness: Randomness,
}

/// Tells the time.
#[derive(Clone)]
enum Clock {
    Fixed(Timestamp),
    Asked(Rc<dyn Fn() -> Timestamp>),
}

/// Fills buffers.
#[derive(Clone)]
enum Randomness {
    /// How often each purpose has drawn, so that one more call of a function changes no other function's results.
    Seeded {
        seed: Rc<[u8]>,
        draws: Rc<RefCell<HashMap<&'static str, u64>>>,
    },
    Asked(Rc<dyn Fn(&mut [u8])>),
}

/// Random bytes for one call of one function.
pub struct Stream(Origin);

enum Origin {
    Derived(Derived),
    Asked(Rc<dyn Fn(&mut [u8])>),
}

/// Bytes that follow from a key: HMAC-SHA-256 in counter mode (NIST SP 800-108). Unlike a stream, it may go to
/// another thread.
pub struct Derived {
    key: [u8; 32],
    block: u64,
    buffer: [u8; 32],
    used: usize,
}

impl Sources {
    /// The same time and the same random values on every rendering. Whoever knows the seed knows every key that is
    /// made from it, so it must be as secret as they are.
    pub fn fixed(now: Timestamp, seed: &[u8]) -> Self {
        let randomness = Randomness::Seeded { seed: Rc::from(seed), draws: Rc::default() };
        Self { clock: Clock::Fixed(now), randomness }
    }

    /// Time and randomness of the caller's choice, such as the system's.
    pub fn asked(clock: impl Fn() -> Timestamp + 'static, random: impl Fn(&mut [u8]) + 'static) -> Self {
        Self { clock: Clock::Asked(Rc::new(clock)), randomness: Randomness::Asked(Rc::new(random)) }
    }

    pub fn now(&self) -> Timestamp {
        match &self.clock {
            Clock::Fixed(now) => *now,
            Clock::Asked(clock) => clock(),
        }
    }

    /// The next stream for a purpose, which is the name of a template function.
    pub fn stream(&self, purpose: &'static str) -> Stream {
        match &self.randomness {
            Randomness::Asked(fill) => Stream(Origin::Asked(Rc::clone(fill))),
            Randomness::Seeded { seed, draws } => {
                let mut draws = draws.borrow_mut();
                let count = draws.entry(purpose).or_default();
                let key = mac(seed, &[purpose.as_bytes(), &[0], &count.to_be_bytes()]);
                *count += 1;
                Stream(Origin::Derived(Derived::new(key)))
            }
        }
    }
}

impl Stream {
    pub fn fill(&mut self, bytes: &mut [u8]) {
        match &mut self.0 {
            Origin::Asked(fill) => fill(bytes),
            Origin::Derived(derived) => derived.fill(bytes),
        }
    }

    /// Bytes of their own, from a key that is drawn here.
    pub fn derive(&mut self) -> Derived {
        let mut key = [0; 32];
        self.fill(&mut key);
        Derived::new(key)
    }

    /// A number below `bound`, each as likely as the others. Zero for a bound of zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound <= 1 {
            return 0;
        }
        let mask = u64::MAX >> (bound - 1).leading_zeros();
        let width = usize::from(mask.count_ones().div_ceil(8) as u8);
        loop {
            let mut bytes = [0; 8];
            self.fill(&mut bytes[..width]);
            let candidate = u64::from_le_bytes(bytes) & mask;
            if candidate < bound {
                return candidate;
            }
        }
    }
}

impl Derived {
    fn new(key: [u8; 32]) -> Self {
        Self { key, block: 0, buffer: [0; 32], used: 32 }
    }

    pub fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.used == self.buffer.len() {
                self.buffer = mac(&self.key, &[&self.block.to_be_bytes()]);
                self.block += 1;
                self.used = 0;
            }
            *byte = self.buffer[self.used];
            self.used += 1;
        }
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of every length, so this cannot fail.
    let Ok(mut mac) = HmacSha256::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(sources: &Sources, purpose: &'static str) -> [u8; 40] {
        let mut bytes = [0; 40];
        sources.stream(purpose).fill(&mut bytes);
        bytes
    }

    #[test]
    fn one_seed_gives_one_row_of_values() {
        let sources = || Sources::fixed(Timestamp::UNIX_EPOCH, b"seed");
        let (first, second) = (sources(), sources());
        assert_eq!(drawn(&first, "a"), drawn(&second, "a"));
        assert_ne!(drawn(&first, "a"), drawn(&sources(), "a"), "the second draw differs from the first");
    }

    #[test]
    fn purposes_do_not_disturb_each_other() {
        let quiet = Sources::fixed(Timestamp::UNIX_EPOCH, b"seed");
        let busy = Sources::fixed(Timestamp::UNIX_EPOCH, b"seed");
        drawn(&busy, "other");
        assert_eq!(drawn(&quiet, "a"), drawn(&busy, "a"));
        assert_ne!(drawn(&quiet, "a"), drawn(&quiet, "other"));
    }

    #[test]
    fn seeds_differ() {
        let other = Sources::fixed(Timestamp::UNIX_EPOCH, b"another");
        assert_ne!(drawn(&Sources::fixed(Timestamp::UNIX_EPOCH, b"seed"), "a"), drawn(&other, "a"));
    }

    #[test]
    fn numbers_stay_below_their_bound_and_reach_all_of_it() {
        let mut stream = Sources::fixed(Timestamp::UNIX_EPOCH, b"seed").stream("a");
        for bound in [1, 2, 3, 10, 62, 256, 257] {
            let mut seen = vec![false; bound as usize];
            for _ in 0..bound * 40 {
                seen[stream.below(bound) as usize] = true;
            }
            assert!(seen.iter().all(|seen| *seen), "{bound}");
        }
    }
}
