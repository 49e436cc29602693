//! The tests, in one crate.

mod scenario;
