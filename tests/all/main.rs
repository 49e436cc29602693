//! The tests of drsim, in one crate.

mod laws;
mod model;
mod scenario;
mod support;
mod validation;
