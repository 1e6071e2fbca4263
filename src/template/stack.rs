//! Room for recursion that follows a chart's nesting, which nothing bounds.

/// What a call must find free, and what it gets where that is not there.
const RESERVE: usize = 128 * 1024;
const SEGMENT: usize = 4 * 1024 * 1024;

/// Runs a function with enough stack for one more level. The stack continues on the heap, and goes back with the call.
pub(crate) fn grow<T>(function: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RESERVE, SEGMENT, function)
}
