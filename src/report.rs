//! Drawings of what happened, for people and for machines.

pub mod junit;
