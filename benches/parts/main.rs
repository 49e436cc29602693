//! What each part of drsim costs, by criterion: `cargo bench --bench parts`, or with a filter, `cargo bench --bench parts --
//! distribution`. Times are for comparing one commit with another on the same quiet machine; what CI watches is
//! `instructions`, and how drsim compares with others is `side_by_side`.

mod charts;
mod distributions;
mod engine;
mod parsing;
mod queue;
#[path = "../support/scenarios.rs"]
mod scenarios;
mod statistics;
mod streams;
mod timeline;

use criterion::{Criterion, criterion_group, criterion_main};
use std::time::Duration;

/// A hundred benches: a second each is enough to see five per cent.
fn criterion() -> Criterion {
    let quick = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    quick.sample_size(30)
}

criterion_group! {
    name = parts;
    config = criterion();
    targets = streams::benches, distributions::benches, timeline::benches, queue::benches, engine::benches,
        statistics::benches, parsing::benches, charts::benches
}
criterion_main!(parts);
