//! One history of the web shop under each strategy.

use criterion::{Criterion, criterion_group, criterion_main};
use drsim::engine::Engine;
use drsim::model::Scenario;
use drsim::scenario::{self, Options, Source};

fn histories(criterion: &mut Criterion) {
    let scenario = web_shop();
    let mut group = criterion.benchmark_group("history");
    for strategy in &scenario.strategies {
        let mut alone = scenario.clone();
        alone.strategies = vec![strategy.clone()];
        let engine = Engine::new(&alone);
        let (mut worker, mut number) = (engine.worker(), 0);
        group.bench_function(&strategy.name, |bencher| {
            bencher.iter(|| {
                number += 1;
                worker.history(number).len()
            });
        });
    }
    group.finish();
}

fn web_shop() -> Scenario {
    let (name, text) = scenario::shipped().iter().find(|(name, _)| *name == "web-shop").expect("it is shipped");
    scenario::read(Source { name, text }, &Options::default()).expect("it is valid").scenario
}

criterion_group!(benches, histories);
criterion_main!(benches);
