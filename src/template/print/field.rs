//! Flags, width and precision of one verb.

/// What stands between `%` and the verb.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Field {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) is_left: bool,
    pub(super) has_plus: bool,
    pub(super) is_sharp: bool,
    pub(super) has_space: bool,
    pub(super) has_zeros: bool,
    /// `%+v`
    pub(super) has_names: bool,
    /// `%#v`
    pub(super) is_go_syntax: bool,
}

impl Field {
    /// With `%v`, plus and sharp mean something else.
    pub(super) fn adapt_to(&mut self, verb: char) {
        if matches!(verb, 'v' | 'w') {
            self.is_go_syntax = std::mem::take(&mut self.is_sharp);
            self.has_names = std::mem::take(&mut self.has_plus);
        }
    }
}
