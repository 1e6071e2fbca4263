//! Our charts against the real Helm: everything that templates can say, byte for byte, errors included.
//!
//! `golden` compares with answers that Helm gave once and that are kept in the repository. All others ask Helm itself,
//! through the program in tests/oracle; without Go they are left out.

mod command;
mod comparison;
mod conformance;
mod coverage;
mod expressions;
mod folders;
mod fuzz;
mod golden;
mod oracle;
mod ours;
mod question;
mod random_templates;
mod random_values;
mod records;
mod sets;
mod texts;
mod zenml;
