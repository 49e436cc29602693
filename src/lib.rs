//! drsim simulates disaster-recovery strategies: which one does a workload need, will it meet its recovery time and
//! recovery point objectives, how sure are we, and what does it cost?
//!
//! The library is a pipeline of values, each stage a type. It opens no file, reads no clock and prints nothing.
//! ```
//! use drsim::{engine::Engine, report, scenario, study, summary::Summary};
//! use std::sync::atomic::AtomicBool;
//!
//! // Text to model: every error with its place. Only this stage can fail because of the user.
//! let text = scenario::starter();
//! let source = scenario::Source { name: "starter.toml", text };
//! let read = scenario::read(source, &scenario::Options {
//!     set: vec![("run.histories".into(), "200".into())],
//!     ..Default::default()
//! });
//! let scenario = read.expect("the starter is valid").scenario;
//!
//! // One history: the same disasters for every strategy, whoever asks.
//! let engine = Engine::new(&scenario);
//! let outcomes = engine.worker().history(17).to_vec();
//! assert_eq!(outcomes.len(), scenario.strategies.len());
//!
//! // Many histories, in parallel; the result does not depend on the number of threads.
//! let options = study::Options {
//!     histories: 0..scenario.run.histories,
//!     plain: false,
//!     threads: 2,
//!     cancel: &AtomicBool::new(false),
//!     progress: &mut |_| {},
//!     raw: None,
//! };
//! let study = study::run(&scenario, 0, options).expect("nothing is written, so nothing fails");
//!
//! // What is shown is decided once; tables, CSV and charts follow.
//! let summary = Summary::new(&scenario, &study.partial);
//! assert!(report::table::table(&summary, false).contains("Where it breaks"));
//! ```

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
