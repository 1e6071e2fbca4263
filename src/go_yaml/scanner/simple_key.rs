//! Keys without a `?` before them, known to be keys only once their `:` comes.

use super::Scanner;
use crate::go_yaml::fault::Scan;
use crate::go_yaml::token::Mark;

/// A simple key has to end on its line and within this many characters.
const LONGEST_SIMPLE_KEY: usize = 1024;

/// Where a key may begin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SimpleKey {
    pub is_possible: bool,
    pub is_required: bool,
    /// Whether the scanner still reads on for the sake of this key before it hands its token out.
    pub is_awaited: bool,
    pub token_number: usize,
    pub mark: Mark,
}

impl Scanner<'_> {
    pub(super) fn may_first_be_key(&mut self) -> Scan<bool> {
        let first = self.tokens_taken;
        let level = self.simple_keys.partition_point(|key| key.token_number < first);
        match self.simple_keys.get(level) {
            Some(key) if key.is_awaited && key.is_possible && key.token_number == first => self.is_key_valid(level),
            _ => Ok(false),
        }
    }

    pub(super) fn is_key_valid(&mut self, level: usize) -> Scan<bool> {
        let key = self.simple_keys[level];
        if !key.is_possible {
            return Ok(false);
        }
        if key.mark.line < self.mark.line || key.mark.index + LONGEST_SIMPLE_KEY < self.mark.index {
            if key.is_required {
                return self.fault(key.mark, "could not find expected ':'");
            }
            self.simple_keys[level].is_possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    pub(super) fn save_simple_key(&mut self) -> Scan {
        if !self.is_simple_key_allowed {
            return Ok(());
        }
        self.remove_simple_key()?;
        let key = SimpleKey {
            is_possible: true,
            is_required: self.flow_level == 0 && self.indent == self.column(),
            is_awaited: true,
            token_number: self.tokens_taken + self.tokens.len(),
            mark: self.mark,
        };
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
        }
        Ok(())
    }

    pub(super) fn remove_simple_key(&mut self) -> Scan {
        if let Some(&key) = self.simple_keys.last()
            && key.is_possible
        {
            if key.is_required {
                return self.fault(key.mark, "could not find expected ':'");
            }
            if let Some(last) = self.simple_keys.last_mut() {
                last.is_possible = false;
            }
        }
        Ok(())
    }
}
