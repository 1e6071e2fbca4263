//! What people see: tables and wrapped text, as plain strings. Nothing here prints.

pub mod table;
