//! drsim simulates disaster-recovery strategies: which one does a workload need, will it meet its recovery time and
//! recovery point objectives, how sure are we, and what does it cost?

pub mod cost;
pub mod dist;
pub mod engine;
pub mod hazard;
pub mod model;
pub mod outcome;
mod plan;
pub mod report;
pub mod rng;
pub mod scenario;
pub mod stats;
pub mod study;
pub mod summary;
pub mod trace;
pub mod units;
