//! The tests of drsim, in one crate.

mod browser;
mod cli;
mod coverage;
mod generate;
mod laws;
mod model;
mod oracle_chain;
mod oracle_naive;
mod output;
mod performance;
mod program;
mod replays;
mod report;
mod scenario;
mod shard;
mod shipped;
mod stats;
mod support;
mod tidy;
mod trace;
mod validation;
