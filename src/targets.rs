//! Where units run.

pub mod local;
