//! Counting what histories give: a value, a history, the merge of two threads' results, the summary.

use criterion::{BatchSize, Criterion};
use drsim::cost::{self, Bill};
use drsim::dist::Dist;
use drsim::engine::Engine;
use drsim::model::Scenario;
use drsim::outcome::Outcome;
use drsim::rng::{Cause, Key};
use drsim::stats::{FINE, Histogram, Moments, Partial};
use drsim::summary::Summary;

use crate::scenarios;

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("statistics");
    let values = values();
    let mut turn = (0..values.len()).cycle();
    let mut next = || values[turn.next().expect("it has no end")];

    let mut histogram = Histogram::<FINE>::default();
    group.bench_function("histogram, add", |bencher| bencher.iter(|| histogram.add(next())));
    let mut sum = histogram.clone();
    group.bench_function("histogram, merge", |bencher| bencher.iter(|| sum.merge(&histogram)));
    let mut moments = Moments::default();
    group.bench_function("moments, add", |bencher| bencher.iter(|| moments.add(next().into())));
    let mut sum = moments;
    group.bench_function("moments, merge", |bencher| bencher.iter(|| sum.merge(&moments)));

    let scenario = scenarios::read(scenarios::shipped("web-shop"));
    let lived = histories(&scenario);
    let mut turn = lived.iter().cycle();
    let mut partial = Partial::new(&scenario, 0);
    group.bench_function("web-shop, bill of a history", |bencher| {
        bencher.iter(|| {
            let outcomes = &turn.next().expect("it has no end").0;
            outcomes.iter().enumerate().map(|(k, outcome)| cost::bill(&scenario, k, outcome).total().0).sum::<i128>()
        });
    });
    group.bench_function("web-shop, add a history", |bencher| {
        bencher.iter(|| {
            let (outcomes, bills) = turn.next().expect("it has no end");
            partial.add_history(0, outcomes, bills);
        });
    });
    let other = partial.clone();
    group.bench_function("web-shop, merge", |bencher| {
        bencher.iter_batched_ref(|| partial.clone(), |partial| partial.merge(&other), BatchSize::LargeInput);
    });
    group.bench_function("web-shop, summary", |bencher| bencher.iter(|| Summary::new(&scenario, &partial).rows.len()));
    group.finish();
}

/// Recovery times, in microseconds.
fn values() -> Vec<u64> {
    let law = Dist::lognormal_median(6e9, 1.0).expect("valid parameters");
    let mut stream = Key::new(42, "bench").stream(Cause::of_history(0), 0);
    (0..4096).map(|_| law.sample(&mut stream) as u64).collect()
}

fn histories(scenario: &Scenario) -> Vec<(Vec<Outcome>, Vec<Bill>)> {
    let engine = Engine::new(scenario);
    let mut worker = engine.worker();
    let live = |number| {
        let outcomes = worker.history(number).to_vec();
        let bills = outcomes.iter().enumerate().map(|(k, outcome)| cost::bill(scenario, k, outcome)).collect();
        (outcomes, bills)
    };
    (0..500).map(live).collect()
}
