//! What a text means: one row of a table.

use crate::diagnostics::Code;

/// A kind of statement, told by pieces of its text.
pub(super) struct Rule {
    pub(super) code: Code,
    /// One of these. `…` stands for any text in between; case does not matter.
    pub(super) signs: &'static [&'static str],
    /// What to do, best first.
    pub(super) next: &'static [&'static str],
}

impl Rule {
    pub(super) fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.signs.iter().any(|sign| fits(&text, sign))
    }
}

/// Whether the parts of a sign stand in the (lower-case) text in their order.
fn fits(text: &str, sign: &str) -> bool {
    let mut rest = text;
    for part in sign.split('…') {
        let part = part.to_lowercase();
        match rest.find(&part) {
            Some(place) => rest = &rest[place + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn parts_stand_in_their_order() {
        assert!(fits("error while attempting to bind on address ('::', 1): address already in use", "bind…in use"));
        assert!(!fits("in use, so no bind", "bind…in use"));
    }
}
