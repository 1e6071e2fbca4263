//! Tests that need functions of several families.

mod certificates;
mod idle;
