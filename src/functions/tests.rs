//! Tests that need functions of several families.

mod answers;
mod certificates;
mod idle;
mod laws;
