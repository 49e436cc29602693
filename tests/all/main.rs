//! The tests of drsim, in one crate.

mod laws;
mod model;
mod scenario;
mod stats;
mod support;
mod validation;
