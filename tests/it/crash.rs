//! Runs that are killed, stopped, disturbed, and then run again.
//!
//! The binary has no switch for this. Where a run has to die at an exact line of its journal, the test program starts
//! itself anew, calls the library as `main` does, and brings an observer of the journal that kills its own process
//! ([`child`]). The next run is always one of the real binary.

mod child;
mod every_line;
mod ladder;
mod middle;
mod picture;
mod proof;
mod site;
mod undisturbed;
