//! Keys that come again and again are kept once.

use crate::template::Text;

/// A small cache; an unlucky key just does not find its like.
pub(super) struct Keys {
    slots: Vec<Option<Text>>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { slots: vec![None; 256] }
    }
}

impl Keys {
    /// An equal text that may have been seen before.
    pub(super) fn of(&mut self, bytes: &[u8]) -> Text {
        let slot = &mut self.slots[slot_of(bytes)];
        match slot {
            Some(known) if known.as_bytes() == bytes => known.clone(),
            _ => slot.insert(Text::from(bytes)).clone(),
        }
    }

    pub(super) fn shared(&mut self, text: &Text) -> Text {
        let slot = &mut self.slots[slot_of(text.as_bytes())];
        match slot {
            Some(known) if known == text => known.clone(),
            _ => slot.insert(text.clone()).clone(),
        }
    }
}

fn slot_of(bytes: &[u8]) -> usize {
    let at = |index: usize| usize::from(bytes.get(index).copied().unwrap_or(0));
    let last = bytes.len().wrapping_sub(1);
    (bytes.len() * 31 + at(0) * 7 + at(last) * 131 + at(bytes.len() / 2) * 17) & 0xFF
}
